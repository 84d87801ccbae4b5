using System.Globalization;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;
using CapiWorkshop.Sandbox.World;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>Follows a machine from its bootstrap data over its infrastructure to its node, and back again in order when it goes.</summary>
internal sealed class MachineController(ControllerContext context) : Controller(context, Kinds.Machine)
{
    protected override ControllerIdentity Identity { get; } = new("machine", "machine-controller", ControllerIdentity.Core);

    public override IReadOnlyList<ResourceDefinition> AlsoWatches { get; } = [Kinds.Cluster];

    protected override void Reconcile(StoredObject item, JsonObject content)
    {
        StoredObject? cluster = ClusterOf(item, content);
        JsonObject? clusterContent = cluster?.ToJson();
        content.Ensure("status")["observedGeneration"] = content.Number("metadata", "generation");
        if (IsPaused(content, clusterContent))
            return;
        Metadata.AddFinalizerUnlessDeleting(item, content, CapiNames.MachineFinalizer);
        if (item.Owners.Count == 0 && cluster is not null && !item.IsDeleting)
            Metadata.AddOwner(content, OwnerReference.To(cluster));
        StoredObject? bootstrap = Context.Follow(content.Child("spec", "bootstrap", "configRef"), item.Namespace);
        StoredObject? infrastructure = Context.Follow(content.Child("spec", "infrastructureRef"), item.Namespace);
        WorkloadCluster? workload = cluster is null ? null : Context.Workloads.Find(item.Namespace, cluster.Name);
        if (!item.IsDeleting)
        {
            foreach (StoredObject? part in (ReadOnlySpan<StoredObject?>)[bootstrap, infrastructure])
            {
                if (part is not null)
                    Metadata.Adopt(Store, part.Resource, part.Namespace, part.Name, item, controller: true);
            }
        }

        ReadBootstrap(content, bootstrap?.ToJson());
        ReadInfrastructure(content, infrastructure?.ToJson());
        ReadNode(item, content, clusterContent, workload);
        if (item.IsDeleting)
            Delete(item, content, clusterContent, workload, infrastructure, bootstrap);
        else
            Conditions.SetFlag(content, Now, "Deleting", false);
        WriteSummary(item, content);
        SetPhase(item, content);
    }

    private void ReadBootstrap(JsonObject content, JsonObject? bootstrap)
    {
        string kind = content.Text("spec", "bootstrap", "configRef", "kind") ?? "Bootstrap configuration";
        if (bootstrap.Flag("status", "initialization", "dataSecretCreated") == true && bootstrap.Text("status", "dataSecretName") is { } secret)
            content.Ensure("spec", "bootstrap")["dataSecretName"] = secret;
        bool created = content.Text("spec", "bootstrap", "dataSecretName") is not null;
        if (created)
            content.Ensure("status", "initialization")["bootstrapDataSecretCreated"] = true;
        Conditions.SetFlag(content, Now, "BootstrapConfigReady", created,
            created ? "" : Conditions.Find(bootstrap, "Ready").Text("message") ?? $"{kind} status.initialization.dataSecretCreated is false", "Ready",
                "NotReady");
    }

    private void ReadInfrastructure(JsonObject content, JsonObject? infrastructure)
    {
        string kind = content.Text("spec", "infrastructureRef", "kind") ?? "Infrastructure";
        JsonObject reached = content.Ensure("status", "initialization");
        bool provisioned = infrastructure.Flag("status", "initialization", "provisioned") == true;
        if (provisioned && infrastructure.Text("spec", "providerID") is { } provider)
        {
            content["spec"]!["providerID"] = provider;
            reached["infrastructureProvisioned"] = true;
            if (infrastructure.Items("status", "addresses") is { } addresses)
                content["status"]!["addresses"] = addresses.DeepClone();
        }

        if (infrastructure is null)
        {
            bool was = reached.Flag("infrastructureProvisioned") == true;
            Conditions.Set(content, Now, "InfrastructureReady", Conditions.False, was ? "ObjectDeleted" : "ObjectDoesNotExist",
                $"{kind} {(was ? "has been deleted" : "does not exist")}");
            return;
        }

        bool ready = provisioned && Conditions.Find(infrastructure, "Ready").Text("reason") != "Deleting"
            && Conditions.StatusOf(infrastructure, "ContainerProvisioned") != Conditions.False;
        Conditions.SetFlag(content, Now, "InfrastructureReady", ready,
            ready ? "" : Conditions.Find(infrastructure, "Ready").Text("message") ?? $"{kind} status.initialization.provisioned is false", "Ready", "NotReady");
    }

