using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Operations;

/// <summary>Finds out what a removal would take away, what would stay, and what would stand in its way.</summary>
internal sealed class RemovalPlanning(ManagementCluster cluster, RemovalRequest request, Func<IContainerEngine>? openEngine, TimeProvider clock)
{
    private readonly List<CapiRemovalItem> _items = [];
    private readonly List<CapiRemovalNotice> _notices = [];

    public async Task<CapiRemovalPlan> PlanAsync(CancellationToken cancellationToken)
    {
        using RemovalSurveying surveying = new(cluster, request, openEngine);
        RemovalSurvey survey = await surveying.SurveyAsync(cancellationToken).ConfigureAwait(false);
        PlanApplications(survey);
        PlanClusters(survey);
        PlanContainers(survey);
        if (_items.Exists(item => item.IsRequested))
        {
            NoteControllers(survey.Description);
            NoteClusters(survey);
            _notices.AddRange(await new RemovalProbing(cluster, survey, clock).ProbeAsync(_items, cancellationToken).ConfigureAwait(false));
        }

        _notices.AddRange(survey.Unread);
        return new()
        {
            Context = cluster.Endpoint.Context,
            Server = ProblemTable.Show(cluster.Endpoint.Server),
            ManagementClusterId = survey.Description.ManagementClusterId,
            Namespace = survey.Namespace,
            CreatedAt = clock.GetUtcNow(),
            Items = [.. _items.OrderBy(item => item.Stage).ThenBy(item => item.Action != CapiRemovalAction.Unpause)],
            Blockers = [.. _notices.Where(notice => notice.Severity == CapiRemovalSeverity.Blocker)],
            Warnings = [.. _notices.Where(notice => notice.Severity == CapiRemovalSeverity.Warning)],
            // One whose leftovers are asked for is what an earlier run did not come to the end of.
            Problems = [.. survey.Missing.Where(one => !_items.Exists(item => item.IsRequested && one.IsCalled(item.Namespace, item.Cluster))).Select(one => one.Problem)],
            ManagementCluster = survey.Description,
            Request = request,
        };
    }

