using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations;

/// <summary>What clusters consist of, as far as it may be read: the state of one moment, as nearly as that can be had.</summary>
internal sealed record FleetSurvey
{
    /// <summary>The Clusters that are asked for.</summary>
    public required IReadOnlyList<CapiCluster> Clusters { get; init; }

    public required IReadOnlyList<CapiControlPlane> ControlPlanes { get; init; }

    public required IReadOnlyList<CapiMachineDeployment> MachineDeployments { get; init; }

    public required IReadOnlyList<CapiMachineSet> MachineSets { get; init; }

    public required IReadOnlyList<CapiMachinePool> MachinePools { get; init; }

    public required IReadOnlyList<CapiMachine> Machines { get; init; }

    public required IReadOnlyList<CapiHelmReleaseProxy> Releases { get; init; }

    /// <summary>The objects that stand for the Clusters' infrastructure.</summary>
    public required IReadOnlyList<OwnedObject> Infrastructure { get; init; }

    public required IReadOnlyList<OwnedObject> ResourceSets { get; init; }

    /// <summary>The namespace that was looked in; null for all.</summary>
    public required string? Namespace { get; init; }

    /// <summary>Whether all of that namespace was read, so that what has no Cluster is known, too.</summary>
    public required bool IsWhole { get; init; }

    /// <summary>What is not there, and what may not be read.</summary>
    public required IReadOnlyList<CapiProblem> Problems { get; init; }
}

/// <summary>Looks at what clusters consist of: one request a kind, however many clusters there are, and eight at a time.</summary>
internal sealed class FleetSurveying(ManagementCluster cluster, FleetRequest request) : IDisposable
{
    /// <summary>With more names than this, a selector by name would be longer than what it saves.</summary>
    private const int MostNames = 50;

    private readonly SemaphoreSlim _requests = new(8);
    private readonly Lock _gate = new();
    private readonly List<CapiProblem> _problems = [];

    public async Task<FleetSurvey> SurveyAsync(CancellationToken cancellationToken)
    {
        string?[] homes = [.. request.Clusters.Select(Home).DefaultIfEmpty(cluster.NamespaceOf(request.Scope)).Distinct()];
        string? ns = homes is [string only] ? only : null;
        ResourceFilter everything = new() { Namespace = ns, AllNamespaces = ns is null };
        List<CapiCluster> clusters = await ChooseAsync(everything, cancellationToken).ConfigureAwait(false);
        string[] names = [.. clusters.Select(one => one.Name).Distinct(StringComparer.Ordinal)];
        bool isWhole = request.Clusters.Count == 0;
        string? selector = isWhole || names.Length > MostNames ? null : $"{CapiNames.ClusterNameLabel} in ({string.Join(',', names)})";
        ResourceFilter parts = everything with { LabelSelector = selector };
        List<ResourceType> kinds = await cluster.FindClusterKindsAsync(cancellationToken).ConfigureAwait(false);
        bool any = isWhole || clusters.Count > 0;

        Task<List<T>> ListAsync<T>(CapiKind<T> kind)
            where T : CapiResource => any ? TryAsync(() => cluster.ListAddOnAsync(kind, parts, cancellationToken), cancellationToken) : Task.FromResult<List<T>>([]);
        Task<List<OwnedObject>> ListObjectsAsync(ResourceType kind, string? by) =>
            any ? TryAsync(() => cluster.ListObjectsAsync(new(kind, ns, by), cancellationToken), cancellationToken) : Task.FromResult<List<OwnedObject>>([]);

        HashSet<string?> controlPlaneKinds = [.. clusters.Select(one => one.ControlPlaneKind)];
        HashSet<string?> infrastructureKinds = [.. clusters.Select(one => one.InfrastructureKind)];
        Task<List<CapiMachineDeployment>> deployments = ListAsync(CapiKinds.MachineDeployment);
        Task<List<CapiMachineSet>> sets = ListAsync(CapiKinds.MachineSet);
        Task<List<CapiMachinePool>> pools = ListAsync(CapiKinds.MachinePool);
        Task<List<CapiMachine>> machines = ListAsync(CapiKinds.Machine);
        Task<List<CapiHelmReleaseProxy>> releases = ListAsync(CapiKinds.HelmReleaseProxy);
        Task<List<CapiControlPlane>>[] controlPlanes = [.. kinds.Where(kind => kind.Group == CapiNames.ControlPlaneGroup && controlPlaneKinds.Contains(kind.Kind)).Select(kind => ListAsync(CapiKinds.ControlPlane(kind)))];
        Task<List<OwnedObject>>[] infrastructure = [.. kinds.Where(kind => kind.Group == CapiNames.InfrastructureGroup && infrastructureKinds.Contains(kind.Kind)).Select(kind => ListObjectsAsync(kind, selector))];
        Task<List<OwnedObject>>[] resourceSets = [.. kinds.Where(kind => kind is { Group: CapiNames.AddonsGroup, Kind: "ClusterResourceSet" }).Select(kind => ListObjectsAsync(kind, null))];
        await Task.WhenAll([deployments, sets, pools, machines, releases, .. controlPlanes, .. infrastructure, .. resourceSets]).ConfigureAwait(false);
        return new()
        {
            Clusters = clusters,
            ControlPlanes = await AllAsync(controlPlanes).ConfigureAwait(false),
            MachineDeployments = await deployments.ConfigureAwait(false),
            MachineSets = await sets.ConfigureAwait(false),
            MachinePools = await pools.ConfigureAwait(false),
            Machines = await machines.ConfigureAwait(false),
            Releases = await releases.ConfigureAwait(false),
            Infrastructure = await AllAsync(infrastructure).ConfigureAwait(false),
            ResourceSets = await AllAsync(resourceSets).ConfigureAwait(false),
            Namespace = ns,
            IsWhole = isWhole,
            Problems = _problems,
        };
    }

