namespace CapiWorkshop.Operations;

/// <summary>What a removal result is about.</summary>
public enum CapiRemovalSubject
{
    /// <summary>A workload cluster that was to go.</summary>
    Cluster,

    /// <summary>The management cluster, which was to stay as it was.</summary>
    ManagementCluster,
}

/// <summary>How long a stage of a removal took.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="StartedAt">When it began, UTC: when the stage before it was over.</param>
/// <param name="EndedAt">When the last of its objects was gone, UTC; null while there is one.</param>
public sealed record CapiRemovalStageTime(CapiRemovalStage Stage, DateTimeOffset StartedAt, DateTimeOffset? EndedAt)
{
    /// <summary>How long it took; null while it is not over.</summary>
    public TimeSpan? Duration => EndedAt - StartedAt;

    /// <inheritdoc/>
    public override string ToString() => Duration is TimeSpan duration ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Stage} {duration.TotalSeconds:0.#} s") : $"{Stage} ...";
}

/// <summary>An object, volume claim, secret or container that is still there.</summary>
public sealed record CapiRemainingObject
{
    /// <summary>The kind as it is spelled in manifests; of a container, <c>Container</c>.</summary>
    public string Kind { get; internal init; } = "";

    /// <summary>The API version; null for a container.</summary>
    public string? ApiVersion { get; internal init; }

    /// <summary>The name.</summary>
    public string Name { get; internal init; } = "";

    /// <summary>The namespace; null for a container.</summary>
    public string? Namespace { get; internal init; }

    /// <summary>The Cluster that it belongs to.</summary>
    public string? Cluster { get; internal init; }

    /// <summary>The identity; empty for a container, which has an <see cref="Id"/>.</summary>
    public string Uid { get; internal init; } = "";

    /// <summary>A container's identity; null for everything else.</summary>
    public string? Id { get; internal init; }

    /// <summary>Whether its deletion was asked for.</summary>
    public bool IsDeleting { get; internal init; }

    /// <summary>Who wants to be heard before it goes.</summary>
    public IReadOnlyList<string> Finalizers { get; internal init; } = [];

    /// <summary>Why it is there; null where nobody says so.</summary>
    public string? Reason { get; internal init; }

    /// <summary>The kubeconfig context; null where none was used.</summary>
    public string? Context { get; internal init; }

    /// <summary>Which management cluster it lives in.</summary>
    public string ManagementClusterId { get; internal init; } = "";

    /// <inheritdoc/>
    public override string ToString() => $"{CapiNames.Distinct(Kind, ApiVersion)} {(Namespace is null ? Name : $"{Namespace}/{Name}")}";

    internal static CapiRemainingObject Of(CapiResource resource) => new()
    {
        Kind = resource.Kind,
        ApiVersion = resource.ApiVersion,
        Name = resource.Name,
        Namespace = resource.Namespace,
        Cluster = resource.Cluster,
        Uid = resource.Uid,
        IsDeleting = resource.DeletionRequestedAt is not null,
        Finalizers = resource.Finalizers,
        Context = resource.Context,
        ManagementClusterId = resource.ManagementClusterId,
    };

    internal static CapiRemainingObject Of(CapiRemovalItem item, CapiRemovalPlan plan) => new()
    {
        Kind = item.Kind,
        ApiVersion = item.ApiVersion,
        Name = item.Name,
        Namespace = item.Namespace,
        Cluster = item.Cluster,
        Uid = item.Uid,
        Id = item.Id,
        IsDeleting = item.IsDeleting,
        Reason = item.Reason,
        Context = plan.Context,
        ManagementClusterId = plan.ManagementClusterId,
    };
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

    /// <summary>Whether the Cluster and all that goes with it is gone, and no container of it is left where an engine can be asked; null for the management cluster.</summary>
    public bool? IsRemoved => Subject == CapiRemovalSubject.Cluster ? Remaining.Count == 0 && !Leftovers.Any(item => item.Id is not null) : null;

    /// <summary>Whether the management cluster is as it was before; null for a Cluster, and where it cannot be said.</summary>
    public bool? IsIntact => Subject == CapiRemovalSubject.Cluster ? null : Differences.Count > 0 ? false : IsFullyKnown ? true : null;

    /// <summary>How many objects went, by kind; of the management cluster, applications that are no single cluster's, such as HelmChartProxies.</summary>
    public IReadOnlyDictionary<string, int> Removed { get; internal init; } = new Dictionary<string, int>(0);

    /// <summary>What should have gone and is still there.</summary>
    public IReadOnlyList<CapiRemainingObject> Remaining { get; internal init; } = [];

    /// <summary>What nobody takes away with a Cluster, and was not asked for: containers, volume claims, secrets, what belongs to it by name only.</summary>
    public IReadOnlyList<CapiRemainingObject> Leftovers { get; internal init; } = [];

    /// <summary>Why it does not go on, where there was no progress for a while.</summary>
    public IReadOnlyList<CapiStuckReason> StuckReasons { get; internal init; } = [];

    /// <summary>What differs from before in the management cluster, one sentence each.</summary>
    public IReadOnlyList<string> Differences { get; internal init; } = [];

    /// <summary>What could not be looked at or done, one sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; internal init; } = [];

    /// <summary>How long each stage took, in their order; stages without objects are left out.</summary>
    public IReadOnlyList<CapiRemovalStageTime> Stages { get; internal init; } = [];

    /// <summary>When the removal began, UTC.</summary>
    public DateTimeOffset StartedAt { get; internal init; }

    /// <summary>When this was known, UTC.</summary>
    public DateTimeOffset EndedAt { get; internal init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration => EndedAt - StartedAt;

    /// <summary>Whether everything of the management cluster could be looked at.</summary>
    internal bool IsFullyKnown { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Namespace is null ? Name : $"{Namespace}/{Name}";
}
