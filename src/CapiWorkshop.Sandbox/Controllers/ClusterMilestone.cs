using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>What others wait for in a Cluster. Its counters change with every machine, and nobody has to be woken for those.</summary>
internal static class ClusterMilestone
{
    public static bool IsOne(StoreChange change)
    {
        if (change.Kind is not ChangeKind.Modified || change.Previous is not { } previous || previous.IsDeleting != change.Object.IsDeleting)
            return true;
        JsonObject before = previous.ToJson();
        JsonObject after = change.Object.ToJson();
        return !JsonNode.DeepEquals(before["spec"], after["spec"])
            || !JsonNode.DeepEquals(before.Child("metadata", "labels"), after.Child("metadata", "labels"))
            || !JsonNode.DeepEquals(before.Child("metadata", "annotations"), after.Child("metadata", "annotations"))
            || !JsonNode.DeepEquals(before.Child("status", "initialization"), after.Child("status", "initialization"));
    }
}
