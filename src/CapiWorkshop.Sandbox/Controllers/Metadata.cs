using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>Changes to an object's metadata that leave alone what is right already.</summary>
internal static class Metadata
{
    public static void AddFinalizer(JsonObject content, string finalizer)
    {
        JsonObject metadata = content.Ensure("metadata");
        if (metadata["finalizers"] is not JsonArray finalizers)
            metadata["finalizers"] = finalizers = [];
        if (!finalizers.Any(item => item?.ToString() == finalizer))
            finalizers.Add(finalizer);
    }

    /// <summary>An object on its way out takes no more finalizers.</summary>
    public static void AddFinalizerUnlessDeleting(StoredObject item, JsonObject content, string finalizer)
    {
        if (!item.IsDeleting)
            AddFinalizer(content, finalizer);
    }

    public static void RemoveFinalizer(JsonObject content, string finalizer)
    {
        if (content.Items("metadata", "finalizers") is not { } finalizers)
            return;
        for (int at = finalizers.Count - 1; at >= 0; at--)
        {
            if (finalizers[at]?.ToString() == finalizer)
                finalizers.RemoveAt(at);
        }
    }

    public static void AddOwner(JsonObject content, OwnerReference owner)
    {
        JsonObject metadata = content.Ensure("metadata");
        if (metadata["ownerReferences"] is not JsonArray owners)
            metadata["ownerReferences"] = owners = [];
        if (!owners.Any(item => item.Text("uid") == owner.Uid))
            owners.Add(owner.ToJson());
    }

    /// <summary>Makes an object of the store somebody's, where it is there and is not yet.</summary>
    public static void Adopt(ObjectStore store, ResourceDefinition? kind, string? @namespace, string? name, StoredObject owner, bool controller = false)
    {
        if (kind is null || name is null || store.Find(kind, @namespace, name) is not { } item || item.Owners.Any(reference => reference.Uid == owner.Uid))
            return;
        string? cluster = owner.Resource == Kinds.Cluster ? owner.Name : owner.Labels.GetValueOrDefault(CapiNames.ClusterLabel);
        store.Update(kind, @namespace, name, content =>
        {
            AddOwner(content, OwnerReference.To(owner, controller));
            if (cluster is not null)
                content.Ensure("metadata", "labels")[CapiNames.ClusterLabel] = cluster;
        });
    }

    public static string? Annotation(JsonNode? content, string name) => content.Text("metadata", "annotations", name);

    public static void Annotate(JsonObject content, string name, string value) => content.Ensure("metadata", "annotations")[name] = value;
}
