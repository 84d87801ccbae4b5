using System.Globalization;
using System.Text.Json.Nodes;

namespace CapiWorkshop.Tests.Integration.Harness;

/// <summary>Which API the played controllers write.</summary>
public enum ControllerApi
{
    /// <summary>Cluster API v1.11 and newer.</summary>
    V1Beta2,

    /// <summary>Cluster API up to v1.8: Node readiness, zero counts left out.</summary>
    V1Beta1,

    /// <summary>Cluster API v1.9 and v1.10: the same, and the new status beside it.</summary>
    V1Beta1WithNewStatus,
}

/// <summary>
/// Plays Cluster API's controllers for one MachineDeployment, in their order and one step at a time: the deployment is observed, machines appear and pass
/// through their phases, and each change of them reaches the deployment's status only when the test says so. Shares nothing with the code under test.
/// </summary>
public sealed class Controller
{
    private const string Group = "cluster.x-k8s.io";
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    private readonly Func<RawApi> _raw;
    private readonly ControllerApi _api;
    private readonly CancellationToken _token;

    private Controller(Func<RawApi> raw, ControllerApi api, string ns, string name, string cluster, CancellationToken token)
    {
        _raw = raw;
        _api = api;
        _token = token;
        Namespace = ns;
        Name = name;
        Cluster = cluster;
    }

    public string Namespace { get; }

    public string Name { get; }

    public string Cluster { get; }

    public string Path => $"{Collection("machinedeployments")}/{Name}";

    private string SetName => Name + "-x7k2p";

    private string Version => _api == ControllerApi.V1Beta2 ? "v1beta2" : "v1beta1";

    /// <summary>A MachineDeployment with its MachineSet and as many running machines as it asks for.</summary>
    public static async Task<Controller> DeployAsync(ApiServer server, string ns, string name, int replicas, CancellationToken token, ControllerApi api = ControllerApi.V1Beta2)
    {
        Controller controller = new(() => server.Raw, api, ns, name, "dev-cluster", token);
        JsonObject deployment = controller.Template("05-machinedeployment-dev-cluster-md-0.json");
        deployment["spec"]!["replicas"] = replicas;
        JsonObject set = controller.Template("06-machineset-dev-cluster-md-0-x7k2p.json");
        set["spec"]!["replicas"] = replicas;
        if (api != ControllerApi.V1Beta2)
        {
            deployment["spec"]!["strategy"] = deployment["spec"]!["rollout"]!["strategy"]!.DeepClone();
            deployment["spec"]!.AsObject().Remove("rollout");
        }

        string uid = await controller.CreateAsync("machinedeployments", deployment);
        set["metadata"]!["ownerReferences"] = controller.Owner("MachineDeployment", name, uid);
        await controller.CreateAsync("machinesets", set);
        for (int i = 0; i < replicas; i++)
        {
            await controller.RunMachineAsync(await controller.CreateMachineAsync());
        }

        await controller.ReportAsync();
        return controller;
    }

    public Task<JsonObject> ReadAsync() => _raw().GetAsync(Path, _token);

    /// <summary>The names of the machines that exist.</summary>
    public async Task<IReadOnlyList<string>> MachinesAsync() => [.. (await MachineObjectsAsync()).Select(machine => machine["metadata"]!["name"]!.GetValue<string>())];

    /// <summary>A new machine: Pending, nothing known.</summary>
    public async Task<string> CreateMachineAsync()
    {
        string name = $"{SetName}-{new string(Random.Shared.GetItems<char>(Alphabet, 5))}";
        JsonObject machine = Template("07-machine-dev-cluster-md-0-x7k2p-9ftzd.json");
        machine["metadata"]!["name"] = name;
        machine["metadata"]!["ownerReferences"] = Owner("MachineSet", SetName, (await _raw().GetAsync($"{Collection("machinesets")}/{SetName}", _token))["metadata"]!["uid"]!.GetValue<string>());
        machine["spec"]!.AsObject().Remove("providerID");
        machine["spec"]!["bootstrap"]!.AsObject().Remove("dataSecretName");
        machine["spec"]!["bootstrap"]!["configRef"]!["name"] = name;
        machine["spec"]!["infrastructureRef"]!["name"] = name;
        await CreateAsync("machines", machine);
        await SetMachineAsync(name, "Pending", [("BootstrapConfigReady", "False", "NotReady"), ("InfrastructureReady", "False", "NotReady"), ("NodeHealthy", "Unknown", "InspectionFailed")]);
        return name;
    }

