using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Operations;

/// <summary>What is there, of everything that a removal may concern: the state of one moment, as nearly as that can be had.</summary>
internal sealed record RemovalSurvey
{
    public required CapiManagementCluster Description { get; init; }

    /// <summary>The namespace that was looked in; null for all.</summary>
    public required string? Namespace { get; init; }

    /// <summary>All Clusters of the namespace: those that stay matter, too, where they share applications.</summary>
    public required IReadOnlyList<CapiCluster> Clusters { get; init; }

    /// <summary>Those that are asked for.</summary>
    public required IReadOnlyList<CapiCluster> Going { get; init; }

    public required IReadOnlyList<CapiHelmChartProxy> Proxies { get; init; }

    public required IReadOnlyList<CapiHelmReleaseProxy> Releases { get; init; }

    /// <summary>Every other object of Cluster API and its providers.</summary>
    public required IReadOnlyList<OwnedObject> Objects { get; init; }

    public required IReadOnlyList<OwnedObject> Secrets { get; init; }

    public required IReadOnlyList<OwnedObject> VolumeClaims { get; init; }

    /// <summary>The containers that bear a cluster's label; empty where no engine was asked or answers.</summary>
    public IReadOnlyList<EngineContainer> Containers { get; init; } = [];

    /// <summary>The address of the engine that holds them.</summary>
    public string? Engine { get; init; }

    /// <summary>What was asked for and is not there.</summary>
    public required IReadOnlyList<MissingCluster> Missing { get; init; }

    /// <summary>What could not be read.</summary>
    public required IReadOnlyList<CapiRemovalNotice> Unread { get; init; }
}

/// <summary>A Cluster that was asked for and is not there; what it left behind may be.</summary>
/// <param name="Namespace">Where it was looked for; null for everywhere.</param>
/// <param name="Name">Its name.</param>
/// <param name="Problem">That it is not there.</param>
internal sealed record MissingCluster(string? Namespace, string Name, CapiProblem Problem)
{
    /// <summary>Whether it is what somebody calls by this name.</summary>
    public bool IsCalled(string? ns, string? name) => Name == name && (Namespace is null || Namespace == ns);
}

/// <summary>Looks at what is there: one request a kind, however many clusters there are, and eight at a time.</summary>
internal sealed class RemovalSurveying(ManagementCluster cluster, RemovalRequest request, Func<IContainerEngine>? openEngine) : IDisposable
{
    /// <summary>With more names than this, a selector by name would be longer than what it saves.</summary>
    private const int MostNames = 50;

    private static readonly string[] TypedKinds =
        [.. new[] { (CapiKinds.Cluster.Plural, CapiKinds.Cluster.Group), (CapiKinds.HelmChartProxy.Plural, CapiKinds.HelmChartProxy.Group), (CapiKinds.HelmReleaseProxy.Plural, CapiKinds.HelmReleaseProxy.Group) }
            .Select(kind => $"{kind.Plural}.{kind.Group}")];

    private readonly SemaphoreSlim _requests = new(8);
    private readonly Lock _gate = new();
    private readonly List<CapiRemovalNotice> _unread = [];
    private readonly List<MissingCluster> _missing = [];

