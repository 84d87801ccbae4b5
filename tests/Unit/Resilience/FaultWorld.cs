using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Operations;
using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Hosting;
using CapiWorkshop.Sandbox.Storage;
using CapiWorkshop.Tests.Support;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Resilience;

/// <summary>
/// A small management cluster and one workload cluster, each on the wire behind one proxy on which a test lets requests fail. Its controllers do at once what is
/// asked of them.
/// </summary>
internal sealed class FaultWorld : IAsyncDisposable
{
    private static int _worlds;

    private readonly SandboxServer _server;
    private readonly ApiMount _management, _workload;
    private readonly FaultProxy _proxy;
    private readonly StoreSubscription _changes;
    private readonly Task _controllers;
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly Lock _lock = new();
    private (string? Request, Fault? Fault, int Left) _broken;

    /// <param name="server">Where to mount it.</param>
    public FaultWorld(SandboxServer server)
    {
        _server = server;
        Management = Hold(ResourceCatalog.Management, seed: 1);
        ClusterApi workload = Hold(ResourceCatalog.Workload, seed: 2);
        string name = $"w{Interlocked.Increment(ref _worlds)}";
        _management = server.Attach("management", name, Management);
        _workload = server.Attach("workload", name, workload);
        _proxy = new(end => FaultProxy.ConnectTlsAsync(server.Port, end), Choose);
        Fill(Management, ObjectJson.Node("cp"), ObjectJson.Pod("kmc-dev-0", "dev"),
            ObjectJson.Provider("cluster-api", "capi-system", "cluster-api", "CoreProvider", "v1.14.0"),
            ObjectJson.Deployment("capi-controller-manager", "capi-system", "cluster-api", "controller:v1.14.0"),
            ObjectJson.Cluster("dev"), ObjectJson.KubeConfig("dev", KubeConfigFor(_workload)),
            ObjectJson.MachineDeployment("dev-md", "dev").Scaled(2).Condition("Available", "True"),
            ObjectJson.Machine("dev-md-1", "dev"), ObjectJson.Machine("dev-md-2", "dev"),
            ObjectJson.HelmChartProxy("nginx"), ObjectJson.HelmReleaseProxy("nginx", "dev"));
        Fill(workload, ObjectJson.Node("dev-md-1"), ObjectJson.Node("dev-md-2"), ObjectJson.Pod("nginx"));
        Management.Admission = write => Applied.Enqueue($"{write.Operation} {write.Resource.Kind} {write.Name}");
        _changes = Management.Store.Subscribe(Kinds.MachineDeployment, Kinds.Cluster, Kinds.HelmChartProxy);
        _controllers = ControlAsync();
        Target = KubeConfig.Parse("the world's", Encoding.UTF8.GetBytes(KubeConfigFor(_management))).Resolve(null);
        Api = new KubernetesApi(Target, Clock);
        Cluster = new(Api, Clock, (config, yaml) => new KubernetesApi(KubeConfig.Parse(config, yaml).Resolve(null), Clock));
    }

    public HastyClock Clock { get; } = new();

    public ClusterApi Management { get; }

    public KubeTarget Target { get; }

    public KubernetesApi Api { get; }

    public ManagementCluster Cluster { get; }

    public Recorder Told { get; } = new();

