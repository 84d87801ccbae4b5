namespace CapiWorkshop.Operations;

/// <summary>What differs between two saved states.</summary>
public static class WorkshopStateComparison
{
    /// <summary>
    /// The differences by kind, namespace, name and property, the same for the same states. Things are the same where their UIDs are, and where one of the states
    /// knows no UID, where their names are: what was made anew under its old name has vanished and appeared. Of two scopes the narrower one is compared; containers only
    /// where both states have them.
    /// </summary>
    /// <param name="before">The earlier state.</param>
    /// <param name="after">The later state.</param>
    /// <exception cref="CapiProblemException"><c>AmbiguousScope</c> where the states are about two namespaces.</exception>
    public static IReadOnlyList<CapiStateChange> Compare(CapiWorkshopState before, CapiWorkshopState after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        if (before.Namespace is not null && after.Namespace is not null && before.Namespace != after.Namespace)
        {
            throw new CapiProblem(ProblemId.AmbiguousScope, CapiProblemCategory.InvalidArgument,
                $"One state is about namespace '{before.Namespace}', the other about namespace '{after.Namespace}': there is nothing to compare.",
                "Compare states of one namespace, or of all of them.", after.Namespace).ToException();
        }

        Thing[] old = [.. ThingsOf(before, after.Namespace)], young = [.. ThingsOf(after, before.Namespace)];
        bool haveContainers = before.Containers is not null && after.Containers is not null;
        return
        [
            .. old.Concat(young).Where(thing => haveContainers || thing.Kind != Kinds.Container)
                .Select(thing => (thing.Kind, thing.Namespace, thing.Name)).Distinct()
                .OrderBy(key => key.Kind).ThenBy(key => key.Namespace, StringComparer.Ordinal).ThenBy(key => key.Name, StringComparer.Ordinal)
                .SelectMany(key => Differences(Array.Find(old, thing => thing.Is(key)), Array.Find(young, thing => thing.Is(key)))),
        ];
    }

    private static IEnumerable<CapiStateChange> Differences(Thing? before, Thing? after) => (before, after) switch
    {
        (null, _) => [after!.Row(CapiStateChangeType.Appeared)],
        (_, null) => [before.Row(CapiStateChangeType.Vanished)],
        _ when before.Uid is not null && after.Uid is not null && before.Uid != after.Uid => [before.Row(CapiStateChangeType.Vanished), after.Row(CapiStateChangeType.Appeared)],
        _ => before.Facts.Zip(after.Facts).Where(pair => !Equals(pair.First.Value, pair.Second.Value)).Select(pair => after.Row(CapiStateChangeType.Changed) with
        {
            Property = pair.First.Property,
            Before = pair.First.Value,
            After = pair.Second.Value,
        }),
    };

    /// <summary>How somebody reached the management cluster (context, server) is no fact about it.</summary>
    private static IEnumerable<Thing> ThingsOf(CapiWorkshopState state, string? ns)
    {
        CapiManagementClusterState management = state.ManagementCluster;
        return
        [
            new(Kinds.ManagementCluster, null, "", null, null,
            [
                (nameof(management.Id), management.Id), (nameof(management.KubernetesVersion), management.KubernetesVersion), (nameof(management.CapiVersion), management.CapiVersion),
                (nameof(management.Ready), management.Ready),
            ]),
            .. (management.Providers ?? []).Select(provider => provider.Split(' ', 2)).Select(words => new Thing(Kinds.Provider, null, words[0], null, null, [("Version", words.ElementAtOrDefault(1))])),
            .. state.Clusters.Where(cluster => IsWithin(cluster.Namespace)).Select(cluster => new Thing(Kinds.Cluster, cluster.Namespace, cluster.Name, cluster.Name, cluster.Uid,
            [
                (nameof(cluster.Phase), cluster.Phase), (nameof(cluster.Available), cluster.Available), (nameof(cluster.ControlPlaneKind), cluster.ControlPlaneKind),
                (nameof(cluster.ControlPlaneReady), cluster.ControlPlaneReady), (nameof(cluster.ControlPlaneDesired), cluster.ControlPlaneDesired),
            ])),
            .. state.MachineDeployments.Where(deployment => IsWithin(deployment.Namespace)).Select(deployment => new Thing(Kinds.MachineDeployment, deployment.Namespace, deployment.Name, deployment.Cluster, deployment.Uid,
            [
                (nameof(deployment.Cluster), deployment.Cluster), (nameof(deployment.DesiredReplicas), deployment.DesiredReplicas), (nameof(deployment.Replicas), deployment.Replicas),
                (nameof(deployment.ReadyReplicas), deployment.ReadyReplicas), (nameof(deployment.Version), deployment.Version),
            ])),
            .. state.Machines.Where(machine => IsWithin(machine.Namespace)).Select(machine => new Thing(Kinds.Machine, machine.Namespace, machine.Name, machine.Cluster, machine.Uid,
            [
                (nameof(machine.Cluster), machine.Cluster), (nameof(machine.Phase), machine.Phase), (nameof(machine.Ready), machine.Ready), (nameof(machine.IsControlPlane), machine.IsControlPlane),
                (nameof(machine.NodeName), machine.NodeName), (nameof(machine.ProviderId), machine.ProviderId), (nameof(machine.Version), machine.Version),
            ])),
            .. state.HelmReleases.Where(release => IsWithin(release.Namespace)).Select(release => new Thing(Kinds.HelmReleaseProxy, release.Namespace, release.Name, release.Cluster, release.Uid,
            [
                (nameof(release.Cluster), release.Cluster), (nameof(release.HelmChartProxy), release.HelmChartProxy), (nameof(release.Chart), release.Chart), (nameof(release.ChartVersion), release.ChartVersion),
                (nameof(release.Release), release.Release), (nameof(release.Status), release.Status), (nameof(release.Revision), release.Revision), (nameof(release.Ready), release.Ready),
            ])),
            .. (state.Containers ?? []).Select(container => new Thing(Kinds.Container, null, container.Name, container.Cluster, null,
            [
                (nameof(container.Cluster), container.Cluster), (nameof(container.Role), container.Role), (nameof(container.Image), container.Image), (nameof(container.State), container.State),
            ])),
        ];

        bool IsWithin(string? itsNamespace) => ns is null || itsNamespace == ns;
    }

    /// <summary>In the order in which they are told.</summary>
    private enum Kinds
    {
        ManagementCluster,
        Provider,
        Cluster,
        MachineDeployment,
        Machine,
        HelmReleaseProxy,
        Container,
    }

    private sealed record Thing(Kinds Kind, string? Namespace, string Name, string? Cluster, string? Uid, (string Property, object? Value)[] Facts)
    {
        public bool Is((Kinds Kind, string? Namespace, string Name) key) => key == (Kind, Namespace, Name);

        public CapiStateChange Row(CapiStateChangeType change) => new() { Change = change, Kind = Kind.ToString(), Namespace = Namespace, Name = Name, Cluster = Cluster };
    }
}
