using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Unit.Operations.Fleet;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Management;

public sealed class NamesTests
{
    [Theory]
    [InlineData("Cluster", new[] { "dev", "k0s" })]
    [InlineData("machine", new[] { "dev-cp-1", "dev-md-0-1", "dev-md-0-2" })]
    [InlineData("ControlPlane", new[] { "dev-cp", "k0s-cp" })]
    [InlineData("HelmReleaseProxy", new[] { "nginx-dev" })]
    [InlineData("Provider", new[] { "kubeadm" })]
    [InlineData("Namespace", new[] { "kube-system" })]
    public async Task Names_come_in_their_order_and_each_once(string kind, string[] expected)
    {
        using FleetWorld world = new([.. FleetWorld.Hosted("k0s"), .. FleetWorld.Workload("dev"), ObjectJson.Cluster("far", "team-b"),
            ObjectJson.Provider("a", "capi-kubeadm-bootstrap-system", "kubeadm", "BootstrapProvider", "v1.14.0"), ObjectJson.Provider("b", "capi-kubeadm-control-plane-system", "kubeadm", "ControlPlaneProvider", "v1.14.0")]);

        (await world.Cluster.ListNamesAsync(kind, new(), TestContext.Current.CancellationToken)).ShouldBe(expected);
    }

    [Fact]
    public async Task All_namespaces_are_looked_in_where_that_is_asked_for()
    {
        using FleetWorld world = new(ObjectJson.Cluster("far", "team-b"), ObjectJson.Cluster("dev"));

        (await world.Cluster.ListNamesAsync("Cluster", new() { AllNamespaces = true }, TestContext.Current.CancellationToken)).ShouldBe(["dev", "far"]);
        (await world.Cluster.ListNamesAsync("Cluster", new() { Namespace = "team-b" }, TestContext.Current.CancellationToken)).ShouldBe(["far"]);
    }

    [Fact]
    public async Task A_kind_that_there_is_not_is_a_problem()
    {
        using FleetWorld world = new();

        (await Should.ThrowAsync<CapiProblemException>(() => world.Cluster.ListNamesAsync("Sandbox", new(), TestContext.Current.CancellationToken))).Problem.Id.ShouldBe("SandboxNotFound");
    }
}
