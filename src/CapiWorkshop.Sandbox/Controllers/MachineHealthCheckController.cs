using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>Counts the machines that a health check selects, and those of them that are well. It repairs nothing.</summary>
internal sealed class MachineHealthCheckController(ControllerContext context) : Controller(context, Kinds.MachineHealthCheck)
{
    protected override ControllerIdentity Identity { get; } = new("machinehealthcheck", "machinehealthcheck-controller", ControllerIdentity.Core);

    public override IReadOnlyList<ResourceDefinition> AlsoWatches { get; } = [Kinds.Cluster, Kinds.Machine];

    protected override void Reconcile(StoredObject item, JsonObject content)
    {
        StoredObject? cluster = ClusterOf(item, content);
        content.Ensure("status")["observedGeneration"] = content.Number("metadata", "generation");
        if (IsPaused(content, cluster?.ToJson()) || cluster is null || item.IsDeleting)
            return;
        Metadata.AddOwner(content, OwnerReference.To(cluster));
        content.Ensure("metadata", "labels")[CapiNames.ClusterLabel] = cluster.Name;
        JsonObject selector = content.Child("spec", "selector", "matchLabels") ?? [];
        MachineFacts[] targets = [.. Context.Index.OfCluster(Kinds.Machine, item.Namespace, cluster.Name)
            .Where(machine => selector.All(label => machine.Labels.GetValueOrDefault(label.Key) == label.Value?.ToString())).Select(MachineFacts.Of)];
        int healthy = targets.Count(machine => !machine.IsUnhealthy);
        JsonObject status = content.Ensure("status");
        status["expectedMachines"] = targets.Length;
        status["currentHealthy"] = healthy;
        status["remediationsAllowed"] = targets.Length - healthy;
        status["targets"] = new JsonArray([.. targets.Select(machine => JsonValue.Create(machine.Name))]);
        Conditions.SetFlag(content, Now, "RemediationAllowed", true);
    }
}