    /// <summary>Its bootstrap data is there, its infrastructure is being made.</summary>
    public async Task ProvisionMachineAsync(string name, string infrastructureReason = "NotReady", string message = "")
    {
        await PatchMachineAsync(name, new() { ["spec"] = new JsonObject { ["bootstrap"] = new JsonObject { ["dataSecretName"] = name } } });
        await SetMachineAsync(name, "Provisioning", [("BootstrapConfigReady", "True", "Ready"), ("InfrastructureReady", "False", infrastructureReason), ("NodeHealthy", "Unknown", "InspectionFailed")], message);
    }

    /// <summary>Its infrastructure is there, its Node is not.</summary>
    public async Task FinishMachineInfrastructureAsync(string name)
    {
        await PatchMachineAsync(name, new() { ["spec"] = new JsonObject { ["providerID"] = "docker:////" + name } });
        await SetMachineAsync(name, "Provisioned", [("BootstrapConfigReady", "True", "Ready"), ("InfrastructureReady", "True", "Ready"), ("NodeHealthy", "Unknown", "InspectionFailed")]);
    }

    /// <summary>Its Node has joined; whether that is ready is another question.</summary>
    public Task JoinMachineAsync(string name, bool ready) =>
        SetMachineAsync(name, "Running", [("BootstrapConfigReady", "True", "Ready"), ("InfrastructureReady", "True", "Ready"), ("NodeHealthy", ready ? "True" : "False", ready ? "NodeHealthy" : "NodeNotReady")]);

    /// <summary>All steps of a new machine at once.</summary>
    public async Task RunMachineAsync(string name)
    {
        await ProvisionMachineAsync(name);
        await FinishMachineInfrastructureAsync(name);
        await JoinMachineAsync(name, ready: true);
    }

    /// <summary>Asks for a machine's deletion; its finalizer keeps it.</summary>
    public async Task BeginMachineDeletionAsync(string name)
    {
        await _raw().DeleteAsync($"{Collection("machines")}/{name}", _token);
        await SetMachineAsync(name, "Deleting", [("BootstrapConfigReady", "True", "Ready"), ("InfrastructureReady", "True", "Ready"), ("NodeHealthy", "True", "NodeHealthy"), ("Deleting", "True", "DrainingNode")]);
    }

    /// <summary>Lets a machine go.</summary>
    public Task FinishMachineDeletionAsync(string name) => PatchMachineAsync(name, new() { ["metadata"] = new JsonObject { ["finalizers"] = null } });

    /// <summary>Tells in the deployment's status what its machines are now, and that its newest specification was seen.</summary>
    /// <returns>The deployment's new resourceVersion.</returns>
    public async Task<string> ReportAsync()
    {
        JsonObject deployment = await ReadAsync();
        JsonObject[] machines = [.. await MachineObjectsAsync()];
        int desired = deployment["spec"]!["replicas"]!.GetValue<int>();
        int ready = machines.Count(machine => Holds(machine, "Ready"));
        int available = machines.Count(machine => Holds(machine, "Available"));
        long generation = deployment["metadata"]!["generation"]!.GetValue<long>();
        string phase = desired == machines.Length ? "Running" : machines.Length < desired ? "ScalingUp" : "ScalingDown";
        JsonArray conditions =
        [
            Condition("Available", available >= desired, available >= desired ? "Available" : "NotAvailable", generation, available >= desired ? "" : $"{available} available replicas, at least {desired} required"),
            Condition("MachinesReady", ready == machines.Length, ready == machines.Length ? "Ready" : "NotReady", generation),
            Condition("MachinesUpToDate", true, "UpToDate", generation),
            Condition("RollingOut", false, "NotRollingOut", generation),
            Condition("ScalingUp", machines.Length < desired, machines.Length < desired ? "ScalingUp" : "NotScalingUp", generation, machines.Length < desired ? $"Scaling up from {machines.Length} to {desired} replicas" : ""),
            Condition("ScalingDown", machines.Length > desired, machines.Length > desired ? "ScalingDown" : "NotScalingDown", generation, machines.Length > desired ? $"Scaling down from {machines.Length} to {desired} replicas" : ""),
        ];
        JsonObject status = new()
        {
            ["phase"] = phase,
            ["observedGeneration"] = generation,
            ["replicas"] = machines.Length,
            ["readyReplicas"] = ready,
            ["availableReplicas"] = available,
            ["selector"] = $"{Group}/deployment-name={Name}",
        };
        if (_api == ControllerApi.V1Beta2)
        {
            status["upToDateReplicas"] = machines.Length;
            status["conditions"] = conditions;
        }
        else
        {
            status["updatedReplicas"] = machines.Length;
            status["unavailableReplicas"] = Math.Max(0, desired - available);
            foreach (string count in (string[])["replicas", "readyReplicas", "availableReplicas", "updatedReplicas", "unavailableReplicas"])
            {
                status[count] = status[count]!.GetValue<int>() is int number and > 0 ? number : null; // omitempty: a merge patch of null leaves the field out
            }

            status["conditions"] = new JsonArray(Condition("Ready", available >= desired, null, null), Condition("Available", available >= desired, null, null));
            status["v1beta2"] = _api == ControllerApi.V1Beta1WithNewStatus
                ? new JsonObject { ["readyReplicas"] = ready, ["availableReplicas"] = available, ["upToDateReplicas"] = machines.Length, ["conditions"] = conditions }
                : null;
        }

        JsonObject reported = await _raw().MergePatchAsync(Path + "/status", new() { ["status"] = status }, _token);
        return reported["metadata"]!["resourceVersion"]!.GetValue<string>();
    }

