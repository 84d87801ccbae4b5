using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Operations;

/// <summary>The Nodes and Pods of one Kubernetes cluster; null where they may not be read, and then the problem says why.</summary>
internal sealed record ClusterCensus(IReadOnlyList<NodeState>? Nodes, IReadOnlyList<PodState>? Pods, IReadOnlyList<CapiProblem> Problems)
{
    public int? NodesReady => Nodes?.Count(node => node.Ready == true);

    public bool HasNode(string? name) => Nodes?.Any(node => node.Name == name) == true;

    /// <summary>The Pods that are the hosted control plane of a Cluster of this management cluster.</summary>
    public int? ControlPlanePodsOf(CapiCluster cluster) => Pods?.Count(pod => pod.ControlPlaneOf == cluster.Name && pod.Namespace == cluster.Namespace);
}