    public async Task<RemovalSurvey> SurveyAsync(CancellationToken cancellationToken)
    {
        ResourceFilter everything = Everything();
        string? ns = cluster.NamespaceOf(everything);
        Task<CapiManagementCluster> description = cluster.DescribeAsync(cancellationToken).MayBeLeft();
        Task<List<CapiHelmChartProxy>> proxies = TryAsync(CapiKinds.HelmChartProxy.Plural, () => cluster.ListAddOnAsync(CapiKinds.HelmChartProxy, everything, cancellationToken), cancellationToken).MayBeLeft();
        Task<List<CapiHelmReleaseProxy>> releases = TryAsync(CapiKinds.HelmReleaseProxy.Plural, () => cluster.ListAddOnAsync(CapiKinds.HelmReleaseProxy, everything, cancellationToken), cancellationToken).MayBeLeft();
        List<CapiCluster> clusters = await cluster.ListAllAsync(CapiKinds.Cluster, everything, cancellationToken).ConfigureAwait(false);
        List<CapiCluster> going = await ChooseAsync(clusters, ns, cancellationToken).ConfigureAwait(false);

        string? names = SelectorOf(going);
        List<ResourceType> kinds = going.Count == 0 && _missing.Count == 0 && !request.IsWholeWorkshop ? [] : await cluster.FindClusterKindsAsync(cancellationToken).ConfigureAwait(false);
        Task<List<OwnedObject>>[] objects = [.. kinds.Where(kind => !TypedKinds.Contains(kind.QualifiedName, StringComparer.Ordinal))
            .Select(kind => ListAsync(new(kind, ns, MayLackLabel(kind) ? null : names), cancellationToken))];
        Task<List<OwnedObject>> secrets = ListAsync(new(CoreTypes.Secret, ns, names ?? CapiNames.ClusterNameLabel), cancellationToken);
        Task<List<OwnedObject>> claims = kinds.Exists(kind => kind.Group == CapiNames.K0smotronGroup)
            ? ListAsync(new(CoreTypes.VolumeClaim, ns, $"{CapiNames.K0smotronAppLabel}=k0smotron"), cancellationToken)
            : Task.FromResult<List<OwnedObject>>([]);
        await Task.WhenAll([description, proxies, releases, secrets, claims, .. objects]).ConfigureAwait(false);

        RemovalSurvey survey = new()
        {
            Description = await description.ConfigureAwait(false),
            Namespace = ns,
            Clusters = clusters,
            Going = going,
            Proxies = await proxies.ConfigureAwait(false),
            Releases = await releases.ConfigureAwait(false),
            Objects = [.. (await Task.WhenAll(objects).ConfigureAwait(false)).SelectMany(items => items)],
            Secrets = await secrets.ConfigureAwait(false),
            VolumeClaims = await claims.ConfigureAwait(false),
            Missing = _missing,
            Unread = _unread,
        };
        return survey.Objects.Any(item => ContainerOf(item) is not null) ? await WithContainersAsync(survey, cancellationToken).ConfigureAwait(false) : survey;
    }

    public void Dispose() => _requests.Dispose();

    /// <summary>The container that an object stands for: a Machine's by the name that its provider gave it, a DockerCluster's load balancer by its rule; null where it is none.</summary>
    public static string? ContainerOf(OwnedObject item) => item switch
    {
        { Kind: "Machine" } => item.ProviderId?.Split(":////", 2) is ["docker", string name] ? name : null,
        { Kind: "DockerCluster", Cluster: string cluster } => ClusterContainers.LoadBalancerOf(cluster),
        _ => null,
    };

    /// <summary>The namespace that is looked in, or all where the named Clusters lie in several.</summary>
    private ResourceFilter Everything()
    {
        HashSet<string?> homes = [.. request.Targets.Select(target => target.Namespace ?? cluster.Endpoint.Namespace)];
        if (request.Targets.Count == 0 || request.SelectsByScope)
        {
            homes.Add(cluster.NamespaceOf(request.Scope));
        }

        return homes.Count == 1 && homes.Single() is string only ? new() { Namespace = only } : new() { AllNamespaces = true };
    }

    /// <summary>The Clusters that are asked for, and a problem for each name that is not there.</summary>
    private async Task<List<CapiCluster>> ChooseAsync(List<CapiCluster> clusters, string? ns, CancellationToken cancellationToken)
    {
        if (request.IsWholeWorkshop)
        {
            return clusters;
        }

        List<CapiCluster> chosen = [];
        foreach (RemovalTarget target in request.Targets)
        {
            string? home = target.Namespace ?? cluster.Endpoint.Namespace;
            if (clusters.Find(one => one.Name == target.Name && one.Namespace == home && (target.Uid is null || one.Uid == target.Uid)) is CapiCluster found)
            {
                chosen.Add(found);
            }
            else
            {
                _missing.Add(new(home, target.Name, clusters.Exists(one => one.Name == target.Name && one.Namespace == home)
                    ? new(ProblemId.NotFound(CapiKinds.Cluster.Kind), CapiProblemCategory.ObjectNotFound, $"Cluster '{target.Name}' in namespace '{home}' is another one of the same name now.", "Get it anew with Get-CapiCluster, and see whether that is the one you mean.", $"{home}/{target.Name}")
                    : ProblemTable.NotFound(CapiKinds.Cluster.Kind, target.Name, home)));
            }
        }

        if (request.SelectsByScope)
        {
            string? home = cluster.NamespaceOf(request.Scope);
            HashSet<string>? labelled = string.IsNullOrWhiteSpace(request.Scope.LabelSelector) ? null
                : [.. (await cluster.ListAllAsync(CapiKinds.Cluster, request.Scope with { Names = [] }, cancellationToken).ConfigureAwait(false)).Select(one => one.Uid)];
            CapiCluster[] candidates = [.. clusters.Where(one => (home is null || one.Namespace == home) && labelled?.Contains(one.Uid) != false)];
            NamePattern[] patterns = [.. request.Scope.Names.Select(name => new NamePattern(name))];
            chosen.AddRange(candidates.Where(one => patterns.Length == 0 || Array.Exists(patterns, pattern => pattern.Matches(one.Name))));
            foreach (NamePattern missing in patterns.Where(pattern => pattern.IsExact && !Array.Exists(candidates, one => pattern.Matches(one.Name))))
            {
                _missing.Add(new(home, missing.Text, await SayWhereAsync(missing.Text, home, cancellationToken).ConfigureAwait(false)));
            }
        }

        return [.. chosen.DistinctBy(one => one.Uid)];
    }

