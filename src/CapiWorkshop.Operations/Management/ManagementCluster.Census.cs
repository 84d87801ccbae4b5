using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Operations;

public sealed partial class ManagementCluster
{
    /// <summary>The Nodes and Pods of the management cluster.</summary>
    internal Task<ClusterCensus> CountAsync(CancellationToken cancellationToken) => CountAsync(_api, cancellationToken);

    /// <summary>The Nodes and Pods of a workload cluster, asked at its own API with the kubeconfig of its secret.</summary>
    internal async Task<ClusterCensus> CountAsync(CapiCluster cluster, CancellationToken cancellationToken)
    {
        IKubernetesApi api = await _memory.Workloads.OpenAsync(_api, cluster, cancellationToken).ConfigureAwait(false);
        try
        {
            return await CountAsync(_observer is null ? api : api.Observe(_observer), cancellationToken).ConfigureAwait(false);
        }
        catch (CapiProblemException e) when (e.Problem.Id == ProblemId.ApiUnauthorized)
        {
            _memory.Workloads.Forget(cluster, api);
            throw;
        }
    }

    private static async Task<ClusterCensus> CountAsync(IKubernetesApi api, CancellationToken cancellationToken)
    {
        List<CapiProblem> problems = [];
        Task<List<NodeState>?> nodes = TryListAsync<NodeState>(api, problems, new(CoreTypes.Node), new InventoryReading().Node, cancellationToken);
        Task<List<PodState>?> pods = TryListAsync<PodState>(api, problems, new(CoreTypes.Pod), new InventoryReading().Pod, cancellationToken);
        await Task.WhenAll(nodes, pods).ConfigureAwait(false);
        return new(await nodes.ConfigureAwait(false), await pods.ConfigureAwait(false), problems);
    }
}
