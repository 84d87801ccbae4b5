using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>Ties a cluster's infrastructure, control plane and workers together, says how they are, and takes them apart in order.</summary>
internal sealed class ClusterController(ControllerContext context) : Controller(context, Kinds.Cluster)
{
    private static readonly TimeSpan DeletionPoll = TimeSpan.FromSeconds(5);

    protected override ControllerIdentity Identity { get; } = new("cluster", "cluster-controller", ControllerIdentity.Core);

    protected override void Reconcile(StoredObject item, JsonObject content)
    {
        content.Ensure("status")["observedGeneration"] = content.Number("metadata", "generation");
        if (IsPaused(content, content))
            return;
        StoredObject? infrastructure = Context.Follow(content.Child("spec", "infrastructureRef"), item.Namespace);
        StoredObject? controlPlane = Context.Follow(content.Child("spec", "controlPlaneRef"), item.Namespace);
        if (item.IsDeleting)
        {
            Delete(item, content, infrastructure, controlPlane);
        }
        else
        {
            Metadata.AddFinalizer(content, CapiNames.ClusterFinalizer);
            content.Ensure("metadata", "labels")[CapiNames.ClusterLabel] = item.Name;
            foreach (StoredObject? part in (ReadOnlySpan<StoredObject?>)[infrastructure, controlPlane])
            {
                if (part is not null)
                    Metadata.Adopt(Store, part.Resource, part.Namespace, part.Name, item);
            }

            Conditions.SetFlag(content, Now, "Deleting", false);
        }

        JsonObject? plane = controlPlane?.ToJson();
        ReadInfrastructure(item, content, infrastructure?.ToJson());
        ReadControlPlane(item, content, plane);
        List<JsonObject> workers = [.. Context.Index.OfCluster(Kinds.MachineDeployment, item.Namespace, item.Name).Select(deployment => deployment.ToJson())];
        Count(content, plane, workers);
        WriteConditions(item, content, plane, workers);
        SetPhase(item, content);
    }

    private void ReadInfrastructure(StoredObject item, JsonObject content, JsonObject? infrastructure)
    {
        JsonObject reached = content.Ensure("status", "initialization");
        string kind = content.Text("spec", "infrastructureRef", "kind") ?? "Infrastructure";
        bool provisioned = infrastructure.Flag("status", "initialization", "provisioned") == true;
        if (provisioned && reached.Flag("infrastructureProvisioned") != true)
        {
            reached["infrastructureProvisioned"] = true;
            Tell(item, "InfrastructureReady", $"Cluster {item.Name} InfrastructureReady is now True");
        }

        if (provisioned && infrastructure.Child("spec", "controlPlaneEndpoint") is { Count: > 0 } endpoint
            && content.Child("spec", "controlPlaneEndpoint") is null)
            content["spec"]!["controlPlaneEndpoint"] = endpoint.DeepClone();
        if (infrastructure is null && reached.Flag("infrastructureProvisioned") == true)
            Conditions.Set(content, Now, "InfrastructureReady", Conditions.False, "ObjectDeleted", $"{kind} has been deleted");
        else if (infrastructure is null)
            Conditions.Set(content, Now, "InfrastructureReady", Conditions.False, "ObjectDoesNotExist", $"{kind} does not exist");
        else
            Conditions.SetFlag(content, Now, "InfrastructureReady", provisioned, provisioned ? "" : $"{kind} status.initialization.provisioned is false",
                "Ready", "NotReady");
    }

