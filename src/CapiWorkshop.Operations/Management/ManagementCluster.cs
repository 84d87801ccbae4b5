using System.Runtime.CompilerServices;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Operations;

/// <summary>
/// A Kubernetes API seen as a Cluster API management cluster: the door to everything else in this library. Thread-safe. What goes wrong is thrown as
/// <see cref="CapiProblemException"/>, or handed out as <see cref="Outcome{T}"/> where several things were asked for.
/// </summary>
public sealed partial class ManagementCluster : IDisposable
{
    /// <summary>How many single objects are asked for at a time: enough to hide the way to the server, and few enough to leave it room for others.</summary>
    private const int ParallelRequests = 8;

    private readonly IKubernetesApi _api;
    private readonly TimeProvider _clock;
    private readonly Memory _memory;
    private readonly bool _ownsApi;
    private readonly IApiObserver? _observer;

    /// <summary>Creates the view of an API. Asks nothing yet.</summary>
    /// <param name="api">The API; disposed of with this.</param>
    /// <param name="clock">The clock; the system's where it is null.</param>
    /// <param name="open">Opens the APIs of workload clusters; null where nobody will ask for one.</param>
    public ManagementCluster(IKubernetesApi api, TimeProvider? clock = null, KubernetesApiOpener? open = null)
        : this(api, clock ?? TimeProvider.System, new(new(open)), ownsApi: true)
    {
    }

    private ManagementCluster(IKubernetesApi api, TimeProvider clock, Memory memory, bool ownsApi, IApiObserver? observer = null)
    {
        _api = api;
        _clock = clock;
        _memory = memory;
        _ownsApi = ownsApi;
        _observer = observer;
    }

    /// <summary>Where it is.</summary>
    public KubernetesEndpoint Endpoint => _api.Endpoint;

    /// <summary>The same management cluster, whose requests are told to an observer. Disposing of it does nothing.</summary>
    /// <param name="observer">Is told.</param>
    public ManagementCluster Observe(IApiObserver observer) => new(_api.Observe(observer), _clock, _memory, ownsApi: false, observer);

    /// <summary>The same management cluster, whose writes are recorded: each one before it is made, and how it ended. Disposing of it does nothing.</summary>
    /// <param name="file">Where they are recorded; a write that cannot be is refused with <c>AuditFailed</c>.</param>
    /// <param name="command">On whose behalf, such as the name of a cmdlet.</param>
    public ManagementCluster Audit(AuditFile file, string command) =>
        new(new AuditedKubernetesApi(_api, new(file, command, GetIdAsync, _clock), _observer), _clock, _memory, ownsApi: false, _observer);

    /// <summary>The identity that all its objects carry: the UID of kube-system; a hash of address and authority where that may not be read. Asked once.</summary>
    /// <param name="cancellationToken">Ends the request.</param>
    public ValueTask<string> GetIdAsync(CancellationToken cancellationToken) => _memory.Id.GetAsync(
        async token =>
        {
            try
            {
                return await _api.GetAsync(new(CoreTypes.Namespace, null, "kube-system"), new InventoryReading().Uid, token).ConfigureAwait(false)
                    ?? _api.Endpoint.Fingerprint;
            }
            catch (CapiProblemException e) when (e.Problem.Id == ProblemId.ApiForbidden || e.Problem.Category == CapiProblemCategory.ObjectNotFound)
            {
                return _api.Endpoint.Fingerprint;
            }
        },
        cancellationToken);

