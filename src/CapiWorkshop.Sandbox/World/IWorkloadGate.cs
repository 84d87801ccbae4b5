using CapiWorkshop.Sandbox.Api;

namespace CapiWorkshop.Sandbox.World;

/// <summary>Puts the APIs of workload clusters on the wire and takes them off again. Called from the world's loop, one call at a time.</summary>
internal interface IWorkloadGate
{
    /// <summary>Makes the API reachable; the kubeconfig that leads there.</summary>
    string Open(string @namespace, string name, ClusterApi workload);

    void Close(string @namespace, string name);
}
