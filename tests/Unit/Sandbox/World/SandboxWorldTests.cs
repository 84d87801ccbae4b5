using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Controllers;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Engine;
using CapiWorkshop.Sandbox.Storage;
using CapiWorkshop.Sandbox.World;

namespace CapiWorkshop.Tests.Unit.Sandbox.World;

public sealed class SandboxWorldTests : IAsyncLifetime
{
    private readonly WorldBench _bench = WorldBench.Workshop();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Theory]
    [InlineData("dev-cluster", 1, 2)]
    [InlineData("k0s-demo-cluster", 3, 2)]
    public void The_workshops_clusters_are_available(string name, int controlPlanes, int workers)
    {
        JsonObject cluster = _bench.Get(Kinds.Cluster, name);
        cluster.Text("status", "phase").ShouldBe("Provisioned");
        Conditions.IsTrue(cluster, "Available").ShouldBeTrue(Conditions.Find(cluster, "Available").Text("message"));
        cluster.Number("status", "controlPlane", "readyReplicas").ShouldBe(controlPlanes);
        cluster.Number("status", "workers", "availableReplicas").ShouldBe(workers);
        cluster.Number("status", "observedGeneration").ShouldBe(cluster.Number("metadata", "generation"));
        _bench.Get(Kinds.MachineDeployment, $"{name}-md-0").Text("status", "phase").ShouldBe("Running");
        _bench.MachinesOf(name).ShouldAllBe(machine => Conditions.IsTrue(machine.ToJson(), "Ready"));
        _bench.Phases(name).ShouldBe(["Running", "Running"]);
        _bench.Open.ShouldContain($"default/{name}");
    }

    [Fact]
    public void Ages_are_those_of_the_workshop()
    {
        string Created(ResourceDefinition kind, string name) => _bench.Get(kind, name).Text("metadata", "creationTimestamp")!;
        Created(Kinds.Cluster, "dev-cluster").ShouldBe("2030-01-02T02:34:05Z");
        Created(Kinds.Cluster, "k0s-demo-cluster").ShouldBe("2030-01-02T02:39:05Z");
        Created(Kinds.HelmChartProxy, "nginx").ShouldBe("2030-01-02T02:44:05Z");
        _bench.World.Clock.GetUtcNow().ToKubernetesTime().ShouldBe("2030-01-02T03:04:05Z");
    }

    [Fact]
    public void There_is_a_release_in_each_cluster_and_its_pod_runs()
    {
        _bench.Store.List(Kinds.HelmReleaseProxy).Items.Select(release => release.ToJson().Text("status", "status")).ShouldBe(["deployed", "deployed"]);
        foreach (string name in (string[])["dev-cluster", "k0s-demo-cluster"])
        {
            ObjectStore workload = Workload(name);
            workload.Get(Kinds.Deployment, "default", "nginx").ToJson().Number("status", "readyReplicas").ShouldBe(1);
            workload.List(Kinds.Pod, "default").Items.ShouldHaveSingleItem().Name.ShouldStartWith("nginx-");
        }
    }

    [Fact]
    public void Nodes_are_the_machines_nodes()
    {
        StoredObject machine = _bench.WorkersOf("dev-cluster")[0];
        string node = machine.ToJson().Text("status", "nodeRef", "name")!;
        JsonObject content = Workload("dev-cluster").Get(Kinds.Node, null, node).ToJson();
        content.Text("spec", "providerID").ShouldBe(machine.ToJson().Text("spec", "providerID"));
        Metadata.Annotation(content, "cluster.x-k8s.io/machine").ShouldBe(machine.Name);
        Metadata.Annotation(content, "cluster.x-k8s.io/owner-kind").ShouldBe("MachineSet");
        content.Text("status", "addresses").ShouldBeNull();
        machine.ToJson().Items("status", "addresses")!.Select(address =>
            address.Text("address")).ShouldContain(content.Items("status", "addresses")![0].Text("address"));
        Workload("dev-cluster").List(Kinds.Node).Items.Count.ShouldBe(3);
        Workload("k0s-demo-cluster").List(Kinds.Node).Items.Count.ShouldBe(2, "its control plane is hosted");
    }

    [Fact]
    public void Containers_are_the_machines_and_a_load_balancer_where_the_control_plane_is_on_machines()
    {
        ContainersOf("dev-cluster").Count.ShouldBe(4);
        ContainersOf("dev-cluster").ShouldContain(container => container.Name == "dev-cluster-lb");
        ContainersOf("k0s-demo-cluster").Count.ShouldBe(2);
        ContainersOf("capi-management").ShouldHaveSingleItem().Name.ShouldBe("capi-management-control-plane");
    }

    [Fact]
    public void After_the_workshops_scaling_the_loads_are_those_of_its_table()
    {
        _bench.Scale("dev-cluster-md-0", 4);
        _bench.Scale("k0s-demo-cluster-md-0", 3);
        _bench.Pass(60);
        ContainersOf("dev-cluster").Sum(container => container.Load.CpuMillicores).ShouldBe(250);
        (ContainersOf("dev-cluster").Sum(container => container.Load.MemoryBytes) >> 20).ShouldBe(650);
        ContainersOf("k0s-demo-cluster").Sum(container => container.Load.CpuMillicores).ShouldBe(180);
        (ContainersOf("k0s-demo-cluster").Sum(container => container.Load.MemoryBytes) >> 20).ShouldBe(420);
    }

    [Fact]
    public async Task The_same_seed_makes_the_same_world_and_another_seed_another()
    {
        await using WorldBench again = WorldBench.Workshop();
        await using WorldBench other = WorldBench.Workshop(seed: 2);
        again.Events.ShouldBe(_bench.Events);
        Fingerprint(again).ShouldBe(Fingerprint(_bench));
        other.MachinesOf("dev-cluster").Select(machine => machine.Name).ShouldNotBe(_bench.MachinesOf("dev-cluster").Select(machine => machine.Name));
    }

    [Fact]
    public void Nothing_happens_while_nobody_asks_for_anything()
    {
        long before = _bench.Store.Version;
        _bench.Pass(3600);
        _bench.Store.Version.ShouldBe(before);
    }

    [Fact]
    public void Usage_is_measured_when_it_is_asked_for()
    {
        ClusterApi workload = _bench.World.Workloads.Find("default", "dev-cluster")!.Api;
        workload.Store.List(Kinds.NodeMetrics).Items.ShouldBeEmpty();
        workload.BeforeRead!(Kinds.NodeMetrics);
        workload.Store.List(Kinds.NodeMetrics).Items.Count.ShouldBe(3);
        workload.Store.List(Kinds.PodMetrics).Items.Count.ShouldBe(workload.Store.List(Kinds.Pod).Items.Count);

        long made = workload.Store.Version;
        workload.BeforeRead!(Kinds.PodMetrics);
        workload.Store.Version.ShouldBe(made, "the window is still the same");
        _bench.Pass(20);
        workload.BeforeRead!(Kinds.PodMetrics);
        workload.Store.Version.ShouldBeGreaterThan(made);
    }

    [Fact]
    public async Task A_world_that_was_started_goes_on_by_itself()
    {
        await using SandboxWorld world = SandboxWorld.Create(new() { Seed = 1, TimeScale = 600 }, _bench);
        using StoreSubscription changes = world.Management.Store.Subscribe(Kinds.MachineDeployment);
        world.Start();
        world.Management.Store.Update(Kinds.MachineDeployment, "default", "dev-cluster-md-0", content => content["spec"]!["replicas"] = 3);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        long? available = null;
        while (available != 3)
            available = (await changes.Changes.ReadAsync(limit.Token)).Object.ToJson().Number("status", "availableReplicas");
    }

    private List<SandboxContainer> ContainersOf(string cluster) =>
        [.. _bench.World.Containers.List().Where(container => container.Labels["io.x-k8s.kind.cluster"] == cluster)];

    private ObjectStore Workload(string name) => _bench.World.Workloads.Find("default", name)!.Api.Store;

    private static string[] Fingerprint(WorldBench bench) =>
        [.. bench.Api.Catalog.Resources.SelectMany(kind => bench.Store.List(kind).Items).Select(item =>
            $"{item.Key} {item.Uid} {item.Version} {item.ToJson().ToJsonString()}")];
}