    private void PlanApplications(RemovalSurvey survey)
    {
        HashSet<string> going = [.. survey.Going.Select(workload => workload.Uid)];
        ClusterSelecting[] selecting =
        [
            .. survey.Proxies.Select(SelectingOf),
            .. survey.Objects.Where(item => item.Kind == "ClusterResourceSet").Select(set => new ClusterSelecting(set.Kind, set.Name, set.Namespace, set.ClusterSelector)),
        ];
        ILookup<CapiHelmChartProxy, CapiHelmReleaseProxy> releases = survey.Proxies.SelectMany(proxy => survey.Releases.Where(release => IsOf(release, proxy)).Select(release => (proxy, release)))
            .ToLookup(pair => pair.proxy, pair => pair.release);
        List<CapiHelmChartProxy> shared = [];
        foreach (CapiHelmChartProxy proxy in survey.Proxies)
        {
            CapiCluster[] served = [.. survey.Clusters.Where(workload => IsServed(workload, proxy, releases[proxy]))];
            if (served.Length == 0 ? !request.IsWholeWorkshop : !Array.Exists(served, workload => going.Contains(workload.Uid)))
            {
                continue; // it is nobody's who goes
            }

            CapiCluster[] staying = [.. served.Where(workload => !going.Contains(workload.Uid))];
            bool isOwn = staying.Length == 0;
            bool leavesReleases = proxy.ReconcileStrategy == "InstallOnce";
            _items.Add(CapiRemovalItem.Of(proxy, TypeOf(CapiKinds.HelmChartProxy, proxy), CapiRemovalStage.Applications, isOwn ? CapiRemovalAction.Delete : CapiRemovalAction.Stays) with
            {
                Reason = isOwn ? null : $"It serves {List(staying)}, too.",
            });
            if (!isOwn && !leavesReleases)
            {
                shared.Add(proxy);
            }

            foreach (CapiHelmReleaseProxy release in releases[proxy].Where(release => isOwn || survey.Going.Any(workload => IsOf(workload, release))))
            {
                // What installs once does not look back: unselected or without its cluster, such a release is never collected.
                _items.Add(CapiRemovalItem.Of(release, TypeOf(CapiKinds.HelmReleaseProxy, release), isOwn || !leavesReleases ? CapiRemovalStage.Applications : CapiRemovalStage.Leftovers,
                    isOwn || !leavesReleases ? CapiRemovalAction.FollowsOwner : OnRequest(request.IncludeOrphans)) with
                {
                    Owner = $"{CapiKinds.HelmChartProxy.Kind}/{proxy.Name}",
                    OwnerUid = proxy.Uid,
                    Reason = isOwn || !leavesReleases ? null : "Its HelmChartProxy installs once and stays, and does not collect it.",
                });
            }

            if (leavesReleases)
            {
                Note(RemovalNoticeId.ReleaseStays, false, $"HelmChartProxy {proxy}", $"HelmChartProxy {proxy} installs once: its releases are not uninstalled.", "They go with their clusters.");
            }

            NotePause(proxy, TypeOf(CapiKinds.HelmChartProxy, proxy), proxy.IsPaused && (isOwn || !leavesReleases)); // who is paused does not look whom it serves, either
            foreach (CapiHelmReleaseProxy release in releases[proxy].Where(release => release.IsPaused && (isOwn || survey.Going.Any(workload => IsOf(workload, release)))))
            {
                NotePause(release, TypeOf(CapiKinds.HelmReleaseProxy, release), true);
            }
        }

        foreach (CapiCluster workload in survey.Going)
        {
            Unselect(workload, [.. shared.Where(proxy => proxy.Namespace == workload.Namespace).Select(SelectingOf)], [.. selecting.Where(one => one.Namespace == workload.Namespace)]);
        }

        foreach (CapiHelmReleaseProxy stray in survey.Releases.Where(release => !survey.Proxies.Any(proxy => IsOf(release, proxy)) && IsConcerned(survey, release)))
        {
            _items.Add(CapiRemovalItem.Of(stray, TypeOf(CapiKinds.HelmReleaseProxy, stray), CapiRemovalStage.Leftovers, OnRequest(request.IncludeOrphans)) with
            {
                Reason = $"Its HelmChartProxy {stray.HelmChartProxy ?? "(none)"} is not there.",
            });
        }
    }

    private void Unselect(CapiCluster workload, ClusterSelecting[] shared, ClusterSelecting[] all)
    {
        IReadOnlyList<CapiLabelEdit> edits = LabelEditing.Find(workload.Labels, shared, all, out ClusterSelecting? stuck);
        _items.AddRange(edits.Select(edit => CapiRemovalItem.Of(workload, TypeOf(CapiKinds.Cluster, workload), CapiRemovalStage.Applications, CapiRemovalAction.Unlabel) with
        {
            Edit = edit,
            Reason = $"Unselects it from {string.Join(", ", edit.Unselects)}.",
        }));
        if (stuck is not null)
        {
            Note(RemovalNoticeId.SelectorNotEditable, true, $"Cluster {workload}",
                $"HelmChartProxy {stuck.Namespace}/{stuck.Name} serves clusters that stay, and no label taken off Cluster {workload} would unselect it alone (its selector is '{stuck.Text}').",
                "Change that selector so that it leaves the cluster out, or remove all of its clusters.");
        }
    }

