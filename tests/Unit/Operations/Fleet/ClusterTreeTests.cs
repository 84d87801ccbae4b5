using System.Text.Json;
using System.Text.Json.Nodes;
using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Fleet;

public sealed class ClusterTreeTests
{
    private static readonly string[] DevTree =
    [
        "Cluster/dev True Available",
        "├─DockerCluster/dev-infra True Ready",
        "├─KubeadmControlPlane/dev-cp True Available",
        "│ └─Machine/dev-cp-1 True Ready",
        "├─Workers/Workers True Available",
        "│ └─MachineDeployment/dev-md-0 True Available",
        "│   └─Machine/2 Machines True Ready",
        "└─HelmReleaseProxy/nginx-dev True deployed",
    ];

    [Fact]
    public async Task A_cluster_is_drawn_with_all_that_it_consists_of()
    {
        using FleetWorld world = new(FleetWorld.Workload("dev"));

        (await world.DrawAsync()).ShouldBe(DevTree);
    }

    [Fact]
    public async Task A_deployment_at_zero_and_a_hosted_control_plane_are_shown()
    {
        using FleetWorld world = new(FleetWorld.Hosted("k0s"));

        (await world.DrawAsync()).ShouldBe(
        [
            "Cluster/k0s True Available",
            "├─DockerCluster/k0s-infra True Ready",
            "├─K0smotronControlPlane/k0s-cp True Available",
            "└─Workers/Workers True Available",
            "  └─MachineDeployment/k0s-md-0 True Available",
        ]);
    }

    [Fact]
    public async Task Rows_can_be_filtered_and_written_without_their_tree()
    {
        using FleetWorld world = new(FleetWorld.Workload("dev"));

        CapiClusterTreeNode[] rows = [.. (await world.AskAsync()).Select(outcome => outcome.Value!)];

        CapiClusterTreeNode machines = rows.Single(row => row.Count == 2);
        (machines.Kind, machines.Depth, machines.Parent, machines.Cluster, machines.Uid).ShouldBe(("Machine", 3, "MachineDeployment/dev-md-0", "dev", null));
        machines.Names.ShouldBe(["dev-md-0-1", "dev-md-0-2"]);
        machines.Age.ShouldBe(TimeSpan.FromHours(1));
        rows[0].Replicas!.ToString().ShouldBe("3/3", "control plane and workers together");
        (rows[0].Depth, rows[0].Parent, rows[0].Uid).ShouldBe((0, null, "uid-of-dev"));
        JsonSerializer.Serialize(rows).ShouldContain("\"Parent\":\"MachineDeployment/dev-md-0\"");
    }

    [Fact]
    public async Task Machines_in_different_states_stay_apart_and_say_why()
    {
        using FleetWorld world = new([.. FleetWorld.Workload("dev", 3).Where(item => item.Name != "dev-md-0-2"), FleetWorld.Worker("dev-md-0-2", "dev").Metadata("ownerReferences", Owners("dev-md-0-abcde"))
            .Condition("NodeHealthy", "False", "NodeNotReady", "the Node is not ready").Condition("Ready", "False", "NotReady")]);

        CapiClusterTreeNode[] rows = [.. (await world.AskAsync()).Select(outcome => outcome.Value!).Where(row => row.Parent == "MachineDeployment/dev-md-0")];

        rows.Select(row => (row.Name, row.Ready, row.Status, row.Message)).ShouldBe([("2 Machines", true, "Ready", null), ("dev-md-0-2", false, "NodeNotReady", "the Node is not ready")]);
    }

    [Fact]
    public async Task Expanded_each_machine_has_its_row()
    {
        using FleetWorld world = new(FleetWorld.Workload("dev"));

        (await world.DrawAsync(options: new(Expand: true))).ShouldBe([.. DevTree[..6], "│   ├─Machine/dev-md-0-1 True Ready", "│   └─Machine/dev-md-0-2 True Ready", DevTree[7]]);
    }

    [Fact]
    public async Task MachineSets_are_shown_where_they_are_asked_for()
    {
        using FleetWorld world = new(FleetWorld.Workload("dev"));

        (await world.DrawAsync(options: new(IncludeMachineSets: true))).ShouldBe([.. DevTree[..6], "│   └─MachineSet/dev-md-0-abcde True Ready", "│     └─Machine/2 Machines True Ready", DevTree[7]]);
    }

