using System.Globalization;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;
using CapiWorkshop.Sandbox.World;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>Keeps the machines of a kubeadm control plane: one at a time, and never two changes at once.</summary>
internal sealed class KubeadmControlPlaneController(ControllerContext context) : Controller(context, Kinds.KubeadmControlPlane)
{
    private static readonly TimeSpan DeletionPoll = TimeSpan.FromSeconds(5);
    private static readonly string[] MachineConditions =
        ["APIServerPodHealthy", "ControllerManagerPodHealthy", "SchedulerPodHealthy", "EtcdPodHealthy", "EtcdMemberHealthy"];

    protected override ControllerIdentity Identity { get; } = new("kubeadmcontrolplane", "kubeadmcontrolplane-controller",
        ControllerIdentity.KubeadmControlPlane);

    public override IReadOnlyList<ResourceDefinition> AlsoWatches { get; } = [Kinds.Cluster];

    protected override void Reconcile(StoredObject item, JsonObject content)
    {
        StoredObject? cluster = ClusterOf(item, content);
        JsonObject? clusterContent = cluster?.ToJson();
        content.Ensure("status")["observedGeneration"] = content.Number("metadata", "generation");
        if (IsPaused(content, clusterContent) || cluster is null)
            return;
        Metadata.AddFinalizerUnlessDeleting(item, content, CapiNames.KubeadmControlPlaneFinalizer);
        List<MachineFacts> machines = [.. MachineSetController.MachinesOf(Context.Index, item)];
        WorkloadCluster? workload = Context.Workloads.Find(item.Namespace, cluster.Name);
        content["status"]!["selector"] = $"{CapiNames.ClusterLabel}={cluster.Name},{CapiNames.ControlPlaneLabel}=";
        if (item.IsDeleting)
        {
            Delete(item, content, cluster, machines);
        }
        else if (clusterContent.Flag("status", "initialization", "infrastructureProvisioned") == true)
        {
            Metadata.Adopt(Store, Context.KindOf(InfrastructureTemplate(content)), item.Namespace, InfrastructureTemplate(content).Text("name"), cluster);
            MakeSecrets(item, cluster, workload);
            Scale(item, content, cluster, machines);
        }

        foreach (MachineFacts machine in machines)
            Describe(content, machine, workload);
        WriteStatus(item, content, machines, workload);
    }

    private static JsonObject? InfrastructureTemplate(JsonObject content) => content.Child("spec", "machineTemplate", "spec", "infrastructureRef");

    /// <summary>The authorities before the first machine, the way in once there is something to get into.</summary>
    private void MakeSecrets(StoredObject item, StoredObject cluster, WorkloadCluster? workload)
    {
        foreach (string part in (ReadOnlySpan<string>)["ca", "etcd", "proxy", "sa"])
        {
            if (Store.Find(Kinds.Secret, item.Namespace, $"{cluster.Name}-{part}") is null)
                Store.Create(Kinds.Secret, Secrets.Describe(item, $"{cluster.Name}-{part}", new() { ["tls.crt"] = "", ["tls.key"] = "" }));
        }

        if (workload is not null && Store.Find(Kinds.Secret, item.Namespace, CapiNames.KubeConfigSecret(cluster.Name)) is null)
            Store.Create(Kinds.Secret, Secrets.Describe(item, CapiNames.KubeConfigSecret(cluster.Name), new() { ["value"] = workload.KubeConfig }));
    }

    private void Scale(StoredObject item, JsonObject content, StoredObject cluster, List<MachineFacts> machines)
    {
        foreach (MachineFacts machine in machines.Where(machine => machine is { IsDeleting: true, HasControlPlaneHook: true }))
            ReleaseHook(machine);
        long desired = content.Number("spec", "replicas") ?? 1;
        MachineFacts[] old = [.. machines.Where(machine => !IsUpToDate(content, machine))];
        // A machine that comes or goes is waited for; so is the first one, before others can join it.
        if (machines.Any(machine => machine.IsDeleting || !machine.IsReady))
            return;
        if (machines.Count < desired || (old.Length > 0 && machines.Count == desired))
        {
            AddMachine(item, content, cluster);
        }
        else if (machines.Count > desired)
        {
            MachineFacts leaving = (old.Length > 0 ? old : [.. machines]).OrderByDescending(machine => machine.IsChosen)
                .ThenBy(machine => machine.CreatedAt).ThenBy(machine => machine.Name, StringComparer.Ordinal).First();
            Store.Delete(Kinds.Machine, item.Namespace, leaving.Name);
            Note(item, $"Scaling down: deleted Machine {leaving.Name}");
        }
    }

    private void AddMachine(StoredObject item, JsonObject content, StoredObject cluster)
    {
        string name = NameSuffix.AppendTo(item.Name + "-", Context.Random);
        JsonObject template = content.Child("spec", "machineTemplate")!.DeepClone().AsObject();
        JsonObject spec = template.Ensure("spec");
        spec["clusterName"] = cluster.Name;
        spec["version"] = content.Text("spec", "version");
        spec["bootstrap"] = new JsonObject
        {
            ["configRef"] = new JsonObject { ["apiGroup"] = Kinds.KubeadmConfig.Group, ["kind"] = Kinds.KubeadmConfig.Kind, ["name"] = name },
        };
        Metadata.Annotate(template, CapiNames.ControlPlaneHook, "");
        MachineParts.Create(Context, item, template, name, new() { [CapiNames.ControlPlaneLabel] = "", [CapiNames.ControlPlaneNameLabel] = item.Name },
            content.Child("spec", "kubeadmConfigSpec"));
        Note(item, $"Created Machine {name}");
    }

