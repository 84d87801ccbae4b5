using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Controllers;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Engine;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Tests.Unit.Sandbox.World;

/// <summary>What comes of it when somebody reaches for the containers behind the controllers' back.</summary>
public sealed class ContainerTroubleTests : IAsyncLifetime
{
    private readonly WorldBench _bench = WorldBench.Workshop();

    private string Machine => _bench.WorkersOf("dev-cluster")[0].Name;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public void A_container_and_its_node_have_the_same_address()
    {
        string[] nodes = [.. Workload.List(Kinds.Node).Items.Select(node => $"{node.Name} {node.ToJson().Items("status", "addresses")![0].Text("address")}")];
        nodes.Length.ShouldBe(3);
        nodes.ShouldBe(nodes.Select(node => node.Split(' ')[0]).Select(name => $"{name} {Containers.Get(name).Address}"));
        _bench.Find(Kinds.Node, "capi-management-control-plane", null)!.Items("status", "addresses")![0].Text("address")
            .ShouldBe(Containers.Get("capi-management-control-plane").Address);
    }

    [Fact]
    public void The_machine_of_a_removed_container_says_so_at_once_and_its_node_later()
    {
        string machine = Machine;
        Containers.Remove(machine);
        _bench.Step();
        JsonObject content = _bench.Get(Kinds.Machine, machine);
        Conditions.StatusOf(content, "InfrastructureReady").ShouldBe(Conditions.False);
        Conditions.Find(content, "InfrastructureReady").Text("message")!.ShouldContain("does not exist anymore");
        Conditions.StatusOf(content, "Ready").ShouldBe(Conditions.False);
        Conditions.StatusOf(content, "NodeHealthy").ShouldBe(Conditions.True, "nobody has missed the kubelet yet");

        _bench.Pass(60);
        NodeReady(machine).ShouldBe(Conditions.Unknown);
        Conditions.Find(_bench.Get(Kinds.Machine, machine), "NodeHealthy").Text("reason").ShouldBe("NodeHealthUnknown");

        _bench.Delete(Kinds.Machine, machine);
        _bench.Pass(120);
        _bench.Find(Kinds.Machine, machine).ShouldBeNull();
        _bench.Get(Kinds.MachineDeployment, "dev-cluster-md-0").Number("status", "availableReplicas").ShouldBe(2);
    }

    [Fact]
    public void A_stopped_container_costs_its_node_its_health_until_it_is_started()
    {
        string machine = Machine;
        Containers.Stop(machine);
        _bench.Pass(40);
        NodeReady(machine).ShouldBe(Conditions.True);
        _bench.Pass(20);
        NodeReady(machine).ShouldBe(Conditions.Unknown);
        Conditions.StatusOf(_bench.Get(Kinds.Machine, machine), "Ready").ShouldBe(Conditions.Unknown);
        Conditions.StatusOf(_bench.Get(Kinds.Machine, machine), "InfrastructureReady").ShouldBe(Conditions.True, "the container is still there");

        Containers.Start(machine);
        _bench.Pass(10);
        NodeReady(machine).ShouldBe(Conditions.True);
        Conditions.StatusOf(_bench.Get(Kinds.Machine, machine), "Ready").ShouldBe(Conditions.True);
    }

    [Fact]
    public void A_container_that_is_back_in_time_is_not_missed()
    {
        string machine = Machine;
        long before = Workload.Version;
        Containers.Stop(machine);
        _bench.Pass(30);
        Containers.Start(machine);
        _bench.Pass(120);
        Workload.Version.ShouldBe(before);
    }

    private ContainerHost Containers => _bench.World.Containers;

    private ObjectStore Workload => _bench.World.Workloads.Find("default", "dev-cluster")!.Api.Store;

    private string? NodeReady(string node) => Conditions.StatusOf(Workload.Get(Kinds.Node, null, node).ToJson(), "Ready");
}
