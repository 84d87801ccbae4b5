using System.Text.Json.Nodes;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations;

/// <summary>
/// The fields that a write names, by JSON pointer, and what of their values may be kept: numbers and bools, and texts only where they are names, versions, labels, finalizers
/// or Cluster API's own annotations. Whatever else may be a secret is not; of Secrets nothing is but the pointers.
/// </summary>
internal static class AuditedFields
{
    private const string Withheld = "(not recorded)";

    private static readonly HashSet<string> PlainNames = ["apiVersion", "apiGroup", "kind", "name", "namespace", "uid", "resourceVersion", "clusterName", "version"];

    /// <summary>What a patch asks for.</summary>
    public static IReadOnlyDictionary<string, JsonNode?> Of(Patch patch) => patch.Kind == PatchKind.Json ? OfOperations(Parse(patch.Body)) : Of(patch.Body);

    /// <summary>What a manifest, or a patch that looks like one, asks for.</summary>
    public static IReadOnlyDictionary<string, JsonNode?> Of(ReadOnlyMemory<byte> manifest)
    {
        Dictionary<string, JsonNode?> fields = [];
        Collect(Parse(manifest), "", fields);
        return fields;
    }

    /// <summary>What a document has in those fields; null where it has nothing there.</summary>
    public static IReadOnlyDictionary<string, JsonNode?> Pick(JsonNode? document, IEnumerable<string> pointers) => pointers.ToDictionary(pointer => pointer, pointer => Find(document, pointer));

    /// <summary>What may be kept of fields.</summary>
    public static JsonObject Keep(ResourceType type, IReadOnlyDictionary<string, JsonNode?> fields) =>
        new(fields.Select(field => KeyValuePair.Create(field.Key, Keep(type is { Group: "", Kind: "Secret" }, field.Key, field.Value))));

    private static JsonNode? Keep(bool isSecret, string pointer, JsonNode? value) => (value, value?.GetValueKind()) switch
    {
        (null, _) => null,
        _ when isSecret => Withheld,
        (_, System.Text.Json.JsonValueKind.Number or System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False) => value.DeepClone(),
        (_, System.Text.Json.JsonValueKind.String) when IsPlain(pointer) => value.DeepClone(),
        (JsonArray items, _) when pointer == "/metadata/finalizers" => new JsonArray([.. items.Select(item => Keep(false, pointer + "/0", item))]),
        _ => Withheld,
    };

    private static bool IsPlain(string pointer) => pointer.Split('/')[1..] switch
    {
        ["metadata", "labels", _] or ["metadata", "finalizers", _] => true,
        ["metadata", "annotations", string name] => Unescape(name).Split('/')[0] is "cluster.x-k8s.io" or "controlplane.cluster.x-k8s.io" or "machine.cluster.x-k8s.io" or "machinedeployment.clusters.x-k8s.io",
        [.., string name] => PlainNames.Contains(name),
        _ => false,
    };

    private static JsonNode? Parse(ReadOnlyMemory<byte> json) => JsonNode.Parse(json.Span);

    private static Dictionary<string, JsonNode?> OfOperations(JsonNode? operations)
    {
        Dictionary<string, JsonNode?> fields = [];
        foreach (JsonObject operation in (operations as JsonArray ?? []).OfType<JsonObject>().Where(operation => (string?)operation["op"] != "test"))
        {
            Collect(operation["value"], (string?)operation["path"] ?? "", fields);
        }

        return fields;
    }

    private static void Collect(JsonNode? value, string pointer, Dictionary<string, JsonNode?> fields)
    {
        if (value is JsonObject { Count: > 0 } parts)
        {
            foreach ((string name, JsonNode? part) in parts)
            {
                Collect(part, $"{pointer}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}", fields);
            }
        }
        else
        {
            fields[pointer] = value;
        }
    }

    private static JsonNode? Find(JsonNode? document, string pointer)
    {
        foreach (string name in pointer.Split('/').Skip(1))
        {
            document = document switch
            {
                JsonObject parts => parts[Unescape(name)],
                JsonArray items when int.TryParse(name, out int index) && index >= 0 && index < items.Count => items[index],
                _ => null,
            };
        }

        return document;
    }

    private static string Unescape(string name) => name.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}