    private void PlanClusters(RemovalSurvey survey)
    {
        ClusterGraph graph = new(survey.Clusters, survey.Objects);
        HashSet<string> going = [.. survey.Going.Select(workload => workload.Uid)];
        foreach (CapiCluster workload in survey.Going)
        {
            _items.Add(CapiRemovalItem.Of(workload, TypeOf(CapiKinds.Cluster, workload), CapiRemovalStage.Cluster, CapiRemovalAction.Delete));
            NotePause(workload, TypeOf(CapiKinds.Cluster, workload), workload.IsPaused);
        }

        ILookup<string, OwnedPart> parts = graph.Parts.Values.ToLookup(part => part.Cluster.Uid, StringComparer.Ordinal);
        foreach (OwnedPart part in survey.Going.SelectMany(workload => parts[workload.Uid].OrderBy(part => part.Stage)))
        {
            CapiOwnerReference? other = part.Stage != CapiRemovalStage.Leftovers ? null
                : part.Item.Owners.FirstOrDefault(owner => owner.Kind == CapiKinds.Cluster.Kind && survey.Clusters.Any(one => one.Uid == owner.Uid && !going.Contains(one.Uid)));
            _items.Add(CapiRemovalItem.Of(part.Item, part.Item.Type, part.Stage, other is null ? CapiRemovalAction.FollowsOwner : CapiRemovalAction.Stays) with
            {
                Cluster = part.Cluster.Name,
                Owner = $"{part.Owner.Kind}/{part.Owner.Name}",
                OwnerUid = part.Owner.Uid,
                Reason = other is null ? null : $"{other} owns it, too.",
            });
            NotePause(part.Item, part.Item.Type, part.Item.IsPausedItself);
            NoteHooks(part.Item);
        }

        foreach (OwnedObject orphan in survey.Objects.Where(item => !graph.Parts.ContainsKey(item.Uid) && item.Cluster is not null && IsConcerned(survey, item)))
        {
            _items.Add(CapiRemovalItem.Of(orphan, orphan.Type, CapiRemovalStage.Leftovers, OnRequest(request.IncludeOrphans)) with
            {
                Reason = orphan.Owners is [CapiOwnerReference owner, ..] ? $"Its owner {owner} is not there or not part of the cluster." : "It belongs to the cluster by its label only.",
            });
        }

        foreach (OwnedObject secret in survey.Secrets.Where(secret => survey.Going.Any(workload => IsOf(workload, secret))))
        {
            CapiOwnerReference? owner = secret.Owners.FirstOrDefault(owner => going.Contains(owner.Uid) || (graph.Parts.TryGetValue(owner.Uid, out OwnedPart part) && going.Contains(part.Cluster.Uid)));
            _items.Add(CapiRemovalItem.Of(secret, secret.Type, CapiRemovalStage.Leftovers,
                owner is null ? CapiRemovalAction.Stays : request.IncludeSecrets ? CapiRemovalAction.DeleteIfLeft : CapiRemovalAction.FollowsOwner) with
            {
                Owner = owner?.ToString(),
                OwnerUid = owner?.Uid,
                Reason = owner is null ? "Nothing of the cluster owns it." : null,
            });
        }

        PlanVolumes(survey, graph);
    }

    /// <summary>The claims of a hosted control plane have no owner: a label names their host, and whose that one is decides. Where there is no host any more, its name is the cluster's.</summary>
    private void PlanVolumes(RemovalSurvey survey, ClusterGraph graph)
    {
        bool knowsHosts = !survey.Unread.Any(notice => notice.Subject == $"{CapiKinds.Cluster.Plural}.{CapiNames.K0smotronGroup}");
        foreach (OwnedObject claim in survey.VolumeClaims.Where(_ => knowsHosts))
        {
            string? name = claim.Labels.GetValueOrDefault(CapiNames.K0smotronClusterLabel);
            OwnedObject? host = survey.Objects.FirstOrDefault(item => item.Type.Group == CapiNames.K0smotronGroup && item.Kind == "Cluster" && item.Name == name && item.Namespace == claim.Namespace);
            if (host is not null)
            {
                // One that is no Cluster's stands for itself: whatever its name is, nobody asked for it.
                CapiCluster? hosted = graph.Parts.TryGetValue(host.Uid, out OwnedPart part) ? part.Cluster : survey.Clusters.FirstOrDefault(workload => IsOf(workload, host));
                name = hosted is not null && survey.Going.Contains(hosted) ? hosted.Name : null;
            }

            if (!IsConcerned(survey, claim.Namespace, name))
            {
                continue;
            }

            bool follows = claim.Labels.GetValueOrDefault(CapiNames.K0smotronComponentLabel) == "etcd" ? host?.TakesEtcdVolumes == true : host?.TakesVolumes == true;
            _items.Add(CapiRemovalItem.Of(claim, claim.Type, CapiRemovalStage.Leftovers,
                request.IncludeVolumes ? CapiRemovalAction.DeleteIfLeft : follows ? CapiRemovalAction.FollowsOwner : CapiRemovalAction.Stays) with
            {
                Cluster = name,
                Owner = follows ? $"Cluster/{host?.Name}" : null,
                OwnerUid = follows ? host?.Uid : null,
                Reason = follows ? null : "It holds the data of the hosted control plane, which does not take it along.",
            });
        }
    }

