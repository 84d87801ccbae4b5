using System.Globalization;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Controllers;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Engine;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.World;

/// <summary>
/// Plays the metrics server of a cluster: what nodes and pods use, measured anew every window. It is made when somebody asks for it, so that nobody who
/// does not is kept busy.
/// </summary>
internal sealed class UsageMetrics
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private readonly ClusterApi _api;
    private readonly ContainerHost _containers;
    private (long Window, long Version) _made;

    private UsageMetrics(ClusterApi api, ContainerHost containers)
    {
        _api = api;
        _containers = containers;
    }

    public static void ServeFrom(ClusterApi api, ContainerHost containers)
    {
        UsageMetrics metrics = new(api, containers);
        api.BeforeRead = metrics.BeforeRead;
    }

    private void BeforeRead(ResourceDefinition kind)
    {
        if (kind != Kinds.NodeMetrics && kind != Kinds.PodMetrics)
            return;
        lock (_gate)
        {
            long window = _api.Time.GetUtcNow().Ticks / Window.Ticks;
            if (_made == (window, _api.Store.Version))
                return;
            Refresh(window);
            _made = (window, _api.Store.Version);
        }
    }

    private void Refresh(long window)
    {
        string time = new DateTimeOffset(window * Window.Ticks, TimeSpan.Zero).ToKubernetesTime();
        Dictionary<string, ContainerLoad> loads = _containers.List().ToDictionary(container => container.Name, container => container.Load,
            StringComparer.Ordinal);
        Replace(Kinds.NodeMetrics, Kinds.Node, node =>
        {
            ContainerLoad load = loads.GetValueOrDefault(node.Name) ?? ContainerLoads.Worker;
            return new() { ["timestamp"] = time, ["window"] = "15s", ["usage"] = Usage(node, window, load.CpuMillicores, load.MemoryBytes) };
        });
        Replace(Kinds.PodMetrics, Kinds.Pod, pod => new()
        {
            ["timestamp"] = time,
            ["window"] = "15s",
            ["containers"] = new JsonArray([.. (pod.ToJson().Items("spec", "containers") ?? []).Select(container => new JsonObject
            {
                ["name"] = container.Text("name"),
                ["usage"] = Usage(pod, window, 2 + (Fnv1A.Hash(pod.Uid) % 8), (12 + (Fnv1A.Hash(pod.Uid) % 24)) << 20),
            })]),
        });
    }

    private void Replace(ResourceDefinition metrics, ResourceDefinition measured, Func<StoredObject, JsonObject> measure)
    {
        ObjectStore store = _api.Store;
        HashSet<string> present = new(StringComparer.Ordinal);
        foreach (StoredObject item in store.List(measured).Items)
        {
            present.Add(item.Key);
            JsonObject content = measure(item);
            JsonObject metadata = new() { ["name"] = item.Name };
            if (item.Namespace is not null)
                metadata["namespace"] = item.Namespace;
            metadata["labels"] = new JsonObject(item.Labels.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value)));
            content["metadata"] = metadata;
            if (store.Find(metrics, item.Namespace, item.Name) is null)
                store.Create(metrics, content, WriteScope.Everything);
            else
                store.Replace(metrics, item.Namespace, item.Name, _ => content, WriteScope.Everything);
        }

        foreach (StoredObject stale in store.List(metrics).Items.Where(item => !present.Contains(item.Key)))
            store.Delete(metrics, stale.Namespace, stale.Name);
    }

    /// <summary>Within a tenth around the average, and the same whenever one looks at the same window.</summary>
    private static JsonObject Usage(StoredObject item, long window, long millicores, long bytes)
    {
        double swing = 0.9 + (0.2 * (Fnv1A.Hash($"{item.Uid}/{window}") % 1000 / 1000d));
        return new()
        {
            ["cpu"] = string.Create(CultureInfo.InvariantCulture, $"{(long)(millicores * 1_000_000 * swing)}n"),
            ["memory"] = string.Create(CultureInfo.InvariantCulture, $"{(long)(bytes * swing) >> 10}Ki"),
        };
    }
}
