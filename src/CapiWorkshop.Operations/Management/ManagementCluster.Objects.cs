using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Operations;

public sealed partial class ManagementCluster
{
    /// <summary>The kinds that can be part of a cluster, whoever provides them, each in the version in which it is read here.</summary>
    internal async Task<List<ResourceType>> FindClusterKindsAsync(CancellationToken cancellationToken) =>
        [.. (await DiscoverAsync(cancellationToken).ConfigureAwait(false)).All.Where(type => IsOfCluster(type.Group)).GroupBy(type => type.QualifiedName, StringComparer.Ordinal)
            .Select(versions => Prefer(versions)!)];

    /// <summary>The objects of any kind. Where the server does not list them in a namespace, there are none.</summary>
    internal async Task<List<OwnedObject>> ListObjectsAsync(ResourceQuery query, CancellationToken cancellationToken)
    {
        WireContext wire = new(query.Type.ApiVersion, Endpoint.Context, await GetIdAsync(cancellationToken).ConfigureAwait(false), _clock);
        List<OwnedObject> items = [];
        try
        {
            await foreach (OwnedObject item in _api.ListAsync(query, (ref reader) => OwnedObjectReader.Read(ref reader, wire, query.Type), cancellationToken).ConfigureAwait(false))
            {
                items.Add(item);
            }
        }
        catch (CapiProblemException e) when (e.Problem.HttpStatus is 404 or 405)
        {
            // A kind of the whole server has no list in a namespace, and one that only answers questions has none at all.
        }

        return items;
    }

    /// <summary>The Clusters that Nodes of this management cluster say they belong to, by namespace and name; null where Nodes may not be read.</summary>
    internal async Task<HashSet<(string? Namespace, string? Name)>?> FindOwnClustersAsync(CancellationToken cancellationToken)
    {
        try
        {
            return [.. (await ListObjectsAsync(new(CoreTypes.Node), cancellationToken).ConfigureAwait(false))
                .Select(node => (node.Annotations.GetValueOrDefault(CapiNames.ClusterNamespaceAnnotation), node.Annotations.GetValueOrDefault(CapiNames.ClusterNameLabel)))];
        }
        catch (CapiProblemException e) when (e.Problem.Category == CapiProblemCategory.PermissionDenied)
        {
            return null;
        }
    }

    /// <summary>The identity of a workload cluster: the UID of its kube-system, asked at its own API with the kubeconfig of its secret.</summary>
    internal async Task<string?> GetWorkloadIdAsync(CapiCluster cluster, CancellationToken cancellationToken)
    {
        IKubernetesApi api = await _memory.Workloads.OpenAsync(_api, cluster, cancellationToken).ConfigureAwait(false);
        return await (_observer is null ? api : api.Observe(_observer)).GetAsync(new(CoreTypes.Namespace, null, "kube-system"), new InventoryReading().Uid, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether this user may do something with all objects of a type; null where the server does not say. Asks, and does nothing.</summary>
    /// <param name="verb">Kubernetes' word, such as <c>delete</c>.</param>
    /// <param name="type">The type.</param>
    /// <param name="ns">The namespace; null for all of them.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    internal async Task<bool?> MayAsync(string verb, ResourceType type, string? ns, CancellationToken cancellationToken)
    {
        try
        {
            return await _api.CreateAsync(CoreTypes.AccessReview, null, AccessReview.Write(verb, type, ns), AccessReview.IsAllowed, dryRun: false, cancellationToken).ConfigureAwait(false);
        }
        catch (CapiProblemException e) when (e.Problem.HttpStatus is 403 or 404 or 405)
        {
            return null;
        }
    }

    private static bool IsOfCluster(string group) =>
        (group == CapiNames.CoreGroup || group == CapiNames.K0smotronGroup || group.EndsWith("." + CapiNames.CoreGroup, StringComparison.Ordinal) || group.EndsWith("." + CapiNames.K0smotronGroup, StringComparison.Ordinal))
        && group is not (CapiNames.InventoryGroup or CapiNames.RuntimeGroup);
}