    private void ReadControlPlane(StoredObject item, JsonObject content, JsonObject? plane)
    {
        JsonObject reached = content.Ensure("status", "initialization");
        if (plane.Flag("status", "initialization", "controlPlaneInitialized") == true && reached.Flag("controlPlaneInitialized") != true)
        {
            reached["controlPlaneInitialized"] = true;
            Tell(item, "ControlPlaneInitialized", $"Cluster {item.Name} ControlPlaneInitialized is now True");
        }

        bool initialized = reached.Flag("controlPlaneInitialized") == true;
        Conditions.SetFlag(content, Now, "ControlPlaneInitialized", initialized, initialized ? "" : "Control plane not yet initialized", "Initialized",
            "NotInitialized");
        bool connected = initialized && Context.Workloads.Find(item.Namespace, item.Name) is not null;
        Conditions.SetFlag(content, Now, "RemoteConnectionProbe", connected, connected ? "" : "Remote connection not established yet", "ProbeSucceeded",
            "ProbeFailed");
    }

    private static void Count(JsonObject content, JsonObject? plane, List<JsonObject> workers)
    {
        JsonObject counted = content.Ensure("status");
        JsonObject controlPlane = [];
        Copy(plane.Number("spec", "replicas"), "desiredReplicas");
        foreach (string field in (ReadOnlySpan<string>)["replicas", "readyReplicas", "availableReplicas", "upToDateReplicas"])
            Copy(plane.Number("status", field), field);
        counted["controlPlane"] = controlPlane;
        counted["workers"] = new JsonObject
        {
            ["desiredReplicas"] = workers.Sum(deployment => deployment.Number("spec", "replicas") ?? 0),
            ["replicas"] = Sum("replicas"),
            ["readyReplicas"] = Sum("readyReplicas"),
            ["availableReplicas"] = Sum("availableReplicas"),
            ["upToDateReplicas"] = Sum("upToDateReplicas"),
        };

        long Sum(string field) => workers.Sum(deployment => deployment.Number("status", field) ?? 0);

        void Copy(long? number, string field)
        {
            if (number is not null)
                controlPlane[field] = number;
        }
    }

    private void WriteConditions(StoredObject item, JsonObject content, JsonObject? plane, List<JsonObject> workers)
    {
        bool available = Conditions.IsTrue(plane, "Available");
        Conditions.SetFlag(content, Now, "ControlPlaneAvailable", available,
            available ? "" : Conditions.Find(plane, "Available").Text("message") ?? "Control plane not yet available", "Available", "NotAvailable");
        if (workers.Count == 0)
        {
            Conditions.Set(content, Now, "WorkersAvailable", Conditions.True, "NoWorkers");
        }
        else
        {
            string lacking = string.Join('\n', workers.Where(deployment => !Conditions.IsTrue(deployment, "Available"))
                .Select(deployment => $"* MachineDeployment {deployment.Text("metadata", "name")}: {Conditions.Find(deployment, "Available").Text("message") ?? "Condition Available not yet reported"}"));
            Conditions.SetFlag(content, Now, "WorkersAvailable", lacking.Length == 0, lacking, "Available", "NotAvailable");
        }

        Copy("ControlPlaneMachinesReady", "MachinesReady", plane is null ? [] : [plane], "Ready");
        Copy("ControlPlaneMachinesUpToDate", "MachinesUpToDate", plane is null ? [] : [plane], "UpToDate");
        Copy("WorkerMachinesReady", "MachinesReady", workers, "Ready");
        Copy("WorkerMachinesUpToDate", "MachinesUpToDate", workers, "UpToDate");
        List<JsonObject> all = plane is null ? workers : [plane, .. workers];
        foreach (string type in (ReadOnlySpan<string>)["RollingOut", "ScalingUp", "ScalingDown", "Remediating"])
        {
            JsonObject[] busy = [.. all.Where(part => Conditions.IsTrue(part, type))];
            Conditions.SetFlag(content, Now, type, busy.Length > 0, string.Join('\n', busy.Select(part =>
                $"* {part.Text("kind")} {part.Text("metadata", "name")}: {Conditions.Find(part, type).Text("message")}")));
        }

        Conditions.Summarize(content, Now, "Available", "Available", "NotAvailable", "AvailableUnknown",
            "Deleting", "RemoteConnectionProbe", "InfrastructureReady", "ControlPlaneAvailable", "WorkersAvailable");
        return;

        // A control plane that has no machines has no such conditions either.
        void Copy(string type, string from, List<JsonObject> parts, string reason)
        {
            JsonNode?[] conditions = [.. parts.Select(part => Conditions.Find(part, from)).Where(condition => condition is not null)];
            JsonNode? bad = conditions.FirstOrDefault(condition => condition.Text("status") != Conditions.True);
            if (conditions.All(condition => condition.Text("reason") == "NoReplicas"))
                Conditions.Set(content, Now, type, Conditions.True, "NoReplicas");
            else
                Conditions.SetFlag(content, Now, type, bad is null, bad.Text("message") ?? "", reason, "Not" + reason);
        }
    }