    /// <summary>
    /// Fails where an object belongs to another management cluster than this one, so that nothing is ever read from or written to the wrong place.
    /// </summary>
    /// <param name="managementClusterId">The <see cref="CapiResource.ManagementClusterId"/> that the object carries.</param>
    /// <param name="context">The context it was read through; null where none was used.</param>
    /// <param name="target">The object, for the message: <c>namespace/name</c>.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="CapiProblemException"><c>WrongManagementCluster</c>.</exception>
    public async ValueTask EnsureOwnsAsync(string managementClusterId, string? context, string target, CancellationToken cancellationToken)
    {
        if (managementClusterId != await GetIdAsync(cancellationToken).ConfigureAwait(false))
        {
            throw new CapiProblem(ProblemId.WrongManagementCluster, CapiProblemCategory.InvalidOperation,
                $"{target} was read from another management cluster{(context is null ? "" : $" (context '{context}')")} than the one this command talks to, {Endpoint}.",
                context is null || context == Endpoint.Context ? "Name the connection it was read through with -Connection." : $"Name its management cluster with -Context {context}.", target).ToException();
        }
    }

    /// <summary>The objects of a kind, in the server's order, as they arrive; a problem in the place of each name that is not there.</summary>
    /// <typeparam name="T">The model.</typeparam>
    /// <param name="kind">The kind.</param>
    /// <param name="filter">Which ones.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    public async IAsyncEnumerable<Outcome<T>> GetAsync<T>(CapiKind<T> kind, ResourceFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where T : CapiResource
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(filter);
        if (kind.IsOptional && !await IsServedAsync(kind, cancellationToken).ConfigureAwait(false))
        {
            yield break;
        }

        await ResolveAsync(kind, cancellationToken).ConfigureAwait(false); // whether there are names to be asked for, too
        string id = await GetIdAsync(cancellationToken).ConfigureAwait(false);
        string? ns = NamespaceOf(filter);
        NamePattern[] patterns = [.. filter.Names.Select(name => new NamePattern(name))];
        NamePattern? cluster = filter.Cluster is null ? null : new(filter.Cluster);

        // Names that are known, in a namespace that is known, are asked for one by one: a list would bring everything else too.
        if (patterns.Length > 0 && ns is not null && string.IsNullOrWhiteSpace(filter.LabelSelector) && patterns.All(pattern => pattern.IsExact))
        {
            Queue<Task<Outcome<T>>> underWay = new();
            foreach (NamePattern pattern in patterns)
            {
                underWay.Enqueue(GetOneAsync(kind, ns, pattern.Text, cluster, id, cancellationToken));
                if (underWay.Count == ParallelRequests)
                {
                    yield return await underWay.Dequeue().ConfigureAwait(false);
                }
            }

            while (underWay.TryDequeue(out Task<Outcome<T>>? request))
            {
                yield return await request.ConfigureAwait(false);
            }

            yield break;
        }

        string? name = patterns is [{ IsExact: true } only] ? $"metadata.name={only.Text}" : null;
        HashSet<NamePattern> missing = [.. patterns.Where(pattern => pattern.IsExact)];
        bool any = false;
        IAsyncEnumerable<T> items = FollowServedVersion(
            kind, type => _api.ListAsync(new(type, ns, filter.ServerLabelSelector, name, filter.PageSize), ReaderOf(kind, type, id), cancellationToken), cancellationToken);
        await foreach (T item in items.ConfigureAwait(false))
        {
            if (cluster?.Matches(item.Cluster) == false || (patterns.Length > 0 && !Array.Exists(patterns, pattern => pattern.Matches(item.Name))))
            {
                continue;
            }

            any = true;
            missing.RemoveWhere(pattern => pattern.Matches(item.Name));
            yield return item;
        }

        foreach (NamePattern pattern in missing)
        {
            yield return ProblemTable.NotFound(kind.Kind, pattern.Text, ns);
        }