    private void ReadNode(StoredObject item, JsonObject content, JsonObject? cluster, WorkloadCluster? workload)
    {
        string? provider = content.Text("spec", "providerID");
        string? known = content.Text("status", "nodeRef", "name");
        StoredObject? node = provider is null ? null : workload?.Node(known ?? provider[(provider.LastIndexOf('/') + 1)..]);
        if (node is null)
        {
            string why = cluster.Flag("status", "initialization", "infrastructureProvisioned") != true
                ? "Waiting for Cluster status.initialization.infrastructureProvisioned to be true"
                : cluster.Flag("status", "initialization", "controlPlaneInitialized") != true && known is null
                    ? "Waiting for Cluster control plane to be initialized"
                : provider is null ? $"Waiting for {content.Text("spec", "infrastructureRef", "kind")} to report spec.providerID"
                : $"Waiting for a Node with spec.providerID {provider} to exist";
            bool lost = known is not null && workload is not null;
            SetNode(lost ? Conditions.False : Conditions.Unknown, lost ? "NodeDeleted" : "InspectionFailed", lost
                ? $"Node {known} has been deleted while the Machine still exists" : why);
            return;
        }

        JsonObject nodeContent = node.ToJson();
        if (known is null)
        {
            content["status"]!["nodeRef"] = new JsonObject { ["name"] = node.Name };
            Tell(item, "SuccessfulSetNodeRef", node.Name);
            workload!.Api.Store.Update(Kinds.Node, null, node.Name, draft =>
            {
                OwnerReference? owner = item.Owners.FirstOrDefault(reference => reference.Controller);
                Metadata.Annotate(draft, "cluster.x-k8s.io/cluster-name", workload.Name);
                Metadata.Annotate(draft, "cluster.x-k8s.io/cluster-namespace", workload.Namespace);
                Metadata.Annotate(draft, "cluster.x-k8s.io/machine", item.Name);
                Metadata.Annotate(draft, "cluster.x-k8s.io/owner-kind", owner?.Kind ?? "");
                Metadata.Annotate(draft, "cluster.x-k8s.io/owner-name", owner?.Name ?? "");
                Metadata.Annotate(draft, "cluster.x-k8s.io/labels-from-machine", "");
                Metadata.Annotate(draft, "cluster.x-k8s.io/annotations-from-machine", "");
            });
        }

        if (nodeContent.Child("status", "nodeInfo") is { } info)
            content["status"]!["nodeInfo"] = info.DeepClone();
        JsonArray conditions = nodeContent.Items("status", "conditions") ?? [];
        string? ready = conditions.FirstOrDefault(condition => condition.Text("type") == "Ready").Text("status");
        string[] pressures = [.. conditions.Where(condition => condition.Text("type") != "Ready"
            && condition.Text("status") == Conditions.True).Select(condition => condition.Text("type")!)];
        if (ready is null or Conditions.Unknown)
        {
            string message = conditions.FirstOrDefault(condition => condition.Text("type") == "Ready").Text("message") ?? "Condition not yet reported";
            Conditions.Set(content, Now, "NodeReady", Conditions.Unknown, "NodeReadyUnknown", $"* Node.Ready: {message}");
            Conditions.Set(content, Now, "NodeHealthy", Conditions.Unknown, "NodeHealthUnknown", $"* Node.AllConditions: {message}");
            return;
        }

        Conditions.Set(content, Now, "NodeReady", ready, ready == Conditions.True ? "NodeReady" : "NodeNotReady");
        bool healthy = ready == Conditions.True && pressures.Length == 0;
        Conditions.Set(content, Now, "NodeHealthy", healthy ? Conditions.True : Conditions.False, healthy ? "NodeHealthy" : "NodeNotHealthy",
            healthy ? "" : ready == Conditions.True ? $"* Node.{string.Join(", ", pressures)}: pressure" : "* Node.Ready: kubelet is not ready");

        void SetNode(string status, string reason, string message)
        {
            Conditions.Set(content, Now, "NodeReady", status, reason, message);
            Conditions.Set(content, Now, "NodeHealthy", status, reason, message);
        }
    }

    private void WriteSummary(StoredObject item, JsonObject content)
    {
        // The control plane says it of its own machines.
        if (!item.Labels.ContainsKey(CapiNames.ControlPlaneLabel))
        {
            bool current = IsUpToDate(item);
            Conditions.SetFlag(content, Now, "UpToDate", current, current ? "" : "* MachineDeployment template has changed");
        }

        Conditions.SetFlag(content, Now, "Updating", false);
        string? before = Conditions.StatusOf(content, "Ready");
        Conditions.Summarize(content, Now, "Ready", "Ready", "NotReady", "ReadyUnknown",
            "Deleting", "Updating", "BootstrapConfigReady", "InfrastructureReady", "NodeHealthy", "HealthCheckSucceeded");
        long minimum = content.Number("spec", "minReadySeconds") ?? 0;
        if (!Conditions.IsTrue(content, "Ready"))
        {
            Conditions.Set(content, Now, "Available", Conditions.False, "NotReady");
            return;
        }

        DateTimeOffset since = DateTimeOffset.Parse(Conditions.Find(content, "Ready").Text("lastTransitionTime")!, CultureInfo.InvariantCulture);
        bool available = Now >= since.AddSeconds(minimum);
        if (!available)
            LookAgain(item, since.AddSeconds(minimum) - Now);
        if (before != Conditions.True)
            Note(item, "Machine is Ready");
        Conditions.SetFlag(content, Now, "Available", available, negative: "WaitingForMinReadySeconds");
    }

