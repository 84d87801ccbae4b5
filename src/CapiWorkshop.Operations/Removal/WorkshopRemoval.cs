using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations;

/// <summary>How far a removal is.</summary>
/// <param name="Stage">What is being done, for people.</param>
/// <param name="HelmChartProxies">HelmChartProxies of the plan that are left.</param>
/// <param name="HelmReleaseProxies">Their releases that are left.</param>
/// <param name="Clusters">Clusters of the plan that are left.</param>
/// <param name="Machines">Machines of these that are left.</param>
/// <param name="Waiting">What the first of those that are left waits for, as its controller says it; null where it says nothing.</param>
public sealed record RemovalProgress(string Stage, int HelmChartProxies, int HelmReleaseProxies, int Clusters, int Machines, string? Waiting);

/// <summary>
/// Does what a plan says: the applications first, while the clusters that run them are still there, then all Clusters at once, then the proof. Whoever
/// interrupts it can run it again: what has been asked for goes on, and nothing is asked for twice.
/// </summary>
/// <param name="cluster">The management cluster.</param>
/// <param name="plan">What to do.</param>
/// <param name="openEngine">Opens the engine on which containers may be left; null where nobody shall look.</param>
/// <param name="clock">The clock; the system's where it is null.</param>
public sealed class WorkshopRemoval(ManagementCluster cluster, CapiRemovalPlan plan, Func<IContainerEngine>? openEngine, TimeProvider? clock = null)
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly HashSet<string> _planned = [.. plan.Items.Select(item => item.Uid)];

    /// <summary>What is to be done.</summary>
    public CapiRemovalPlan Plan => plan;

    /// <summary>Removes. Results come as they are known: one for each Cluster, then one for the management cluster; problems of single objects in between.</summary>
    /// <param name="timeout">How long to wait for everything; <see cref="Timeout.InfiniteTimeSpan"/> for without end.</param>
    /// <param name="progress">Is told whenever something changed; null where nobody listens.</param>
    /// <param name="cancellationToken">Ends it; what has been asked for goes on without us.</param>
    /// <exception cref="CapiProblemException"><c>WrongManagementCluster</c>, <c>RemovalBlocked</c>, or what the server answered.</exception>
    public async IAsyncEnumerable<Outcome<CapiRemovalResult>> RunAsync(TimeSpan timeout, Action<RemovalProgress>? progress = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await cluster.EnsureOwnsAsync(plan.ManagementClusterId, plan.Context, "The removal plan", cancellationToken).ConfigureAwait(false);
        if (plan.Blockers.Count > 0)
        {
            throw new CapiProblem(ProblemId.RemovalBlocked, CapiProblemCategory.InvalidOperation, $"Nothing was removed. {string.Join(" ", plan.Blockers)}",
                "Mend that, then run the command again.", plan.Context).ToException();
        }

        DateTimeOffset started = _clock.GetUtcNow();
        using CancellationTokenSource limit = new(timeout, _clock);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        StockWatch stock = new(cluster, plan.Namespace is null ? new() { AllNamespaces = true } : new() { Namespace = plan.Namespace });
        await using (stock.ConfigureAwait(false))
        {
            stock.Follow(CapiKinds.HelmChartProxy);
            stock.Follow(CapiKinds.HelmReleaseProxy);
            stock.Follow(CapiKinds.Cluster);
            stock.Follow(CapiKinds.MachineDeployment);
            stock.Follow(CapiKinds.Machine);

            CapiRemovalItem[] left = [.. plan.Clusters];
            List<(CapiRemovalItem Workload, CapiProblem Problem)> refused = [];
            bool inTime = await TryAsync(async token =>
            {
                // Nothing is asked for before the watches see the world: a deletion that they missed would be waited for in vain.
                await stock.WaitAsync(() => true, token).ConfigureAwait(false);
                foreach (CapiRemovalItem proxy in plan.Going(CapiKinds.HelmChartProxy))
                {
                    await DeleteAsync(CapiKinds.HelmChartProxy, proxy, stock, token).ConfigureAwait(false);
                }

                await WaitAsync(stock, "Uninstalling applications", progress, () => !Applications(stock).Any(), token).ConfigureAwait(false);
                foreach (CapiRemovalItem workload in left)
                {
                    try
                    {
                        await DeleteAsync(CapiKinds.Cluster, workload, stock, token).ConfigureAwait(false);
                    }
                    catch (CapiProblemException e) when (e.Problem.HttpStatus is not null)
                    {
                        refused.Add((workload, e.Problem)); // one that is refused must not keep the others
                    }
                }
            }, limit, end.Token, cancellationToken).ConfigureAwait(false);

            foreach ((CapiRemovalItem workload, CapiProblem problem) in refused)
            {
                yield return problem;
                yield return await ResultAsync(workload, stock, started, cancellationToken).ConfigureAwait(false);
            }

            left = [.. left.Except(refused.Select(refusal => refusal.Workload))];
            while (inTime && left.Length > 0)
            {
                CapiRemovalItem? gone = null;
                inTime = await TryAsync(
                    token => WaitAsync(stock, "Removing clusters", progress, () => (gone = Array.Find(left, workload => !Parts(stock, workload).Any())) is not null, token),
                    limit, end.Token, cancellationToken).ConfigureAwait(false);
                if (gone is not null)
                {
                    left = [.. left.Where(workload => workload != gone)];
                    yield return await ResultAsync(gone, stock, started, cancellationToken).ConfigureAwait(false);
                }
            }

            if (!inTime && left.Length == 0 && plan.Going(CapiKinds.HelmChartProxy).FirstOrDefault() is CapiRemovalItem application)
            {
                yield return Overdue(application, stock, timeout); // no Cluster's result would tell of it
            }

            foreach (CapiRemovalItem workload in left)
            {
                yield return Overdue(workload, stock, timeout);
                yield return await ResultAsync(workload, stock, started, cancellationToken).ConfigureAwait(false);
            }
        }

        yield return Compare(await cluster.DescribeAsync(cancellationToken).ConfigureAwait(false), started);
    }

    /// <summary>False where the time was over.</summary>
    private static async Task<bool> TryAsync(Func<CancellationToken, Task> work, CancellationTokenSource limit, CancellationToken end, CancellationToken cancellationToken)
    {
        try
        {
            await work(end).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch (ChannelClosedException e) when (e.InnerException is Exception failure)
        {
            throw failure is CapiProblemException known ? known.Problem.ToException(e) : failure; // what ended a watch
        }
    }

    private async Task DeleteAsync<T>(CapiKind<T> kind, CapiRemovalItem item, StockWatch stock, CancellationToken cancellationToken)
        where T : CapiResource
    {
        if (!stock.Stock.TryGetValue(item.Uid, out CapiResource? known) || known.DeletionRequestedAt is not null)
        {
            return; // it is gone, or going: an earlier run, or somebody else, asked for that
        }

        try
        {
            await cluster.DeleteAsync(kind, item.Namespace, item.Name, item.Uid, cancellationToken).ConfigureAwait(false);
        }
        catch (CapiProblemException e) when (e.Problem.Category == CapiProblemCategory.ObjectNotFound)
        {
            // Somebody was faster.
        }
        catch (CapiProblemException e) when (e.Problem.Id == ProblemId.ApiConflict)
        {
            // Where there is a new object of that name, it is none of ours; else the server has another reason.
            ResourceFilter same = new() { Names = [item.Name], Namespace = item.Namespace };
            await foreach (Outcome<T> found in cluster.GetAsync(kind, same, cancellationToken).ConfigureAwait(false))
            {
                if (found.Value?.Uid == item.Uid)
                {
                    throw;
                }
            }
        }
    }

    private async Task WaitAsync(StockWatch stock, string stage, Action<RemovalProgress>? progress, Func<bool> condition, CancellationToken cancellationToken)
    {
        RemovalProgress? last = null;
        await stock.WaitAsync(
            () =>
            {
                RemovalProgress now = Measure(stock, stage);
                if (now != last)
                {
                    progress?.Invoke(last = now);
                }

                return condition();
            },
            cancellationToken).ConfigureAwait(false);
    }

    private RemovalProgress Measure(StockWatch stock, string stage)
    {
        CapiResource[] applications = [.. Applications(stock)];
        CapiResource[] parts = [.. plan.Clusters.SelectMany(workload => Parts(stock, workload))];
        CapiResource? first = applications.Length > 0 ? Array.Find(applications, item => item is CapiHelmReleaseProxy) ?? applications[0] : Array.Find(parts, item => item is CapiCluster);
        return new(
            stage,
            applications.Count(item => item is CapiHelmChartProxy),
            applications.Count(item => item is CapiHelmReleaseProxy),
            parts.Count(item => item is CapiCluster),
            parts.Count(item => item is CapiMachine),
            first is null ? null : WaitingFor(first));
    }

    /// <summary>What its controller says about a deletion that is under way.</summary>
    private static string? WaitingFor(CapiResource resource)
    {
        CapiCondition? condition = resource.GetCondition("Deleting") is { Status: CapiConditionStatus.True } deleting ? deleting
            : resource.GetCondition("Ready") is { Status: CapiConditionStatus.False } ready ? ready : null;
        return condition is null ? null : $"{resource}: {condition.Message ?? condition.Reason}".ReplaceLineEndings(" ");
    }

    /// <summary>The HelmChartProxies of the plan and their releases, as far as they are still there.</summary>
    private IEnumerable<CapiResource> Applications(StockWatch stock)
    {
        CapiRemovalItem[] proxies = [.. plan.Going(CapiKinds.HelmChartProxy)];
        IEnumerable<CapiResource> releases = plan.Clusters
            .SelectMany(workload => stock.OfCluster(workload.Namespace, workload.Name))
            .Where(item => item is CapiHelmReleaseProxy release && Array.Exists(proxies, proxy => release.HelmChartProxy == proxy.Name && release.Namespace == proxy.Namespace));
        return proxies.Concat(plan.Going(CapiKinds.HelmReleaseProxy))
            .Select(item => stock.Stock.GetValueOrDefault(item.Uid)).OfType<CapiResource>().UnionBy(releases, item => item.Uid);
    }

    /// <summary>The Cluster and what belongs to it, as far as it is there. Where another one has taken its name, only what the plan names is its own.</summary>
    private IEnumerable<CapiResource> Parts(StockWatch stock, CapiRemovalItem workload)
    {
        bool hasSuccessor = stock.OfCluster(workload.Namespace, workload.Name).Any(item => item is CapiCluster && item.Uid != workload.Uid);
        return stock.OfCluster(workload.Namespace, workload.Name).Where(item => item switch
        {
            CapiCluster => item.Uid == workload.Uid,
            CapiMachine or CapiMachineDeployment => !hasSuccessor || _planned.Contains(item.Uid),
            _ => false,
        });
    }

    private CapiProblem Overdue(CapiRemovalItem item, StockWatch stock, TimeSpan timeout)
    {
        CapiResource[] applications = [.. Applications(stock)];
        CapiResource[] blocking = applications.Length > 0 ? applications : [.. Parts(stock, item)];
        string left = stock.IsSynced ? $"{string.Join(", ", blocking.Select(Show))} left." : "the server has not told yet what is left.";
        IEnumerable<string> reasons = blocking.Select(WaitingFor).OfType<string>().Select(reason => reason.TrimEnd('.') + ".");
        return new(ProblemId.RemovalTimeout, CapiProblemCategory.OperationTimeout,
            string.Create(CultureInfo.InvariantCulture, $"{item} is not gone after {timeout.TotalSeconds:0.###} s: {string.Join(" ", [left, .. reasons])}"),
            "Nothing was forced. Mend what it waits for; running the command again goes on with the wait.", $"{item.Namespace}/{item.Name}");
    }

    private static string Show(CapiResource resource) => $"{resource.Kind} {resource}";

    private async Task<CapiRemovalResult> ResultAsync(CapiRemovalItem workload, StockWatch stock, DateTimeOffset started, CancellationToken cancellationToken)
    {
        // Where the watches have not told everything, an object that is not in stock may be there for all that.
        string[] objects = stock.IsSynced ? [.. Parts(stock, workload).Select(Show)] : [$"{workload}", .. plan.GoingWith(workload).Select(item => item.ToString())];
        string[] containers = objects.Length > 0 || HasNamesake(stock, workload) ? [] : await LeftContainersAsync(workload, cancellationToken).ConfigureAwait(false);
        return new()
        {
            Name = workload.Name,
            Namespace = workload.Namespace,
            Subject = CapiRemovalSubject.Cluster,
            Context = plan.Context,
            ManagementClusterId = plan.ManagementClusterId,
            IsRemoved = objects.Length == 0 && containers.Length == 0,
            Removed = stock.Seen.Values
                .Where(item => !stock.Stock.ContainsKey(item.Uid) && item.Cluster == workload.Name && item.Namespace == workload.Namespace)
                .CountBy(item => item.Kind).OrderBy(count => count.Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal).AsReadOnly(),
            Remaining = [.. objects, .. containers],
            StartedAt = started,
            EndedAt = _clock.GetUtcNow(),
        };
    }

    /// <summary>Whether another Cluster bears the name: the containers' label has no namespace, so they may be that one's.</summary>
    private static bool HasNamesake(StockWatch stock, CapiRemovalItem workload) =>
        stock.Stock.Values.Any(item => item is CapiCluster && item.Name == workload.Name && item.Uid != workload.Uid);

    /// <summary>Containers that bear the cluster's label; none where no engine answers: then nobody can tell.</summary>
    private async Task<string[]> LeftContainersAsync(CapiRemovalItem workload, CancellationToken cancellationToken)
    {
        try
        {
            return openEngine is null ? [] : [.. (await openEngine().ListAsync([new(ClusterContainers.ClusterLabel, workload.Name)], cancellationToken).ConfigureAwait(false)).Select(container => $"Container {container}")];
        }
        catch (CapiProblemException)
        {
            return [];
        }
    }

    private CapiRemovalResult Compare(CapiManagementCluster after, DateTimeOffset started)
    {
        CapiManagementCluster before = plan.ManagementCluster;
        string[] differences = [.. Differences(before, after)];
        return new()
        {
            Name = after.ToString(),
            Subject = CapiRemovalSubject.ManagementCluster,
            Context = plan.Context,
            ManagementClusterId = plan.ManagementClusterId,
            IsIntact = differences.Length > 0 ? false : after.Ready is null ? null : true,
            Remaining = differences,
            StartedAt = started,
            EndedAt = _clock.GetUtcNow(),
        };
    }

    /// <summary>What is worse than before: that something got better, or may not be read any more, is no fault of a removal.</summary>
    private static IEnumerable<string> Differences(CapiManagementCluster before, CapiManagementCluster after)
    {
        foreach ((string what, int? was, int? @is) in (IEnumerable<(string, int?, int?)>)[("Nodes", before.Nodes, after.Nodes), ("Nodes that are ready", before.NodesReady, after.NodesReady)])
        {
            if (@is < was)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"{what}: {was} before, {@is} now");
            }
        }

        if (before.ApiVersion is not null && after.ApiVersion != before.ApiVersion)
        {
            yield return $"API version: {before.ApiVersion} before, {after.ApiVersion ?? "none"} now";
        }

        if (before.Providers is null || after.Providers is null)
        {
            yield break;
        }

        Dictionary<string, CapiProvider> now = after.Providers.ToDictionary(KeyOf, StringComparer.Ordinal);
        foreach (CapiProvider was in before.Providers)
        {
            if (!now.TryGetValue(KeyOf(was), out CapiProvider? @is))
            {
                yield return $"Provider {was} is missing";
            }
            else if (was.Version != @is.Version)
            {
                yield return $"Provider {was}: version {@is.Version ?? "unknown"} now";
            }
            else if (was.Available == true && @is.Available == false)
            {
                yield return $"Provider {was}: not available now";
            }
        }
    }

    private static string KeyOf(CapiProvider provider) => $"{provider.Namespace}/{provider.Type}/{provider.Name}";
}
