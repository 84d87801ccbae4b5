using System.Runtime.CompilerServices;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Operations;

public sealed partial class ManagementCluster
{
    /// <summary>
    /// What this management cluster is and how its controllers do. What may not be read is null and named in <see cref="CapiManagementCluster.Problems"/>;
    /// only a server that cannot be reached, or does not accept the credentials, fails.
    /// </summary>
    /// <param name="cancellationToken">Ends the requests.</param>
    public async Task<CapiManagementCluster> DescribeAsync(CancellationToken cancellationToken = default)
    {
        // Discovery first: it fails at once where nobody listens or the credentials are bad, with one request instead of six.
        ServedResources served = await DiscoverAsync(cancellationToken).ConfigureAwait(false);
        ResourceType[] clusters = [.. served.Find(CapiNames.CoreGroup, "clusters")];
        List<CapiProblem> problems = [];
        Task<string> id = GetIdAsync(cancellationToken).AsTask();
        Task<string?> version = TryAsync<string>(problems, async () => await _api.GetServerVersionAsync(cancellationToken).ConfigureAwait(false));
        Task<List<NodeState>?> nodes = TryListAsync<NodeState>(_api, problems, new(CoreTypes.Node), new InventoryReading().Node, cancellationToken);
        Task<List<CapiProvider>?> inventory = ReadProvidersAsync(served, problems, cancellationToken);
        await Task.WhenAll(id, version, nodes, inventory).ConfigureAwait(false);

        List<NodeState>? nodeStates = await nodes.ConfigureAwait(false);
        List<CapiProvider>? providers = await inventory.ConfigureAwait(false);
        int? ready = nodeStates?.Count(state => state.Ready == true);
        return new()
        {
            Context = Endpoint.Context,
            Server = Endpoint.Server,
            Namespace = Endpoint.Namespace,
            ImpersonatedUser = Endpoint.ImpersonatedUser,
            ManagementClusterId = await id.ConfigureAwait(false),
            KubernetesVersion = await version.ConfigureAwait(false),
            Nodes = nodeStates?.Count,
            NodesReady = ready,
            CapiVersion = providers?.Find(provider => provider.Name == "cluster-api")?.Version,
            ApiVersion = Prefer(clusters)?.Version,
            ServedApiVersions = [.. clusters.Select(type => type.Version)],
            Providers = providers?.AsReadOnly(),
            Ready = clusters.Length == 0 ? false : IsReady(nodeStates?.Count, ready, providers),
            ObservedAt = _clock.GetUtcNow(),
            Problems = problems.AsReadOnly(),
        };
    }

    /// <summary>The providers; a problem in the place of each name that is not there, and why where they may not be read.</summary>
    /// <param name="names">Names, with wildcards; empty for all.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    public async IAsyncEnumerable<Outcome<CapiProvider>> GetProvidersAsync(IReadOnlyList<string> names, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(names);
        List<CapiProblem> problems = [];
        List<CapiProvider>? providers = await ReadProvidersAsync(await DiscoverAsync(cancellationToken).ConfigureAwait(false), problems, cancellationToken).ConfigureAwait(false);
        if (providers is null)
        {
            foreach (CapiProblem problem in problems)
            {
                yield return problem;
            }

            yield break;
        }

        foreach (CapiProblem problem in problems)
        {
            _observer?.Note($"What could not be read is left empty. {problem.Message}");
        }

        NamePattern[] patterns = [.. names.Select(name => new NamePattern(name))];
        foreach (CapiProvider provider in providers.Where(provider => patterns.Length == 0 || Array.Exists(patterns, pattern => pattern.Matches(provider.Name))))
        {
            yield return provider;
        }

