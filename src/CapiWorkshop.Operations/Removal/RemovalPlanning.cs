using System.Globalization;

namespace CapiWorkshop.Operations;

/// <summary>Finds out what the removal of a workshop would take away.</summary>
internal sealed class RemovalPlanning(ManagementCluster cluster, TimeProvider clock)
{
    public async Task<CapiRemovalPlan> PlanAsync(ResourceFilter scope, CancellationToken cancellationToken)
    {
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
        Dictionary<string, IReadOnlyList<string>> releasesOf = new(StringComparer.Ordinal);
        foreach (CapiHelmChartProxy proxy in proxies)
        {
            CapiHelmReleaseProxy[] own = [.. releases.Where(release => release.HelmChartProxy == proxy.Name && release.Namespace == proxy.Namespace)];
            items.Add(new(CapiKinds.HelmChartProxy.Kind, proxy, isRequested: true));
            items.AddRange(own.Select(release => new CapiRemovalItem(CapiKinds.HelmReleaseProxy.Kind, release, isRequested: false)));
            releasesOf[proxy.Uid] = [.. own.Select(release => release.Uid)];
        }

        foreach (CapiCluster workload in clusters)
        {
            items.Add(new(CapiKinds.Cluster.Kind, workload, isRequested: true));
            items.AddRange(deployments.Where(IsOf(workload)).Select(deployment => new CapiRemovalItem(CapiKinds.MachineDeployment.Kind, deployment, isRequested: false)));
            items.AddRange(machines.Where(IsOf(workload)).Select(machine => new CapiRemovalItem(CapiKinds.Machine.Kind, machine, isRequested: false)));
        }

        return new()
        {
            Context = cluster.Endpoint.Context,
            ManagementClusterId = description.ManagementClusterId,
            Namespace = cluster.NamespaceOf(scope),
            CreatedAt = clock.GetUtcNow(),
            Items = items.AsReadOnly(),
            Blockers = [.. items.Count == 0 ? [] : Blockers(description, [.. proxies, .. releases, .. clusters, .. deployments, .. machines])],
            Warnings = [.. Warnings(proxies, machines)],
            ManagementCluster = description,
            ReleaseUids = releasesOf,
        };
    }

    private static Func<CapiResource, bool> IsOf(CapiCluster workload) => item => item.Cluster == workload.Name && item.Namespace == workload.Namespace;

    /// <summary>Deletion is the controllers' work: who is paused does none, and who does not run, neither.</summary>
    private static IEnumerable<string> Blockers(CapiManagementCluster description, IEnumerable<CapiResource> resources)
    {
        foreach (CapiResource resource in resources.Where(resource => resource.IsPaused))
        {
            yield return $"{resource.Kind} {resource} is paused: its controller would not take it away. Resume it first.";
        }

        // Where some controllers can be seen, one that cannot be seen is not there.
        bool seesControllers = description.Providers?.Any(provider => provider.Deployments.Count > 0) == true;
        foreach (CapiProvider provider in description.Providers?.Where(provider => provider.Available == false || (seesControllers && provider.Deployments.Count == 0)) ?? [])
        {
            yield return $"The controller of {provider} in namespace '{provider.Namespace}' is {(provider.Deployments.Count == 0 ? "missing" : "not available")}: what it looks after would stay.";
        }
    }

    private static IEnumerable<string> Warnings(List<CapiHelmChartProxy> proxies, List<CapiMachine> machines)
    {
        foreach (CapiHelmChartProxy proxy in proxies.Where(proxy => proxy.ReconcileStrategy == "InstallOnce"))
        {
            yield return $"HelmChartProxy {proxy} installs once: its releases are not uninstalled.";
        }

        foreach (CapiMachine machine in machines)
        {
            string[] hooks = [.. machine.Annotations.Keys.Where(IsForeignHook)];
            if (hooks.Length > 0)
            {
                yield return $"Machine {machine} waits for whoever set {string.Join(" and ", hooks)} before it goes.";
            }
        }
    }

    /// <summary>Whether a deletion waits for somebody: kubeadm's control plane sets a hook on every machine of its own, and takes it off by itself.</summary>
    private static bool IsForeignHook(string annotation) =>
        (annotation.StartsWith(CapiNames.PreDrainHookPrefix, StringComparison.Ordinal) || annotation.StartsWith(CapiNames.PreTerminateHookPrefix, StringComparison.Ordinal))
        && annotation != CapiNames.KubeadmCleanupHook;
}