    private void SetPhase(StoredObject item, JsonObject content)
    {
        string phase = "Pending";
        if (content.Child("spec", "infrastructureRef") is not null || content.Child("spec", "controlPlaneRef") is not null)
            phase = "Provisioning";
        if (content.Flag("status", "initialization", "infrastructureProvisioned") == true
            && content.Text("spec", "controlPlaneEndpoint", "host") is { Length: > 0 })
            phase = "Provisioned";
        if (item.IsDeleting)
            phase = "Deleting";
        if (content.Text("status", "phase") == phase)
            return;
        content["status"]!["phase"] = phase;
        Tell(item, phase, $"Cluster {item.Name} is {phase}");
    }

    private void Delete(StoredObject item, JsonObject content, StoredObject? infrastructure, StoredObject? controlPlane)
    {
        string[] workers = [.. RemoveAll(item, Kinds.MachineDeployment), .. RemoveAll(item, Kinds.MachineSet), .. RemoveAll(item, Kinds.Machine)];
        if (workers.Length > 0)
        {
            Waiting("WaitingForWorkersDeletion", string.Join('\n', workers));
        }
        else if (controlPlane is not null && !Remove(controlPlane.Resource, controlPlane.Namespace, controlPlane.Name))
        {
            Waiting("WaitingForControlPlaneDeletion", $"* {controlPlane.Resource.Kind}: {controlPlane.Name}");
        }
        else if (infrastructure is not null && !Remove(infrastructure.Resource, infrastructure.Namespace, infrastructure.Name))
        {
            Waiting("WaitingForInfrastructureDeletion", $"* {infrastructure.Resource.Kind}: {infrastructure.Name}");
        }
        else
        {
            Conditions.Set(content, Now, "Deleting", Conditions.True, "DeletionCompleted", "Deletion completed");
            Metadata.RemoveFinalizer(content, CapiNames.ClusterFinalizer);
            Context.Workloads.Close(item.Namespace, item.Name);
            Tell(item, "Deleted", $"Cluster {item.Name} has been deleted");
        }

        void Waiting(string reason, string message)
        {
            Conditions.Set(content, Now, "Deleting", Conditions.True, reason, message);
            LookAgain(item, DeletionPoll);
        }
    }

    /// <summary>Deletes the workers that nobody else would; the names of all that are left.</summary>
    private IEnumerable<string> RemoveAll(StoredObject cluster, ResourceDefinition kind)
    {
        List<string> left = [];
        foreach (StoredObject part in Context.Index.OfCluster(kind, cluster.Namespace, cluster.Name).ToList())
        {
            if (kind == Kinds.Machine && part.Labels.ContainsKey(CapiNames.ControlPlaneLabel))
                continue;
            bool others = part.Owners.Any(owner => owner.Controller);
            if (others || !Remove(kind, part.Namespace, part.Name))
                left.Add(part.Name);
        }

        return left.Count == 0 ? [] : [$"* {kind.Kind}s: {string.Join(", ", left.Take(3))}{(left.Count > 3 ? $", ... ({left.Count - 3} more)" : "")}"];
    }
}
