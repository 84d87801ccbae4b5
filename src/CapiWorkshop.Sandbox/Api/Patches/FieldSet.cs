using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Api.Patches;

/// <summary>Which fields a manager has set, in the notation of <c>fieldsV1</c>: <c>f:</c> a field, <c>k:</c> an entry by key, <c>v:</c> a value of a set.</summary>
internal static class FieldSet
{
    public static JsonObject Of(JsonObject content, bool builtIn)
    {
        JsonObject set = [];
        foreach ((string name, JsonNode? value) in content)
        {
            if (name is "apiVersion" or "kind")
                continue;
            JsonObject fields = name == "metadata" && value is JsonObject metadata ? OfMetadata(metadata, builtIn) : OfValue(name, value, builtIn);
            if (name != "metadata" || fields.Count > 0)
                set[$"f:{name}"] = fields;
        }

        return set;
    }

    /// <summary>Removes from an object what is in one set and in none of the others.</summary>
    public static void Prune(JsonObject content, JsonObject set, IReadOnlyList<JsonObject> others)
    {
        foreach ((string step, JsonNode? inner) in set)
        {
            JsonObject[] inside = [.. others.Select(other => other[step]).OfType<JsonObject>()];
            string name = step[2..];
            if (!step.StartsWith("f:", StringComparison.Ordinal) || !content.ContainsKey(name))
                continue;
            if (inner is JsonObject { Count: > 0 } deeper && content[name] is JsonObject child)
                Prune(child, deeper, inside);
            else if (inner is JsonObject { Count: > 0 } entries && content[name] is JsonArray items)
                PruneItems(items, entries, inside);
            else if (inside.Length == 0)
                content.Remove(name);
        }
    }

    private static void PruneItems(JsonArray items, JsonObject set, JsonObject[] others)
    {
        foreach (string step in set.Select(entry => entry.Key).Where(step => step != "." && !others.Any(other => other.ContainsKey(step))))
        {
            JsonNode? wanted = JsonNode.Parse(step[2..]);
            JsonNode? found = step.StartsWith("v:", StringComparison.Ordinal)
                ? items.FirstOrDefault(item => JsonNode.DeepEquals(item, wanted))
                : items.FirstOrDefault(item => wanted is JsonObject key && key.All(part => JsonNode.DeepEquals(item?[part.Key], part.Value)));
            if (found is not null)
                items.Remove(found);
        }
    }

    private static JsonObject OfMetadata(JsonObject metadata, bool builtIn)
    {
        JsonObject set = [];
        foreach ((string name, JsonNode? value) in metadata)
        {
            if (name is not ("name" or "namespace" or "generateName" or "resourceVersion"))
                set[$"f:{name}"] = OfValue(name, value, builtIn);
        }

        return set;
    }

    private static JsonObject OfValue(string name, JsonNode? value, bool builtIn)
    {
        JsonObject set = [];
        switch (value)
        {
            case JsonObject inner:
                foreach ((string field, JsonNode? item) in inner)
                    set[$"f:{field}"] = OfValue(field, item, builtIn);
                break;
            case JsonArray items when KeyedMerge.IsSet(name):
                foreach (JsonNode? item in items)
                    set[$"v:{item?.ToJsonString()}"] = new JsonObject();
                break;
            case JsonArray items when KeyedMerge.KeyOf(name, builtIn) is { } key:
                foreach (JsonObject item in items.OfType<JsonObject>())
                {
                    JsonObject fields = OfValue("", item, builtIn);
                    fields["."] = new JsonObject();
                    set[$"k:{new JsonObject { [key] = item[key]?.DeepClone() }.ToJsonString()}"] = fields;
                }

                break;
        }

        return set;
    }
}