    /// <summary>Only what is a Machine's or a load balancer's now, on the engine that holds it: a cluster of another owner may bear the same label.</summary>
    private void PlanContainers(RemovalSurvey survey)
    {
        HashSet<string> planned = [.. _items.Where(item => item.Action != CapiRemovalAction.Stays).Select(item => item.Uid)];
        foreach (OwnedObject owner in survey.Objects.Where(item => planned.Contains(item.Uid)))
        {
            if (RemovalSurveying.ContainerOf(owner) is string name
                && survey.Containers.FirstOrDefault(one => one.Names.Contains(name) && ClusterContainers.ClusterOf(one) == owner.Cluster) is EngineContainer container)
            {
                _items.Add(new()
                {
                    Stage = CapiRemovalStage.Leftovers,
                    Action = request.IncludeContainers && owner.Kind == CapiKinds.Machine.Kind ? CapiRemovalAction.DeleteIfLeft : CapiRemovalAction.FollowsOwner,
                    Kind = "Container",
                    Name = name,
                    Cluster = owner.Cluster,
                    Id = container.Id,
                    Engine = survey.Engine,
                    Owner = $"{owner.Kind}/{owner.Name}",
                    OwnerUid = owner.Uid,
                    OwnerNamespace = owner.Namespace,
                });
            }
        }
    }

    /// <summary>Deletion is the controllers' work: who is paused does none.</summary>
    private void NotePause(CapiResource resource, ResourceType type, bool isPaused)
    {
        if (!isPaused)
        {
            return;
        }

        if (request.Unpause)
        {
            _items.Add(CapiRemovalItem.Of(resource, type, CapiRemovalStage.Applications, CapiRemovalAction.Unpause));
        }
        else
        {
            Note(RemovalNoticeId.Paused, true, $"{type.Kind} {resource}", $"{type.Kind} {resource} is paused: its controller would not take it away.", "Resume it first, or use -Unpause.");
        }
    }

    private void NoteHooks(OwnedObject item)
    {
        string[] hooks = item.Kind == CapiKinds.Machine.Kind ? [.. item.Annotations.Keys.Where(IsForeignHook)] : [];
        if (hooks.Length > 0)
        {
            Note(RemovalNoticeId.DeletionHook, false, $"Machine {item}", $"Machine {item} waits for whoever set {string.Join(" and ", hooks)} before it goes.", "Take the annotation off where nobody will.");
        }
    }

    /// <summary>Who does not run takes nothing away, either.</summary>
    private void NoteControllers(CapiManagementCluster description)
    {
        // Where some controllers can be seen, one that cannot be seen is not there.
        bool seesControllers = description.Providers?.Any(provider => provider.Deployments.Count > 0) == true;
        foreach (CapiProvider provider in description.Providers?.Where(provider => provider.Available == false || (seesControllers && provider.Deployments.Count == 0)) ?? [])
        {
            (string id, string state) = provider.Deployments.Count == 0 ? (RemovalNoticeId.ControllerMissing, "missing") : (RemovalNoticeId.ControllerUnavailable, "not available");
            Note(id, true, $"Provider {provider}", $"The controller of {provider} in namespace '{provider.Namespace}' is {state}: what it looks after would stay.", "Bring it back first.");
        }
    }

    private void NoteClusters(RemovalSurvey survey)
    {
        foreach (CapiCluster workload in survey.Going.Where(workload => !request.IncludeProtected && IsProtected(workload)))
        {
            Note(RemovalNoticeId.Protected, true, $"Cluster {workload}", $"Cluster {workload} is protected ({CapiNames.ProtectedMark}).", "Leave it out, or use -IncludeProtected.");
        }

        HashSet<string> requested = [.. _items.Where(item => item.Action == CapiRemovalAction.Delete).Select(item => item.Uid)];
        foreach (CapiResource resource in survey.Going.Concat<CapiResource>(survey.Proxies).Where(resource => requested.Contains(resource.Uid)))
        {
            if (KeeperOf(resource) is string keeper)
            {
                Note(RemovalNoticeId.ManagedElsewhere, false, $"{resource.Kind} {resource}", $"{resource.Kind} {resource} is kept by {keeper}: it will come back.", "Remove it there first.");
            }
        }
    }

