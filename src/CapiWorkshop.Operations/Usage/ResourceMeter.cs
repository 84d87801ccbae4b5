using System.Runtime.CompilerServices;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations;

/// <summary>What a reading of usage is to cover.</summary>
public sealed record UsageRequest
{
    /// <summary>The workload clusters: those of every filter, in this order.</summary>
    public IReadOnlyList<ResourceFilter> Clusters { get; init; } = [new()];

    /// <summary>Whether to read the management cluster, too.</summary>
    public bool IncludeManagementCluster { get; init; } = true;
}

/// <summary>
/// Measures what clusters have and use, from their APIs and from a container engine. Keeps the last samples, so that a second reading takes one round. One
/// reading at a time.
/// </summary>
/// <param name="cluster">The management cluster.</param>
/// <param name="openEngine">Gives the engine on which clusters may have their containers, and remains its owner; what it throws is a problem of those columns only.</param>
/// <param name="clock">The clock; the system's where it is null.</param>
public sealed class ResourceMeter(ManagementCluster cluster, Func<IContainerEngine> openEngine, TimeProvider? clock = null)
{
    /// <summary>How long a workload cluster's API may take: it must not hold back the others for longer.</summary>
    internal static readonly TimeSpan WorkloadTimeout = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private ContainerMeter? _containers;

    /// <summary>
    /// A reading of the management cluster and of each workload cluster, in this order; a problem in the place of each cluster that is not there. What
    /// cannot be read of a cluster is null and named in its <see cref="CapiResourceUsage.Problems"/>.
    /// </summary>
    /// <param name="request">Of which.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    public async IAsyncEnumerable<Outcome<CapiResourceUsage>> ReadAsync(UsageRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        string id = await cluster.GetIdAsync(cancellationToken).ConfigureAwait(false);

        // The sampling takes longest, so it begins first; everything else is asked meanwhile.
        Task<Outcome<MeasuredContainer[]>> containers = TryAsync(MeasureAsync(cancellationToken));
        Task<Outcome<ClusterCensus>> management = TryAsync(cluster.CountAsync(cancellationToken));
        List<Outcome<CapiCluster>> workloads = [];
        foreach (ResourceFilter filter in request.Clusters)
        {
            await foreach (Outcome<CapiCluster> found in cluster.GetAsync(CapiKinds.Cluster, filter, cancellationToken).ConfigureAwait(false))
            {
                workloads.Add(found);
            }
        }

        // The containers' label has no namespace: of two Clusters of one name, nobody can tell whose they are.
        HashSet<string> shared = [.. workloads.Select(found => found.Value).OfType<CapiCluster>().DistinctBy(workload => workload.Uid)
            .CountBy(workload => workload.Name).Where(count => count.Value > 1).Select(count => count.Key)];
        List<Outcome<Task<CapiResourceUsage>>> rows = request.IncludeManagementCluster ? [ReadManagementClusterAsync(id, management, containers)] : [];
        rows.AddRange(workloads.Select(found => found.Value is CapiCluster workload
            ? (Outcome<Task<CapiResourceUsage>>)ReadWorkloadClusterAsync(workload, shared.Contains(workload.Name), management, containers, cancellationToken)
            : found.Problem!));

