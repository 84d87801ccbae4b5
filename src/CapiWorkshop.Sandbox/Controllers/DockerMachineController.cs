using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Engine;
using CapiWorkshop.Sandbox.Storage;
using CapiWorkshop.Sandbox.World;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>Runs a container for a machine, and lets its kubelet report a little later.</summary>
internal sealed class DockerMachineController(ControllerContext context) : Controller(context, Kinds.DockerMachine)
{
    private static readonly TimeSpan ContainerTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BootstrapTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RemovalTime = TimeSpan.FromSeconds(1.6);

    /// <summary>How long a cluster waits for word of a kubelet before it gives it up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(50);

    private static readonly TimeSpan KubeletStartTime = TimeSpan.FromSeconds(5);

    /// <summary>Whose a container is, and when its node will be seen to have gone or to be back.</summary>
    private readonly Dictionary<string, (ObjectKey Machine, DateTimeOffset Noticed)> _machines = new(StringComparer.Ordinal);

    protected override ControllerIdentity Identity { get; } = new("dockermachine", "dockermachine-controller", ControllerIdentity.Docker);

    public override IReadOnlyList<ResourceDefinition> AlsoWatches { get; } = [Kinds.Cluster, Kinds.Machine];

    public override IEnumerable<ObjectKey> Concerned(StoredObject changed) =>
        changed.Resource == Kinds.Machine ? [ObjectKey.Of(changed)] : base.Concerned(changed);

    public static Dictionary<string, string> ContainerLabels(string cluster, string role) =>
        new() { ["io.x-k8s.kind.cluster"] = cluster, ["io.x-k8s.kind.role"] = role };

    /// <summary>Somebody did something to a container: its machine hears of it at once, and its node's cluster after a while.</summary>
    public void Seen(ContainerEvent happened)
    {
        if (!_machines.TryGetValue(happened.Container.Name, out (ObjectKey Machine, DateTimeOffset) entry)
            || happened.Action is not ("die" or "pause" or "destroy" or "start" or "unpause"))
            return;
        Context.Loop.Enqueue(this, entry.Machine);
        // It has died before it is destroyed.
        if (happened.Action is "destroy")
            return;
        TimeSpan delay = happened.Action is "start" or "unpause" ? KubeletStartTime : Patience;
        _machines[happened.Container.Name] = (entry.Machine, Now + delay);
        Context.Loop.EnqueueAfter(this, entry.Machine, delay);
    }

    protected override void Reconcile(StoredObject item, JsonObject content)
    {
        StoredObject? cluster = ClusterOf(item, content);
        JsonObject? clusterContent = cluster?.ToJson();
        if (IsPaused(content, clusterContent))
            return;
        string container = ContainerName(item);
        if (item.IsDeleting)
        {
            Conditions.Set(content, Now, "Ready", Conditions.False, "Deleting", "Container is being removed");
            if (Context.Containers.Find(container) is not null)
            {
                if (!Elapsed(item, "removal", RemovalTime))
                    return;
                Context.Containers.Remove(container);
            }

            _machines.Remove(container);
            Metadata.RemoveFinalizer(content, CapiNames.DockerMachineFinalizer);
            return;
        }

        Metadata.AddFinalizer(content, CapiNames.DockerMachineFinalizer);
        if (cluster is null || item.Owners.FirstOrDefault(owner => owner.Kind == Kinds.Machine.Kind) is not { } owner
            || Store.Find(Kinds.Machine, item.Namespace, owner.Name)?.ToJson() is not { } machine)
            return;
        if (Obstacle(item, clusterContent, machine) is { } obstacle)
            Conditions.Set(content, Now, "ContainerProvisioned", Conditions.False, obstacle);
        else
            Provision(item, content, cluster, machine, container);
        if (Conditions.IsTrue(content, "BootstrapCompleted") && _machines.TryGetValue(container, out (ObjectKey, DateTimeOffset Noticed) entry) && entry.Noticed <= Now)
            Context.Workloads.Find(cluster.Namespace, cluster.Name)?.Report(container, Context.Containers.Find(container)?.State is ContainerState.Running);
        Conditions.Summarize(content, Now, "Ready", "Ready", "NotReady", "ReadyUnknown", "ContainerProvisioned", "BootstrapCompleted");
    }

