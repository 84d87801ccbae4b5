namespace CapiWorkshop.Operations;

/// <summary>What a removal result is about.</summary>
public enum CapiRemovalSubject
{
    /// <summary>A workload cluster that was to go.</summary>
    Cluster,

    /// <summary>The management cluster, which was to stay as it was.</summary>
    ManagementCluster,
}

/// <summary>What came of a removal, for one workload cluster or for the management cluster.</summary>
public sealed record CapiRemovalResult
{
    /// <summary>The cluster's name.</summary>
    public string Name { get; internal init; } = "";

    /// <summary>The Cluster's namespace; null for the management cluster.</summary>
    public string? Namespace { get; internal init; }

    /// <summary>What it is about.</summary>
    public CapiRemovalSubject Subject { get; internal init; }

    /// <summary>The kubeconfig context; null where none was used.</summary>
    public string? Context { get; internal init; }

    /// <summary>Which management cluster it is, or lived in.</summary>
    public string ManagementClusterId { get; internal init; } = "";

    /// <summary>
    /// Whether the Cluster, its MachineDeployments and Machines are gone, and no container of it is left where an engine can be asked; null for the management
    /// cluster.
    /// </summary>
    public bool? IsRemoved { get; internal init; }

    /// <summary>Whether the management cluster is as it was before; null for a Cluster, and where it cannot be said.</summary>
    public bool? IsIntact { get; internal init; }

    /// <summary>How many objects went, by kind.</summary>
    public IReadOnlyDictionary<string, int> Removed { get; internal init; } = new Dictionary<string, int>(0);

    /// <summary>What is left: objects and containers of the Cluster, or what differs from before in the management cluster.</summary>
    public IReadOnlyList<string> Remaining { get; internal init; } = [];

    /// <summary>When the removal began, UTC.</summary>
    public DateTimeOffset StartedAt { get; internal init; }

    /// <summary>When this was known, UTC.</summary>
    public DateTimeOffset EndedAt { get; internal init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration => EndedAt - StartedAt;

    /// <inheritdoc/>
    public override string ToString() => Namespace is null ? Name : $"{Namespace}/{Name}";
}
