using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations;

/// <summary>What was found when a Cluster was gone.</summary>
/// <param name="Items">What is left.</param>
/// <param name="Removed">How much was taken away on request, by kind.</param>
/// <param name="Warnings">What could not be looked at or taken away, one sentence each.</param>
internal sealed record Leftovers(IReadOnlyList<CapiRemainingObject> Items, IReadOnlyDictionary<string, int> Removed, IReadOnlyList<string> Warnings);

/// <summary>Looks for what nobody takes away with a Cluster, and takes away what was asked for: each by the identity that the plan holds, nothing by its name or label.</summary>
internal sealed class LeftoverSweep(ManagementCluster cluster, CapiRemovalPlan plan, Func<IContainerEngine>? openEngine, Patience patience)
{
    private readonly List<CapiRemainingObject> _left = [];
    private readonly List<string> _warnings = [];
    private readonly SortedDictionary<string, int> _removed = new(StringComparer.Ordinal);

    /// <summary>Looks once.</summary>
    /// <param name="workload">The Cluster that is gone.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    public async Task<Leftovers> SweepAsync(CapiRemovalItem workload, CancellationToken cancellationToken)
    {
        CapiRemovalItem[] items = [.. plan.In(CapiRemovalStage.Leftovers).Where(item => item.Cluster == workload.Name && (item.Namespace ?? item.OwnerNamespace ?? workload.Namespace) == workload.Namespace)];
        bool isTaken = Array.Exists(items, item => item is { Type: not null, Action: CapiRemovalAction.DeleteIfLeft }) && await IsTakenAsync(workload, cancellationToken).ConfigureAwait(false);
        foreach (CapiRemovalItem item in items.Where(item => item.Type is not null && item.Action is CapiRemovalAction.DeleteIfLeft or CapiRemovalAction.Stays))
        {
            await TryAsync(item, () => ObjectAsync(item, isTaken, cancellationToken)).ConfigureAwait(false);
        }

        CapiRemovalItem[] containers = [.. items.Where(item => item.Id is not null)];
        if (openEngine is not null && containers.Length > 0)
        {
            await ContainersAsync(workload, containers, cancellationToken).ConfigureAwait(false);
        }

        return new(_left.AsReadOnly(), _removed, _warnings.AsReadOnly());
    }

    /// <summary>Whether another Cluster has the name now: what was nobody's may be its by now, under the same identity.</summary>
    private async Task<bool> IsTakenAsync(CapiRemovalItem workload, CancellationToken cancellationToken)
    {
        ResourceFilter all = new() { Namespace = workload.Namespace };
        List<CapiCluster> clusters = await patience.AskAsync(_ => cluster.ListAllAsync(CapiKinds.Cluster, all, cancellationToken)).ConfigureAwait(false);
        return clusters.Exists(one => one.Name == workload.Name && one.Uid != workload.Uid);
    }

    private async Task ObjectAsync(CapiRemovalItem item, bool isTaken, CancellationToken cancellationToken)
    {
        OwnedObject? there = await patience.AskAsync(_ => cluster.FindObjectAsync(item.Type!, item.Namespace, item.Name, cancellationToken)).ConfigureAwait(false);
        if (there?.Uid != item.Uid)
        {
            return; // most of what is asked for goes with its owner
        }

        if (item.Action != CapiRemovalAction.DeleteIfLeft)
        {
            _left.Add(CapiRemainingObject.Of(item, plan));
            return;
        }

        if (isTaken)
        {
            _left.Add(CapiRemainingObject.Of(item, plan) with { Reason = "Another Cluster has the name now, and may use it." });
            return;
        }

        bool wasAsked = there.DeletionRequestedAt is not null, isAsked = wasAsked || await patience.DeleteAsync(item, cancellationToken).ConfigureAwait(false);
        if (isAsked && there.Finalizers.Any(IsForeign))
        {
            // Its controller has nobody left to work for, and may never let go.
            _left.Add(CapiRemainingObject.Of(item, plan) with { IsDeleting = true, Finalizers = there.Finalizers, Reason = $"It is being deleted, and held by {string.Join(", ", there.Finalizers)}." });
        }
        else if (isAsked && !wasAsked)
        {
            Count(item);
        }
    }

    private async Task ContainersAsync(CapiRemovalItem workload, CapiRemovalItem[] planned, CancellationToken cancellationToken)
    {
        try
        {
            IContainerEngine engine = openEngine!();
            IReadOnlyList<EngineContainer> there = await engine.ListAsync([new(ClusterContainers.ClusterLabel, workload.Name)], cancellationToken).ConfigureAwait(false);
            foreach (CapiRemovalItem item in planned.Where(item => there.Any(container => container.Id == item.Id)))
            {
                if (item.Action == CapiRemovalAction.DeleteIfLeft && engine.Endpoint.Address == item.Engine)
                {
                    await TryAsync(item, () => RemoveAsync(engine, item, cancellationToken)).ConfigureAwait(false);
                }
                else
                {
                    _left.Add(CapiRemainingObject.Of(item, plan));
                }
            }
        }
        catch (CapiProblemException e)
        {
            _warnings.Add($"Containers could not be looked for: {e.Problem.Message}");
        }
    }

    private async Task RemoveAsync(IContainerEngine engine, CapiRemovalItem item, CancellationToken cancellationToken)
    {
        try
        {
            await engine.RemoveAsync(item.Id!, cancellationToken).ConfigureAwait(false);
            Count(item);
        }
        catch (CapiProblemException e) when (e.Problem.Category == CapiProblemCategory.ObjectNotFound)
        {
            // Its own controller was faster.
        }
    }

    /// <summary>One that is refused keeps no other.</summary>
    private async Task TryAsync(CapiRemovalItem item, Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (CapiProblemException e) when (item.Id is not null || e.Problem.HttpStatus is not null || !e.Problem.IsPassing)
        {
            _left.Add(CapiRemainingObject.Of(item, plan) with { Reason = e.Problem.Message });
            _warnings.Add($"{item}: {e.Problem.Message}");
        }
    }

    /// <summary>What Kubernetes itself holds for a moment, such as a claim that a Pod uses, goes.</summary>
    private static bool IsForeign(string finalizer) => finalizer.Contains('.', StringComparison.Ordinal) && !finalizer.StartsWith("kubernetes.io/", StringComparison.Ordinal);

    private void Count(CapiRemovalItem item)
    {
        string kind = CapiNames.Distinct(item.Kind, item.ApiVersion);
        _removed[kind] = _removed.GetValueOrDefault(kind) + 1;
    }
}