    /// <summary>Does all that the deployment's specification asks for, and tells of every step.</summary>
    public async Task ReconcileAsync()
    {
        await ReportAsync();
        int desired = (await ReadAsync())["spec"]!["replicas"]!.GetValue<int>();
        IReadOnlyList<string> machines = await MachinesAsync();
        for (int i = machines.Count; i < desired; i++)
        {
            string machine = await CreateMachineAsync();
            await ReportAsync();
            await RunMachineAsync(machine);
            await ReportAsync();
        }

        foreach (string machine in machines.Skip(desired))
        {
            await BeginMachineDeletionAsync(machine);
            await ReportAsync();
            await FinishMachineDeletionAsync(machine);
            await ReportAsync();
        }
    }

    /// <summary>Sets the replicas as somebody else would.</summary>
    public async Task<string> SetReplicasAsync(int replicas) =>
        (await _raw().MergePatchAsync(Path, new() { ["spec"] = new JsonObject { ["replicas"] = replicas } }, _token))["metadata"]!["resourceVersion"]!.GetValue<string>();

    /// <summary>Asks for the deployment's deletion; its finalizer keeps it.</summary>
    public Task BeginDeletionAsync() => _raw().DeleteAsync(Path, _token);

    /// <summary>Lets the deployment go.</summary>
    public Task FinishDeletionAsync() => _raw().MergePatchAsync(Path, new() { ["metadata"] = new JsonObject { ["finalizers"] = null } }, _token);

    private string Collection(string plural) => $"/apis/{Group}/{Version}/namespaces/{Namespace}/{plural}";

    /// <summary>One of the samples, as an object of this deployment: no status, and in the wording of v1beta1 where that is asked for.</summary>
    private JsonObject Template(string sample)
    {
        JsonObject item = JsonNode.Parse(RealParts.Sample(sample).Replace("dev-cluster-md-0", Name, StringComparison.Ordinal))!.AsObject();
        item.Remove("status");
        item["apiVersion"] = $"{Group}/{Version}";
        item["metadata"]!["namespace"] = Namespace;
        if (_api != ControllerApi.V1Beta2)
        {
            QualifyReferences(item);
        }

        return item;
    }

    /// <summary>v1beta1 names an apiVersion where v1beta2 names a group.</summary>
    private static void QualifyReferences(JsonNode node)
    {
        if (node is JsonObject item)
        {
            if (item["apiGroup"] is JsonValue group)
            {
                item["apiVersion"] = group.GetValue<string>() + "/v1beta1";
                item.Remove("apiGroup");
            }

            foreach ((_, JsonNode? child) in item.ToArray())
            {
                if (child is not null)
                {
                    QualifyReferences(child);
                }
            }
        }
    }

