using System.Globalization;
using System.Runtime.CompilerServices;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Operations;

/// <summary>One run of a removal: what is left of its plan, what it may ask for next, and whom it waits for. Runs once.</summary>
internal sealed class RemovalRun
{
    /// <summary>As many requests at a time as a server takes from one client without thinking of limits.</summary>
    private const int AtOnce = 8;

    private readonly ManagementCluster _cluster;
    private readonly CapiRemovalPlan _plan;
    private readonly Func<IContainerEngine>? _openEngine;
    private readonly TimeSpan _stuckAfter;
    private readonly TimeProvider _clock;
    private readonly Action<RemovalProgress>? _progress;
    private readonly DateTimeOffset _started;
    private readonly List<ClusterRemoval> _clusters = [];
    private readonly Dictionary<string, ClusterRemoval> _byUid = new(StringComparer.Ordinal);
    private readonly Dictionary<(string? Namespace, string? Name), ClusterRemoval> _byName = [];

    /// <summary>HelmChartProxies of the plan that are left, and their releases in clusters that are not in the plan.</summary>
    private readonly Dictionary<string, CapiResource> _applications = new(StringComparer.Ordinal);
    private readonly HashSet<string> _expectedApplications = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _removedApplications = new(StringComparer.Ordinal);
    private readonly HashSet<string> _apart;
    private readonly HashSet<(string? Namespace, string? Name)> _installedOnce = [];
    private DateTimeOffset _applicationsWentAt;
    private readonly Lock _interruptions = new();
    private string? _interruption;
    private RemovalProgress? _told;

    public RemovalRun(ManagementCluster cluster, CapiRemovalPlan plan, Func<IContainerEngine>? openEngine, TimeSpan stuckAfter, TimeProvider clock, Action<RemovalProgress>? progress)
    {
        _cluster = cluster;
        _plan = plan;
        _openEngine = openEngine;
        _stuckAfter = stuckAfter;
        _clock = clock;
        _progress = progress;
        _started = _applicationsWentAt = clock.GetUtcNow();
        _apart = [.. plan.In(CapiRemovalStage.Leftovers).Where(item => item.Type is not null).Select(item => item.Uid)];
        foreach (CapiRemovalItem item in plan.Clusters.Where(item => item.Action == CapiRemovalAction.Delete))
        {
            HashSet<string> leaving =
            [
                .. Requested(CapiRemovalAction.Delete).Where(proxy => proxy.Namespace == item.Namespace).Select(proxy => proxy.Name),
                .. Requested(CapiRemovalAction.Unlabel).Where(edit => edit.Uid == item.Uid).SelectMany(edit => edit.Edit!.Unselects).Select(change => change.Name),
            ];
            ClusterRemoval one = new(item, leaving, _started);
            _clusters.Add(one);
            _byUid[item.Uid] = _byName[(item.Namespace, item.Name)] = one;
            one.Expect(item);
            foreach (CapiRemovalItem part in plan.GoingWith(item).Where(part => part.Stage < CapiRemovalStage.Leftovers))
            {
                _byUid[part.Uid] = one;
                one.Expect(part);
            }
        }

        _expectedApplications.UnionWith(plan.Going(CapiKinds.HelmChartProxy).Concat(plan.Going(CapiKinds.HelmReleaseProxy)).Select(item => item.Uid).Where(uid => !_byUid.ContainsKey(uid) && !_apart.Contains(uid)));
    }

    private bool AreApplicationsGone => !_clusters.Exists(HasApplications) && !_applications.Values.Any(item => !IsInstalledOnce(item));

