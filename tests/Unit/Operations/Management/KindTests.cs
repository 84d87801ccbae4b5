using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Management;

/// <summary>Kinds that need not be there, control planes of several providers, and the providers themselves.</summary>
public sealed class KindTests
{
    private static readonly ResourceType Kubeadm = new("controlplane.cluster.x-k8s.io", "v1beta2", "kubeadmcontrolplanes", "KubeadmControlPlane");
    private static readonly ResourceType K0smotron = new("controlplane.cluster.x-k8s.io", "v1beta2", "k0smotroncontrolplanes", "K0smotronControlPlane");
    private static readonly ResourceType Template = new("controlplane.cluster.x-k8s.io", "v1beta2", "kubeadmcontrolplanetemplates", "KubeadmControlPlaneTemplate");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static FakeKubernetesApi ControlPlanes => new FakeKubernetesApi().Serve([.. FakeKubernetesApi.Core("v1beta2"), Template, Kubeadm, Kubeadm with { Version = "v1beta1" }, K0smotron])
        .With(
            ObjectJson.Cluster("dev"), ObjectJson.Cluster("k0s"), ObjectJson.Cluster("empty"),
            ObjectJson.Of("controlplane.cluster.x-k8s.io/v1beta2", "KubeadmControlPlane", "dev-cp").Label("cluster.x-k8s.io/cluster-name", "dev"),
            ObjectJson.Of("controlplane.cluster.x-k8s.io/v1beta2", "K0smotronControlPlane", "k0s-cp").Label("cluster.x-k8s.io/cluster-name", "k0s"));