    [Theory]
    [InlineData(CapiConditionFilter.All, new[] { "Available", "WorkersAvailable", "Deleting", "InfrastructureReady" })]
    [InlineData(CapiConditionFilter.Abnormal, new[] { "InfrastructureReady" })]
    public async Task Conditions_stand_below_their_object(CapiConditionFilter filter, string[] expected)
    {
        using FleetWorld world = new(FleetWorld.ClusterOf("dev", "KubeadmControlPlane").Condition("Deleting", "False", "NotDeleting").Condition("InfrastructureReady", "Unknown", "DoesNotExist", "gone"));

        CapiClusterTreeNode[] rows = [.. (await world.AskAsync(options: new(Conditions: filter))).Select(outcome => outcome.Value!).Where(row => row.Kind == "Condition")];

        rows.Select(row => row.Name).ShouldBe(expected);
        (rows[^1].Depth, rows[^1].Parent, rows[^1].Ready, rows[^1].Status, rows[^1].Message).ShouldBe((1, "Cluster/dev", false, "DoesNotExist", "gone"));
    }

    [Fact]
    public async Task What_belongs_nowhere_is_shown_too()
    {
        ObjectJson lost = FleetWorld.Ready(FleetWorld.Worker("dev-lost", "dev").Metadata("ownerReferences", Owners("a-set-that-is-gone")));
        using FleetWorld world = new([.. FleetWorld.Hosted("dev"), lost, FleetWorld.Ready(ObjectJson.Machine("stray", "no-such-cluster"))]);

        List<string> drawn = await world.DrawAsync();

        drawn[^4..].ShouldBe(["└─Orphans/Orphans", "  └─Machine/dev-lost True Ready", "Orphans/Orphans", "└─Machine/stray True Ready"]);
        (await world.DrawAsync(new() { Clusters = [new("dev")] })).ShouldNotContain("└─Machine/stray True Ready", "only one cluster was asked for");
    }

    [Fact]
    public async Task Pools_resource_sets_and_machines_of_the_clusters_own_are_part_of_it()
    {
        ObjectJson cluster = FleetWorld.ClusterOf("dev", "KubeadmControlPlane").Label("cni", "x");
        ObjectJson pool = ObjectJson.Of("cluster.x-k8s.io/v1beta2", "MachinePool", "dev-mp").Spec("clusterName", "dev").Label("cluster.x-k8s.io/cluster-name", "dev").Owner(cluster).Scaled(1);
        static ObjectJson Set(string name, string value) => ObjectJson.Of("addons.cluster.x-k8s.io/v1beta2", "ClusterResourceSet", name)
            .Spec("clusterSelector", new JsonObject { ["matchLabels"] = new JsonObject { ["cni"] = value } }).Condition("ResourcesApplied", "True", "Applied");
        using FleetWorld world = new(cluster, pool, FleetWorld.Ready(ObjectJson.Machine("dev-mp-1", "dev").Owner(pool)), FleetWorld.Ready(ObjectJson.Machine("dev-alone", "dev").Owner(cluster)), Set("calico", "x"), Set("other", "y"));

        (await world.DrawAsync()).ShouldBe(
        [
            "Cluster/dev True Available",
            "├─DockerCluster/dev-infra",
            "├─KubeadmControlPlane/dev-cp",
            "├─Workers/Workers True Available",
            "│ ├─MachinePool/dev-mp",
            "│ │ └─Machine/dev-mp-1 True Ready",
            "│ └─Machine/dev-alone True Ready",
            "└─ClusterResourceSet/calico True Applied",
        ]);
    }

