using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations;

/// <summary>Asks what no list tells: whether a cluster that goes is the one that is asked, whether its applications can be uninstalled, and whether one may.</summary>
internal sealed class RemovalProbing(ManagementCluster cluster, RemovalSurvey survey, TimeProvider clock)
{
    private readonly List<CapiRemovalNotice> _notices = [];

    /// <param name="items">What is planned.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    public async Task<IReadOnlyList<CapiRemovalNotice>> ProbeAsync(IReadOnlyCollection<CapiRemovalItem> items, CancellationToken cancellationToken)
    {
        Task<HashSet<(string? Namespace, string? Name)>?> nodes = cluster.FindOwnClustersAsync(cancellationToken).MayBeLeft();
        Task<string> id = cluster.GetIdAsync(cancellationToken).AsTask().MayBeLeft();
        Task<CapiRemovalNotice[]> permissions = ReviewAsync(items, cancellationToken).MayBeLeft();
        using SemaphoreSlim probes = new(8);
        (CapiCluster Workload, Outcome<string> Id)[] found = await Task.WhenAll(survey.Going.Select(async workload => (workload, await ProbeAsync(workload, probes, cancellationToken).ConfigureAwait(false)))).ConfigureAwait(false);

        HashSet<(string? Namespace, string? Name)>? own = await nodes.ConfigureAwait(false);
        string management = await id.ConfigureAwait(false);
        foreach ((CapiCluster workload, Outcome<string> workloadId) in found)
        {
            if (own?.Contains((workload.Namespace, workload.Name)) == true || workloadId.Value == management)
            {
                Note(RemovalNoticeId.IsManagementCluster, true, workload, $"Cluster {workload} is the cluster that this command talks to, {cluster.Endpoint}.", "Leave it out: it cannot remove itself.");
            }
            else if (own is null && (workloadId.Value is null || management == cluster.Endpoint.Fingerprint))
            {
                Note(RemovalNoticeId.MayBeManagementCluster, false, workload,
                    $"Whether Cluster {workload} is the cluster that this command talks to cannot be told: its Nodes may not be read.", "Where you know that it is not, name it with -Name and use -Force.");
            }

            NoteReach(workload, workloadId.Problem);
        }

        return [.. _notices, .. await permissions.ConfigureAwait(false)];
    }

    /// <summary>A release is uninstalled through the cluster's own API: the add-on tries for ever while that does not answer.</summary>
    private void NoteReach(CapiCluster workload, CapiProblem? problem)
    {
        if (problem is null || !survey.Releases.Any(release => release.Cluster == workload.Name && release.Namespace == workload.Namespace
            && survey.Proxies.Any(proxy => proxy.Name == release.HelmChartProxy && proxy.Namespace == release.Namespace && proxy.ReconcileStrategy != "InstallOnce")))
        {
            return;
        }

        // The controllers may stand in a network that this machine is not part of, and may read what this user may not.
        bool isReached = problem.Category == CapiProblemCategory.PermissionDenied || (workload.Holds("RemoteConnectionProbe") == true && problem.Category != CapiProblemCategory.ObjectNotFound);
        bool isGoing = workload.DeletionRequestedAt is not null; // when it is gone, the add-on lets go of its releases
        Note(RemovalNoticeId.WorkloadUnreachable, !isReached && !isGoing, workload,
            $"Cluster {workload} runs Helm releases, and its API cannot be reached from here: {problem.Message}",
            isReached ? "Where its controllers reach it, the releases are uninstalled all the same." : isGoing ? "It is being deleted; its releases go with it." : "Bring its API or its kubeconfig secret back first.");
    }

    private async Task<Outcome<string>> ProbeAsync(CapiCluster workload, SemaphoreSlim probes, CancellationToken cancellationToken)
    {
        await probes.WaitAsync(cancellationToken).ConfigureAwait(false);
        using CancellationTokenSource limit = new(ResourceMeter.WorkloadTimeout, clock);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return await cluster.GetWorkloadIdAsync(workload, end.Token).ConfigureAwait(false) ?? "";
        }
        catch (CapiProblemException e)
        {
            return e.Problem;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new CapiProblem(ProblemId.ApiTimeout, CapiProblemCategory.OperationTimeout, "It did not answer in time.", "Check the network to it.", workload.ToString());
        }
        finally
        {
            probes.Release();
        }
    }

    /// <summary>Asks the server for each right that the plan takes, in its namespace; where that is all of them and is denied, in each that it concerns.</summary>
    private async Task<CapiRemovalNotice[]> ReviewAsync(IReadOnlyCollection<CapiRemovalItem> items, CancellationToken cancellationToken)
    {
        (string Verb, ResourceType Type, string[] Namespaces)[] rights =
        [
            .. items.Where(item => item is { IsRequested: true, Type: not null }).GroupBy(item => (Verb: item.Action is CapiRemovalAction.Unlabel or CapiRemovalAction.Unpause ? "patch" : "delete", Type: item.Type!))
                .Select(group => (group.Key.Verb, group.Key.Type, group.Select(item => item.Namespace!).Distinct(StringComparer.Ordinal).ToArray())),
        ];
        List<(string Verb, ResourceType Type, string Namespace, bool? IsAllowed)> answers = [];
        foreach ((string verb, ResourceType type, string[] namespaces) in rights)
        {
            if (survey.Namespace is not null || await cluster.MayAsync(verb, type, null, cancellationToken).ConfigureAwait(false) != true)
            {
                foreach (string ns in namespaces)
                {
                    answers.Add((verb, type, ns, await cluster.MayAsync(verb, type, ns, cancellationToken).ConfigureAwait(false)));
                }
            }
        }

        return
        [
            .. answers.Where(answer => answer.IsAllowed == false).Select(answer => new CapiRemovalNotice(
                RemovalNoticeId.PermissionMissing, CapiRemovalSeverity.Blocker, answer.Type.QualifiedName, $"You may not {answer.Verb} {answer.Type.QualifiedName} in namespace '{answer.Namespace}'.",
                $"Ask for that right; check with: kubectl auth can-i {answer.Verb} {answer.Type.QualifiedName} -n {answer.Namespace}")),
            .. answers.Any(answer => answer.IsAllowed is null)
                ? [new CapiRemovalNotice(RemovalNoticeId.PermissionUnknown, CapiRemovalSeverity.Warning, null, "The server does not say what you may do (it answers no SelfSubjectAccessReview).", "What is refused is told when it is asked for.")]
                : Array.Empty<CapiRemovalNotice>(),
        ];
    }

    private void Note(string id, bool isBlocker, CapiCluster workload, string message, string wayOut) =>
        _notices.Add(new(id, isBlocker ? CapiRemovalSeverity.Blocker : CapiRemovalSeverity.Warning, $"Cluster {workload}", message, wayOut));
}
