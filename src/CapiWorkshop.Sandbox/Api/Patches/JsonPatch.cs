using System.Globalization;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Failures;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Api.Patches;

/// <summary>JSON patch (RFC 6902).</summary>
internal static class JsonPatch
{
    /// <summary>Applies all operations or fails; the document given is not changed.</summary>
    public static JsonObject Apply(JsonObject document, JsonArray operations)
    {
        JsonNode? root = document.DeepClone();
        foreach (JsonNode? operation in operations)
        {
            string[] path = Split(operation.Text("path"));
            switch (operation.Text("op"))
            {
                case "add":
                    root = Add(root, path, Value(operation));
                    break;
                case "replace":
                    Get(root, path);
                    root = path.Length == 0 ? Value(operation) : Add(Remove(root, path), path, Value(operation));
                    break;
                case "remove":
                    Get(root, path);
                    root = Remove(root, path);
                    break;
                case "test":
                    if (!JsonNode.DeepEquals(Get(root, path), Value(operation)))
                        throw ApiFailure.PatchRejected();
                    break;
                case "copy":
                    root = Add(root, path, Get(root, Split(operation.Text("from")))?.DeepClone());
                    break;
                case "move":
                    string[] from = Split(operation.Text("from"));
                    JsonNode? moved = Get(root, from)?.DeepClone();
                    root = Add(Remove(root, from), path, moved);
                    break;
                default:
                    throw ApiFailure.PatchRejected();
            }
        }

        return root as JsonObject ?? throw ApiFailure.PatchRejected();
    }

    private static string[] Split(string? pointer)
    {
        if (pointer is null || (pointer.Length > 0 && pointer[0] != '/'))
            throw ApiFailure.PatchRejected();
        return [.. pointer.Split('/').Skip(1).Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
    }

    private static JsonNode? Value(JsonNode? operation) =>
        operation is JsonObject given && given.TryGetPropertyValue("value", out JsonNode? value) ? value?.DeepClone() : throw ApiFailure.PatchRejected();

    private static JsonNode? Get(JsonNode? node, ReadOnlySpan<string> path)
    {
        foreach (string step in path)
        {
            node = node switch
            {
                JsonObject parent when parent.TryGetPropertyValue(step, out JsonNode? child) => child,
                JsonArray items when Index(step, items.Count - 1) is { } at => items[at],
                _ => throw ApiFailure.PatchRejected(),
            };
        }

        return node;
    }

    private static JsonNode? Add(JsonNode? root, ReadOnlySpan<string> path, JsonNode? value)
    {
        if (path.IsEmpty)
            return value;
        switch (Get(root, path[..^1]))
        {
            case JsonObject parent:
                parent[path[^1]] = value;
                break;
            case JsonArray items when path[^1] == "-":
                items.Add(value);
                break;
            case JsonArray items when Index(path[^1], items.Count) is { } at:
                items.Insert(at, value);
                break;
            default:
                throw ApiFailure.PatchRejected();
        }

        return root;
    }

    private static JsonNode? Remove(JsonNode? root, ReadOnlySpan<string> path)
    {
        if (path.IsEmpty)
            throw ApiFailure.PatchRejected();
        switch (Get(root, path[..^1]))
        {
            case JsonObject parent when parent.Remove(path[^1]):
                break;
            case JsonArray items when Index(path[^1], items.Count - 1) is { } at:
                items.RemoveAt(at);
                break;
            default:
                throw ApiFailure.PatchRejected();
        }

        return root;
    }

    private static int? Index(string text, int maximum) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index <= maximum ? index : null;
}