        await containers.ConfigureAwait(false);
        DateTimeOffset at = _clock.GetUtcNow(); // one for all, so that the rows of a reading can be told from those of the next
        foreach (Outcome<Task<CapiResourceUsage>> row in rows)
        {
            yield return row.Value is Task<CapiResourceUsage> usage ? await usage.ConfigureAwait(false) with { SampledAt = at } : row.Problem!;
        }
    }

    private async Task<CapiResourceUsage> ReadManagementClusterAsync(string id, Task<Outcome<ClusterCensus>> management, Task<Outcome<MeasuredContainer[]>> containers)
    {
        Outcome<ClusterCensus> census = await management.ConfigureAwait(false);
        CapiResourceUsage usage = new()
        {
            Name = cluster.Endpoint.Context ?? ProblemTable.Show(cluster.Endpoint.Server),
            Scope = CapiUsageScope.ManagementCluster,
            Context = cluster.Endpoint.Context,
            ManagementClusterId = id,
            ControlPlanePods = 0,
        };

        // kind names its Nodes as their containers; which of an engine's clusters this one is, nothing else tells.
        return Complete(usage, census, await containers.ConfigureAwait(false), census.Value?.Nodes is null ? null : container => census.Value.HasNode(container.Name));
    }

    private async Task<CapiResourceUsage> ReadWorkloadClusterAsync(
        CapiCluster workload, bool isNameShared, Task<Outcome<ClusterCensus>> management, Task<Outcome<MeasuredContainer[]>> containers, CancellationToken cancellationToken)
    {
        Outcome<ClusterCensus> own = await TryAsync(CountAsync(workload, cancellationToken)).ConfigureAwait(false);
        Outcome<ClusterCensus> host = await management.ConfigureAwait(false);
        int? controlPlanePods = host.Value?.ControlPlanePodsOf(workload);
        CapiResourceUsage usage = new()
        {
            Name = workload.Name,
            Scope = CapiUsageScope.WorkloadCluster,
            Namespace = workload.Namespace,
            Cluster = workload.Name,
            Context = workload.Context,
            ManagementClusterId = workload.ManagementClusterId,
            ControlPlaneKind = workload.ControlPlaneKind,
            ControlPlanePods = controlPlanePods,
            Problems = [.. controlPlanePods is null ? ProblemsOf(host) : [], .. isNameShared ? (IEnumerable<CapiProblem>)[NameShared(workload)] : []],
        };
        return Complete(usage, own, await containers.ConfigureAwait(false), isNameShared ? null : container =>
            ClusterContainers.ClusterOf(container) == workload.Name && host.Value?.HasNode(container.Name) != true);
    }

    private async Task<ClusterCensus> CountAsync(CapiCluster workload, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(WorkloadTimeout, _clock);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return await cluster.CountAsync(workload, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new CapiProblem(ProblemId.ApiTimeout, CapiProblemCategory.OperationTimeout, $"The API of Cluster {workload} did not answer within {WorkloadTimeout.TotalSeconds:0} s.",
                $"Check that its control plane works: kubectl get clusters.cluster.x-k8s.io {workload.Name} -n {workload.Namespace} -o wide", workload.ToString()).ToException();
        }
    }

    /// <param name="usage">What is known already.</param>
    /// <param name="census">Of the cluster itself.</param>
    /// <param name="containers">Those of the engine.</param>
    /// <param name="isOwn">Which of them are the cluster's; null where that cannot be told.</param>
    private static CapiResourceUsage Complete(CapiResourceUsage usage, Outcome<ClusterCensus> census, Outcome<MeasuredContainer[]> containers, Func<EngineContainer, bool>? isOwn)
    {
        MeasuredContainer[]? found = containers.Value is { } all && isOwn is not null ? Array.FindAll(all, container => isOwn(container.Container)) : null;

        // A cluster of which the engine has nothing lives elsewhere, perhaps on an engine that nobody named.
        MeasuredContainer[]? own = found is { Length: > 0 } ? found : null;
        return usage with
        {
            Nodes = census.Value?.Nodes?.Count,
            NodesReady = census.Value?.NodesReady,
            Pods = census.Value?.Pods?.Count,
            ControlPlaneContainers = own?.Count(container => ClusterContainers.IsControlPlane(container.Container)),
            WorkerContainers = own?.Count(container => ClusterContainers.IsWorker(container.Container)),
            LoadBalancers = own?.Count(container => ClusterContainers.IsLoadBalancer(container.Container)),
            CpuPercent = own is null ? null : Sum(own, container => container.Reading.CpuPercent),
            MemoryBytes = own is null ? null : (long?)Sum(own, container => container.Reading.MemoryBytes),
            Interval = own?.Max(container => container.Reading.Interval),
            Problems =
            [
                .. usage.Problems.Concat(ProblemsOf(census)).Concat(ProblemsOf(containers)).Distinct(),
                .. found is { Length: 0 } ? (IEnumerable<CapiProblem>)[NoContainers(usage)] : [],
            ],
        };
    }

    private static IReadOnlyList<CapiProblem> ProblemsOf<T>(Outcome<T> outcome)
        where T : class => outcome.Problem is CapiProblem problem ? [problem] : (outcome.Value as ClusterCensus)?.Problems ?? [];

    private static CapiProblem NoContainers(CapiResourceUsage usage) =>
        new(ProblemId.ContainersNotFound, CapiProblemCategory.ObjectNotFound, $"The container engine runs no containers of {usage}: what it has and uses there is not known.",
            "Name the engine that runs them with $env:DOCKER_HOST; a cluster outside of containers has none.", usage.ToString());

    private static CapiProblem NameShared(CapiCluster workload) =>
        new(ProblemId.ContainersNotFound, CapiProblemCategory.InvalidOperation, $"Several Clusters are called '{workload.Name}': which containers are those of {workload} cannot be told.",
            "Give Clusters names of their own where they share a container engine.", workload.ToString());

    /// <summary>A sum of which one part is not known is not known.</summary>
    private static double? Sum(MeasuredContainer[] containers, Func<MeasuredContainer, double?> part) =>
        containers.Aggregate((double?)0, (sum, container) => sum + part(container));

    private static async Task<Outcome<T>> TryAsync<T>(Task<T> ask)
        where T : class
    {
        try
        {
            return await ask.ConfigureAwait(false);
        }
        catch (CapiProblemException e)
        {
            return e.Problem;
        }
    }

    private async Task<MeasuredContainer[]> MeasureAsync(CancellationToken cancellationToken)
    {
        IContainerEngine engine = openEngine();
        _containers ??= new(engine, _clock);
        IReadOnlyList<EngineContainer> all = await engine.ListAsync([new(ClusterContainers.ClusterLabel)], cancellationToken).ConfigureAwait(false);
        EngineContainer[] alive = [.. all.Where(ClusterContainers.IsAlive)];
        IReadOnlyDictionary<string, UsageReading> readings = await _containers.ReadAsync([.. alive.Select(container => container.Id)], cancellationToken).ConfigureAwait(false);
        return [.. from container in alive where readings.ContainsKey(container.Id) select new MeasuredContainer(container, readings[container.Id])];
    }

    private sealed record MeasuredContainer(EngineContainer Container, UsageReading Reading);
}
