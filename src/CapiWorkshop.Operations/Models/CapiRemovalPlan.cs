namespace CapiWorkshop.Operations;

/// <summary>One object that a removal takes away.</summary>
public sealed record CapiRemovalItem
{
    internal CapiRemovalItem(string kind, CapiResource resource, bool isRequested)
    {
        Kind = kind;
        Name = resource.Name;
        Namespace = resource.Namespace;
        Cluster = resource.Cluster;
        Uid = resource.Uid;
        IsRequested = isRequested;
        IsDeleting = resource.DeletionRequestedAt is not null;
    }

    /// <summary>The kind, such as <c>HelmChartProxy</c>.</summary>
    public string Kind { get; }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The namespace.</summary>
    public string? Namespace { get; }

    /// <summary>The Cluster that it belongs to; null for what belongs to several.</summary>
    public string? Cluster { get; }

    /// <summary>The identity: another object of the same name is not meant.</summary>
    public string Uid { get; }

    /// <summary>Whether its deletion is asked for; else its owner's controller takes it away.</summary>
    public bool IsRequested { get; }

    /// <summary>Whether its deletion was asked for before.</summary>
    public bool IsDeleting { get; }

    /// <inheritdoc/>
    public override string ToString() => Namespace is null ? $"{Kind} {Name}" : $"{Kind} {Namespace}/{Name}";
}

/// <summary>What a removal will do, before it does it: exactly these objects, in this order, and nothing else.</summary>
public sealed record CapiRemovalPlan
{
    /// <summary>The kubeconfig context it was made through; null where none was used.</summary>
    public string? Context { get; internal init; }

    /// <summary>Which management cluster it is about.</summary>
    public string ManagementClusterId { get; internal init; } = "";

    /// <summary>The namespace it is about; null for all of them.</summary>
    public string? Namespace { get; internal init; }

    /// <summary>When it was made, UTC.</summary>
    public DateTimeOffset CreatedAt { get; internal init; }

    /// <summary>
    /// What will go, in this order: applications, then each Cluster with its MachineDeployments and Machines. What these own besides, such as the control plane
    /// and the infrastructure, goes with them and is not listed.
    /// </summary>
    public IReadOnlyList<CapiRemovalItem> Items { get; internal init; } = [];

    /// <summary>What would make it hang, one sentence each; while there is any, nothing is removed.</summary>
    public IReadOnlyList<string> Blockers { get; internal init; } = [];

    /// <summary>What should be known before, one sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; internal init; } = [];

    /// <summary>The management cluster as it was, to be compared with afterwards.</summary>
    public CapiManagementCluster ManagementCluster { get; internal init; } = new();

    /// <summary>Whether there is nothing to remove.</summary>
    public bool IsEmpty => Items.Count == 0;

    /// <summary>The items of a kind.</summary>
    /// <param name="kind">The kind, such as <c>Cluster</c>.</param>
    public IEnumerable<CapiRemovalItem> OfKind(string kind) => Items.Where(item => item.Kind == kind);

    /// <summary>What goes with a Cluster without being asked for, in the plan's order.</summary>
    /// <param name="cluster">The Cluster's item.</param>
    public IEnumerable<CapiRemovalItem> GoingWith(CapiRemovalItem cluster) =>
        Items.Where(item => !item.IsRequested && item.Cluster == cluster.Name && item.Namespace == cluster.Namespace);

    /// <summary>The releases that go with a HelmChartProxy.</summary>
    /// <param name="proxy">The HelmChartProxy's item.</param>
    public IEnumerable<CapiRemovalItem> ReleasesOf(CapiRemovalItem proxy) => ReleaseUids.TryGetValue(proxy.Uid, out IReadOnlyList<string>? uids)
        ? Items.Where(item => uids.Contains(item.Uid))
        : [];

    /// <summary>The releases of each HelmChartProxy, by UID.</summary>
    internal IReadOnlyDictionary<string, IReadOnlyList<string>> ReleaseUids { get; init; } = new Dictionary<string, IReadOnlyList<string>>(0);

    /// <inheritdoc/>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Items.Count} objects of {ManagementCluster}");
}

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
