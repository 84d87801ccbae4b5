using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Api.Patches;

/// <summary>
/// A merge that knows which lists are maps in disguise: conditions by type, owner references by uid, finalizers as a set. Built-in kinds have more of
/// them. Server-side apply merges like this, and so do strategic merge patches, whose directives (<c>$patch</c> and its kin) are understood too.
/// </summary>
internal static class KeyedMerge
{
    private const string DeleteFromPrefix = "$deleteFromPrimitiveList/";

    public static void Apply(JsonObject target, JsonObject patch, bool builtIn)
    {
        foreach ((string name, JsonNode? value) in patch)
        {
            if (name.StartsWith(DeleteFromPrefix, StringComparison.Ordinal))
                RemoveValues(target, name[DeleteFromPrefix.Length..], value);
            else if (name.StartsWith('$'))
                continue;
            else if (value is null)
                target.Remove(name);
            else if (value is JsonObject inner)
                Apply(inner.Text("$patch") == "replace" ? Fresh(target, name) : target.Ensure(name), inner, builtIn);
            else if (value is JsonArray items && target[name] is JsonArray there && IsSet(name))
                AddValues(there, items);
            else if (value is JsonArray keyed && KeyOf(name, builtIn) is { } key)
                MergeItems(target, name, keyed, key, builtIn);
            else
                target[name] = value.DeepClone();
        }
    }

    public static bool IsSet(string list) => list == "finalizers";

    /// <summary>The field that tells the entries of a list apart, or null for a list that is replaced as a whole.</summary>
    public static string? KeyOf(string list, bool builtIn) => list switch
    {
        "conditions" => "type",
        "ownerReferences" => "uid",
        "containers" or "initContainers" or "volumes" or "env" when builtIn => "name",
        "taints" when builtIn => "key",
        "volumeMounts" when builtIn => "mountPath",
        _ => null,
    };

    private static void MergeItems(JsonObject target, string name, JsonArray items, string key, bool builtIn)
    {
        if (target[name] is not JsonArray there)
            target[name] = there = [];
        foreach (JsonObject item in items.OfType<JsonObject>())
        {
            JsonObject? match = there.OfType<JsonObject>().FirstOrDefault(candidate => JsonNode.DeepEquals(candidate[key], item[key]));
            if (item.Text("$patch") == "delete")
            {
                if (match is not null)
                    there.Remove(match);
            }
            else
            {
                if (match is null)
                    there.Add(match = []);
                Apply(match, item, builtIn);
            }
        }
    }

    private static JsonObject Fresh(JsonObject target, string name)
    {
        JsonObject fresh = [];
        target[name] = fresh;
        return fresh;
    }

    private static void AddValues(JsonArray there, JsonArray items)
    {
        foreach (JsonNode? item in items)
        {
            if (!there.Any(value => JsonNode.DeepEquals(value, item)))
                there.Add(item?.DeepClone());
        }
    }

    private static void RemoveValues(JsonObject target, string list, JsonNode? values)
    {
        if (target[list] is not JsonArray there || values is not JsonArray gone)
            return;
        foreach (JsonNode? item in there.Where(item => gone.Any(value => JsonNode.DeepEquals(value, item))).ToArray())
            there.Remove(item);
    }
}