    public void Dispose() => _requests.Dispose();

    private static async Task<List<T>> AllAsync<T>(Task<List<T>>[] lists) => [.. (await Task.WhenAll(lists).ConfigureAwait(false)).SelectMany(items => items)];

    /// <summary>The namespace of a target; null for all of them.</summary>
    private string? Home(FleetTarget target) => target.Namespace ?? cluster.NamespaceOf(request.Scope);

    /// <summary>The Clusters that are asked for, and a problem for each name that is not there.</summary>
    private async Task<List<CapiCluster>> ChooseAsync(ResourceFilter everything, CancellationToken cancellationToken)
    {
        // One that is known by name is asked for alone.
        ResourceFilter asked = request.Clusters is [FleetTarget single] ? everything with { Names = [single.Name] } : everything;
        List<CapiCluster> clusters = [];
        await foreach (Outcome<CapiCluster> outcome in cluster.GetAsync(CapiKinds.Cluster, asked, cancellationToken).ConfigureAwait(false))
        {
            if (outcome.Value is CapiCluster one)
            {
                clusters.Add(one);
            }
            else
            {
                _problems.Add(outcome.Problem!);
            }
        }

        if (request.Clusters.Count < 2)
        {
            return clusters;
        }

        List<CapiCluster> chosen = [];
        foreach ((NamePattern pattern, string? home) in request.Clusters.Select(target => (new NamePattern(target.Name), Home(target))))
        {
            CapiCluster[] found = [.. clusters.Where(one => pattern.Matches(one.Name) && (home is null || one.Namespace == home))];
            chosen.AddRange(found);
            if (found.Length == 0 && pattern.IsExact)
            {
                _problems.Add(ProblemTable.NotFound(CapiKinds.Cluster.Kind, pattern.Text, home));
            }
        }

        return [.. chosen.DistinctBy(one => one.Uid)];
    }

    /// <summary>What may not be read costs a problem, not the rest.</summary>
    private async Task<List<T>> TryAsync<T>(Func<Task<List<T>>> list, CancellationToken cancellationToken)
    {
        await _requests.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await list().ConfigureAwait(false);
        }
        catch (CapiProblemException e) when (e.Problem.Category == CapiProblemCategory.PermissionDenied)
        {
            lock (_gate)
            {
                _problems.Add(e.Problem);
            }

            return [];
        }
        finally
        {
            _requests.Release();
        }
    }
}
