namespace CapiWorkshop.Operations.Ports;

/// <summary>What a server serves: the result of discovery.</summary>
public sealed class ServedResources
{
    private readonly ILookup<string, ResourceType> _byName;

    /// <summary>Creates it from what discovery found.</summary>
    /// <param name="types">Every resource in every version that is served, a group's preferred version first.</param>
    public ServedResources(IEnumerable<ResourceType> types)
    {
        All = [.. types];
        _byName = All.ToLookup(type => type.QualifiedName, StringComparer.Ordinal);
    }

    /// <summary>Every resource in every version that is served, a group's preferred version first.</summary>
    public IReadOnlyList<ResourceType> All { get; }

    /// <summary>The versions in which a resource is served, the server's preferred one first; empty where it is not served.</summary>
    /// <param name="group">The API group.</param>
    /// <param name="plural">The plural.</param>
    public IEnumerable<ResourceType> Find(string group, string plural) => _byName[group.Length == 0 ? plural : $"{plural}.{group}"];
}
