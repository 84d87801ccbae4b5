namespace CapiWorkshop.Sandbox.Definitions;

/// <summary>The kinds that one API serves.</summary>
internal sealed class ResourceCatalog
{
    private readonly Dictionary<(string Group, string Plural), ResourceDefinition> _byPlural;

    public ResourceCatalog(IEnumerable<ResourceDefinition> resources)
    {
        Resources = [.. resources];
        _byPlural = Resources.ToDictionary(resource => (resource.Group, resource.Plural));
        Groups = [.. Resources.Where(resource => resource.Group.Length > 0).GroupBy(resource => resource.Group).Select(group => new ResourceGroup(group.Key, [.. group]))
            .OrderBy(group => group.Rank).ThenBy(group => group.Name, StringComparer.Ordinal)];
        Core = new("", [.. Resources.Where(resource => resource.Group.Length == 0)]);
    }

    /// <summary>What a management cluster with the workshop's providers serves.</summary>
    public static ResourceCatalog Management { get; } = new([.. Kinds.BuiltIn, .. Kinds.Provided]);

    /// <summary>What a workload cluster serves.</summary>
    public static ResourceCatalog Workload { get; } = new(Kinds.BuiltIn);

    public IReadOnlyList<ResourceDefinition> Resources { get; }

    public ResourceGroup Core { get; }

    /// <summary>The named groups in the order of discovery: built-in ones first. That order decides which kind an ambiguous name means to kubectl.</summary>
    public IReadOnlyList<ResourceGroup> Groups { get; }

    public ResourceDefinition? Find(string group, string plural) => _byPlural.GetValueOrDefault((group, plural));

    public ResourceGroup? Group(string name) => name.Length == 0 ? Core : Groups.FirstOrDefault(group => group.Name == name);
}
