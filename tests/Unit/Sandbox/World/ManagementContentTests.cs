using System.Text.Json.Nodes;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Operations;
using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Hosting;
using CapiWorkshop.Sandbox.Storage;
using CapiWorkshop.Sandbox.World;
using Microsoft.Extensions.Time.Testing;

namespace CapiWorkshop.Tests.Unit.Sandbox.World;

public class ManagementContentTests
{
    private static readonly DateTimeOffset Since = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Since);
    private readonly ClusterApi _api;

    public ManagementContentTests()
    {
        _api = new(ResourceCatalog.Management, new ObjectStore(_time, new Random(1)), _time);
        WellKnownObjects.AddTo(_api);
        ManagementContent.AddTo(_api, Since);
        _time.Advance(TimeSpan.FromMinutes(30));
    }

    public static TheoryData<string, string, string, string?> Controllers => new()
    {
        { "capi-system", "capi-controller-manager", "cluster-api", null },
        { "capi-kubeadm-bootstrap-system", "capi-kubeadm-bootstrap-controller-manager", "bootstrap-kubeadm", null },
        { "capi-kubeadm-control-plane-system", "capi-kubeadm-control-plane-controller-manager", "control-plane-kubeadm", null },
        { "capd-system", "capd-controller-manager", "infrastructure-docker", null },
        { "caaph-system", "caaph-controller-manager", "helm", null },
        { "k0smotron", "k0smotron-controller-manager-bootstrap", "k0sproject-k0smotron", "bootstrap" },
        { "k0smotron", "k0smotron-controller-manager-control-plane", "k0sproject-k0smotron", "control-plane" },
        { "k0smotron", "k0smotron-controller-manager-infrastructure", "k0sproject-k0smotron", "infrastructure" },
    };

    [Theory]
    [MemberData(nameof(Controllers))]
    public void Controllers_run_where_they_are_looked_for(string ns, string name, string provider, string? part)
    {
        JsonObject deployment = _api.Store.Get(Kinds.Deployment, ns, name).ToJson();
        deployment.Text("metadata", "labels", "cluster.x-k8s.io/provider").ShouldBe(provider);
        deployment.Items("status", "conditions")!.Single(item => item.Text("type") == "Available").Text("status").ShouldBe("True");

        StoredObject pod = PodsOf(deployment).ShouldHaveSingleItem();
        pod.Labels["control-plane"].ShouldBe("controller-manager");
        pod.Labels.GetValueOrDefault("k0smotron-provider").ShouldBe(part);
        pod.ToJson().Items("spec", "containers")!.ShouldHaveSingleItem().Text("name").ShouldBe("manager");
    }

    [Fact]
    public void Every_Deployment_selects_its_own_pods_and_no_others()
    {
        StoredObject[] deployments = [.. _api.Store.List(Kinds.Deployment).Items];
        deployments.Length.ShouldBe(13);
        List<string> selected = [];
        foreach (StoredObject deployment in deployments)
        {
            StoredObject set = _api.Store.List(Kinds.ReplicaSet, deployment.Namespace).Items.Where(set => OwnerOf(set) == deployment.Uid).ShouldHaveSingleItem();
            StoredObject[] pods = PodsOf(deployment.ToJson());
            pods.Length.ShouldBe((int)deployment.ToJson().Number("spec", "replicas")!.Value);
            pods.ShouldAllBe(pod => OwnerOf(pod) == set.Uid && pod.Name.StartsWith(set.Name + "-", StringComparison.Ordinal));
            selected.AddRange(pods.Select(pod => pod.Key));
        }

        selected.ShouldBeUnique();
    }

    [Fact]
    public void Owners_are_there()
    {
        HashSet<string> uids = [.. ResourceCatalog.Management.Resources.SelectMany(resource => _api.Store.List(resource).Items).Select(item => item.Uid)];

        foreach (ResourceDefinition resource in ResourceCatalog.Management.Resources)
            _api.Store.List(resource).Items.Select(OwnerOf).ShouldAllBe(owner => owner == null || uids.Contains(owner));
    }

    [Fact]
    public void Pods_are_as_old_as_the_cluster_and_ready()
    {
        StoredObject[] pods = [.. _api.Store.List(Kinds.Pod).Items];

        pods.Length.ShouldBe(20);
        foreach (StoredObject pod in pods)
        {
            Cells(pod).Take(4).ShouldBe(["1/1", "Running", "0", "30m"], pod.Key);
            pod.ToJson().Text("spec", "nodeName").ShouldBe("capi-management-control-plane");
        }

        pods.Select(pod => pod.ToJson()).Where(pod => pod.Flag("spec", "hostNetwork") != true).Select(pod => pod.Text("status", "podIP")).ShouldBeUnique();
        pods.Where(pod => pod.Namespace == "kube-system").Select(pod => pod.Name.Split("-capi-")[0]).ShouldBeSubsetOf(
            [.. pods.Select(pod => pod.Name).Where(name => name.StartsWith("coredns-") || name.StartsWith("kindnet-") || name.StartsWith("kube-proxy-")),
                "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"]);
    }

    [Fact]
    public void The_node_is_the_control_plane_of_kind()
    {
        StoredObject node = _api.Store.List(Kinds.Node).Items.ShouldHaveSingleItem();

        node.Name.ShouldBe("capi-management-control-plane");
        Cells(node).Take(5).ShouldBe(["Ready", "control-plane", "30m", _api.ServerVersion, "172.18.0.2"]);
    }

    [Fact]
    public async Task Our_own_reader_finds_it_ready_with_every_provider_available()
    {
        await using SandboxServer server = await SandboxServer.StartAsync(_api, cancellation: TestContext.Current.CancellationToken);
        string path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, server.KubeConfig, TestContext.Current.CancellationToken);
            using KubernetesApi api = new(KubeConfig.Read([path]).Resolve(null));
            using ManagementCluster cluster = new(api);

            CapiManagementCluster found = await cluster.DescribeAsync(TestContext.Current.CancellationToken);

            (found.Ready, found.Nodes, found.NodesReady, found.CapiVersion).ShouldBe((true, 1, 1, "v1.13.5"));
            found.Problems.ShouldBeEmpty();
            found.Providers.ShouldNotBeNull().ShouldAllBe(provider => provider.Available == true && provider.Deployments.Count > 0);
            found.Providers.Select(provider => $"{provider.Type} {provider.Name} {provider.Version}").Order(StringComparer.Ordinal).ShouldBe(
            [
                "AddonProvider helm v0.6.4", "BootstrapProvider k0sproject-k0smotron v2.1.0", "BootstrapProvider kubeadm v1.13.5",
                "ControlPlaneProvider k0sproject-k0smotron v2.1.0", "ControlPlaneProvider kubeadm v1.13.5", "CoreProvider cluster-api v1.13.5",
                "InfrastructureProvider docker v1.13.5", "InfrastructureProvider k0sproject-k0smotron v2.1.0",
            ]);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void The_same_seed_makes_the_same_content()
    {
        ClusterApi again = new(ResourceCatalog.Management, new ObjectStore(_time, new Random(1)), _time);
        WellKnownObjects.AddTo(again);
        ManagementContent.AddTo(again, Since);

        _api.Store.List(Kinds.Pod).Items.Select(pod => (pod.Key, pod.Uid)).ShouldBe(again.Store.List(Kinds.Pod).Items.Select(pod => (pod.Key, pod.Uid)));
    }

    private StoredObject[] PodsOf(JsonObject deployment) => [.. _api.Store.List(Kinds.Pod, deployment.Text("metadata", "namespace"), ObjectFilter.ByLabels(
        deployment.Child("spec", "selector", "matchLabels")!.Select(label => (label.Key, label.Value!.ToString())))).Items];

    private static string? OwnerOf(StoredObject item) => item.ToJson().Items("metadata", "ownerReferences")?.Single().Text("uid");

    private string?[] Cells(StoredObject item) => [.. item.Resource.Storage.Columns.Select(column => column.Cell(item.ToJson(), _time.GetUtcNow())?.ToString())];
}
