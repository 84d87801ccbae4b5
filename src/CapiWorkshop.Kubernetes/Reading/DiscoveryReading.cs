using System.Text.Json;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Kubernetes.Reading;

/// <summary>
/// The three documents of discovery: the aggregated one (Kubernetes 1.26 and newer) tells everything at once; older servers list their groups, and each
/// group's version its resources. They are small and read once, so a document tree is good enough.
/// </summary>
internal static class DiscoveryReading
{
    /// <summary>Whether a body is the aggregated document; a server that does not know it answers with its list of groups.</summary>
    public static bool IsAggregated(JsonElement root) => root.TryGetProperty("kind", out JsonElement kind) && kind.ValueEquals("APIGroupDiscoveryList");

    public static IEnumerable<ResourceType> Aggregated(JsonElement root)
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

    /// <summary>The groups and their versions, the preferred version of each first.</summary>
    public static IEnumerable<(string Group, string Version)> Groups(JsonElement root)
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

    public static IEnumerable<ResourceType> Resources(JsonElement root, string group, string version)
    {
        foreach (JsonElement resource in Items(root, "resources"))
        {
            string name = Text(resource, "name");
            if (!name.Contains('/', StringComparison.Ordinal)) // a subresource
            {
                yield return new(group, version, name, Text(resource, "kind"));
            }
        }
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement array) && array.ValueKind == JsonValueKind.Array ? array.EnumerateArray() : default;

    private static string Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
