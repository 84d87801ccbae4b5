using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Api.Writing;
using CapiWorkshop.Sandbox.Definitions;

namespace CapiWorkshop.Sandbox.Api.Discovery;

/// <summary>What an API says about itself: the documents by group and version that older clients collect one by one, and the one document newer clients ask for.</summary>
internal sealed class DiscoveryDocuments(ResourceCatalog catalog)
{
    public const string AggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    private static readonly string[] StatusVerbs = ["get", "patch", "update"];
    private static readonly string[] ReviewGroups = [Reviews.Authentication, Reviews.Authorization];

    private IEnumerable<(string Name, IReadOnlyList<string> Versions)> Groups =>
        ReviewGroups.Select(name => (name, (IReadOnlyList<string>)["v1"])).Concat(catalog.Groups.Select(group => (group.Name, group.Versions)));

    public static JsonObject CoreVersions() => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(),
    };

    public JsonObject GroupList() => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. Groups.Select(group => Group(group.Name, group.Versions))]),
    };

    /// <summary>Null for an unknown group.</summary>
    public JsonObject? Group(string name)
    {
        if (Groups.FirstOrDefault(group => group.Name == name) is not { Name: { } found, Versions: { } versions })
            return null;
        JsonObject group = Group(found, versions);
        group.Insert(0, "kind", "APIGroup");
        group.Insert(1, "apiVersion", "v1");
        return group;
    }

    /// <summary>The kinds of one version; null where there is none.</summary>
    public JsonObject? Resources(string group, string version)
    {
        JsonNode[] entries = ReviewGroups.Contains(group) && version == "v1"
            ? [.. Reviews.All.Where(review => review.Group == group).Select(Review)]
            : [.. (catalog.Group(group)?.ServedAs(version) ?? []).SelectMany(resource => Entries(resource, resource.Version(version)!))];
        return entries.Length == 0 ? null : new()
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}",
            ["resources"] = new JsonArray(entries),
        };
    }

    /// <summary>Everything below <c>/api</c> (<paramref name="core"/>) or <c>/apis</c> at once.</summary>
    public JsonObject Aggregated(bool core)
    {
        IEnumerable<JsonNode> items = core
            ? [AggregatedGroup("", catalog.Core.Versions)]
            : Groups.Select(group => AggregatedGroup(group.Name, group.Versions));
        return new()
        {
            ["kind"] = "APIGroupDiscoveryList",
            ["apiVersion"] = "apidiscovery.k8s.io/v2",
            ["metadata"] = new JsonObject(),
            ["items"] = new JsonArray([.. items]),
        };
    }

    private static JsonObject Group(string name, IReadOnlyList<string> versions)
    {
        JsonObject Version(string version) => new() { ["groupVersion"] = $"{name}/{version}", ["version"] = version };
        return new()
        {
            ["name"] = name,
            ["versions"] = new JsonArray([.. versions.Select(Version)]),
            ["preferredVersion"] = Version(versions[0]),
        };
    }

    private static IEnumerable<JsonNode> Entries(ResourceDefinition resource, ResourceVersion version)
    {
        JsonObject entry = new()
        {
            ["name"] = resource.Plural,
            ["singularName"] = resource.Singular,
            ["namespaced"] = resource.Namespaced,
            ["kind"] = resource.Kind,
            ["verbs"] = Texts(resource.Verbs),
        };
        if (resource.ShortNames.Count > 0)
            entry["shortNames"] = Texts(resource.ShortNames);
        if (resource.Categories.Count > 0)
            entry["categories"] = Texts(resource.Categories);
        yield return entry;
        foreach (Subresource part in Parts(resource, version))
        {
            JsonObject sub = new() { ["name"] = $"{resource.Plural}/{part.Name}", ["singularName"] = "", ["namespaced"] = resource.Namespaced };
            if (part.Group is not null)
            {
                sub["group"] = part.Group;
                sub["version"] = part.Version;
            }

            sub["kind"] = part.Kind;
            sub["verbs"] = Texts(part.Verbs);
            yield return sub;
        }
    }

    private static JsonObject Review((string Plural, string Group, string Kind) review) => new()
    {
        ["name"] = review.Plural,
        ["singularName"] = review.Kind.ToLowerInvariant(),
        ["namespaced"] = false,
        ["kind"] = review.Kind,
        ["verbs"] = new JsonArray("create"),
    };

    private JsonObject AggregatedGroup(string name, IReadOnlyList<string> versions) => new()
    {
        ["metadata"] = name.Length == 0 ? new JsonObject() : new JsonObject { ["name"] = name },
        ["versions"] = new JsonArray([.. versions.Select(version => new JsonObject
        {
            ["version"] = version,
            ["resources"] = new JsonArray(ReviewGroups.Contains(name)
                ? [.. Reviews.All.Where(review => review.Group == name).Select(AggregatedReview)]
                : [.. catalog.Group(name)!.ServedAs(version).Select(resource => AggregatedEntry(resource, resource.Version(version)!))]),
            ["freshness"] = "Current",
        })]),
    };

    private static JsonObject AggregatedEntry(ResourceDefinition resource, ResourceVersion version)
    {
        JsonObject entry = new()
        {
            ["resource"] = resource.Plural,
            ["responseKind"] = ResponseKind(resource.Group, version.Name, resource.Kind),
            ["scope"] = resource.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = resource.Singular,
            ["verbs"] = Texts(resource.Verbs),
        };
        if (resource.ShortNames.Count > 0)
            entry["shortNames"] = Texts(resource.ShortNames);
        if (resource.Categories.Count > 0)
            entry["categories"] = Texts(resource.Categories);
        JsonNode[] parts = [.. Parts(resource, version).Select(part => new JsonObject
        {
            ["subresource"] = part.Name,
            ["responseKind"] = ResponseKind(part.Group ?? resource.Group, part.Version ?? version.Name, part.Kind),
            ["verbs"] = Texts(part.Verbs),
        })];
        if (parts.Length > 0)
            entry["subresources"] = new JsonArray(parts);
        return entry;
    }

    private static JsonObject AggregatedReview((string Plural, string Group, string Kind) review) => new()
    {
        ["resource"] = review.Plural,
        ["responseKind"] = ResponseKind(review.Group, "v1", review.Kind),
        ["scope"] = "Cluster",
        ["singularResource"] = review.Kind.ToLowerInvariant(),
        ["verbs"] = new JsonArray("create"),
    };

    private static IEnumerable<Subresource> Parts(ResourceDefinition resource, ResourceVersion version)
    {
        if (version.HasStatus)
            yield return new("status", null, null, resource.Kind, StatusVerbs);
        if (version.Scale is not null)
            yield return new("scale", "autoscaling", "v1", "Scale", StatusVerbs);
        foreach (string name in resource.Subresources)
            yield return new(name, null, null, resource.Kind, ["get"]);
    }

    private static JsonObject ResponseKind(string group, string version, string kind) => new() { ["group"] = group, ["version"] = version, ["kind"] = kind };

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);

    private sealed record Subresource(string Name, string? Group, string? Version, string Kind, IReadOnlyList<string> Verbs);
}
