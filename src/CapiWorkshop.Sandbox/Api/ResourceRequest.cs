using CapiWorkshop.Sandbox.Definitions;

namespace CapiWorkshop.Sandbox.Api;

/// <summary>What a path below <c>/api/v1</c> or <c>/apis/group/version</c> is about.</summary>
/// <param name="Namespace">Null for a kind outside of namespaces, and for all namespaces.</param>
/// <param name="Name">Null for a collection.</param>
internal sealed record ResourceRequest(ResourceDefinition Resource, ResourceVersion Version, string? Namespace, string? Name, string? Subresource)
{
    public string ApiVersion => Resource.ApiVersion(Version);

    /// <summary>Null when no kind of the catalog lives under the path.</summary>
    public static ResourceRequest? Parse(ResourceCatalog catalog, string path)
    {
        string[] parts = path.Trim('/').Split('/');
        (string group, string version, int at) = parts switch
        {
            ["api", { } core, ..] => ("", core, 2),
            ["apis", { } name, { } served, ..] => (name, served, 3),
            _ => ("", "", parts.Length),
        };
        ReadOnlySpan<string> rest = parts.AsSpan(at);
        string? @namespace = null;
        // Namespaces are themselves a kind: /namespaces/x is one, /namespaces/x/pods is in one.
        if (rest is ["namespaces", { } scope, { } inside, ..] && catalog.Find(group, inside) is { Namespaced: true })
        {
            @namespace = scope;
            rest = rest[2..];
        }

        if (rest.Length is 0 or > 3 || catalog.Find(group, rest[0]) is not { } resource || resource.Version(version) is not { } definition)
            return null;
        string? item = rest.Length > 1 ? rest[1] : null;
        // A single object of a namespaced kind has no address outside of its namespace.
        return item is not null && resource.Namespaced && @namespace is null ? null
            : new(resource, definition, @namespace, item, rest.Length > 2 ? rest[2] : null);
    }
}
