using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Controllers;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.World;

/// <summary>A workload cluster that answers: its API, and what its machines have brought into it.</summary>
internal sealed class WorkloadCluster(string @namespace, string name, ClusterApi api, bool hosted)
{
    private readonly Dictionary<string, string> _machines = new(StringComparer.Ordinal);

    public string Namespace => @namespace;

    public string Name => name;

    public ClusterApi Api => api;

    /// <summary>The way in, once the gate has opened it.</summary>
    public required string KubeConfig { get; init; }

    /// <summary>Whether its control plane runs as pods of the management cluster.</summary>
    public bool IsHosted => hosted;

    public string? MachineOf(string node) => _machines.GetValueOrDefault(node);

    public StoredObject? Node(string node) => api.Store.Find(Kinds.Node, null, node);

    /// <summary>A machine's kubelet reports for the first time, and what runs on every node starts there.</summary>
    public void Join(string node, string machine, string address, string version, bool controlPlane)
    {
        _machines[node] = machine;
        if (Node(node) is not null)
            return;
        JsonObject content = NodeContent.Describe(node, address, DockerMachineController.ProviderId(node), version, api.Time.GetUtcNow());
        if (controlPlane)
        {
            JsonObject labels = content.Ensure("metadata", "labels");
            labels["node-role.kubernetes.io/control-plane"] = "";
            labels["node.kubernetes.io/exclude-from-external-load-balancers"] = "";
        }

        api.Store.Create(Kinds.Node, content, WriteScope.Everything);
        WorkloadContent.AddNodePods(api, node, address, controlPlane, hosted, version);
    }

    /// <summary>The kubelet of a node is heard of again, or has not been for too long.</summary>
    public void Report(string node, bool alive)
    {
        if (Node(node) is { } item && Conditions.IsTrue(item.ToJson(), "Ready") != alive)
            api.Store.Update(Kinds.Node, null, node, content => NodeContent.Report(content, alive, api.Time.GetUtcNow()), WriteScope.Everything);
    }

    /// <summary>Cordons a node and moves away what can run elsewhere.</summary>
    public void Drain(string node)
    {
        if (Node(node) is null)
            return;
        api.Store.Update(Kinds.Node, null, node, content => content.Ensure("spec")["unschedulable"] = true);
        foreach (StoredObject pod in api.Store.List(Kinds.Pod).Items)
        {
            if (pod.ToJson().Text("spec", "nodeName") == node && pod.Owners.Any(owner => owner.Kind == "ReplicaSet"))
                api.Store.Delete(Kinds.Pod, pod.Namespace, pod.Name);
        }
    }

    /// <summary>Removes a node and the pods that were left on it.</summary>
    public void Leave(string node)
    {
        _machines.Remove(node);
        if (Node(node) is null)
            return;
        api.Store.Delete(Kinds.Node, null, node);
        foreach (StoredObject pod in api.Store.List(Kinds.Pod).Items)
        {
            if (pod.ToJson().Text("spec", "nodeName") == node)
                api.Store.Delete(Kinds.Pod, pod.Namespace, pod.Name);
        }
    }
}