    [Fact]
    public async Task Where_an_optional_kind_is_not_served_there_are_none_and_that_is_noted()
    {
        using World world = new(new FakeKubernetesApi().Serve(FakeKubernetesApi.Core("v1beta2")));
        Recorder notes = new();

        (await world.Cluster.Observe(notes).ListAllAsync(CapiKinds.MachinePool, new(), Token)).ShouldBeEmpty();

        notes.Notes.ShouldHaveSingleItem().ShouldContain("machinepools.cluster.x-k8s.io");
        world.Api.Made("list").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_server_without_Cluster_API_is_no_management_cluster_for_optional_kinds_either()
    {
        using World world = new(new FakeKubernetesApi().Serve(FakeKubernetesApi.Inventory));

        CapiProblemException failure = await Should.ThrowAsync<CapiProblemException>(() => world.Cluster.ListAllAsync(CapiKinds.ClusterClass, new(), Token));
        failure.Problem.Id.ShouldBe(ProblemId.CapiNotInstalled);
        (await Should.ThrowAsync<CapiProblemException>(() => ControlPlanesOf(world, new()))).Problem.Id.ShouldBe(ProblemId.CapiNotInstalled);
    }

    [Fact]
    public async Task An_optional_kind_that_is_installed_meanwhile_is_found()
    {
        using World world = new(new FakeKubernetesApi().Serve(FakeKubernetesApi.Core("v1beta2")));
        (await world.Cluster.ListAllAsync(CapiKinds.MachinePool, new(), Token)).ShouldBeEmpty();

        world.Api.Serve([.. FakeKubernetesApi.Core("v1beta2"), new("cluster.x-k8s.io", "v1beta2", "machinepools", "MachinePool")]).Add(ObjectJson.Of("cluster.x-k8s.io/v1beta2", "MachinePool", "pool"));

        (await world.Cluster.ListAllAsync(CapiKinds.MachinePool, new(), Token)).ShouldHaveSingleItem().Name.ShouldBe("pool");
    }

    [Fact]
    public async Task The_control_planes_of_all_providers_are_one_list()
    {
        using World world = new(ControlPlanes);

        Shown(await ControlPlanesOf(world, new())).ShouldBe(["KubeadmControlPlane default/dev-cp", "K0smotronControlPlane default/k0s-cp"]);
        world.Api.Made("list").Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_name_is_missing_only_where_no_provider_has_it()
    {
        using World world = new(ControlPlanes);

        Shown(await ControlPlanesOf(world, new() { Names = ["K0S-cp", "nope"] })).ShouldBe(["K0smotronControlPlane default/k0s-cp", "ControlPlaneNotFound default/nope"]);
        Shown(await ControlPlanesOf(world, new() { Names = ["*-cp"], Cluster = "dev" })).ShouldBe(["KubeadmControlPlane default/dev-cp"]);
    }

    [Fact]
    public async Task A_cluster_that_is_not_there_is_told_once_and_one_without_a_control_plane_is_no_error()
    {
        using World world = new(ControlPlanes);

        Shown(await ControlPlanesOf(world, new() { Cluster = "nope" })).ShouldBe(["ClusterNotFound default/nope"]);
        Shown(await ControlPlanesOf(world, new() { Cluster = "empty" })).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_kind_that_may_not_be_read_costs_itself_only()
    {
        using World world = new(ControlPlanes.Refuse("list", "kubeadmcontrolplanes", 403));

        Shown(await ControlPlanesOf(world, new())).ShouldBe(["K0smotronControlPlane default/k0s-cp", "ApiForbidden kubeadmcontrolplanes.controlplane.cluster.x-k8s.io"]);
    }

    [Fact]
    public async Task Without_a_control_plane_provider_there_are_none_and_that_is_noted()
    {
        using World world = new(new FakeKubernetesApi().Serve(FakeKubernetesApi.Core("v1beta2")));
        Recorder notes = new();

        await foreach (Outcome<CapiControlPlane> outcome in world.Cluster.Observe(notes).GetControlPlanesAsync(new(), Token))
        {
            outcome.Value.ShouldBeNull();
            outcome.Problem.ShouldBeNull("there is nothing to be told");
        }

        notes.Notes.ShouldHaveSingleItem().ShouldContain("controlplane.cluster.x-k8s.io");
    }

    [Fact]
    public async Task Providers_are_chosen_by_name()
    {
        using World world = new(Inventory);

        (await ProvidersOf(world)).ShouldBe(["cluster-api v1.14.0", "docker v1.14.0"]);
        (await ProvidersOf(world, "clus*")).ShouldBe(["cluster-api v1.14.0"]);
        (await ProvidersOf(world, "docker", "aws")).ShouldBe(["docker v1.14.0", "ProviderNotFound aws"]);
        world.Api.Made("list", "nodes").ShouldBeEmpty("nobody asked how the nodes do");
    }

    [Fact]
    public async Task Providers_that_may_not_be_read_at_all_are_a_problem_and_half_of_it_is_enough()
    {
        using World none = new(Inventory.Refuse("list", "providers", 403).Refuse("list", "deployments", 403));
        using World half = new(Inventory.Refuse("list", "deployments", 403));

        (await ProvidersOf(none)).Order().ShouldBe(["ApiForbidden deployments.apps", "ApiForbidden providers.clusterctl.cluster.x-k8s.io"]);
        (await ProvidersOf(half)).ShouldBe(["cluster-api v1.14.0", "docker v1.14.0"]);
    }

    private static FakeKubernetesApi Inventory => new FakeKubernetesApi().With(
        ObjectJson.Provider("cluster-api", "capi-system", "cluster-api", "CoreProvider", "v1.14.0"), ObjectJson.Deployment("capi-controller-manager", "capi-system", "cluster-api"),
        ObjectJson.Provider("infrastructure-docker", "capd-system", "docker", "InfrastructureProvider", "v1.14.0"));

    private static async Task<List<string>> ProvidersOf(World world, params string[] names)
    {
        List<string> shown = [];
        await foreach (Outcome<CapiProvider> outcome in world.Cluster.GetProvidersAsync(names, Token))
        {
            shown.Add(outcome.Value?.ToString() ?? $"{outcome.Problem!.Id} {outcome.Problem.Target}");
        }

        return shown;
    }

    private static async Task<List<Outcome<CapiControlPlane>>> ControlPlanesOf(World world, ResourceFilter filter)
    {
        List<Outcome<CapiControlPlane>> outcomes = [];
        await foreach (Outcome<CapiControlPlane> outcome in world.Cluster.GetControlPlanesAsync(filter, Token))
        {
            outcomes.Add(outcome);
        }

        return outcomes;
    }

    private static IEnumerable<string> Shown(List<Outcome<CapiControlPlane>> outcomes) =>
        outcomes.Select(outcome => outcome.Value is CapiControlPlane plane ? $"{plane.Kind} {plane}" : $"{outcome.Problem!.Id} {outcome.Problem.Target}");
}