    [Fact]
    public async Task What_is_paused_or_being_deleted_says_so()
    {
        using FleetWorld world = new(
            FleetWorld.ClusterOf("dev", "KubeadmControlPlane").Spec("paused", true),
            FleetWorld.ClusterOf("old", "KubeadmControlPlane").Metadata("deletionTimestamp", "2026-11-20T09:30:00Z").Condition("Deleting", "True", "WaitingForWorkersDeletion", "waiting for workers"));

        CapiClusterTreeNode[] rows = [.. (await world.AskAsync()).Select(outcome => outcome.Value!).Where(row => row.Kind == "Cluster")];

        rows.Select(row => row.Status).ShouldBe(["Paused", "Deleting"]);
        (rows[1].Message, rows[1].Age).ShouldBe(("waiting for workers", TimeSpan.FromMinutes(30)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public async Task A_fleet_takes_one_list_a_kind_and_no_more_than_one_cluster_takes(int clusters)
    {
        using FleetWorld world = new([.. Enumerable.Range(1, clusters).SelectMany(i => FleetWorld.Workload($"c{i}", 20)), .. FleetWorld.Hosted("k0s")]);
        await world.Cluster.DescribeAsync(TestContext.Current.CancellationToken);
        int before = world.Api.Requests.Count;

        List<Outcome<CapiClusterTreeNode>> outcomes = await world.AskAsync();

        outcomes.Count(outcome => outcome.Value!.Kind == "Machine" && outcome.Value.Count == 20).ShouldBe(clusters);
        FakeRequest[] made = [.. world.Api.Requests.Skip(before)];
        made.Length.ShouldBe(10);
        made.ShouldAllBe(request => request.Verb == "list");
        made.Select(request => request.Type!.QualifiedName).ShouldBeUnique();
    }

    [Fact]
    public async Task One_cluster_that_is_named_is_asked_for_by_its_label()
    {
        using FleetWorld world = new([.. FleetWorld.Workload("dev"), .. FleetWorld.Workload("other")]);

        (await world.DrawAsync(new() { Clusters = [new("dev")] })).ShouldBe(DevTree);

        world.Api.Made("list", "machines").ShouldHaveSingleItem().LabelSelector.ShouldBe("cluster.x-k8s.io/cluster-name in (dev)");
        world.Api.Requests.Count(request => request.Verb is "list" or "get").ShouldBeLessThanOrEqualTo(14);
    }

    [Fact]
    public async Task Clusters_of_several_namespaces_come_in_one_look()
    {
        using FleetWorld world = new([.. FleetWorld.Workload("dev"), .. FleetWorld.Workload("far", 1, "team-b"), .. FleetWorld.Workload("dev-2")]);

        List<string> drawn = await world.DrawAsync(new() { Clusters = [new("dev"), new("far", "team-b"), new("nope")] });

        drawn.Where(line => line.StartsWith("Cluster", StringComparison.Ordinal)).ShouldBe(["Cluster/dev True Available", "Cluster/far True Available", "ClusterNotFound default/nope"], ignoreOrder: true);
        world.Api.Made("list", "machines").ShouldHaveSingleItem().Namespace.ShouldBeNull();
    }

    [Fact]
    public async Task A_kind_that_may_not_be_read_is_told_and_the_rest_is_drawn()
    {
        using FleetWorld world = new(FleetWorld.Workload("dev"));
        world.Api.Refuse("list", "machinesets", 403);

        (await world.DrawAsync()).ShouldBe(["ApiForbidden machinesets.cluster.x-k8s.io", .. DevTree]);
    }

    [Fact]
    public async Task A_cluster_that_is_not_there_costs_no_further_request()
    {
        using FleetWorld world = new(FleetWorld.Workload("dev"));

        (await world.DrawAsync(new() { Clusters = [new("nope")] })).ShouldBe(["ClusterNotFound default/nope"]);
        world.Api.Made("list", "machines").ShouldBeEmpty();
    }

    [Fact]
    public async Task Where_an_add_on_is_not_installed_the_tree_does_without()
    {
        using FleetWorld world = new(FleetWorld.Workload("dev").Where(item => item.QualifiedName != "helmreleaseproxies.addons.cluster.x-k8s.io"));
        world.Api.Serve(FleetWorld.Served.Where(type => type.Group != "addons.cluster.x-k8s.io"));

        (await world.DrawAsync()).ShouldBe([.. DevTree[..4], .. DevTree[4..7].Select(line => line.Replace("├─W", "└─W", StringComparison.Ordinal).Replace("│ ", "  ", StringComparison.Ordinal))]);
    }

    private static JsonArray Owners(string set) =>
        [new JsonObject { ["apiVersion"] = "cluster.x-k8s.io/v1beta2", ["kind"] = "MachineSet", ["name"] = set, ["uid"] = "uid-of-" + set, ["controller"] = true }];
}