    /// <summary>The problem of a name that is not there; where it is elsewhere, and that may be seen, it says so.</summary>
    private async Task<CapiProblem> SayWhereAsync(string name, string? ns, CancellationToken cancellationToken)
    {
        CapiProblem problem = ProblemTable.NotFound(CapiKinds.Cluster.Kind, name, ns);
        if (ns is null)
        {
            return problem;
        }

        try
        {
            List<CapiCluster> all = await cluster.ListAllAsync(CapiKinds.Cluster, new() { AllNamespaces = true }, cancellationToken).ConfigureAwait(false);
            string[] homes = [.. all.Where(one => one.Name == name).Select(one => one.Namespace!)];
            return homes.Length == 0 ? problem : new(problem.Id, problem.Category, $"{problem.Message} There is one in namespace {string.Join(" and ", homes.Select(home => $"'{home}'"))}.",
                $"Name the namespace: -Namespace {homes[0]}.", problem.Target);
        }
        catch (CapiProblemException e) when (e.Problem.Category == CapiProblemCategory.PermissionDenied)
        {
            return problem;
        }
    }

    /// <summary>Asks for the objects of the named Clusters only, where that is less than everything; their names are unique enough for that.</summary>
    private string? SelectorOf(List<CapiCluster> going)
    {
        string[] names = [.. going.Select(one => one.Name).Concat(_missing.Select(one => one.Name)).Distinct(StringComparer.Ordinal)];
        return request.IsWholeWorkshop || names.Length is 0 or > MostNames ? null : $"{CapiNames.ClusterNameLabel} in ({string.Join(',', names)})";
    }

    /// <summary>Templates are only owned, what addons and address managers have is for several clusters, k0smotron's hosts may be no cluster's: these are not found by a cluster's label.</summary>
    private static bool MayLackLabel(ResourceType kind) =>
        kind.Group is CapiNames.AddonsGroup or CapiNames.K0smotronGroup || kind.Group.StartsWith("ipam.", StringComparison.Ordinal) || kind.Kind.EndsWith("Template", StringComparison.Ordinal);

    private Task<List<OwnedObject>> ListAsync(ResourceQuery query, CancellationToken cancellationToken) =>
        TryAsync(query.Type.QualifiedName, () => cluster.ListObjectsAsync(query, cancellationToken), cancellationToken);

    /// <summary>What may not be read costs a notice, not the plan.</summary>
    private async Task<List<T>> TryAsync<T>(string what, Func<Task<List<T>>> list, CancellationToken cancellationToken)
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
                _unread.Add(new(RemovalNoticeId.KindNotReadable, CapiRemovalSeverity.Warning, what, $"The {what} may not be listed: what there is of them is not in the plan.", e.Problem.Action));
            }

            return [];
        }
        finally
        {
            _requests.Release();
        }
    }

    private async Task<RemovalSurvey> WithContainersAsync(RemovalSurvey survey, CancellationToken cancellationToken)
    {
        try
        {
            return openEngine?.Invoke() is not IContainerEngine engine ? survey : survey with
            {
                Engine = engine.Endpoint.Address,
                Containers = await engine.ListAsync([new(ClusterContainers.ClusterLabel)], cancellationToken).ConfigureAwait(false),
            };
        }
        catch (CapiProblemException e)
        {
            return request.IncludeContainers
                ? survey with { Unread = [.. survey.Unread, new(RemovalNoticeId.EngineNotReadable, CapiRemovalSeverity.Warning, null, $"The containers are not in the plan: {e.Problem.Message}", e.Problem.Action)] }
                : survey;
        }
    }
}