    private static string? Obstacle(StoredObject item, JsonObject? cluster, JsonObject machine)
    {
        if (cluster.Flag("status", "initialization", "infrastructureProvisioned") != true)
            return "WaitingForClusterInfrastructureReady";
        if (machine.Text("spec", "bootstrap", "dataSecretName") is not null)
            return null;
        bool first = item.Labels.ContainsKey(CapiNames.ControlPlaneLabel) || cluster.Flag("status", "initialization", "controlPlaneInitialized") == true;
        return first ? "WaitingForBootstrapData" : "WaitingForControlPlaneInitialized";
    }

    private void Provision(StoredObject item, JsonObject content, StoredObject cluster, JsonObject machine, string container)
    {
        if (!Elapsed(item, "container", ContainerTime))
        {
            Conditions.Set(content, Now, "ContainerProvisioned", Conditions.False, "ContainerProvisioning", "Container is being created");
            return;
        }

        bool controlPlane = item.Labels.ContainsKey(CapiNames.ControlPlaneLabel);
        bool hosted = Context.Workloads.Find(item.Namespace, cluster.Name)?.IsHosted == true;
        if (content.Text("spec", "providerID") is null)
        {
            ContainerLoad load = controlPlane ? ContainerLoads.ControlPlane : hosted ? ContainerLoads.HostedWorker : ContainerLoads.Worker;
            string image = content.Text("spec", "customImage") ?? $"kindest/node:{machine.Text("spec", "version")?.Split('+')[0]}";
            string address = Context.Containers.Run(container, image, ContainerLabels(cluster.Name, controlPlane ? "control-plane" : "worker"), load).Address;
            _machines[container] = (ObjectKey.Of(item), Now);
            Note(item, $"Created container {container}");
            content.Ensure("spec")["providerID"] = ProviderId(container);
            content.Ensure("status")["addresses"] = new JsonArray(
                Address("Hostname", container), Address("InternalIP", address), Address("ExternalIP", address), Address("InternalDNS", container));
            content.Ensure("status", "initialization")["provisioned"] = true;
        }

        if (Context.Containers.Find(container) is not { } running)
        {
            Conditions.Set(content, Now, "ContainerProvisioned", Conditions.False, "ContainerDeleted", $"Container {container} does not exist anymore");
            return;
        }

        Conditions.SetFlag(content, Now, "ContainerProvisioned", true, positive: "Provisioned");
        if (!Elapsed(item, "bootstrap", BootstrapTime))
        {
            Conditions.Set(content, Now, "BootstrapCompleted", Conditions.False, "BootstrapRunning", "Waiting for the node to join");
            return;
        }

        if (!Conditions.IsTrue(content, "BootstrapCompleted"))
        {
            string version = machine.Text("spec", "version") ?? Context.Management.ServerVersion;
            // The first control plane machine brings the API up; without an API there is nothing to join.
            WorkloadCluster? workload = controlPlane
                ? Context.Workloads.Open(cluster.Namespace!, cluster.Name, version, hosted: false)
                : Context.Workloads.Find(cluster.Namespace, cluster.Name);
            workload?.Join(container, item.Name, running.Address, version, controlPlane);
        }

        Conditions.SetFlag(content, Now, "BootstrapCompleted", true, positive: "Completed");
    }

    public static string ProviderId(string container) => $"docker:////{container}";

    private static string ContainerName(StoredObject item)
    {
        string? cluster = item.Labels.GetValueOrDefault(CapiNames.ClusterLabel);
        return cluster is null || item.Name.StartsWith(cluster, StringComparison.Ordinal) ? item.Name : $"{cluster}-{item.Name}";
    }

    private static JsonObject Address(string type, string address) => new() { ["type"] = type, ["address"] = address };
}
