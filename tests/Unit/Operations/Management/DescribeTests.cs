using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Management;

public sealed class DescribeTests
{
    private static readonly ObjectJson[] Kubeadm =
    [
        ObjectJson.Node("cp"), ObjectJson.Node("worker"),
        ObjectJson.Provider("cluster-api", "capi-system", "cluster-api", "CoreProvider", "v1.14.0"),
        ObjectJson.Provider("infrastructure-docker", "capd-system", "docker", "InfrastructureProvider", "v1.14.0"),
        ObjectJson.Deployment("capi-controller-manager", "capi-system", "cluster-api", "registry.k8s.io/cluster-api/cluster-api-controller:v1.14.0"),
        ObjectJson.Deployment("capd-controller-manager", "capd-system", "infrastructure-docker", "gcr.io/capd-manager:v1.14.0"),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_management_cluster_is_described_whole()
    {
        using World world = new(new FakeKubernetesApi().With(Kubeadm));

        CapiManagementCluster description = await world.Cluster.DescribeAsync(Token);

        (description.Context, description.Server, description.Namespace).ShouldBe(("kind-capi", new Uri("https://capi.example:6443"), "default"));
        description.ManagementClusterId.ShouldBe(FakeKubernetesApi.KubeSystemUid);
        description.KubernetesVersion.ShouldBe("v1.34.1");
        (description.Nodes, description.NodesReady).ShouldBe((2, 2));
        description.CapiVersion.ShouldBe("v1.14.0");
        description.ApiVersion.ShouldBe("v1beta2");
        description.ServedApiVersions.ShouldBe(["v1beta2", "v1beta1"]);
        description.Providers.ShouldNotBeNull().Select(Shown).ShouldBe(
        [
            "cluster-api CoreProvider v1.14.0 capi-system [capi-controller-manager] True",
            "docker InfrastructureProvider v1.14.0 capd-system [capd-controller-manager] True",
        ]);
        description.Ready.ShouldBe(true);
        description.ObservedAt.ShouldBe(world.Clock.GetUtcNow());
        description.Problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task Only_the_controllers_of_providers_are_asked_for()
    {
        using World world = new(new FakeKubernetesApi().With(Kubeadm));

        await world.Cluster.DescribeAsync(Token);

        FakeRequest request = world.Api.Made("list", "deployments").ShouldHaveSingleItem();
        (request.Namespace, request.LabelSelector).ShouldBe((null, "cluster.x-k8s.io/provider"));
    }

    [Fact]
    public async Task A_user_of_one_namespace_gets_nulls_and_the_reasons()
    {
        using World world = new(new FakeKubernetesApi().With(Kubeadm)
            .Refuse("get", "namespaces", 403).Refuse("list", "nodes", 403).Refuse("list", "deployments", 403).Refuse("list", "providers", 403));

        CapiManagementCluster description = await world.Cluster.DescribeAsync(Token);

        description.ManagementClusterId.ShouldBe("fingerprint-of-server-and-authority");
        (description.Nodes, description.NodesReady).ShouldBe((null, null));
        description.Providers.ShouldBeNull();
        description.CapiVersion.ShouldBeNull();
        description.Ready.ShouldBeNull();
        description.ApiVersion.ShouldBe("v1beta2");
        description.KubernetesVersion.ShouldBe("v1.34.1");
        description.Problems.Select(problem => (problem.Id, problem.Target)).ShouldBe(
            [("ApiForbidden", "nodes"), ("ApiForbidden", "deployments.apps"), ("ApiForbidden", "providers.clusterctl.cluster.x-k8s.io")], ignoreOrder: true);
    }

    [Fact]
    public async Task Without_the_right_to_see_Deployments_versions_are_told_and_health_is_not()
    {
        using World world = new(new FakeKubernetesApi().With(Kubeadm).Refuse("list", "deployments", 403));

        CapiManagementCluster description = await world.Cluster.DescribeAsync(Token);

        description.CapiVersion.ShouldBe("v1.14.0");
        description.Providers.ShouldNotBeNull().ShouldAllBe(provider => provider.Available == null && provider.Deployments.Count == 0);
        description.Ready.ShouldBeNull();
    }

    [Fact]
    public async Task Without_an_inventory_labels_and_image_tags_tell()
    {
        using World world = new(new FakeKubernetesApi().Serve(FakeKubernetesApi.Core("v1beta1")).With(
            ObjectJson.Node("cp"),
            ObjectJson.Deployment("capi-controller-manager", "capi-system", "cluster-api", "localhost:5000/cluster-api-controller:v1.10.10@sha256:00ff"),
            ObjectJson.Deployment("capd-controller-manager", "capd-system", "infrastructure-docker", "gcr.io/capd-manager@sha256:00ff")));

        CapiManagementCluster description = await world.Cluster.DescribeAsync(Token);

        description.CapiVersion.ShouldBe("v1.10.10");
        description.ApiVersion.ShouldBe("v1beta1");
        description.Providers.ShouldNotBeNull().Select(Shown).ShouldBe(
        [
            "cluster-api  v1.10.10 capi-system [capi-controller-manager] True",
            "infrastructure-docker   capd-system [capd-controller-manager] True",
        ]);
        description.Ready.ShouldBe(true);
        world.Api.Made("list", "providers").ShouldBeEmpty();
    }

    /// <summary>Applied from their manifests, all three carry the label k0sproject-k0smotron and live in one namespace.</summary>
    [Fact]
    public async Task The_three_providers_of_k0smotron_share_the_controllers_that_one_label_names()
    {
        using World world = new(new FakeKubernetesApi().With(Kubeadm).With(K0smotronInventory).With(
            ObjectJson.Deployment("k0smotron-controller-manager-bootstrap", "k0smotron", "k0sproject-k0smotron"),
            ObjectJson.Deployment("k0smotron-controller-manager-control-plane", "k0smotron", "k0sproject-k0smotron", available: "False"),
            ObjectJson.Deployment("k0smotron-controller-manager-infrastructure", "k0smotron", "k0sproject-k0smotron")));

        CapiManagementCluster description = await world.Cluster.DescribeAsync(Token);

        CapiProvider[] k0smotron = [.. description.Providers.ShouldNotBeNull().Where(provider => provider.Namespace == "k0smotron")];
        k0smotron.Select(provider => provider.Type).ShouldBe(["BootstrapProvider", "ControlPlaneProvider", "InfrastructureProvider"], "and no fourth from the label");
        k0smotron.ShouldAllBe(provider => provider.Name == "k0sproject-k0smotron" && provider.Deployments.Count == 3 && provider.Available == false);
        description.Ready.ShouldBe(false);
    }

    /// <summary>clusterctl overwrites the label with that of the provider's type (ManifestLabel).</summary>
    [Fact]
    public async Task The_three_providers_of_k0smotron_each_have_their_own_controller_where_clusterctl_labelled_them()
    {
        using World world = new(new FakeKubernetesApi().With(Kubeadm).With(K0smotronInventory).With(
            ObjectJson.Deployment("b", "k0smotron", "bootstrap-k0sproject-k0smotron"),
            ObjectJson.Deployment("c", "k0smotron", "control-plane-k0sproject-k0smotron", available: "False"),
            ObjectJson.Deployment("i", "k0smotron", "infrastructure-k0sproject-k0smotron")));

        CapiManagementCluster description = await world.Cluster.DescribeAsync(Token);

        description.Providers.ShouldNotBeNull().Where(provider => provider.Namespace == "k0smotron").Select(provider => (provider.Deployments.ShouldHaveSingleItem(), provider.Available))
            .ShouldBe([("b", true), ("c", false), ("i", true)]);
    }

    [Theory]
    [InlineData("True", "True", "True", true)]
    [InlineData("False", "True", "True", false)]
    [InlineData("Unknown", "True", "True", false)]
    [InlineData("True", "False", "True", false)]
    [InlineData("True", "Unknown", "True", null)]
    [InlineData("True", "True", "False", false)]
    [InlineData("True", null, "True", null)]
    public async Task Ready_needs_every_node_and_every_controller(string node, string? core, string infrastructure, bool? expected)
    {
        using World world = new(new FakeKubernetesApi().With(
            ObjectJson.Node("ok"), ObjectJson.Node("n", node),
            ObjectJson.Provider("cluster-api", "capi-system", "cluster-api", "CoreProvider", "v1.14.0"),
            ObjectJson.Provider("infrastructure-docker", "capd-system", "docker", "InfrastructureProvider", "v1.14.0"),
            ObjectJson.Deployment("capi", "capi-system", "cluster-api", available: core),
            ObjectJson.Deployment("capd", "capd-system", "infrastructure-docker", available: infrastructure)));

        (await world.Cluster.DescribeAsync(Token)).Ready.ShouldBe(expected);
    }

    [Fact]
    public async Task A_controller_that_is_down_is_enough_for_false_even_where_nodes_may_not_be_seen()
    {
        using World world = new(new FakeKubernetesApi().Refuse("list", "nodes", 403).With(
            ObjectJson.Provider("cluster-api", "capi-system", "cluster-api", "CoreProvider", "v1.14.0"), ObjectJson.Deployment("capi", "capi-system", "cluster-api", available: "False")));

        (await world.Cluster.DescribeAsync(Token)).Ready.ShouldBe(false);
    }

    [Fact]
    public async Task A_provider_without_its_controller_is_not_known_to_be_well()
    {
        using World world = new(new FakeKubernetesApi().With(Kubeadm).With(ObjectJson.Provider("bootstrap-kubeadm", "gone", "kubeadm", "BootstrapProvider", "v1.14.0")));

        (await world.Cluster.DescribeAsync(Token)).Ready.ShouldBeNull();
    }

    [Fact]
    public async Task A_server_without_Cluster_API_is_described_too_and_is_not_ready()
    {
        using World world = new(new FakeKubernetesApi().Serve(FakeKubernetesApi.K0smotronCluster).With(ObjectJson.Node("n")));

        CapiManagementCluster description = await world.Cluster.DescribeAsync(Token);

        description.ApiVersion.ShouldBeNull();
        description.CapiVersion.ShouldBeNull();
        description.ServedApiVersions.ShouldBeEmpty();
        description.Ready.ShouldBe(false);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(503)]
    public async Task A_server_that_does_not_let_in_or_does_not_answer_fails_after_one_request(int status)
    {
        using World world = new(new FakeKubernetesApi().Refuse("discover", "apis", status));

        await Should.ThrowAsync<CapiProblemException>(() => world.Cluster.DescribeAsync(Token));

        world.Api.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_server_that_breaks_off_in_the_middle_fails()
    {
        using World world = new(new FakeKubernetesApi().Refuse("list", "nodes", 503));

        (await Should.ThrowAsync<CapiProblemException>(() => world.Cluster.DescribeAsync(Token))).Problem.Id.ShouldBe(ProblemId.ApiUnavailable);
    }

    private static IEnumerable<ObjectJson> K0smotronInventory =>
        new[] { ("bootstrap", "BootstrapProvider"), ("control-plane", "ControlPlaneProvider"), ("infrastructure", "InfrastructureProvider") }
            .Select(row => ObjectJson.Provider($"{row.Item1}-k0sproject-k0smotron", "k0smotron", "k0sproject-k0smotron", row.Item2, "v2.1.0"));

    private static string Shown(CapiProvider provider) =>
        $"{provider.Name} {provider.Type} {provider.Version} {provider.Namespace} [{string.Join(' ', provider.Deployments)}] {provider.Available}";
}
