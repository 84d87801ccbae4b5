using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Failures;

namespace CapiWorkshop.Sandbox.Storage;

/// <summary>What belongs to the server in an object's metadata, and which half of an object a write may touch.</summary>
internal static class ObjectIdentity
{
    private static readonly string[] Owned = ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "generateName"];

    /// <summary>Gives a new object all that the server decides.</summary>
    public static void Stamp(JsonObject draft, ResourceDefinition resource, string? @namespace, string name, string uid, DateTimeOffset now)
    {
        draft["apiVersion"] = resource.StorageApiVersion;
        draft["kind"] = resource.Kind;
        JsonObject metadata = draft.Ensure("metadata");
        metadata["name"] = name;
        if (@namespace is null)
            metadata.Remove("namespace");
        else
            metadata["namespace"] = @namespace;
        metadata["uid"] = uid;
        metadata["creationTimestamp"] = now.ToKubernetesTime();
        metadata.Remove("deletionTimestamp");
        metadata.Remove("deletionGracePeriodSeconds");
        if (resource.TracksGeneration)
            metadata["generation"] = 1;
        else
            metadata.Remove("generation");
        DropEmpty(metadata);
    }

    /// <summary>A version or uid in what a writer sends is an expectation.</summary>
    public static void Check(StoredObject current, JsonObject draft)
    {
        if (draft.Text("metadata", "resourceVersion") is { Length: > 0 } version && version != current.Version.ToString(CultureInfo.InvariantCulture))
            throw ApiFailure.Modified(current.Resource, current.Name);
        if (draft.Text("metadata", "uid") is { Length: > 0 } uid && uid != current.Uid)
            throw ApiFailure.Invalid(current.Resource, current.Name, FieldProblem.Immutable("metadata.uid", uid));
    }

    /// <summary>Puts back what the writer may not change.</summary>
    public static JsonObject Merge(StoredObject current, JsonObject draft, WriteScope scope)
    {
        ResourceDefinition resource = current.Resource;
        JsonObject original = current.ToJson();
        if (scope is WriteScope.Status)
        {
            Carry(draft, original, "status");
            return original;
        }

        draft["apiVersion"] = resource.StorageApiVersion;
        draft["kind"] = resource.Kind;
        JsonObject from = original.Ensure("metadata");
        JsonObject to = draft.Ensure("metadata");
        foreach (string field in Owned)
            Carry(from, to, field);
        Carry(from, to, "resourceVersion");
        DropEmpty(to);
        if (scope is WriteScope.Spec && resource.Storage.HasStatus)
            Carry(original, draft, "status");
        return draft;
    }

    /// <summary>Whether anything but metadata and status differs: only that counts a generation.</summary>
    public static bool IntentChanged(ResourceDefinition resource, JsonElement before, JsonElement after)
    {
        bool Counts(JsonProperty field) => !field.NameEquals("metadata") && (!field.NameEquals("status") || !resource.Storage.HasStatus);
        return after.EnumerateObject().Where(Counts).Any(field =>
                !before.TryGetProperty(field.Name, out JsonElement was) || !JsonElement.DeepEquals(was, field.Value))
            || before.EnumerateObject().Where(Counts).Any(field => !after.TryGetProperty(field.Name, out _));
    }

    /// <summary>An object on its way out takes no new finalizers.</summary>
    public static void CheckFinalizers(StoredObject current, JsonObject draft)
    {
        if (!current.IsDeleting)
            return;
        string[] added = [.. draft.Finalizers().Except(current.ToJson().Finalizers())];
        if (added.Length > 0)
        {
            string list = string.Join(", ", added.Select(name => $"\"{name}\""));
            throw ApiFailure.Invalid(current.Resource, current.Name, FieldProblem.Forbidden("metadata.finalizers",
                $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{list}}}"));
        }
    }

    private static void Carry(JsonObject from, JsonObject to, string field)
    {
        if (from[field] is { } value)
            to[field] = value.DeepClone();
        else
            to.Remove(field);
    }

    /// <summary>Empty collections in metadata do not survive a round trip through a real server either.</summary>
    private static void DropEmpty(JsonObject metadata)
    {
        foreach (string field in (ReadOnlySpan<string>)["labels", "annotations", "finalizers", "ownerReferences", "managedFields"])
        {
            if (metadata.TryGetPropertyValue(field, out JsonNode? value) && value is null or JsonObject { Count: 0 } or JsonArray { Count: 0 })
                metadata.Remove(field);
        }
    }
}
