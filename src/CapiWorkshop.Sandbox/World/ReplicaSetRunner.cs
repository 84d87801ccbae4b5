using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Controllers;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.World;

/// <summary>Plays what a workload cluster does by itself: Deployments have their pods on nodes that can take them, and what lost its owner goes.</summary>
internal sealed class ReplicaSetRunner : IReconciler
{
    private readonly ClusterApi _api;
    private readonly EventLoop _loop;
    private readonly ObjectIndex _index = new();
    private readonly GarbageCollector _collector;
    private int _podsMade;

    public ReplicaSetRunner(ClusterApi api, EventLoop loop)
    {
        _api = api;
        _loop = loop;
        _collector = new(api.Store, _index);
        foreach (StoredObject item in api.Catalog.Resources.SelectMany(resource => api.Store.List(resource).Items))
            Seen(new(ChangeKind.Added, item, null));
    }

    public void Seen(StoreChange change)
    {
        _index.Apply(change);
        _collector.Seen(change);
        StoredObject item = change.Object;
        if (item.Resource == Kinds.ReplicaSet)
        {
            _loop.Enqueue(this, ObjectKey.Of(item));
        }
        else if (item.Resource == Kinds.Deployment)
        {
            foreach (StoredObject set in _index.DependentsOf(item.Uid))
                _loop.Enqueue(this, ObjectKey.Of(set));
        }
        else if (item.Resource == Kinds.Pod)
        {
            foreach (OwnerReference owner in item.Owners)
                _loop.Enqueue(this, new(item.Namespace, owner.Name));
        }
        else if (item.Resource == Kinds.Node)
        {
            foreach (StoredObject set in _api.Store.List(Kinds.ReplicaSet).Items)
                _loop.Enqueue(this, ObjectKey.Of(set));
        }
    }

    public void Reconcile(ObjectKey key)
    {
        if (_api.Store.Find(Kinds.ReplicaSet, key.Namespace, key.Name) is not { } set)
            return;
        StoredObject? deployment = set.Owners.FirstOrDefault(owner => owner.Controller) is { } reference
            ? _api.Store.Find(Kinds.Deployment, set.Namespace, reference.Name) : null;
        JsonObject content = set.ToJson();
        long desired = deployment?.ToJson().Number("spec", "replicas") ?? content.Number("spec", "replicas") ?? 1;
        List<StoredObject> pods = [.. _index.DependentsOf(set.Uid).Where(pod => pod.Resource == Kinds.Pod && !pod.IsDeleting)];
        foreach (StoredObject surplus in pods.Skip((int)desired))
            _api.Store.Delete(Kinds.Pod, surplus.Namespace, surplus.Name);
        long running = Math.Min(pods.Count, desired);
        if (running < desired)
            running += Place(set, content, pods, desired - running);

        _api.Store.Update(Kinds.ReplicaSet, set.Namespace, set.Name, draft =>
        {
            draft["spec"]!["replicas"] = desired;
            Count(draft, running);
        }, WriteScope.Everything);
        if (deployment is null)
            return;
        _api.Store.Update(Kinds.Deployment, deployment.Namespace, deployment.Name, draft =>
        {
            Count(draft, running);
            draft["status"]!["updatedReplicas"] = running;
            // Only a custom kind has observed generations in its conditions.
            Conditions.SetFlag(draft, _api.Time.GetUtcNow(), "Available", running >= desired, positive: "MinimumReplicasAvailable",
                negative: "MinimumReplicasUnavailable");
            (Conditions.Find(draft, "Available") as JsonObject)?.Remove("observedGeneration");
        }, WriteScope.Everything);
    }

    private static void Count(JsonObject draft, long running)
    {
        JsonObject status = draft.Ensure("status");
        status["replicas"] = running;
        status["readyReplicas"] = running;
        status["availableReplicas"] = running;
        status["observedGeneration"] = draft.Number("metadata", "generation");
    }

    /// <summary>Spreads new pods over the nodes that have the fewest of them; how many found a place.</summary>
    private long Place(StoredObject set, JsonObject content, List<StoredObject> pods, long wanted)
    {
        Dictionary<string, int> nodes = new(StringComparer.Ordinal);
        Dictionary<string, string> addresses = new(StringComparer.Ordinal);
        foreach (StoredObject node in _api.Store.List(Kinds.Node).Items)
        {
            JsonObject described = node.ToJson();
            if (described.Flag("spec", "unschedulable") == true || !Conditions.IsTrue(described, "Ready"))
                continue;
            nodes[node.Name] = 0;
            addresses[node.Name] = described.Items("status", "addresses")?[0].Text("address") ?? "";
        }

        if (nodes.Count == 0)
            return 0;
        foreach (StoredObject pod in pods)
        {
            if (pod.ToJson().Text("spec", "nodeName") is { } place && nodes.TryGetValue(place, out int count))
                nodes[place] = count + 1;
        }

        JsonNode? container = content.Items("spec", "template", "spec", "containers")?[0];
        for (int at = 0; at < wanted; at++)
        {
            // Workers first: control plane nodes are only for those who cannot go elsewhere.
            string node = nodes.OrderBy(place => place.Key.Contains("-control-plane-", StringComparison.Ordinal)).ThenBy(place => place.Value)
                .ThenBy(place => place.Key, StringComparer.Ordinal).First().Key;
            nodes[node]++;
            _podsMade++;
            JsonObject labels = content.Child("spec", "template", "metadata", "labels")?.DeepClone().AsObject() ?? [];
            JsonObject pod = WorkloadContent.Pod(_api, set.Namespace!, labels, container.Text("name") ?? "main", container.Text("image") ?? "", node,
                addresses[node],
                $"10.244.{_podsMade / 250}.{(_podsMade % 250) + 1}");
            JsonObject metadata = pod.Ensure("metadata");
            metadata["generateName"] = set.Name + "-";
            metadata["ownerReferences"] = new JsonArray(OwnerReference.To(set, controller: true).ToJson());
            _api.Store.Create(Kinds.Pod, pod, WriteScope.Everything);
        }

        return wanted;
    }
}
