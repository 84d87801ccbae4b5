namespace CapiWorkshop.Operations;

/// <summary>A Helm chart that is installed into every cluster that its selector matches. Values are not read: they may hold secrets.</summary>
public sealed record CapiHelmChartProxy : CapiResource
{
    /// <summary>The chart's name.</summary>
    public string? ChartName { get; internal init; }

    /// <summary>The chart's version; null for the newest.</summary>
    public string? ChartVersion { get; internal init; }

    /// <summary>The chart's repository, without credentials.</summary>
    public string? RepositoryUrl { get; internal init; }

    /// <summary>The name of the releases; null where each gets one of its own.</summary>
    public string? ReleaseName { get; internal init; }

    /// <summary>The namespace of the releases in the workload clusters.</summary>
    public string? ReleaseNamespace { get; internal init; }

    /// <summary><c>Continuous</c>, or <c>InstallOnce</c>: then releases stay when the proxy goes.</summary>
    public string? ReconcileStrategy { get; internal init; }

    /// <summary>Which clusters it is for, as a label selector; null for none, empty for all.</summary>
    public string? ClusterSelector { get; internal init; }

    /// <summary>The clusters that match now, by name.</summary>
    public IReadOnlyList<string> MatchingClusters { get; internal init; } = [];

    /// <summary>Whether all releases are installed, by its <c>Ready</c> condition.</summary>
    public bool? Ready { get; internal init; }
}

/// <summary>One release of a Helm chart in one cluster.</summary>
public sealed record CapiHelmReleaseProxy : CapiResource
{
    /// <summary>The HelmChartProxy that made it.</summary>
    public string? HelmChartProxy { get; internal init; }

    /// <summary>The chart's name.</summary>
    public string? ChartName { get; internal init; }

    /// <summary>The chart's version; null for the newest.</summary>
    public string? ChartVersion { get; internal init; }

    /// <summary>The release's name.</summary>
    public string? ReleaseName { get; internal init; }

    /// <summary>The release's namespace in the workload cluster.</summary>
    public string? ReleaseNamespace { get; internal init; }

    /// <summary>The release's state as Helm spells it, such as <c>deployed</c>.</summary>
    public string? Status { get; internal init; }

    /// <summary>The release's revision.</summary>
    public int? Revision { get; internal init; }

    /// <summary>Whether it is installed, by its <c>Ready</c> condition.</summary>
    public bool? Ready { get; internal init; }
}
