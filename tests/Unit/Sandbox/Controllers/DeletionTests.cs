using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Controllers;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;
using CapiWorkshop.Tests.Unit.Sandbox.World;

namespace CapiWorkshop.Tests.Unit.Sandbox.Controllers;

public sealed class DeletionTests : IAsyncLifetime
{
    private readonly WorldBench _bench = WorldBench.Workshop();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public void A_cluster_goes_workers_first_then_control_plane_then_infrastructure()
    {
        using StoreSubscription changes = _bench.Store.Subscribe();
        _bench.Delete(Kinds.Cluster, "dev-cluster");
        JsonObject cluster = _bench.Get(Kinds.Cluster, "dev-cluster");
        cluster.Text("status", "phase").ShouldBe("Deleting");
        Conditions.Find(cluster, "Deleting").Text("reason").ShouldBe("WaitingForWorkersDeletion");
        _bench.Pass(60);

        List<string> gone = [];
        while (changes.Changes.TryRead(out StoreChange? change))
        {
            if (change.Kind is ChangeKind.Deleted)
                gone.Add(change.Object.Resource.Kind);
        }

        string[] order = ["MachineSet", "MachineDeployment", "KubeadmControlPlane", "DockerCluster", "Cluster"];
        gone.Where(order.Contains).ShouldBe(order);
        gone.LastIndexOf("Machine").ShouldBeLessThan(gone.IndexOf("KubeadmControlPlane"));
        _bench.Open.ShouldBe(["default/k0s-demo-cluster"]);
        _bench.World.Containers.List().ShouldAllBe(container => !container.Name.StartsWith("dev-cluster", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_is_drained_in_a_cluster_that_goes()
    {
        _bench.Delete(Kinds.Cluster, "dev-cluster");
        _bench.Pass(60);
        _bench.Events.ShouldNotContain(text => text.Contains("SuccessfulDrainNode", StringComparison.Ordinal));
        _bench.Events.ShouldContain(text => text.StartsWith("Cluster/dev-cluster Deleted:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task When_all_is_deleted_in_order_nothing_is_left_but_what_was_there_before_and_the_claims()
    {
        _bench.Delete(Kinds.HelmChartProxy, "nginx");
        _bench.Pass(30);
        _bench.Store.List(Kinds.HelmReleaseProxy).Items.ShouldBeEmpty();
        _bench.World.Workloads.Find("default", "dev-cluster")!.Api.Store.List(Kinds.Pod, "default").Items.ShouldBeEmpty("the release was uninstalled");
        _bench.Delete(Kinds.Cluster, "dev-cluster");
        _bench.Delete(Kinds.Cluster, "k0s-demo-cluster");
        _bench.Pass(120);

        await using WorldBench empty = WorldBench.Empty();
        IEnumerable<string> left = Everything(_bench).Except(Everything(empty));
        left.ShouldAllBe(item => item.StartsWith("persistentvolumeclaims default/etcd-data-kmc-k0s-demo-cluster-etcd-", StringComparison.Ordinal));
        left.Count().ShouldBe(3);
        _bench.World.Containers.List().ShouldHaveSingleItem().Name.ShouldBe("capi-management-control-plane");
        _bench.Open.ShouldBeEmpty();
    }

    [Fact]
    public void Claims_go_where_that_was_asked_for()
    {
        _bench.Change(Kinds.K0smotronControlPlane, "k0s-demo-cluster-cp", content => content.Ensure("spec", "storage", "etcd")["autoDeletePVCs"] = true);
        _bench.Delete(Kinds.Cluster, "k0s-demo-cluster");
        _bench.Pass(120);
        _bench.Store.List(Kinds.PersistentVolumeClaim).Items.ShouldBeEmpty();
    }

    [Fact]
    public void A_chart_waits_until_its_releases_are_off()
    {
        _bench.Delete(Kinds.HelmChartProxy, "nginx");
        _bench.Find(Kinds.HelmChartProxy, "nginx").ShouldNotBeNull();
        _bench.Store.List(Kinds.HelmReleaseProxy).Items.ShouldAllBe(release => release.IsDeleting);
        _bench.Pass(5);
        _bench.Find(Kinds.HelmChartProxy, "nginx").ShouldBeNull();
    }

    [Fact]
    public void A_release_is_stuck_while_its_cluster_is_there_and_the_way_in_is_not()
    {
        _bench.Change(Kinds.KubeadmControlPlane, "dev-cluster-control-plane", content => Metadata.Annotate(content, CapiNames.Paused, ""));
        _bench.Delete(Kinds.Secret, "dev-cluster-kubeconfig");
        _bench.Delete(Kinds.HelmChartProxy, "nginx");
        _bench.Pass(600);
        StoredObject stuck = _bench.Store.List(Kinds.HelmReleaseProxy).Items.ShouldHaveSingleItem();
        Conditions.Find(stuck.ToJson(), "ClusterAvailable").Text("reason").ShouldBe("GetKubeconfigFailed");
        Conditions.Find(stuck.ToJson(), "Ready").Text("reason").ShouldBe("GetKubeconfigFailed");
        _bench.Find(Kinds.HelmChartProxy, "nginx").ShouldNotBeNull();

        _bench.Change(Kinds.KubeadmControlPlane, "dev-cluster-control-plane", content =>
            content["metadata"]!["annotations"]!.AsObject().Remove(CapiNames.Paused));
        _bench.Pass(30);
        _bench.Store.List(Kinds.HelmReleaseProxy).Items.ShouldBeEmpty("the control plane has written it anew");
        _bench.Find(Kinds.HelmChartProxy, "nginx").ShouldBeNull();
    }

    [Fact]
    public void With_its_cluster_gone_first_a_release_goes_too_and_the_chart_stays()
    {
        _bench.Delete(Kinds.Cluster, "dev-cluster");
        _bench.Pass(120);
        _bench.Store.List(Kinds.HelmReleaseProxy).Items.ShouldHaveSingleItem().Labels[CapiNames.ClusterLabel].ShouldBe("k0s-demo-cluster");
        _bench.Find(Kinds.HelmChartProxy, "nginx").ShouldNotBeNull();
    }

    [Fact]
    public void A_cluster_that_is_no_longer_selected_loses_its_release()
    {
        _bench.Change(Kinds.Cluster, "dev-cluster", content => content["metadata"]!["labels"]!["environment"] = "other");
        _bench.Pass(30);
        _bench.Store.List(Kinds.HelmReleaseProxy).Items.ShouldHaveSingleItem();
        _bench.World.Workloads.Find("default", "dev-cluster")!.Api.Store.Find(Kinds.Deployment, "default", "nginx").ShouldBeNull();
    }

    [Fact]
    public void A_paused_cluster_is_not_taken_apart()
    {
        _bench.Change(Kinds.Cluster, "dev-cluster", content => content["spec"]!["paused"] = true);
        _bench.Delete(Kinds.Cluster, "dev-cluster");
        _bench.Pass(600);
        _bench.MachinesOf("dev-cluster").Count.ShouldBe(3);
        _bench.Change(Kinds.Cluster, "dev-cluster", content => content["spec"]!["paused"] = false);
        _bench.Pass(120);
        _bench.Find(Kinds.Cluster, "dev-cluster").ShouldBeNull();
    }

    [Fact]
    public void What_has_lost_its_owner_goes()
    {
        StoredObject owner = _bench.Store.Create(Kinds.ConfigMap, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "owner" } });
        JsonObject Dependent(string name, params OwnerReference[] owners) => new()
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["ownerReferences"] = new JsonArray([.. owners.Select(reference => reference.ToJson())]) },
        };
        StoredObject other = _bench.Store.Create(Kinds.ConfigMap, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "other" } });
        _bench.Store.Create(Kinds.Secret, Dependent("one", OwnerReference.To(owner)));
        _bench.Store.Create(Kinds.Secret, Dependent("shared", OwnerReference.To(owner), OwnerReference.To(other)));
        _bench.Step();
        _bench.Delete(Kinds.ConfigMap, "owner");
        _bench.Find(Kinds.Secret, "one").ShouldBeNull();
        _bench.Find(Kinds.Secret, "shared").ShouldNotBeNull("it has another owner");
        _bench.Delete(Kinds.ConfigMap, "other");
        _bench.Find(Kinds.Secret, "shared").ShouldBeNull();
    }

    private static IEnumerable<string> Everything(WorldBench bench) =>
        bench.Api.Catalog.Resources.Where(kind => kind != Kinds.Event && !kind.Kind.EndsWith("Template", StringComparison.Ordinal))
            .SelectMany(kind => bench.Store.List(kind).Items).Select(item => $"{item.Resource} {item.Key}");
}
