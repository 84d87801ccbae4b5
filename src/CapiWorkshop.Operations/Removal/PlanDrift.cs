namespace CapiWorkshop.Operations;

/// <summary>Finds what has changed since a plan was made, as far as it would make the removal do something else than the plan says.</summary>
internal static class PlanDrift
{
    /// <summary>One sentence for each change that matters; objects that came or went with a planned Cluster do not.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="stock">What is there now.</param>
    /// <param name="management">The management cluster as it is now.</param>
    public static IEnumerable<string> Find(CapiRemovalPlan plan, IReadOnlyDictionary<string, CapiResource> stock, CapiManagementCluster management)
    {
        CapiCluster[] clusters = [.. stock.Values.OfType<CapiCluster>()];
        HashSet<string> going = [.. plan.Clusters.Select(item => item.Uid)];
        foreach (CapiRemovalItem item in plan.Clusters)
        {
            if (!stock.TryGetValue(item.Uid, out CapiResource? known))
            {
                if (Array.Exists(clusters, other => other.Name == item.Name && other.Namespace == item.Namespace))
                {
                    yield return $"{item} is another one of the same name now.";
                }
            }
            else if (known is CapiCluster workload && plan.Request is { IncludeProtected: false } && RemovalPlanning.IsProtected(workload))
            {
                yield return $"{item} is protected now ({CapiNames.ProtectedMark}).";
            }
        }

        foreach (string change in Pauses(plan, stock).Concat(Edits(plan, stock)))
        {
            yield return change;
        }

        foreach (CapiRemovalItem item in plan.Items.Where(item => item is { Action: CapiRemovalAction.Delete, Stage: CapiRemovalStage.Applications }))
        {
            if (stock.GetValueOrDefault(item.Uid) is CapiHelmChartProxy proxy
                && Array.Find(clusters, workload => !going.Contains(workload.Uid) && workload.DeletionRequestedAt is null && Serves(proxy, workload)) is CapiCluster staying)
            {
                yield return $"{item} serves Cluster {staying} now, which stays.";
            }
        }

        HashSet<string> planned = [.. plan.Items.Select(item => item.Uid)];
        foreach (CapiHelmChartProxy proxy in stock.Values.OfType<CapiHelmChartProxy>().Where(proxy => !planned.Contains(proxy.Uid) && proxy is { DeletionRequestedAt: null, ReconcileStrategy: not "InstallOnce" }))
        {
            if (Array.Find(clusters, workload => going.Contains(workload.Uid) && workload.DeletionRequestedAt is null && Serves(proxy, workload)) is CapiCluster served)
            {
                yield return $"HelmChartProxy {proxy} serves Cluster {served} now.";
            }
        }

        foreach (CapiProvider was in plan.ManagementCluster.Providers ?? [])
        {
            if (was.Available != false && management.Providers?.FirstOrDefault(now => now.Name == was.Name && now.Type == was.Type && now.Namespace == was.Namespace)?.Available == false)
            {
                yield return $"The controller of {was} in namespace '{was.Namespace}' is not available now.";
            }
        }
    }

    private static IEnumerable<string> Pauses(CapiRemovalPlan plan, IReadOnlyDictionary<string, CapiResource> stock)
    {
        HashSet<(string? Namespace, string? Cluster)> resumed = [.. plan.Items.Where(item => item is { Action: CapiRemovalAction.Unpause, Kind: "Cluster" }).Select(item => (item.Namespace, (string?)item.Name))];
        HashSet<(string? Namespace, string Name)> unselected = [.. plan.Items.SelectMany(item => item.Edit?.Unselects.Select(change => (item.Namespace, change.Name)) ?? [])];
        HashSet<string> handled = [.. plan.Items.Where(item => item.Action == CapiRemovalAction.Unpause).Select(item => item.Uid)];
        return from item in plan.Items
               where (item.Action is CapiRemovalAction.Delete or CapiRemovalAction.FollowsOwner || (item.Kind == CapiKinds.HelmChartProxy.Kind && unselected.Contains((item.Namespace, item.Name)))) && !handled.Contains(item.Uid) && !resumed.Contains((item.Namespace, item.Cluster))
               where stock.GetValueOrDefault(item.Uid)?.IsPaused == true
               select $"{item} is paused now.";
    }

    /// <summary>A label that is gone is none of them: an earlier run has taken it off.</summary>
    private static IEnumerable<string> Edits(CapiRemovalPlan plan, IReadOnlyDictionary<string, CapiResource> stock)
    {
        foreach (CapiRemovalItem item in plan.Items)
        {
            if (item.Edit is CapiLabelEdit edit && stock.GetValueOrDefault(item.Uid)?.Labels.GetValueOrDefault(edit.Key) is string value && value != edit.Before)
            {
                yield return $"{item} has the label {edit.Key}={value} now, and not {edit.Before}.";
            }
        }
    }

    private static bool Serves(CapiHelmChartProxy proxy, CapiCluster workload) =>
        proxy.Namespace == workload.Namespace
        && (proxy.MatchingClusters.Contains(workload.Name, StringComparer.Ordinal) || (proxy.ClusterSelector is string selector && new LabelSelector(selector).Matches(workload.Labels)));
}