    private bool IsUpToDate(JsonObject content, MachineFacts machine)
    {
        if (machine.Version != content.Text("spec", "version"))
            return false;
        if (DateTimeOffset.TryParse(content.Text("spec", "rollout", "after"), CultureInfo.InvariantCulture, out DateTimeOffset after) && after <= Now
            && machine.CreatedAt < after)
            return false;
        StoredObject? infrastructure = Context.KindOf(InfrastructureTemplate(content)) is null ? null
            : Store.Find(Kinds.DockerMachine, machine.Item.Namespace, machine.Name);
        return infrastructure is null || Metadata.Annotation(infrastructure.ToJson(), CapiNames.ClonedFromName) == InfrastructureTemplate(content).Text("name");
    }

    /// <summary>Says of a machine what only its control plane knows.</summary>
    private void Describe(JsonObject content, MachineFacts machine, WorkloadCluster? workload)
    {
        bool current = IsUpToDate(content, machine);
        bool joined = machine.HasNode && workload is not null;
        if (machine.IsUpToDate == current && machine.IsControlPlaneHealthy == joined)
            return;
        Store.Update(Kinds.Machine, machine.Item.Namespace, machine.Name, draft =>
        {
            Conditions.SetFlag(draft, Now, "UpToDate", current, current ? "" : "* KubeadmControlPlane spec has changed");
            foreach (string type in MachineConditions)
            {
                Conditions.Set(draft, Now, type, joined ? Conditions.True : Conditions.Unknown, joined
                    ? type.EndsWith("MemberHealthy", StringComparison.Ordinal) ? "Healthy" : "Running" : "InspectionFailed",
                    joined ? "" : "Waiting for a Node to exist");
            }
        }, WriteScope.Status);
    }

    private void Delete(StoredObject item, JsonObject content, StoredObject cluster, List<MachineFacts> machines)
    {
        string[] workers = [.. Context.Index.OfCluster(Kinds.Machine, item.Namespace, cluster.Name)
            .Where(machine => !machine.Labels.ContainsKey(CapiNames.ControlPlaneLabel)).Select(machine => machine.Name)];
        if (workers.Length > 0)
        {
            Conditions.Set(content, Now, "Deleting", Conditions.True, "WaitingForWorkersDeletion", $"* Machines: {string.Join(", ", workers)}");
            LookAgain(item, DeletionPoll);
            return;
        }

        foreach (MachineFacts machine in machines)
        {
            if (machine.HasControlPlaneHook)
                ReleaseHook(machine);
            if (!machine.IsDeleting)
                Store.Delete(Kinds.Machine, item.Namespace, machine.Name);
        }

        if (machines.Count > 0)
        {
            Conditions.Set(content, Now, "Deleting", Conditions.True, "WaitingForMachineDeletion", $"Deleting {machines.Count} Machines");
            return;
        }

        Context.Workloads.Close(item.Namespace, cluster.Name);
        Conditions.Set(content, Now, "Deleting", Conditions.True, "DeletionCompleted", "Deletion completed");
        Metadata.RemoveFinalizer(content, CapiNames.KubeadmControlPlaneFinalizer);
    }

    private void ReleaseHook(MachineFacts machine) => Store.Update(Kinds.Machine, machine.Item.Namespace, machine.Name,
        draft => draft.Child("metadata", "annotations")?.Remove(CapiNames.ControlPlaneHook));

    private void WriteStatus(StoredObject item, JsonObject content, List<MachineFacts> machines, WorkloadCluster? workload)
    {
        JsonObject status = content.Ensure("status");
        JsonObject reached = content.Ensure("status", "initialization");
        if (workload is not null && machines.Any(machine => machine.HasNode))
            reached["controlPlaneInitialized"] = true;
        bool initialized = reached.Flag("controlPlaneInitialized") == true;
        ScalingStatus.Count(content, machines);
        status["version"] = content.Text("spec", "version");

        bool available = initialized && machines.Exists(machine => machine is { IsReady: true, IsDeleting: false });
        Conditions.SetFlag(content, Now, "Available", available, available ? "" : initialized ? "* No control plane Machine is ready"
            : "Control plane not yet initialized");
        Conditions.SetFlag(content, Now, "Initialized", initialized);
        Conditions.SetFlag(content, Now, "CertificatesAvailable",
            Store.Find(Kinds.Secret, item.Namespace, $"{item.Labels.GetValueOrDefault(CapiNames.ClusterLabel)}-ca") is not null,
            positive: "Available", negative: "NotAvailable");
        Conditions.Set(content, Now, "EtcdClusterHealthy", initialized ? Conditions.True : Conditions.Unknown, initialized ? "Healthy" : "InspectionFailed");
        Conditions.Set(content, Now, "ControlPlaneComponentsHealthy", initialized ? Conditions.True : Conditions.Unknown, initialized ? "Healthy"
            : "InspectionFailed");
        bool rolling = !item.IsDeleting && machines.Exists(machine => !IsUpToDate(content, machine));
        Conditions.SetFlag(content, Now, "RollingOut", rolling, rolling
            ? $"Rolling out {machines.Count(machine => !IsUpToDate(content, machine))} not up-to-date replicas" : "");
        ScalingStatus.Describe(content, Now, item.IsDeleting);
        if (!item.IsDeleting)
            Conditions.SetFlag(content, Now, "Deleting", false);
    }
}