        // An empty answer for a cluster that does not exist is a typing error, not an empty cluster.
        if (!any && missing.Count == 0 && cluster is { IsExact: true } && typeof(T) != typeof(CapiCluster))
        {
            ResourceFilter parent = new() { Names = [cluster.Text], Namespace = filter.Namespace, AllNamespaces = filter.AllNamespaces };
            await foreach (Outcome<CapiCluster> found in GetAsync(CapiKinds.Cluster, parent, cancellationToken).ConfigureAwait(false))
            {
                if (found.Problem is CapiProblem problem)
                {
                    yield return problem;
                }
            }
        }
    }

    /// <summary>As <see cref="GetAsync"/>, for those who want all or nothing.</summary>
    /// <typeparam name="T">The model.</typeparam>
    /// <param name="kind">The kind.</param>
    /// <param name="filter">Which ones.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <exception cref="CapiProblemException">The first problem.</exception>
    public async Task<List<T>> ListAllAsync<T>(CapiKind<T> kind, ResourceFilter filter, CancellationToken cancellationToken = default)
        where T : CapiResource
    {
        List<T> items = [];
        await foreach (Outcome<T> outcome in GetAsync(kind, filter, cancellationToken).ConfigureAwait(false))
        {
            items.Add(outcome.Value ?? throw outcome.Problem!.ToException());
        }

        return items;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ownsApi)
        {
            _api.Dispose();
            _memory.Workloads.Dispose();
        }
    }

    /// <summary>All objects of a kind that an add-on brings: where it is not installed, there are none.</summary>
    internal async Task<List<T>> ListAddOnAsync<T>(CapiKind<T> kind, ResourceFilter filter, CancellationToken cancellationToken)
        where T : CapiResource
    {
        try
        {
            return await ListAllAsync(kind, filter, cancellationToken).ConfigureAwait(false);
        }
        catch (CapiProblemException e) when (e.Problem.Id == ProblemId.CapiNotInstalled)
        {
            return [];
        }
    }

    /// <summary>Whether a kind is served by a management cluster that may do without it; where it is not, that is noted.</summary>
    /// <exception cref="CapiProblemException"><c>CapiNotInstalled</c> where it is no management cluster.</exception>
    private async ValueTask<bool> IsServedAsync<T>(CapiKind<T> kind, CancellationToken cancellationToken)
        where T : CapiResource
    {
        if ((await DiscoverAsync(cancellationToken).ConfigureAwait(false)).Find(kind.Group, kind.Plural).Any())
        {
            return true;
        }

        await NoteMissingAsync($"{kind.Plural}.{kind.Group}", cancellationToken).ConfigureAwait(false);
        return false;
    }

    /// <summary>Says that a management cluster does without something.</summary>
    private async ValueTask NoteMissingAsync(string what, CancellationToken cancellationToken)
    {
        await ResolveAsync(CapiKinds.Cluster, cancellationToken).ConfigureAwait(false);
        _memory.Served.Forget(); // it may be installed while this connection is open
        _observer?.Note($"The server {ProblemTable.Show(Endpoint.Server)} does not serve {what}: there are none.");
    }

    /// <summary>The version in which a kind is read here: v1beta2 where it is served, else v1beta1, else what the server prefers.</summary>
    internal async ValueTask<ResourceType> ResolveAsync<T>(CapiKind<T> kind, CancellationToken cancellationToken)
        where T : CapiResource
    {
        ServedResources served = await DiscoverAsync(cancellationToken).ConfigureAwait(false);
        if (Prefer(served.Find(kind.Group, kind.Plural)) is ResourceType type)
        {
            return type with { ConfidentialField = kind.ConfidentialField };
        }

        _memory.Served.Forget(); // it may be installed while this connection is open
        throw new CapiProblem(ProblemId.CapiNotInstalled, CapiProblemCategory.NotInstalled,
            $"The server {ProblemTable.Show(Endpoint.Server)} does not serve {kind.Plural}.{kind.Group}: {kind.Component} is not installed there.",
            $"Connect to a management cluster (Connect-CapiManagementCluster -Context <name>), or install {kind.Component} there with clusterctl init.", ProblemTable.Show(Endpoint.Server)).ToException();
    }

    /// <summary>Asks for something of a kind; once more where its version has gone since it was discovered, as it does when Cluster API is upgraded.</summary>
    internal async Task<TResult> InServedVersionAsync<T, TResult>(CapiKind<T> kind, Func<ResourceType, Task<TResult>> ask, CancellationToken cancellationToken)
        where T : CapiResource
    {
        ResourceType type = await ResolveAsync(kind, cancellationToken).ConfigureAwait(false);
        try
        {
            return await ask(type).ConfigureAwait(false);
        }
        catch (CapiProblemException e) when (e.Problem.IsUnserved)
        {
            _memory.Served.Forget();
            ResourceType now = await ResolveAsync(kind, cancellationToken).ConfigureAwait(false);
            if (now == type)
            {
                throw;
            }

            return await ask(now).ConfigureAwait(false);
        }
    }

    /// <summary>As <see cref="InServedVersionAsync"/>, for what comes one by one: the first decides.</summary>
    private async IAsyncEnumerable<TItem> FollowServedVersion<T, TItem>(CapiKind<T> kind, Func<ResourceType, IAsyncEnumerable<TItem>> ask, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : CapiResource
    {
        IAsyncEnumerator<TItem>? items = null;
        try
        {
            bool any = await InServedVersionAsync(
                kind,
                async type =>
                {
                    if (items is not null)
                    {
                        await items.DisposeAsync().ConfigureAwait(false);
                    }

                    items = ask(type).GetAsyncEnumerator(cancellationToken);
                    return await items.MoveNextAsync().ConfigureAwait(false);
                },
                cancellationToken).ConfigureAwait(false);
            for (; any; any = await items!.MoveNextAsync().ConfigureAwait(false))
            {
                yield return items!.Current;
            }
        }
        finally
        {
            if (items is not null)
            {
                await items.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    internal static ResourceType? Prefer(IEnumerable<ResourceType> served)
    {
        ResourceType? best = null;
        foreach (ResourceType type in served)
        {
            best = (type.Version, best?.Version) switch
            {
                ("v1beta2", _) or (_, null) => type,
                ("v1beta1", not "v1beta2") => type,
                _ => best,
            };
        }

        return best;
    }

    /// <summary>The namespace to look in; null for all of them.</summary>
    /// <exception cref="CapiProblemException"><c>InvalidPattern</c> where it has wildcards: a server would find nothing there, and say so by silence.</exception>
    internal string? NamespaceOf(ResourceFilter filter)
    {
        if (filter.Namespace is string named && NamePattern.HasWildcard(named))
        {
            throw new CapiProblem(ProblemId.InvalidPattern, CapiProblemCategory.InvalidArgument, $"A namespace cannot have wildcards: '{named}'.", "Name one namespace, or look in all of them with -AllNamespaces.", named).ToException();
        }

        return filter.AllNamespaces ? null : filter.Namespace ?? Endpoint.Namespace;
    }

    internal JsonItemReader<T> ReaderOf<T>(CapiKind<T> kind, ResourceType type, string id)
        where T : CapiResource
    {
        WireContext wire = new(type.ApiVersion, Endpoint.Context, id, _clock);
        return (ref reader) => kind.Reader(ref reader, wire);
    }

    internal ValueTask<ServedResources> DiscoverAsync(CancellationToken cancellationToken) => _memory.Served.GetAsync(_api.DiscoverAsync, cancellationToken);

    private async Task<Outcome<T>> GetOneAsync<T>(CapiKind<T> kind, string ns, string name, NamePattern? cluster, string id, CancellationToken cancellationToken)
        where T : CapiResource
    {
        try
        {
            T item = await InServedVersionAsync(kind, type => _api.GetAsync(new(type, ns, name), ReaderOf(kind, type, id), cancellationToken), cancellationToken).ConfigureAwait(false);
            return cluster?.Matches(item.Cluster) == false ? ProblemTable.NotFound(kind.Kind, name, ns) : item;
        }
        catch (CapiProblemException e)
        {
            return e.Problem;
        }
    }

    /// <summary>What a connection has learned and need not ask again; shared by all views of it.</summary>
    private sealed class Memory(WorkloadClusters workloads)
    {
        public AsyncOnce<string> Id { get; } = new();

        public AsyncOnce<ServedResources> Served { get; } = new();

        public WorkloadClusters Workloads { get; } = workloads;
    }
}