        foreach (NamePattern pattern in patterns.Where(pattern => pattern.IsExact && !providers.Exists(provider => pattern.Matches(provider.Name))))
        {
            yield return ProblemTable.NotFound("Provider", pattern.Text, null);
        }
    }

    /// <summary>Inventory and controllers; null where neither may be read.</summary>
    private async Task<List<CapiProvider>?> ReadProvidersAsync(ServedResources served, List<CapiProblem> problems, CancellationToken cancellationToken)
    {
        ResourceType? inventory = served.Find(CapiNames.InventoryGroup, "providers").FirstOrDefault();
        Task<List<ControllerDeployment>?> deployments = TryListAsync<ControllerDeployment>(
            _api, problems, new(CoreTypes.Deployment, LabelSelector: CapiNames.ProviderLabel), new InventoryReading().Deployment, cancellationToken);
        Task<List<InventoryEntry>?> entries = inventory is null
            ? Task.FromResult<List<InventoryEntry>?>(null)
            : TryListAsync<InventoryEntry>(_api, problems, new(inventory), new InventoryReading().Provider, cancellationToken);
        await Task.WhenAll(deployments, entries).ConfigureAwait(false);
        return Join(await entries.ConfigureAwait(false), await deployments.ConfigureAwait(false));
    }

    /// <summary>True and false need evidence of everything they are about; a controller that is down is evidence enough for false.</summary>
    private static bool? IsReady(int? nodes, int? ready, List<CapiProvider>? providers)
    {
        if (nodes > ready || providers?.Exists(provider => provider.Available == false) == true)
        {
            return false;
        }

        return nodes is null or 0 || providers is null or { Count: 0 } || providers.Exists(provider => provider.Available is null) ? null : true;
    }

    /// <summary>Inventory tells name and version, Deployments tell health; each may lack what the other has.</summary>
    private static List<CapiProvider>? Join(List<InventoryEntry>? entries, List<ControllerDeployment>? deployments)
    {
        if (entries is null && deployments is null)
        {
            return null;
        }

        ILookup<string?, ControllerDeployment> byProvider = (deployments ?? []).ToLookup(deployment => deployment.Provider);
        List<CapiProvider> providers = [];
        foreach (InventoryEntry entry in entries ?? [])
        {
            // A label is the rule; k0smotron puts one of its own on all three of its providers.
            ControllerDeployment[] own = [.. byProvider[entry.Label].Where(deployment => deployment.Namespace == entry.Namespace)];
            if (own.Length == 0)
            {
                own = [.. (deployments ?? []).Where(deployment => deployment.Namespace == entry.Namespace)];
            }

            providers.Add(ToProvider(entry.ProviderName ?? entry.Name, entry.Type, entry.Version, entry.Namespace, own));
        }

        HashSet<string?> covered = [.. (entries ?? []).Select(entry => entry.Namespace)];
        foreach (IGrouping<(string? Provider, string? Namespace), ControllerDeployment> rest in (deployments ?? []).GroupBy(deployment => (deployment.Provider, deployment.Namespace)))
        {
            if (!covered.Contains(rest.Key.Namespace))
            {
                ControllerDeployment[] own = [.. rest];
                providers.Add(ToProvider(rest.Key.Provider ?? own[0].Name, null, own[0].ImageTag, rest.Key.Namespace, own));
            }
        }

        return providers;
    }

    private static CapiProvider ToProvider(string name, string? type, string? version, string? ns, ControllerDeployment[] deployments) => new()
    {
        Name = name,
        Type = type,
        Version = version,
        Namespace = ns,
        Deployments = [.. deployments.Select(deployment => deployment.Name)],
        Available = deployments.Length == 0 ? null
            : Array.Exists(deployments, deployment => deployment.Available == false) ? false
            : Array.TrueForAll(deployments, deployment => deployment.Available == true) ? true : null,
    };

    private static async Task<List<T>?> TryListAsync<T>(IKubernetesApi api, List<CapiProblem> problems, ResourceQuery query, JsonItemReader<T> reader, CancellationToken cancellationToken) =>
        await TryAsync(problems, async () =>
        {
            List<T> items = [];
            await foreach (T item in api.ListAsync(query, reader, cancellationToken).ConfigureAwait(false))
            {
                items.Add(item);
            }

            return items;
        }).ConfigureAwait(false);

    private static async Task<T?> TryAsync<T>(List<CapiProblem> problems, Func<Task<T>> ask)
        where T : class
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (CapiProblemException e) when (e.Problem.Category is CapiProblemCategory.PermissionDenied or CapiProblemCategory.ObjectNotFound)
        {
            lock (problems)
            {
                problems.Add(e.Problem);
            }

            return null;
        }
    }
}
