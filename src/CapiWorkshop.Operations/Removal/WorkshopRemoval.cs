using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations;

/// <summary>How far a removal is.</summary>
/// <param name="Stage">What is being done, for people.</param>
/// <param name="HelmChartProxies">HelmChartProxies of the plan that are left.</param>
/// <param name="HelmReleaseProxies">Their releases that are left.</param>
/// <param name="Clusters">Clusters of the plan that are left.</param>
/// <param name="Machines">Machines of these that are left.</param>
/// <param name="Waiting">
/// Why the server gives no answer, while it gives none; else what the first of those that are left waits for, as its controller says it. Null where nobody says anything.
/// </param>
public sealed record RemovalProgress(string Stage, int HelmChartProxies, int HelmReleaseProxies, int Clusters, int Machines, string? Waiting)
{
    /// <summary>Why clusters that made no step for a while do not go on; empty where all do.</summary>
    public IReadOnlyList<CapiStuckReason> StuckReasons { get; init; } = [];

    /// <inheritdoc/>
    public bool Equals(RemovalProgress? other) =>
        other is not null && (Stage, HelmChartProxies, HelmReleaseProxies, Clusters, Machines, Waiting) == (other.Stage, other.HelmChartProxies, other.HelmReleaseProxies, other.Clusters, other.Machines, other.Waiting)
        && StuckReasons.SequenceEqual(other.StuckReasons);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Stage, HelmChartProxies, HelmReleaseProxies, Clusters, Machines, Waiting, StuckReasons.Count);
}

/// <summary>
/// Does what a plan says: the applications first, while the clusters that run them are still there, then all Clusters at once, then the proof. Whoever
/// interrupts it can run it again: what has been asked for goes on, and nothing is asked for twice. A server that gives no answer in the middle of it, such as
/// one that restarts, is waited for.
/// </summary>
public sealed class WorkshopRemoval
{
    private readonly ManagementCluster _cluster;
    private readonly Func<IContainerEngine>? _openEngine;
    private readonly TimeSpan _stuckAfter;
    private readonly TimeProvider _clock;

    internal WorkshopRemoval(ManagementCluster cluster, CapiRemovalPlan plan, Func<IContainerEngine>? openEngine, TimeSpan? stuckAfter, TimeProvider clock)
    {
        _cluster = cluster;
        Plan = plan;
        _openEngine = openEngine;
        _stuckAfter = stuckAfter ?? TimeSpan.FromMinutes(2);
        _clock = clock;
    }

    /// <summary>What is to be done.</summary>
    public CapiRemovalPlan Plan { get; }

    /// <summary>
    /// Removes. Results come as they are known: one for each Cluster, then one for the management cluster; problems of single objects in between. A Cluster
    /// that does not go on keeps no other one.
    /// </summary>
    /// <param name="timeout">How long to wait for everything; <see cref="Timeout.InfiniteTimeSpan"/> for without end. Nothing is forced when it is over.</param>
    /// <param name="progress">Is told whenever something changed; null where nobody listens.</param>
    /// <param name="cancellationToken">Ends it; what has been asked for goes on without us.</param>
    /// <exception cref="CapiProblemException">
    /// <c>WrongManagementCluster</c>, <c>RemovalBlocked</c> or <c>PlanOutdated</c>: nothing was written. Else what the server answered.
    /// </exception>
    public IAsyncEnumerable<Outcome<CapiRemovalResult>> RunAsync(TimeSpan timeout, Action<RemovalProgress>? progress = null, CancellationToken cancellationToken = default) =>
        new RemovalRun(_cluster, Plan, _openEngine, _stuckAfter, _clock, progress).RunAsync(timeout, cancellationToken);

    /// <summary>What has overtaken the plan, one sentence each: while there is any, <see cref="RunAsync"/> refuses it. Writes nothing.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CapiProblemException"><c>WrongManagementCluster</c>, or what the server answered.</exception>
    public Task<IReadOnlyList<string>> FindChangesAsync(CancellationToken cancellationToken = default) =>
        new RemovalRun(_cluster, Plan, _openEngine, _stuckAfter, _clock, null).FindChangesAsync(cancellationToken);
}