    public async IAsyncEnumerable<Outcome<CapiRemovalResult>> RunAsync(TimeSpan timeout, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _cluster.EnsureOwnsAsync(_plan.ManagementClusterId, _plan.Context, "The removal plan", cancellationToken).ConfigureAwait(false);
        if (!_plan.CanRun)
        {
            throw new CapiProblem(ProblemId.RemovalBlocked, CapiProblemCategory.InvalidOperation, $"Nothing was removed. {string.Join(" ", _plan.Blockers)}",
                "Mend that, then run the command again.", _plan.Context).ToException();
        }

        ManagementBaseline before = await _cluster.TakeBaselineAsync(cancellationToken).ConfigureAwait(false);
        string[] unseen;
        using CancellationTokenSource limit = new(timeout, _clock);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        Patience patience = new(_cluster, _clock, Interrupt, end.Token);
        StockWatch stock = Watch();
        await using (stock.ConfigureAwait(false))
        {
            Follow(stock);
            List<ClusterRemoval> left = [.. _clusters];
            bool inTime = await TryAsync(() => BeginAsync(stock, before.Description, patience, end.Token), limit, cancellationToken).ConfigureAwait(false);
            while (inTime && (left.Count > 0 || _applications.Count > 0))
            {
                inTime = await TryAsync(() => GoOnAsync(stock, left, patience, end.Token), limit, cancellationToken).ConfigureAwait(false);
                foreach (ClusterRemoval one in left.Where(one => one.IsGone || one.Refusal is not null).ToArray())
                {
                    left.Remove(one);
                    if (one.Refusal is CapiProblem refusal)
                    {
                        yield return refusal;
                    }

                    yield return await ResultAsync(one, stock, patience, cancellationToken).ConfigureAwait(false);
                }
            }

            if (left.Count == 0 && _applications.Values.MinBy(item => item is CapiHelmReleaseProxy) is CapiResource application)
            {
                yield return Overdue(application.Kind, application.ToString(), [.. _applications.Values], [], stock, timeout); // no Cluster's result would tell of it
            }

            foreach (ClusterRemoval one in left)
            {
                CapiResource[] applications = [.. _applications.Values, .. _clusters.SelectMany(other => other.Left).Where(item => item is CapiHelmReleaseProxy)];
                yield return Overdue(one.Item.Kind, $"{one.Item.Namespace}/{one.Item.Name}", one.IsAsked || applications.Length == 0 ? [.. one.Left] : applications, Reasons(one), stock, timeout);
                yield return await ResultAsync(one, stock, patience, cancellationToken).ConfigureAwait(false);
            }

            foreach (CapiRemovalItem former in inTime ? FormerClusters() : [])
            {
                Leftovers leftovers = await new LeftoverSweep(_cluster, _plan, _openEngine, patience).SweepAsync(former, cancellationToken).ConfigureAwait(false);
                if (leftovers.Removed.Count > 0 || leftovers.Items.Count > 0)
                {
                    yield return ResultOf(former, leftovers);
                }
            }

            unseen = [.. stock.Unseen.Select(problem => problem.Message)];
        }

        ManagementBaseline after = await patience.AskAsync(_ => _cluster.TakeBaselineAsync(cancellationToken)).ConfigureAwait(false);
        yield return new CapiRemovalResult
        {
            Name = after.Description.ToString(),
            Subject = CapiRemovalSubject.ManagementCluster,
            Context = _plan.Context,
            ManagementClusterId = _plan.ManagementClusterId,
            Removed = _removedApplications.AsReadOnly(),
            Differences = [.. (before with { Description = _plan.ManagementCluster }).WorseIn(after)],
            IsFullyKnown = after.Description.Ready is not null,
            Warnings = unseen,
            StartedAt = _started,
            EndedAt = _clock.GetUtcNow(),
        };
    }

    /// <summary>What has overtaken the plan, one sentence each.</summary>
    public async Task<IReadOnlyList<string>> FindChangesAsync(CancellationToken cancellationToken)
    {
        await _cluster.EnsureOwnsAsync(_plan.ManagementClusterId, _plan.Context, "The removal plan", cancellationToken).ConfigureAwait(false);
        ManagementBaseline now = await _cluster.TakeBaselineAsync(cancellationToken).ConfigureAwait(false);
        StockWatch stock = Watch();
        await using (stock.ConfigureAwait(false))
        {
            Follow(stock);
            await stock.WaitAsync(() => true, () => null, cancellationToken).ConfigureAwait(false);
            return [.. PlanDrift.Find(_plan, stock.Stock, now.Description)];
        }
    }