    private JsonArray Owner(string kind, string name, string uid) =>
        [new JsonObject { ["apiVersion"] = $"{Group}/{Version}", ["kind"] = kind, ["name"] = name, ["uid"] = uid, ["controller"] = true, ["blockOwnerDeletion"] = true }];

    private async Task<string> CreateAsync(string plural, JsonObject item) => (await _raw().CreateAsync(Collection(plural), item, _token))["metadata"]!["uid"]!.GetValue<string>();

    private async Task<IEnumerable<JsonObject>> MachineObjectsAsync() =>
        (await _raw().GetAsync($"{Collection("machines")}?labelSelector={Group}/deployment-name={Name}", _token))["items"]!.AsArray().Select(machine => machine!.AsObject());

    private Task<JsonObject> PatchMachineAsync(string name, JsonObject patch) => _raw().MergePatchAsync($"{Collection("machines")}/{name}", patch, _token);

    private async Task SetMachineAsync(string name, string phase, (string Type, string Status, string Reason)[] parts, string message = "")
    {
        bool ready = Array.TrueForAll(parts, part => part.Status == (part.Type == "Deleting" ? "False" : "True"));
        bool joined = phase is "Running" or "Deleting";
        JsonObject status = new()
        {
            ["phase"] = phase,
            ["lastUpdated"] = Now(),
            ["nodeRef"] = joined ? new JsonObject { ["name"] = name } : null,
        };
        JsonArray conditions = [Condition("Available", ready, ready ? "Available" : "NotReady", 1), Condition("Ready", ready, ready ? "Ready" : "NotReady", 1), Condition("UpToDate", true, "UpToDate", 1)];
        foreach ((string type, string state, string reason) in parts)
        {
            JsonObject condition = Condition(type, state == "True", reason, 1, state == "False" ? message : "");
            condition["status"] = state;
            conditions.Add((JsonNode)condition);
        }

        if (_api == ControllerApi.V1Beta2)
        {
            status["conditions"] = conditions;
            status["initialization"] = new JsonObject { ["bootstrapDataSecretCreated"] = phase != "Pending", ["infrastructureProvisioned"] = phase is not ("Pending" or "Provisioning") };
        }
        else
        {
            status["bootstrapReady"] = phase != "Pending";
            status["infrastructureReady"] = phase is not ("Pending" or "Provisioning");
            if (joined)
            {
                status["nodeRef"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["name"] = name };
            }

            status["conditions"] = new JsonArray([.. conditions.Select(condition => condition!.AsObject())
                .Where(condition => condition["type"]!.GetValue<string>() is "Ready" or "InfrastructureReady" or "NodeHealthy")
                .Select(condition => Condition(condition["type"]!.GetValue<string>(), condition["status"]!.GetValue<string>() == "True", condition["status"]!.GetValue<string>() == "True" ? null : "WaitingForInfrastructure", null))]);
            status["v1beta2"] = _api == ControllerApi.V1Beta1WithNewStatus ? new JsonObject { ["conditions"] = conditions } : null;
        }

        await _raw().MergePatchAsync($"{Collection("machines")}/{name}/status", new() { ["status"] = status }, _token);
    }

    /// <summary>Of the v1beta2 family where a generation is given, else of the v1beta1 family.</summary>
    private static JsonObject Condition(string type, bool holds, string? reason, long? generation, string message = "")
    {
        JsonObject condition = new() { ["type"] = type, ["status"] = holds ? "True" : "False", ["lastTransitionTime"] = Now() };
        if (generation is long seen)
        {
            condition["reason"] = reason;
            condition["message"] = message;
            condition["observedGeneration"] = seen;
        }
        else if (!holds)
        {
            condition["severity"] = "Info";
            condition["reason"] = reason ?? "WaitingForAvailableMachines";
        }

        return condition;
    }

    private static bool Holds(JsonObject machine, string type)
    {
        JsonNode? status = machine["status"];
        JsonArray? conditions = (status?["v1beta2"]?["conditions"] ?? status?["conditions"])?.AsArray();
        bool? Find(string name) => conditions?.FirstOrDefault(condition => condition!["type"]!.GetValue<string>() == name) is JsonNode found ? found["status"]!.GetValue<string>() == "True" : null;
        return Find(type) ?? Find("Ready") ?? false; // v1beta1 machines have no Available of their own
    }

    private static string Now() => DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
