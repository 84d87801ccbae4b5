using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations;

public sealed partial class ManagementCluster
{
    /// <summary>What there is now, to be kept: clusters, deployments, machines, Helm releases and containers. Never a secret.</summary>
    /// <param name="scope">The namespace, or all of them.</param>
    /// <param name="openEngine">Opens the engine that has the containers; null where nobody shall look.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <exception cref="CapiProblemException">What the server answered. That an engine does not answer is no failure: then its part is null.</exception>
    public async Task<CapiWorkshopState> TakeStateAsync(ResourceFilter scope, Func<IContainerEngine>? openEngine, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        Task<CapiManagementCluster> description = DescribeAsync(cancellationToken);
        Task<List<CapiCluster>> clusters = ListAllAsync(CapiKinds.Cluster, scope, cancellationToken);
        Task<List<CapiMachineDeployment>> deployments = ListAllAsync(CapiKinds.MachineDeployment, scope, cancellationToken);
        Task<List<CapiMachine>> machines = ListAllAsync(CapiKinds.Machine, scope, cancellationToken);
        Task<List<CapiHelmReleaseProxy>> releases = ListAddOnAsync(CapiKinds.HelmReleaseProxy, scope, cancellationToken);
        Task<IReadOnlyList<EngineContainer>?> containers = TryListContainersAsync(openEngine, cancellationToken);
        await Task.WhenAll(description, clusters, deployments, machines, releases, containers).ConfigureAwait(false);

        CapiManagementCluster management = await description.ConfigureAwait(false);
        return new()
        {
            TakenAt = _clock.GetUtcNow(),
            Namespace = NamespaceOf(scope),
            ManagementCluster = new()
            {
                Id = management.ManagementClusterId,
                Context = management.Context,
                Server = ProblemTable.Show(management.Server),
                KubernetesVersion = management.KubernetesVersion,
                CapiVersion = management.CapiVersion,
                Providers = management.Providers is null ? null : [.. management.Providers.Select(provider => provider.ToString()).Order(StringComparer.Ordinal)],
                Ready = management.Ready,
            },
            Clusters = [.. Sorted(await clusters.ConfigureAwait(false)).Select(cluster => new CapiClusterState
            {
                Name = cluster.Name,
                Namespace = cluster.Namespace,
                Uid = cluster.Uid,
                Phase = cluster.RawPhase,
                Available = cluster.Available,
                ControlPlaneKind = cluster.ControlPlaneKind,
                ControlPlaneReady = cluster.ControlPlane.Ready,
                ControlPlaneDesired = cluster.ControlPlane.Desired,
                CreatedAt = cluster.CreatedAt,
            })],
            MachineDeployments = [.. Sorted(await deployments.ConfigureAwait(false)).Select(deployment => new CapiMachineDeploymentState
            {
                Name = deployment.Name,
                Namespace = deployment.Namespace,
                Uid = deployment.Uid,
                Cluster = deployment.Cluster,
                DesiredReplicas = deployment.DesiredReplicas,
                Replicas = deployment.Replicas,
                ReadyReplicas = deployment.ReadyReplicas,
                Version = deployment.Version,
            })],
            Machines = [.. Sorted(await machines.ConfigureAwait(false)).Select(machine => new CapiMachineState
            {
                Name = machine.Name,
                Namespace = machine.Namespace,
                Uid = machine.Uid,
                Cluster = machine.Cluster,
                Phase = machine.RawPhase,
                Ready = machine.Ready,
                IsControlPlane = machine.IsControlPlane,
                NodeName = machine.NodeName,
                ProviderId = machine.ProviderId,
                Version = machine.Version,
            })],
            HelmReleases = [.. Sorted(await releases.ConfigureAwait(false)).Select(release => new CapiHelmReleaseState
            {
                Name = release.Name,
                Namespace = release.Namespace,
                Uid = release.Uid,
                Cluster = release.Cluster,
                HelmChartProxy = release.HelmChartProxy,
                Chart = release.ChartName,
                ChartVersion = release.ChartVersion,
                Release = release.ReleaseName,
                Status = release.Status,
                Revision = release.Revision,
                Ready = release.Ready,
            })],
            Containers = (await containers.ConfigureAwait(false))?.OrderBy(container => container.ToString(), StringComparer.Ordinal).Select(container => new CapiContainerState
            {
                Name = container.ToString(),
                Cluster = ClusterContainers.ClusterOf(container),
                Role = ClusterContainers.RoleOf(container),
                Image = container.Image,
                State = container.RawState,
            }).ToArray(),
        };
    }

    /// <summary>What the workshop teaches, and what of it is really there.</summary>
    /// <param name="scope">The namespace, or all of them.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <exception cref="CapiProblemException">What the server answered.</exception>
    public async Task<CapiWorkshopSummary> SummarizeAsync(ResourceFilter scope, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        Task<List<CapiCluster>> clusters = ListAllAsync(CapiKinds.Cluster, scope, cancellationToken);
        Task<List<CapiMachine>> machines = ListAllAsync(CapiKinds.Machine, scope, cancellationToken);
        Task<List<CapiHelmReleaseProxy>> releases = ListAddOnAsync(CapiKinds.HelmReleaseProxy, scope, cancellationToken);
        Task<ClusterCensus> census = CountAsync(cancellationToken);
        await Task.WhenAll(clusters, machines, releases, census).ConfigureAwait(false);

        List<CapiCluster> found = await clusters.ConfigureAwait(false);
        List<CapiMachine> all = await machines.ConfigureAwait(false);
        ClusterCensus host = await census.ConfigureAwait(false);
        return new()
        {
            Modules = LearningPath.Modules,
            Skills = LearningPath.Skills,
            Context = Endpoint.Context,
            ManagementClusterId = await GetIdAsync(cancellationToken).ConfigureAwait(false),
            Clusters = [.. Sorted(found)],
            ControlPlaneMachines = all.Count(machine => machine.IsControlPlane),
            WorkerMachines = all.Count(machine => !machine.IsControlPlane),
            Nodes = all.Count(machine => machine.NodeName is not null),
            ControlPlanePods = host.Pods is null ? null : found.Sum(cluster => host.ControlPlanePodsOf(cluster)),
            Applications = [.. Sorted((await releases.ConfigureAwait(false)).Where(release => release.Ready == true))],
            ObservedAt = _clock.GetUtcNow(),
        };
    }

    private static IEnumerable<T> Sorted<T>(IEnumerable<T> items)
        where T : CapiResource => items.OrderBy(item => item.Namespace, StringComparer.Ordinal).ThenBy(item => item.Name, StringComparer.Ordinal);

    private static async Task<IReadOnlyList<EngineContainer>?> TryListContainersAsync(Func<IContainerEngine>? openEngine, CancellationToken cancellationToken)
    {
        try
        {
            return openEngine is null ? null : await openEngine().ListAsync([new(ClusterContainers.ClusterLabel)], cancellationToken).ConfigureAwait(false);
        }
        catch (CapiProblemException)
        {
            return null;
        }
    }
}
