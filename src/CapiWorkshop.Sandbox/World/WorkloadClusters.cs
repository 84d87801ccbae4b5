using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Controllers;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.World;

/// <summary>The workload clusters that have a running control plane.</summary>
/// <param name="seed">Each cluster's own seed follows from this one and its name, whatever else there is.</param>
internal sealed class WorkloadClusters(WorldClock clock, int seed, IWorkloadGate gate)
{
    private readonly Dictionary<(string? Namespace, string Name), WorkloadCluster> _clusters = [];

    /// <summary>Told when one comes and when one goes.</summary>
    public event Action<WorkloadCluster>? Opened;

    public event Action<WorkloadCluster>? Closed;

    public WorkloadCluster? Find(string? @namespace, string name) => _clusters.GetValueOrDefault((@namespace, name));

    /// <summary>The control plane of a cluster answers from now on.</summary>
    /// <param name="hosted">Whether it runs as pods of the management cluster, and not on machines of its own.</param>
    public WorkloadCluster Open(string @namespace, string name, string version, bool hosted)
    {
        if (Find(@namespace, name) is { } there)
            return there;
        Random random = new(unchecked((int)Fnv1A.Hash($"{seed}/{@namespace}/{name}")));
        ClusterApi api = new(ResourceCatalog.Workload, new ObjectStore(clock, random), clock) { ServerVersion = version };
        WellKnownObjects.AddTo(api);
        WorkloadCluster cluster = new(@namespace, name, api, hosted) { KubeConfig = gate.Open(@namespace, name, api) };
        _clusters[(@namespace, name)] = cluster;
        WorkloadContent.AddSystem(api, hosted);
        Opened?.Invoke(cluster);
        return cluster;
    }

    public void Close(string? @namespace, string name)
    {
        if (!_clusters.Remove((@namespace, name), out WorkloadCluster? cluster))
            return;
        gate.Close(cluster.Namespace, cluster.Name);
        Closed?.Invoke(cluster);
    }
}
