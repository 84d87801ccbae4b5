namespace CapiWorkshop.Operations;

/// <summary>One Cluster that was named by an object: the one of this identity, and no other that bears its name.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its identity; null where only the name is known.</param>
public sealed record RemovalTarget(string? Namespace, string Name, string? Uid = null);

/// <summary>What is to be removed.</summary>
public sealed record RemovalRequest
{
    /// <summary>
    /// Where, and which Clusters: by name (wildcards are allowed) and by label. Without either, and without <see cref="Targets"/>, it is everything of the
    /// namespace, applications without a cluster too.
    /// </summary>
    public ResourceFilter Scope { get; init; } = new();

    /// <summary>Clusters that were named by objects; they add up with those of the scope's names and labels.</summary>
    public IReadOnlyList<RemovalTarget> Targets { get; init; } = [];

    /// <summary>Whether clusters may go that bear <c>capiworkshop.io/protected</c>.</summary>
    public bool IncludeProtected { get; init; }

    /// <summary>Whether what is paused shall be resumed, so that it can go.</summary>
    public bool Unpause { get; init; }

    /// <summary>Whether volume claims go that a hosted control plane leaves: they hold its etcd.</summary>
    public bool IncludeVolumes { get; init; }

    /// <summary>Whether secrets go that the clusters' objects own, if they are left.</summary>
    public bool IncludeSecrets { get; init; }

    /// <summary>Whether containers go that are the clusters' Machines, if they are left.</summary>
    public bool IncludeContainers { get; init; }

    /// <summary>Whether objects of Cluster API go that belong to the clusters by their label only, so that nobody takes them away.</summary>
    public bool IncludeOrphans { get; init; }

    /// <summary>Whether it is everything of the namespace, or of all.</summary>
    internal bool IsWholeWorkshop => Targets.Count == 0 && !SelectsByScope;

    /// <summary>Whether the scope selects Clusters by name or by label.</summary>
    internal bool SelectsByScope => Scope.Names.Count > 0 || !string.IsNullOrWhiteSpace(Scope.LabelSelector);
}