    private bool IsUpToDate(StoredObject item)
    {
        if (item.Owners.FirstOrDefault(owner => owner.Controller) is not { } reference
            || Store.Find(Kinds.MachineSet, item.Namespace, reference.Name) is not { } set
            || set.Owners.FirstOrDefault(owner => owner.Controller) is not { } upper
                || Store.Find(Kinds.MachineDeployment, item.Namespace, upper.Name) is not { } deployment)
            return true;
        JsonObject content = deployment.ToJson();
        MachineSetFacts facts = MachineSetFacts.Of(set);
        bool restarted = DateTimeOffset.TryParse(content.Text("spec", "rollout", "after"), CultureInfo.InvariantCulture, out DateTimeOffset after)
            && after <= Now && facts.CreatedAt < after;
        return !restarted && facts.TemplateHash == MachineTemplate.Hash(content.Child("spec", "template"));
    }

    private void SetPhase(StoredObject item, JsonObject content)
    {
        bool provisioned = content.Flag("status", "initialization", "infrastructureProvisioned") == true;
        string phase = "Pending";
        if (content.Text("spec", "bootstrap", "dataSecretName") is not null && !provisioned)
            phase = "Provisioning";
        if (content.Text("spec", "providerID") is not null)
            phase = "Provisioned";
        if (content.Text("status", "nodeRef", "name") is not null && provisioned)
            phase = "Running";
        if (item.IsDeleting)
            phase = "Deleting";
        if (content.Text("status", "phase") == phase)
            return;
        content["status"]!["phase"] = phase;
        content["status"]!["lastUpdated"] = Now.ToKubernetesTime();
    }

    private void Delete(StoredObject item, JsonObject content, JsonObject? cluster, WorkloadCluster? workload, StoredObject? infrastructure,
        StoredObject? bootstrap)
    {
        string? node = NodeToLeave(item, content, cluster, workload);
        if (node is not null && Hooks(content, CapiNames.PreDrainHook) is { Length: > 0 } preDrain)
        {
            Waiting("WaitingForPreDrainHook", $"* {preDrain}");
            return;
        }

        if (node is not null && content.Text("status", "deletion", "nodeDrainStartTime") is null
            && Metadata.Annotation(content, CapiNames.ExcludeDraining) is null)
        {
            content.Ensure("status", "deletion")["nodeDrainStartTime"] = Now.ToKubernetesTime();
            workload!.Drain(node);
            Tell(item, "SuccessfulDrainNode", "success draining Machine's node \"" + node + "\"");
        }

        if (Hooks(content, CapiNames.PreTerminateHook) is { Length: > 0 } preTerminate)
        {
            Waiting("WaitingForPreTerminateHook", $"* {preTerminate}");
            return;
        }

        if (infrastructure is not null && !Remove(infrastructure.Resource, infrastructure.Namespace, infrastructure.Name))
        {
            Waiting("WaitingForInfrastructureDeletion", $"{infrastructure.Resource.Kind} deletion in progress");
            return;
        }

        if (bootstrap is not null && !Remove(bootstrap.Resource, bootstrap.Namespace, bootstrap.Name))
        {
            Waiting("WaitingForBootstrapDeletion", $"{bootstrap.Resource.Kind} deletion in progress");
            return;
        }

        if (node is not null)
            workload!.Leave(node);
        Waiting("DeletionCompleted", "Deletion completed");
        Metadata.RemoveFinalizer(content, CapiNames.MachineFinalizer);
        Note(item, "Machine has been deleted");

        void Waiting(string reason, string message) => Conditions.Set(content, Now, "Deleting", Conditions.True, reason, message);
    }

    /// <summary>The node to drain and remove; null where nobody will miss it, because the cluster goes or nobody could run anything there.</summary>
    private string? NodeToLeave(StoredObject item, JsonObject content, JsonObject? cluster, WorkloadCluster? workload)
    {
        if (content.Text("status", "nodeRef", "name") is not { } node || workload is null || cluster is null
            || cluster.Text("metadata", "deletionTimestamp") is not null)
            return null;
        StoredObject? plane = Context.Follow(cluster.Child("spec", "controlPlaneRef"), item.Namespace);
        if (plane?.IsDeleting == true)
            return null;
        bool answers = plane?.ToJson().Flag("status", "externalManagedControlPlane") == true
            || Context.Index.OfCluster(Kinds.Machine, item.Namespace, workload.Name).Any(machine => machine.Labels.ContainsKey(CapiNames.ControlPlaneLabel)
                && !machine.IsDeleting);
        return answers ? node : null;
    }

    private static string Hooks(JsonObject content, string prefix) => string.Join(", ", (content.Child("metadata", "annotations") ?? [])
        .Where(annotation => annotation.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(annotation => annotation.Key));
}