    /// <summary>The different requests that were made, such as <c>GET /apis</c>, in the alphabet's order: many are made at the same time.</summary>
    public IReadOnlyList<string> Asked => [.. _asked.Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The writes that the server has carried out.</summary>
    public ConcurrentQueue<string> Applied { get; } = new();

    /// <summary>What must show nowhere.</summary>
    public IReadOnlyList<string> Secrets => [_management.Token.Value, _workload.Token.Value];

    /// <param name="request">The request that fails, as <see cref="Asked"/> tells it; null for none.</param>
    /// <param name="fault">How it fails.</param>
    /// <param name="times">How often; after that it succeeds.</param>
    public void Break(string? request, Fault? fault, int times) => _broken = (request, fault, times);

    public void Change(string machine, string color) =>
        Management.Store.Update(Kinds.Machine, "default", machine, content => content["metadata"]!.AsObject()["annotations"] = new JsonObject { ["color"] = color });

    public async ValueTask DisposeAsync()
    {
        Cluster.Dispose();
        await _proxy.DisposeAsync();
        _changes.Dispose();
        await _controllers;
        _server.Detach(_management);
        _server.Detach(_workload);
    }

    /// <summary>The seed makes the identities: a Cluster whose API had the management cluster's would be taken for it.</summary>
    private static ClusterApi Hold(ResourceCatalog catalog, int seed)
    {
        ClusterApi api = new(catalog, new ObjectStore(TimeProvider.System, new Random(seed)), TimeProvider.System);
        WellKnownObjects.AddNamespace(api, "default");
        WellKnownObjects.AddNamespace(api, "kube-system");
        WellKnownObjects.AddNamespace(api, "capi-system");
        return api;
    }

    private static void Fill(ClusterApi api, params IEnumerable<ObjectJson> objects)
    {
        foreach (ObjectJson made in objects)
        {
            string[] name = made.QualifiedName.Split('.', 2);
            api.Store.Create(api.Catalog.Find(name.ElementAtOrDefault(1) ?? "", name[0])!, made.Json, WriteScope.Everything);
        }
    }

    private string KubeConfigFor(ApiMount mount) => $$"""
        apiVersion: v1
        kind: Config
        current-context: faulty
        clusters:
        - { name: faulty, cluster: { server: "{{_proxy.Address.GetLeftPart(UriPartial.Authority)}}{{mount.Prefix}}" } }
        users:
        - { name: tester, user: { token: "{{mount.Token.Value}}" } }
        contexts:
        - { name: faulty, context: { cluster: faulty, user: tester, namespace: default } }
        """;

    private Fault Choose(string line)
    {
        string asked = Name(line);
        _asked.Enqueue(asked);
        lock (_lock)
        {
            if (asked == _broken.Request && _broken.Left-- > 0)
            {
                return _broken.Fault!;
            }
        }

        return Faults.None;
    }

    /// <summary>A request without what differs from world to world and from attempt to attempt.</summary>
    private string Name(string line)
    {
        string path = line.Split('?')[0].Replace(_management.Prefix, "", StringComparison.Ordinal).Replace(_workload.Prefix, " of the workload", StringComparison.Ordinal);
        return line.Contains("watch=1", StringComparison.Ordinal) ? path + " (watch)" : path;
    }

    /// <summary>Plays the controllers: what is asked for is there, and what belongs to something that went goes, too.</summary>
    private async Task ControlAsync()
    {
        await foreach (StoreChange change in _changes.Changes.ReadAllAsync())
        {
            if (change.Object.Resource == Kinds.MachineDeployment && change.Kind == ChangeKind.Modified)
            {
                JsonObject spec = change.Object.ToJson();
                Management.Store.Update(Kinds.MachineDeployment, "default", change.Object.Name, content => content["status"] = ObjectJson.MachineDeployment()
                    .Scaled(spec["spec"]!["replicas"]!.GetValue<int>(), generation: spec["metadata"]!["generation"]!.GetValue<long>()).Condition("Available", "True").Json["status"]!.DeepClone(), WriteScope.Status);
            }
            else if (change.Kind == ChangeKind.Deleted)
            {
                ResourceDefinition[] parts = change.Object.Resource == Kinds.Cluster ? [Kinds.Machine, Kinds.MachineDeployment]
                    : change.Object.Resource == Kinds.HelmChartProxy ? [Kinds.HelmReleaseProxy] : [];
                foreach (StoredObject part in parts.SelectMany(kind => Management.Store.List(kind).Items))
                {
                    Management.Store.Delete(part.Resource, part.Namespace, part.Name);
                }
            }
        }
    }
}
