namespace CapiWorkshop.Operations;

/// <summary>Which clusters are looked at.</summary>
public sealed record FleetRequest
{
    /// <summary>The namespace, or all of them.</summary>
    public ResourceFilter Scope { get; init; } = new();

    /// <summary>Clusters by name, with wildcards, each in its namespace or else in the scope; none for all of the scope.</summary>
    public IReadOnlyList<FleetTarget> Clusters { get; init; } = [];
}

/// <summary>A cluster, or several, to look at.</summary>
/// <param name="Name">The name; may have wildcards.</param>
/// <param name="Namespace">The namespace; null for that of the scope.</param>
public sealed record FleetTarget(string Name, string? Namespace = null);

/// <summary>How a tree is to be shown.</summary>
/// <param name="Expand">Whether each machine gets a row of its own, also where others beside it are in the same state.</param>
/// <param name="IncludeMachineSets">Whether the MachineSets between MachineDeployments and machines are shown, too.</param>
/// <param name="Conditions">Which conditions get rows below their object; null for none.</param>
public sealed record ClusterTreeOptions(bool Expand = false, bool IncludeMachineSets = false, CapiConditionFilter? Conditions = null);
