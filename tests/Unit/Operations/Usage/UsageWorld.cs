using System.Text;
using System.Text.Json.Nodes;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Operations.Management;
using CapiWorkshop.Tests.Unit.Support;
using Microsoft.Extensions.Time.Testing;

namespace CapiWorkshop.Tests.Unit.Operations.Usage;

/// <summary>A management cluster of kind, a Cluster of machines and one with a hosted control plane, each with an API of its own, on one engine.</summary>
internal sealed class UsageWorld : IDisposable
{
    private readonly World _world;

    public UsageWorld(params ObjectJson[] more)
    {
        EagerClock clock = new(World.Start);
        Engine = new(clock);
        Engine.Run("kind-control-plane", "kind", "control-plane", cores: 0.25, memory: 1000);
        DevContainers = [Engine.Run("dev-cp", "dev", "control-plane", 0.5, 500), Engine.Run("dev-md-1", "dev", "worker", 0.1, 50), Engine.Run("dev-md-2", "dev", "worker", 0.1, 50), Engine.Run("dev-lb", "dev", "external-load-balancer", 0.05, 10)];
        Engine.Run("k0s-md-1", "k0s", "worker", 0.2, 100);
        Dev = new FakeKubernetesApi("uid-of-dev").With(ObjectJson.Node("dev-cp"), ObjectJson.Node("dev-md-1"), ObjectJson.Node("dev-md-2", "False"), ObjectJson.Pod("etcd"), ObjectJson.Pod("nginx"));
        K0s = new FakeKubernetesApi("uid-of-k0s").With(ObjectJson.Node("k0s-md-1"), ObjectJson.Pod("nginx"));
        _world = new(
            new FakeKubernetesApi().With(
                ObjectJson.Node("kind-control-plane"),
                ObjectJson.Cluster("dev").Spec("controlPlaneRef", Reference("KubeadmControlPlane")), ObjectJson.KubeConfig("dev", "to dev"),
                ObjectJson.Cluster("k0s").Spec("controlPlaneRef", Reference("K0smotronControlPlane")), ObjectJson.KubeConfig("k0s", "to k0s"),
                ObjectJson.Pod("kmc-k0s-0", "k0s"), ObjectJson.Pod("kmc-k0s-1", "k0s"), ObjectJson.Pod("elsewhere", "k0s", "team-a"), ObjectJson.Pod("any")).With(more),
            Open,
            clock);
        Meter = _world.Cluster.CreateMeter(() => OpenEngine());
    }

    public FakeKubernetesApi Api => _world.Api;

    public FakeTimeProvider Clock => _world.Clock;

    public ManagementCluster Cluster => _world.Cluster;

    public FakeContainerEngine Engine { get; }

    public FakeContainer[] DevContainers { get; }

    public FakeKubernetesApi Dev { get; }

    public FakeKubernetesApi K0s { get; }

    public ResourceMeter Meter { get; }

    public Func<IContainerEngine>? EngineOpener { get; set; }

    /// <summary>The secrets whose kubeconfigs were opened.</summary>
    public List<string> Opened { get; } = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async Task<List<Outcome<CapiResourceUsage>>> ReadAsync(UsageRequest? request = null, CancellationToken? token = null)
    {
        List<Outcome<CapiResourceUsage>> rows = [];
        await foreach (Outcome<CapiResourceUsage> row in Meter.ReadAsync(request ?? new(), token ?? Token))
        {
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>The row of one Cluster.</summary>
    public async Task<CapiResourceUsage> RowAsync(string cluster) =>
        (await ReadAsync().InTime()).Select(row => row.Value.ShouldNotBeNull()).Single(row => row.Cluster == cluster);

    public void Dispose() => _world.Dispose();

    private static JsonObject Reference(string kind) => new() { ["kind"] = kind, ["name"] = "cp", ["apiGroup"] = "controlplane.cluster.x-k8s.io" };

    private IContainerEngine OpenEngine() => EngineOpener is null ? Engine : EngineOpener();

    private FakeKubernetesApi Open(string name, ReadOnlyMemory<byte> kubeConfig)
    {
        lock (Opened)
        {
            Opened.Add(name);
        }

        return Encoding.UTF8.GetString(kubeConfig.Span) switch { "to dev" => Dev, "to k0s" => K0s, _ => throw new InvalidDataException("nobody wrote that kubeconfig") };
    }
}
