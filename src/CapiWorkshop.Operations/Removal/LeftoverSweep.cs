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
        CapiRemovalItem[] items = [.. plan.In(CapiRemovalStage.Leftovers).Where(item => item.Cluster == workload.Name && (item.Namespace ?? workload.Namespace) == workload.Namespace)];
        foreach (CapiRemovalItem item in items.Where(item => item.Type is not null && item.Action is CapiRemovalAction.DeleteIfLeft or CapiRemovalAction.Stays))
        {
            await TryAsync(item, () => ObjectAsync(item, cancellationToken)).ConfigureAwait(false);
        }

        CapiRemovalItem[] containers = [.. items.Where(item => item.Id is not null)];
        if (openEngine is not null && containers.Length > 0)
        {
            await ContainersAsync(workload, containers, cancellationToken).ConfigureAwait(false);
        }

        return new(_left.AsReadOnly(), _removed, _warnings.AsReadOnly());
    }

    private async Task ObjectAsync(CapiRemovalItem item, CancellationToken cancellationToken)
    {
        OwnedObject? there = await patience.AskAsync(_ => cluster.FindObjectAsync(item.Type!, item.Namespace, item.Name, cancellationToken)).ConfigureAwait(false);
        if (there?.Uid != item.Uid || there.DeletionRequestedAt is not null)
        {
            return; // it is gone or going: most of what is asked for goes with its owner
        }

        if (item.Action != CapiRemovalAction.DeleteIfLeft)
        {
            _left.Add(CapiRemainingObject.Of(item, plan));
        }
        else if (await patience.DeleteAsync(item, cancellationToken).ConfigureAwait(false))
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
        catch (CapiProblemException e) when (!e.Problem.IsPassing)
        {
            _left.Add(CapiRemainingObject.Of(item, plan) with { Reason = e.Problem.Message });
            _warnings.Add($"{item}: {e.Problem.Message}");
        }
    }

    private void Count(CapiRemovalItem item)
    {
        string kind = CapiNames.Distinct(item.Kind, item.ApiVersion);
        _removed[kind] = _removed.GetValueOrDefault(kind) + 1;
    }
}
