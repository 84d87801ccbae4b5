using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Tests.Unit.Kubernetes.Support;

/// <summary>An object of a Kubernetes API with no meaning of its own.</summary>
internal sealed record Thing(string Name, string? Namespace, string Uid, string ResourceVersion, string? Color = null) : IKubernetesObject
{
    public static readonly ResourceType Type = new("tests.example.com", "v1", "things", "Thing");

    public static readonly ResourceType CoreType = new("", "v1", "pods", "Pod");

    public static Thing Read(ref Utf8JsonReader reader)
    {
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        JsonElement root = document.RootElement;
        JsonElement metadata = root.TryGetProperty("metadata", out JsonElement found) ? found : default;
        return new(
            Text(metadata, "name") ?? throw new InvalidDataException("A thing has no name."),
            Text(metadata, "namespace"),
            Text(metadata, "uid") ?? "",
            Text(metadata, "resourceVersion") ?? "",
            root.TryGetProperty("spec", out JsonElement spec) ? Text(spec, "color") : null);
    }

    public static string ListOf(string resourceVersion, params IEnumerable<Thing> things) => Page(resourceVersion, null, things);

    /// <summary>A list, or a page of it that tells where the next one begins.</summary>
    public static string Page(string resourceVersion, string? next, params IEnumerable<Thing> things) => new JsonObject
    {
        ["kind"] = "ThingList",
        ["apiVersion"] = "tests.example.com/v1",
        ["metadata"] = next is null ? new JsonObject { ["resourceVersion"] = resourceVersion } : new JsonObject { ["resourceVersion"] = resourceVersion, ["continue"] = next },
        ["items"] = new JsonArray([.. things.Select(thing => (JsonNode)thing.ToNode())]),
    }.ToJsonString();

    public static string Line(string type, Thing thing) => new JsonObject { ["type"] = type, ["object"] = thing.ToNode() }.ToJsonString() + "\n";

    public static string Bookmark(int resourceVersion) => Bookmark(resourceVersion, null);

    /// <summary>The bookmark behind what was there when a watch began.</summary>
    public static string InitialEnd(int resourceVersion) => Bookmark(resourceVersion, new() { ["k8s.io/initial-events-end"] = "true" });

    private static string Bookmark(int resourceVersion, JsonObject? annotations) => new JsonObject
    {
        ["type"] = "BOOKMARK",
        ["object"] = new JsonObject
        {
            ["kind"] = "Thing",
            ["apiVersion"] = "tests.example.com/v1",
            ["metadata"] = new JsonObject { ["resourceVersion"] = resourceVersion.ToString(CultureInfo.InvariantCulture), ["creationTimestamp"] = null, ["annotations"] = annotations },
            ["spec"] = new JsonObject(),
        },
    }.ToJsonString() + "\n";

    public static string Error(int code, string reason, string message = "it happens") => $$"""{"type":"ERROR","object":{{Status(code, reason, message)}} }""" + "\n";

    public static string Status(int code, string reason, string message) => new JsonObject
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = message,
        ["reason"] = reason,
        ["code"] = code,
    }.ToJsonString();

    public static Thing Of(string name, int version, string? color = null, string? uid = null) =>
        new(name, "default", uid ?? "uid-" + name, version.ToString(CultureInfo.InvariantCulture), color);

    public JsonObject ToNode() => new()
    {
        ["apiVersion"] = "tests.example.com/v1",
        ["kind"] = "Thing",
        ["metadata"] = new JsonObject { ["name"] = Name, ["namespace"] = Namespace, ["uid"] = Uid, ["resourceVersion"] = ResourceVersion },
        ["spec"] = new JsonObject { ["color"] = Color },
    };

    public string ToJson() => ToNode().ToJsonString();

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
