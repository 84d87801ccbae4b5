namespace CapiWorkshop.Operations;

/// <summary>Which objects of a kind are asked for.</summary>
public sealed record ResourceFilter
{
    /// <summary>Names, with the wildcards <c>*</c>, <c>?</c> and <c>[abc]</c>; empty for all. A name without wildcards that is not there is a problem.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>The namespace; null for the one of the connection.</summary>
    public string? Namespace { get; init; }

    /// <summary>Whether to look in all namespaces.</summary>
    public bool AllNamespaces { get; init; }

    /// <summary>The name of the cluster that they belong to, with wildcards; null for any.</summary>
    public string? Cluster { get; init; }

    /// <summary>Kubernetes' label selector; null for any.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>How many objects to ask the server for at a time; null for all at once.</summary>
    public int? PageSize { get; init; }

    /// <summary>Whether a name has wildcards, so that it may stand for none, one or many.</summary>
    /// <param name="name">The name.</param>
    public static bool IsPattern(string name) => NamePattern.HasWildcard(name);

    /// <summary>The label selector that asks the server for as much as it can filter.</summary>
    internal string? ServerLabelSelector
    {
        get
        {
            string? cluster = Cluster is null || NamePattern.HasWildcard(Cluster) ? null : $"{CapiNames.ClusterNameLabel}={Cluster.ToLowerInvariant()}";
            return cluster is null || string.IsNullOrWhiteSpace(LabelSelector) ? cluster ?? NullIfBlank(LabelSelector) : $"{cluster},{LabelSelector}";
        }
    }

    private static string? NullIfBlank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