    /// <summary>Who would make it anew; null where nobody says so.</summary>
    private static string? KeeperOf(CapiResource resource) =>
        resource.Annotations.ContainsKey("argocd.argoproj.io/tracking-id") || resource.Labels.ContainsKey("argocd.argoproj.io/instance") ? "Argo CD"
        : resource.Labels.Keys.Any(key => key.EndsWith(".toolkit.fluxcd.io/name", StringComparison.Ordinal)) ? "Flux"
        : resource.Owners is [CapiOwnerReference owner, ..] ? $"its owner {owner}"
        : null;

    /// <summary>Whether a Cluster goes only where that is asked for.</summary>
    internal static bool IsProtected(CapiCluster workload) =>
        new[] { workload.Labels, workload.Annotations }.Any(marks => marks.TryGetValue(CapiNames.ProtectedMark, out string? value) && !string.Equals(value, "false", StringComparison.OrdinalIgnoreCase));

    /// <summary>Kubeadm's control plane sets a hook on every machine of its own, and takes it off by itself.</summary>
    private static bool IsForeignHook(string annotation) =>
        (annotation.StartsWith(CapiNames.PreDrainHookPrefix, StringComparison.Ordinal) || annotation.StartsWith(CapiNames.PreTerminateHookPrefix, StringComparison.Ordinal))
        && annotation != CapiNames.KubeadmCleanupHook;

    private static bool IsServed(CapiCluster workload, CapiHelmChartProxy proxy, IEnumerable<CapiHelmReleaseProxy> releases) =>
        workload.Namespace == proxy.Namespace
        && (SelectingOf(proxy).Matches(workload.Labels) || proxy.MatchingClusters.Contains(workload.Name, StringComparer.Ordinal) || releases.Any(release => release.Cluster == workload.Name));

    private static ClusterSelecting SelectingOf(CapiHelmChartProxy proxy) => new(CapiKinds.HelmChartProxy.Kind, proxy.Name, proxy.Namespace, proxy.ClusterSelector);

    private static bool IsOf(CapiHelmReleaseProxy release, CapiHelmChartProxy proxy) =>
        release.Owners.Any(owner => owner.Uid == proxy.Uid) || (release.HelmChartProxy == proxy.Name && release.Namespace == proxy.Namespace);

    private static bool IsOf(CapiCluster workload, CapiResource item) => item.Cluster == workload.Name && item.Namespace == workload.Namespace;

    private bool IsConcerned(RemovalSurvey survey, CapiResource item) => IsConcerned(survey, item.Namespace, item.Cluster);

    /// <summary>Whether something that nobody owns is named after a Cluster that goes, or that is not there any more: one that was named, or any where it is about everything.</summary>
    private bool IsConcerned(RemovalSurvey survey, string? ns, string? name) => survey.Clusters.FirstOrDefault(workload => workload.Name == name && workload.Namespace == ns) is CapiCluster there
        ? survey.Going.Contains(there)
        : name is not null && (request.IsWholeWorkshop || survey.Missing.Any(one => one.IsCalled(ns, name)));

    private static CapiRemovalAction OnRequest(bool isAskedFor) => isAskedFor ? CapiRemovalAction.DeleteIfLeft : CapiRemovalAction.Stays;

    private static ResourceType TypeOf<T>(CapiKind<T> kind, T resource)
        where T : CapiResource => new(kind.Group, resource.ApiVersion[(resource.ApiVersion.IndexOf('/', StringComparison.Ordinal) + 1)..], kind.Plural, kind.Kind);

    private static string List(CapiCluster[] clusters) =>
        clusters.Length <= 3 ? string.Join(", ", clusters.Select(workload => workload.Name)) : $"{string.Join(", ", clusters.Take(2).Select(workload => workload.Name))} and {clusters.Length - 2} more";

    private void Note(string id, bool isBlocker, string? subject, string message, string wayOut) =>
        _notices.Add(new(id, isBlocker ? CapiRemovalSeverity.Blocker : CapiRemovalSeverity.Warning, subject, message, wayOut));
}