    private StockWatch Watch() => new(_cluster, _plan.Namespace is null ? new() { AllNamespaces = true } : new() { Namespace = _plan.Namespace }, _clock, Take);

    /// <summary>False where the time was over.</summary>
    private static async Task<bool> TryAsync(Func<Task> work, CancellationTokenSource limit, CancellationToken cancellationToken)
    {
        try
        {
            await work().ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static async Task EachAsync<T>(IEnumerable<T> items, Func<T, Task> work)
    {
        foreach (T[] some in items.Chunk(AtOnce))
        {
            await Task.WhenAll(some.Select(work)).ConfigureAwait(false);
        }
    }

    private IEnumerable<CapiRemovalItem> Requested(CapiRemovalAction action) => _plan.In(CapiRemovalStage.Applications).Where(item => item.Action == action);

    private void Follow(StockWatch stock)
    {
        stock.Follow(CapiKinds.HelmChartProxy);
        stock.Follow(CapiKinds.HelmReleaseProxy);
        stock.Follow(CapiKinds.Cluster);
        stock.Follow(CapiKinds.MachineDeployment);
        stock.Follow(CapiKinds.Machine);
        string[] followed = [.. new[] { CapiKinds.Cluster.Plural, CapiKinds.MachineDeployment.Plural, CapiKinds.Machine.Plural }.Select(plural => $"{plural}.{CapiNames.CoreGroup}"),
            $"{CapiKinds.HelmChartProxy.Plural}.{CapiNames.AddonsGroup}", $"{CapiKinds.HelmReleaseProxy.Plural}.{CapiNames.AddonsGroup}"];
        foreach (ResourceType type in _plan.Items.Where(item => item is { Stage: < CapiRemovalStage.Leftovers, Type: not null }).Select(item => item.Type!).DistinctBy(type => type.QualifiedName)
            .Where(type => !followed.Contains(type.QualifiedName, StringComparer.Ordinal)))
        {
            stock.Follow(type);
        }
    }

    private async Task BeginAsync(StockWatch stock, CapiManagementCluster management, Patience patience, CancellationToken cancellationToken)
    {
        // Nothing is asked for before the watches see the world: a deletion that they missed would be waited for in vain.
        await stock.WaitAsync(() => true, () => null, cancellationToken).ConfigureAwait(false);
        string[] changes = [.. PlanDrift.Find(_plan, stock.Stock, management)];
        if (changes.Length > 0)
        {
            throw new CapiProblem(ProblemId.PlanOutdated, CapiProblemCategory.InvalidOperation, $"Nothing was removed: the plan was overtaken by what happened since. {string.Join(" ", changes)}",
                "Make a new plan, look at it, and run that.", _plan.Context).ToException();
        }

        foreach (ClusterRemoval one in _clusters.Where(one => stock.Stock.GetValueOrDefault(one.Item.Uid) is { DeletionRequestedAt: not null }))
        {
            one.IsAsked = true; // by an earlier run, or by somebody else
        }

        await EachAsync(Requested(CapiRemovalAction.Unpause).Where(item => stock.Stock.GetValueOrDefault(item.Uid)?.IsPaused == true),
            item => patience.AskAsync(() => _cluster.PatchObjectAsync(item.Type!, item.Namespace, item.Name, ObjectPatch.Unpause(item.Uid, item.Type is { Group: CapiNames.CoreGroup, Plural: "clusters" }), cancellationToken))).ConfigureAwait(false);
        await EachAsync(Requested(CapiRemovalAction.Delete).Where(item => stock.Stock.GetValueOrDefault(item.Uid) is { DeletionRequestedAt: null }),
            item => patience.DeleteAsync(item, cancellationToken)).ConfigureAwait(false);
        await EachAsync(Requested(CapiRemovalAction.Unlabel).Where(item => stock.Stock.GetValueOrDefault(item.Uid) is { DeletionRequestedAt: null } workload && workload.Labels.ContainsKey(item.Edit!.Key)),
            item => patience.AskAsync(() => UnlabelAsync(item, cancellationToken))).ConfigureAwait(false);
    }

    private async Task UnlabelAsync(CapiRemovalItem item, CancellationToken cancellationToken)
    {
        try
        {
            await _cluster.PatchObjectAsync(item.Type!, item.Namespace, item.Name, ObjectPatch.Unlabel(item.Uid, item.Edit!.Key, item.Edit.Before), cancellationToken).ConfigureAwait(false);
        }
        catch (CapiProblemException e) when (e.Problem.Id == ProblemId.ApiConflict || e.Problem.Category == CapiProblemCategory.ObjectNotFound)
        {
            OwnedObject? now = await _cluster.FindObjectAsync(item.Type!, item.Namespace, item.Name, cancellationToken).ConfigureAwait(false);
            if (now?.Uid == item.Uid && now.Labels.ContainsKey(item.Edit!.Key))
            {
                throw; // somebody gave it another value in this very moment
            }
        }
    }

    /// <summary>Waits until there is something to do or to tell, and does it.</summary>
    private async Task GoOnAsync(StockWatch stock, List<ClusterRemoval> left, Patience patience, CancellationToken cancellationToken)
    {
        _interruption = null; // what was asked for before has been answered
        ClusterRemoval[] stuck = [], ready = [];
        await stock.WaitAsync(
            () =>
            {
                (stuck, ready) = ([.. left.Where(IsNewlyStuck)], [.. left.Where(IsReady)]);
                Tell();
                return stuck.Length > 0 || ready.Length > 0 || left.Exists(one => one.IsGone) || (left.Count == 0 && _applications.Count == 0);
            },
            () => NextLook(left),
            cancellationToken).ConfigureAwait(false);
        await EachAsync(stuck, async one => one.Stick(await patience.AskAsync(_ => _cluster.GatherStuckFactsAsync(one.Item.Namespace, one.Item.Name, cancellationToken)).ConfigureAwait(false))).ConfigureAwait(false);
        await EachAsync(ready, one => AskAsync(one, stock, patience, cancellationToken)).ConfigureAwait(false);
    }

    private async Task AskAsync(ClusterRemoval one, StockWatch stock, Patience patience, CancellationToken cancellationToken)
    {
        CapiRemovalItem item = one.Item;
        try
        {
            if (stock.Stock.GetValueOrDefault(item.Uid) is { DeletionRequestedAt: null } && await patience.DeleteAsync(item, cancellationToken).ConfigureAwait(false))
            {
                one.AskedAt = one.ProgressAt = _clock.GetUtcNow();
            }
        }
        catch (CapiProblemException e) when (e.Problem.HttpStatus is not null)
        {
            one.Refusal = e.Problem; // one that is refused must not keep the others
        }

        one.IsAsked = true;
    }

    /// <summary>All Clusters at once when the applications are gone; where these do not go on, those that have none of them any more.</summary>
    private bool IsReady(ClusterRemoval one) => !one.IsAsked && !one.IsGone && !HasApplications(one) && (AreApplicationsGone || IsOver(_applicationsWentAt));

    private bool IsNewlyStuck(ClusterRemoval one) => one.Facts is null && !one.IsGone && (one.IsAsked || HasApplications(one)) && IsOver(one.ProgressAt);

    private bool IsOver(DateTimeOffset lastStep) => _clock.GetUtcNow() - lastStep >= _stuckAfter;

    private DateTimeOffset? NextLook(List<ClusterRemoval> left)
    {
        IEnumerable<DateTimeOffset> steps = left.Where(one => one.Facts is null && (one.IsAsked || HasApplications(one))).Select(one => one.ProgressAt)
            .Concat(left.Exists(one => !one.IsAsked && !HasApplications(one)) ? [_applicationsWentAt] : []);
        return steps.Select(step => (DateTimeOffset?)(step + _stuckAfter)).Min();
    }

    /// <summary>Whether releases must leave it before it may go. What installs once is not uninstalled anyway, and where it goes already it is too late to wait.</summary>
    private bool HasApplications(ClusterRemoval one) => !one.IsAsked && one.Left.Any(item => item is CapiHelmReleaseProxy && !IsInstalledOnce(item));

    private bool IsInstalledOnce(CapiResource application) =>
        _installedOnce.Contains((application.Namespace, application is CapiHelmReleaseProxy release ? release.HelmChartProxy : application.Name));

    private void Take(CapiResource resource, bool isGone)
    {
        DateTimeOffset now = _clock.GetUtcNow();
        if (resource is CapiHelmChartProxy { ReconcileStrategy: "InstallOnce" })
        {
            _installedOnce.Add((resource.Namespace, resource.Name));
        }

        if (isGone && resource is CapiHelmChartProxy or CapiHelmReleaseProxy)
        {
            _applicationsWentAt = now;
        }

        if (_expectedApplications.Contains(resource.Uid))
        {
            if (isGone)
            {
                _applications.Remove(resource.Uid);
                _removedApplications[resource.Kind] = _removedApplications.GetValueOrDefault(resource.Kind) + 1;
            }
            else
            {
                _applications[resource.Uid] = resource;
            }
        }
        else if (_byUid.TryGetValue(resource.Uid, out ClusterRemoval? one))
        {
            one.Take(resource, isGone, isPlanned: true, now);
        }
        else if (!_apart.Contains(resource.Uid) && _byName.TryGetValue((resource.Namespace, resource.Cluster), out one))
        {
            one.Take(resource, isGone, isPlanned: false, now);
        }
    }

    /// <summary>The server gives no answer: whoever waits is told why, once.</summary>
    private void Interrupt(CapiProblem problem)
    {
        lock (_interruptions)
        {
            if (_interruption is null)
            {
                _cluster.Warn($"The removal was interrupted and goes on when the server answers again. {problem.Message}");
            }

            _interruption = problem.Message;
            Tell();
        }
    }

    private void Tell()
    {
        CapiResource? first = _applications.Values.Concat(_clusters.SelectMany(one => one.Left)).Where(item => item is CapiHelmReleaseProxy).Concat(_applications.Values).FirstOrDefault()
            ?? _clusters.SelectMany(one => one.Left).FirstOrDefault(item => item is CapiCluster);
        RemovalProgress now = new(
            _clusters.Count > 0 && _clusters.TrueForAll(one => one.IsAsked) ? "Removing clusters" : "Uninstalling applications",
            _applications.Values.Count(item => item is CapiHelmChartProxy),
            _applications.Values.Count(item => item is CapiHelmReleaseProxy) + _clusters.Sum(one => one.Count<CapiHelmReleaseProxy>()),
            _clusters.Sum(one => one.Count<CapiCluster>()),
            _clusters.Sum(one => one.Count<CapiMachine>()),
            _interruption ?? (first is null ? null : WaitingFor(first)))
        {
            StuckReasons = [.. _clusters.SelectMany(one => one.StuckReasons)],
        };
        if (!now.Equals(_told))
        {
            _progress?.Invoke(_told = now);
        }
    }

    /// <summary>What its controller says about a deletion that is under way.</summary>
    private static string? WaitingFor(CapiResource resource)
    {
        CapiCondition? condition = resource.GetCondition("Deleting") is { Status: CapiConditionStatus.True } deleting ? deleting
            : resource.GetCondition("Ready") is { Status: CapiConditionStatus.False } ready ? ready : null;
        return condition is null ? null : $"{resource}: {condition.Message ?? condition.Reason}".ReplaceLineEndings(" ");
    }

    private static IReadOnlyList<CapiStuckReason> Reasons(ClusterRemoval one) => one.StuckReasons.Count > 0 ? one.StuckReasons : StuckExplanation.Explain([.. one.Left], new(null, null));

    private static CapiProblem Overdue(string kind, string target, CapiResource[] blocking, IReadOnlyList<CapiStuckReason> known, StockWatch stock, TimeSpan timeout)
    {
        string left = stock.IsSynced ? $"{string.Join(", ", blocking.Select(item => CapiRemainingObject.Of(item)))} left." : "the server has not told yet what is left.";
        IEnumerable<string> reasons = known.Count > 0 ? known.Select(reason => reason.Message) : blocking.Select(WaitingFor).OfType<string>().Select(reason => reason.TrimEnd('.') + ".");
        return new(ProblemId.RemovalTimeout, CapiProblemCategory.OperationTimeout,
            string.Create(CultureInfo.InvariantCulture, $"{kind} {target} is not gone after {timeout.TotalSeconds:0.###} s: {string.Join(" ", [left, .. reasons])}"),
            "Nothing was forced. Mend what it waits for; running the command again goes on with the wait.", target);
    }

    private async Task<CapiRemovalResult> ResultAsync(ClusterRemoval one, StockWatch stock, Patience patience, CancellationToken cancellationToken)
    {
        // Where the watches have not told everything, an object that is not in stock may be there for all that.
        CapiRemainingObject[] remaining = stock.IsSynced ? [.. one.Left.Select(CapiRemainingObject.Of)]
            : [CapiRemainingObject.Of(one.Item, _plan), .. _plan.GoingWith(one.Item).Where(part => part.Stage < CapiRemovalStage.Leftovers).Select(part => CapiRemainingObject.Of(part, _plan))];
        DateTimeOffset swept = _clock.GetUtcNow();
        Leftovers leftovers = remaining.Length > 0 ? new([], new Dictionary<string, int>(0), [])
            : await new LeftoverSweep(_cluster, _plan, _openEngine, patience).SweepAsync(one.Item, cancellationToken).ConfigureAwait(false);
        return ResultOf(one.Item, leftovers) with
        {
            Removed = one.Removed.Concat(leftovers.Removed).GroupBy(count => count.Key, count => count.Value).OrderBy(kind => kind.Key, StringComparer.Ordinal)
                .ToDictionary(kind => kind.Key, kind => kind.Sum(), StringComparer.Ordinal).AsReadOnly(),
            Remaining = remaining,
            StuckReasons = remaining.Length > 0 && stock.IsSynced ? Reasons(one) : [],
            Stages = [.. one.Times(_started), .. leftovers.Removed.Count > 0 ? [new CapiRemovalStageTime(CapiRemovalStage.Leftovers, swept, _clock.GetUtcNow())] : Array.Empty<CapiRemovalStageTime>()],
        };
    }

    private CapiRemovalResult ResultOf(CapiRemovalItem workload, Leftovers leftovers) => new()
    {
        Name = workload.Name,
        Namespace = workload.Namespace,
        Subject = CapiRemovalSubject.Cluster,
        Context = _plan.Context,
        ManagementClusterId = _plan.ManagementClusterId,
        Removed = leftovers.Removed,
        Leftovers = leftovers.Items,
        Warnings = leftovers.Warnings,
        StartedAt = _started,
        EndedAt = _clock.GetUtcNow(),
    };

    /// <summary>Clusters that went before this run and of which the plan knows something that is left: an earlier run did not come to its end, or did not take it.</summary>
    private IEnumerable<CapiRemovalItem> FormerClusters() =>
        from item in _plan.In(CapiRemovalStage.Leftovers)
        where item is { Cluster: not null, Namespace: not null, Action: CapiRemovalAction.DeleteIfLeft or CapiRemovalAction.Stays } && !_byName.ContainsKey((item.Namespace, item.Cluster))
        group item by (item.Namespace, item.Cluster) into left
        select new CapiRemovalItem { Kind = CapiKinds.Cluster.Kind, Namespace = left.Key.Namespace, Name = left.Key.Cluster };
}
