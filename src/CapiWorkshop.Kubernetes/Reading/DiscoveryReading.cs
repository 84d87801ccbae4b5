using System.Text.Json;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Kubernetes.Reading;

/// <summary>
/// The three documents of discovery: the aggregated one (Kubernetes 1.26 and newer) tells everything at once; older servers list their groups, and each
/// group's version its resources. They are small and read once, so a document tree is good enough.
/// </summary>
internal static class DiscoveryReading
{
    /// <summary>What <c>/apis</c> answers: everything, or from a server that does not know that document, its groups with the preferred version of each first.</summary>
    public static (IReadOnlyList<ResourceType>? All, IReadOnlyList<(string Group, string Version)> Groups) Root(JsonElement root) => root.GetProperty("kind").GetString() switch
    {
        "APIGroupDiscoveryList" => ([.. Aggregated(root)], []),
        "APIGroupList" => (null, [.. Groups(root)]),
        _ => throw new JsonException("The server does not tell what it serves."),
    };

    /// <summary>What <c>/apis/group/version</c> answers, without subresources.</summary>
    public static IReadOnlyList<ResourceType> Resources(JsonElement root, string group, string version) =>
        [.. Items(root, "resources")
            .Select(resource => new ResourceType(group, version, Text(resource, "name"), Text(resource, "kind")))
            .Where(type => !type.Plural.Contains('/', StringComparison.Ordinal))];

    private static IEnumerable<ResourceType> Aggregated(JsonElement root)
    {
        foreach (JsonElement group in Items(root, "items"))
        {
            string groupName = group.TryGetProperty("metadata", out JsonElement metadata) ? Text(metadata, "name") : "";
            foreach (JsonElement version in Items(group, "versions"))
            {
                foreach (JsonElement resource in Items(version, "resources"))
                {
                    string kind = resource.TryGetProperty("responseKind", out JsonElement response) ? Text(response, "kind") : "";
                    yield return new(groupName, Text(version, "version"), Text(resource, "resource"), kind);
                }
            }
        }
    }

    private static IEnumerable<(string Group, string Version)> Groups(JsonElement root)
    {
        foreach (JsonElement group in Items(root, "groups"))
        {
            string preferred = group.TryGetProperty("preferredVersion", out JsonElement first) ? Text(first, "version") : "";
            foreach (string version in Items(group, "versions").Select(version => Text(version, "version")).OrderBy(version => version != preferred))
            {
                yield return (Text(group, "name"), version);
            }
        }
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement array) && array.ValueKind == JsonValueKind.Array ? array.EnumerateArray() : default;

    private static string Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
