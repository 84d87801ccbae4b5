using System.Globalization;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations;

/// <summary>Finds out what the removal of a workshop would take away.</summary>
internal sealed class RemovalPlanning(ManagementCluster cluster, TimeProvider clock)
{
    public async Task<CapiRemovalPlan> PlanAsync(RemovalRequest request, CancellationToken cancellationToken)
    {
        ResourceFilter scope = request.Scope;
        // Everything at once: it is the state of one moment, as nearly as that can be had.
        Task<CapiManagementCluster> description = cluster.DescribeAsync(cancellationToken);
        Task<List<CapiHelmChartProxy>> proxies = cluster.ListAddOnAsync(CapiKinds.HelmChartProxy, scope, cancellationToken);
        Task<List<CapiHelmReleaseProxy>> releases = cluster.ListAddOnAsync(CapiKinds.HelmReleaseProxy, scope, cancellationToken);
        Task<List<CapiCluster>> clusters = cluster.ListAllAsync(CapiKinds.Cluster, scope, cancellationToken);
        Task<List<CapiMachineDeployment>> deployments = cluster.ListAllAsync(CapiKinds.MachineDeployment, scope, cancellationToken);
        Task<List<CapiMachine>> machines = cluster.ListAllAsync(CapiKinds.Machine, scope, cancellationToken);
        await Task.WhenAll(description, proxies, releases, clusters, deployments, machines).ConfigureAwait(false);
        return Plan(
            scope,
            await description.ConfigureAwait(false),
            await proxies.ConfigureAwait(false),
            await releases.ConfigureAwait(false),
            await clusters.ConfigureAwait(false),
            await deployments.ConfigureAwait(false),
            await machines.ConfigureAwait(false));
    }

    private CapiRemovalPlan Plan(
        ResourceFilter scope,
        CapiManagementCluster description,
        List<CapiHelmChartProxy> proxies,
        List<CapiHelmReleaseProxy> releases,
        List<CapiCluster> clusters,
        List<CapiMachineDeployment> deployments,
        List<CapiMachine> machines)
    {
        List<CapiRemovalItem> items = [];
        foreach (CapiHelmChartProxy proxy in proxies)
        {
            CapiHelmReleaseProxy[] own = [.. releases.Where(release => release.HelmChartProxy == proxy.Name && release.Namespace == proxy.Namespace)];
            items.Add(Delete(CapiKinds.HelmChartProxy, proxy, CapiRemovalStage.Applications));
            items.AddRange(own.Select(release => Follow(CapiKinds.HelmReleaseProxy, release, CapiRemovalStage.Applications)));
        }

        foreach (CapiCluster workload in clusters)
        {
            items.AddRange(deployments.Where(item => IsOf(workload, item)).Select(deployment => Follow(CapiKinds.MachineDeployment, deployment, CapiRemovalStage.Workers)));
            items.AddRange(machines.Where(item => IsOf(workload, item)).Select(machine => Follow(CapiKinds.Machine, machine, machine.IsControlPlane ? CapiRemovalStage.ControlPlane : CapiRemovalStage.Workers)));
            items.Add(Delete(CapiKinds.Cluster, workload, CapiRemovalStage.Cluster));
        }

        return new()
        {
            Context = cluster.Endpoint.Context,
            Server = ProblemTable.Show(cluster.Endpoint.Server),
            ManagementClusterId = description.ManagementClusterId,
            Namespace = cluster.NamespaceOf(scope),
            CreatedAt = clock.GetUtcNow(),
            Items = [.. items.OrderBy(item => item.Stage)],
            Blockers = [.. items.Count == 0 ? [] : Blockers(description, [.. proxies, .. releases, .. clusters, .. deployments, .. machines])],
            Warnings = [.. Warnings(proxies, machines)],
            ManagementCluster = description,
        };
    }

    private static CapiRemovalItem Delete<T>(CapiKind<T> kind, T resource, CapiRemovalStage stage)
        where T : CapiResource => CapiRemovalItem.Of(resource, TypeOf(kind, resource), stage, CapiRemovalAction.Delete);

    private static CapiRemovalItem Follow<T>(CapiKind<T> kind, T resource, CapiRemovalStage stage)
        where T : CapiResource => CapiRemovalItem.Of(resource, TypeOf(kind, resource), stage, CapiRemovalAction.FollowsOwner);

    private static ResourceType TypeOf<T>(CapiKind<T> kind, T resource)
        where T : CapiResource => new(kind.Group, resource.ApiVersion[(resource.ApiVersion.IndexOf('/', StringComparison.Ordinal) + 1)..], kind.Plural, kind.Kind);

    private static bool IsOf(CapiCluster workload, CapiResource item) => item.Cluster == workload.Name && item.Namespace == workload.Namespace;

    /// <summary>Deletion is the controllers' work: who is paused does none, and who does not run, neither.</summary>
    private static IEnumerable<CapiRemovalNotice> Blockers(CapiManagementCluster description, IEnumerable<CapiResource> resources)
    {
        foreach (CapiResource resource in resources.Where(resource => resource.IsPaused))
        {
            yield return new(RemovalNoticeId.Paused, CapiRemovalSeverity.Blocker, $"{resource.Kind} {resource}", $"{resource.Kind} {resource} is paused: its controller would not take it away.", "Resume it first.");
        }

        // Where some controllers can be seen, one that cannot be seen is not there.
        bool seesControllers = description.Providers?.Any(provider => provider.Deployments.Count > 0) == true;
        foreach (CapiProvider provider in description.Providers?.Where(provider => provider.Available == false || (seesControllers && provider.Deployments.Count == 0)) ?? [])
        {
            (string id, string state) = provider.Deployments.Count == 0 ? (RemovalNoticeId.ControllerMissing, "missing") : (RemovalNoticeId.ControllerUnavailable, "not available");
            yield return new(id, CapiRemovalSeverity.Blocker, $"Provider {provider}", $"The controller of {provider} in namespace '{provider.Namespace}' is {state}: what it looks after would stay.", "Bring it back first.");
        }
    }

    private static IEnumerable<CapiRemovalNotice> Warnings(List<CapiHelmChartProxy> proxies, List<CapiMachine> machines)
    {
        foreach (CapiHelmChartProxy proxy in proxies.Where(proxy => proxy.ReconcileStrategy == "InstallOnce"))
        {
            yield return new(RemovalNoticeId.ReleaseStays, CapiRemovalSeverity.Warning, $"HelmChartProxy {proxy}", $"HelmChartProxy {proxy} installs once: its releases are not uninstalled.", "They go with their clusters.");
        }

        foreach (CapiMachine machine in machines)
        {
            string[] hooks = [.. machine.Annotations.Keys.Where(IsForeignHook)];
            if (hooks.Length > 0)
            {
                yield return new(RemovalNoticeId.DeletionHook, CapiRemovalSeverity.Warning, $"Machine {machine}", $"Machine {machine} waits for whoever set {string.Join(" and ", hooks)} before it goes.", "Take the annotation off where nobody will.");
            }
        }
    }

    /// <summary>Whether a deletion waits for somebody: kubeadm's control plane sets a hook on every machine of its own, and takes it off by itself.</summary>
    private static bool IsForeignHook(string annotation) =>
        (annotation.StartsWith(CapiNames.PreDrainHookPrefix, StringComparison.Ordinal) || annotation.StartsWith(CapiNames.PreTerminateHookPrefix, StringComparison.Ordinal))
        && annotation != CapiNames.KubeadmCleanupHook;
}
