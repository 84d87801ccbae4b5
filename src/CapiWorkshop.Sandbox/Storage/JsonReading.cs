using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CapiWorkshop.Sandbox.Storage;

/// <summary>Small helpers for walking and writing Kubernetes objects held as nodes.</summary>
internal static class JsonReading
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The node under a path of property names, or null where the path ends early.</summary>
    public static JsonNode? Find(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (string step in path)
        {
            if (node is not JsonObject parent || !parent.TryGetPropertyValue(step, out node))
                return null;
        }

        return node;
    }

    public static JsonObject? Child(this JsonNode? node, params ReadOnlySpan<string> path) => node.Find(path) as JsonObject;

    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.Find(path) is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    public static long? Number(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.Find(path) is JsonValue value && value.GetValueKind() == JsonValueKind.Number && value.TryGetInt64(out long number) ? number : null;

    public static bool? Flag(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.Find(path) is JsonValue value && value.TryGetValue(out bool flag) ? flag : null;

    public static JsonArray? Items(this JsonNode? node, params ReadOnlySpan<string> path) => node.Find(path) as JsonArray;

    /// <summary>The object under a path, made where it is missing.</summary>
    public static JsonObject Ensure(this JsonObject node, params ReadOnlySpan<string> path)
    {
        foreach (string step in path)
        {
            if (node[step] is not JsonObject child)
                node[step] = child = [];
            node = child;
        }

        return node;
    }

    /// <summary>What holds the object's deletion back. Namespaces keep theirs in the spec.</summary>
    public static IEnumerable<string> Finalizers(this JsonObject content)
    {
        JsonArray? inSpec = content.Text("kind") == "Namespace" && content.Text("apiVersion") == "v1" ? content.Items("spec", "finalizers") : null;
        return (content.Items("metadata", "finalizers") ?? []).Concat(inSpec ?? []).Select(item => item?.ToString() ?? "");
    }

    /// <summary>A point in time as Kubernetes writes it: whole seconds, UTC.</summary>
    public static string ToKubernetesTime(this DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static byte[] ToUtf8(this JsonNode node)
    {
        System.Buffers.ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, Compact))
            node.WriteTo(writer);
        return buffer.WrittenSpan.ToArray();
    }

    private static bool TryGetInt64(this JsonValue value, out long number)
    {
        if (value.TryGetValue(out number))
            return true;
        if (value.TryGetValue(out int small))
        {
            number = small;
            return true;
        }

        if (value.TryGetValue(out double real) && Math.Abs(real) < long.MaxValue && Math.Truncate(real) == real)
        {
            number = (long)real;
            return true;
        }

        return false;
    }
}
