using System.Text.Json.Nodes;
using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Removal;

public sealed class RemovalPlanTests
{
    [Fact]
    public async Task A_plan_lists_applications_first_and_then_each_Cluster_with_what_goes_with_it()
    {
        using RemovalWorld world = new();

        CapiRemovalPlan plan = await world.PlanAsync();

        plan.Items.Select(item => $"{item}{(item.IsRequested ? " !" : "")}").ShouldBe(
        [
            "HelmChartProxy default/nginx !", "HelmReleaseProxy default/nginx-dev", "HelmReleaseProxy default/nginx-k0s",
            "MachineDeployment default/dev-md", "Machine default/dev-cp", "Machine default/dev-md-1",
            "MachineDeployment default/k0s-md", "Machine default/k0s-md-1",
            "Cluster default/dev !", "Cluster default/k0s !",
        ]);
        plan.Items.ShouldAllBe(item => item.Uid == "uid-of-" + item.Name && !item.IsDeleting);
        plan.GoingWith(plan.In(CapiRemovalStage.Cluster).Last()).Select(item => item.Name).ShouldBe(["nginx-k0s", "k0s-md", "k0s-md-1"]);
        (plan.Context, plan.Namespace, plan.ManagementClusterId, plan.IsEmpty).ShouldBe(("kind-capi", "default", FakeKubernetesApi.KubeSystemUid, false));
        plan.Blockers.ShouldBeEmpty();
        plan.Warnings.ShouldBeEmpty();
        world.Deletions.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_plan_is_about_its_namespace_or_about_all()
    {
        using RemovalWorld world = new(ObjectJson.Cluster("other", "team-a"), ObjectJson.Machine("other-1", "other", "team-a"), ObjectJson.Machine("stray", "dev", "team-a"));

        (await world.PlanAsync(new() { Namespace = "team-a" })).Items.Select(item => $"{item.Action} {item}").ShouldBe(["FollowsOwner Machine team-a/other-1", "Delete Cluster team-a/other", "Stays Machine team-a/stray"]);
        CapiRemovalPlan all = await world.PlanAsync(new() { AllNamespaces = true });

        all.Namespace.ShouldBeNull();
        all.Items.Count.ShouldBe(13);
        all.GoingWith(all.In(CapiRemovalStage.Cluster).First()).ShouldNotContain(item => item.Name == "stray", "a Machine of a namesake's cluster name, elsewhere");
    }

    [Theory]
    [InlineData("Cluster")]
    [InlineData("MachineDeployment")]
    [InlineData("Machine")]
    [InlineData("HelmChartProxy")]
    [InlineData("HelmReleaseProxy")]
    public async Task Whatever_is_paused_blocks(string kind)
    {
        using RemovalWorld world = new();
        ObjectJson paused = world.Api.Of(kind)[0].Copy().Annotation("cluster.x-k8s.io/paused", "");
        world.Api.Update(paused);

        CapiRemovalPlan plan = await world.PlanAsync();

        plan.Blockers.ShouldHaveSingleItem().Message.ShouldStartWith($"{kind} default/{paused.Name} is paused");
        CapiProblem problem = (await Should.ThrowAsync<CapiProblemException>(() => world.RunAsync(plan))).Problem;
        (problem.Id, problem.Category).ShouldBe((ProblemId.RemovalBlocked, CapiProblemCategory.InvalidOperation));
        problem.Message.ShouldContain(plan.Blockers[0].Message);
        world.Deletions.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_controller_that_does_not_run_blocks()
    {
        using RemovalWorld world = new();
        world.Api.Update(ObjectJson.Deployment("capi-controller-manager", "capi-system", "cluster-api", "controller:v1.14.0", "False"));

        CapiRemovalPlan plan = await world.PlanAsync();

        plan.Blockers.ShouldHaveSingleItem().Message.ShouldContain("'capi-system' is not available");
        await Should.ThrowAsync<CapiProblemException>(() => world.RunAsync(plan));
        world.Deletions.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_controller_that_is_missing_blocks()
    {
        using RemovalWorld world = new();
        world.Api.Add(ObjectJson.Provider("infrastructure-docker", "capd-system", "docker", "InfrastructureProvider", "v1.14.0"));

        (await world.PlanAsync()).Blockers.ShouldHaveSingleItem().Message.ShouldContain("'capd-system' is missing");
    }

    [Fact]
    public async Task Where_nothing_is_to_be_removed_nothing_blocks()
    {
        using RemovalWorld world = new();
        world.Api.Update(ObjectJson.Deployment("capi-controller-manager", "capi-system", "cluster-api", "controller:v1.14.0", "False"));

        CapiRemovalPlan plan = await world.PlanAsync(new() { Namespace = "empty" });

        (plan.IsEmpty, plan.Blockers.Count).ShouldBe((true, 0));
    }

    [Fact]
    public async Task A_controller_of_which_nothing_is_known_does_not_block()
    {
        using RemovalWorld world = new();
        world.Api.Refuse("list", "deployments", 403).Refuse("list", "providers", 403);

        (await world.PlanAsync()).Blockers.ShouldBeEmpty();
    }

    [Fact]
    public async Task Releases_that_stay_and_machines_that_wait_for_somebody_are_warned_of()
    {
        using RemovalWorld world = new(
            ObjectJson.HelmChartProxy("once").Spec("reconcileStrategy", "InstallOnce"),
            ObjectJson.Machine("hooked", "dev").Annotation("pre-drain.delete.hook.machine.cluster.x-k8s.io/backup", "ops"),
            ObjectJson.Machine("kubeadm", "dev").Annotation("pre-terminate.delete.hook.machine.cluster.x-k8s.io/kcp-cleanup", ""));

        CapiRemovalPlan plan = await world.PlanAsync();

        plan.Blockers.ShouldBeEmpty();
        plan.Warnings.Count.ShouldBe(2, "kubeadm's control plane takes its own hook off");
        plan.Warnings[0].Message.ShouldContain("default/once");
        plan.Warnings[1].Message.ShouldContain("default/hooked");
        plan.Warnings[1].Message.ShouldContain("pre-drain.delete.hook.machine.cluster.x-k8s.io/backup");
    }

    [Fact]
    public async Task Without_the_Helm_add_on_there_are_no_applications()
    {
        using RemovalWorld world = new();
        world.Api.Serve(FakeKubernetesApi.Core("v1beta2"));
        world.PlayControllers();

        CapiRemovalPlan plan = await world.PlanAsync();
        List<Outcome<CapiRemovalResult>> outcomes = await world.RunAsync(plan).InTime();

        plan.Items.ShouldNotContain(item => item.Kind.StartsWith("Helm", StringComparison.Ordinal));
        world.Deletions.ShouldBe(["Cluster default/dev", "Cluster default/k0s"]);
        outcomes.Select(outcome => outcome.Value.ShouldNotBeNull().IsRemoved).ShouldBe([true, true, null]);
    }

    [Fact]
    public async Task What_may_not_be_listed_costs_a_warning_but_Clusters_cost_the_plan()
    {
        using RemovalWorld world = new();
        world.Api.Refuse("list", "machines", 403);

        CapiRemovalPlan plan = await world.PlanAsync();

        Notice(plan, RemovalNoticeId.KindNotReadable).Subject.ShouldBe("machines.cluster.x-k8s.io");
        plan.CanRun.ShouldBeTrue();
        world.Api.Refuse("list", "clusters", 403);
        (await Should.ThrowAsync<CapiProblemException>(() => world.PlanAsync())).Problem.Id.ShouldBe(ProblemId.ApiForbidden);
    }

    [Fact]
    public async Task Every_object_of_a_Cluster_is_found_by_its_owner_and_goes_in_its_stage()
    {
        ObjectJson dev = RemovalWorld.Dev, set = Of("MachineSet", "dev-set", "cluster.x-k8s.io"), plane = Of("KubeadmControlPlane", "dev-plane", "controlplane.cluster.x-k8s.io").Owner(dev);
        using RemovalWorld world = new(
            set.Owner(ObjectJson.MachineDeployment("dev-md", "dev")), ObjectJson.Machine("dev-set-1", "dev").Owner(set).Spec("infrastructureRef", Reference("DockerMachine", "dev-docker-1")),
            Of("DockerMachine", "dev-docker-1"), plane,
            ObjectJson.Machine("dev-plane-1", "dev").Label("cluster.x-k8s.io/control-plane", "").Owner(plane),
            Of("DockerCluster", "dev-infra").Owner(dev), ObjectJson.Of("infrastructure.cluster.x-k8s.io/v1beta2", "DockerMachineTemplate", "dev-template").Owner(dev));
        world.Api.Update(dev.Copy().Spec("controlPlaneRef", Reference("KubeadmControlPlane", "dev-plane")).Spec("infrastructureRef", Reference("DockerCluster", "dev-infra")));

        CapiRemovalPlan plan = await world.PlanOfAsync(new() { Scope = new() { Names = ["dev"] } });

        Show(plan, CapiRemovalStage.Workers).ShouldBe(["MachineDeployment/dev-md", "Machine/dev-cp", "Machine/dev-md-1", "MachineSet/dev-set", "Machine/dev-set-1", "DockerMachine/dev-docker-1"], ignoreOrder: true);
        Show(plan, CapiRemovalStage.ControlPlane).ShouldBe(["KubeadmControlPlane/dev-plane", "Machine/dev-plane-1"]);
        Show(plan, CapiRemovalStage.Infrastructure).ShouldBe(["DockerCluster/dev-infra"]);
        Show(plan, CapiRemovalStage.Cluster).ShouldBe(["Cluster/dev"]);
        Show(plan, CapiRemovalStage.Leftovers).ShouldBe(["DockerMachineTemplate/dev-template"]);
        plan.Items.Single(item => item.Kind == "DockerMachine").Owner.ShouldBe("Machine/dev-set-1");
        plan.Items.Where(item => item.Stage != CapiRemovalStage.Applications).ShouldAllBe(item => item.Cluster == "dev" && item.IsRequested == (item.Kind == "Cluster"));
    }

    [Fact]
    public async Task A_label_alone_makes_an_orphan_that_goes_on_request()
    {
        using RemovalWorld world = new(Of("DockerMachine", "stray"));

        (await world.PlanAsync()).Items.Single(item => item.Name == "stray").Action.ShouldBe(CapiRemovalAction.Stays);
        CapiRemovalItem item = (await world.PlanOfAsync(new() { IncludeOrphans = true })).Items.Single(item => item.Name == "stray");

        (item.Action, item.Stage, item.Uid).ShouldBe((CapiRemovalAction.DeleteIfLeft, CapiRemovalStage.Leftovers, "uid-of-stray"));
    }

    [Fact]
    public async Task What_a_Cluster_left_that_is_gone_can_be_asked_for_by_its_name_and_with_everything()
    {
        using RemovalWorld world = new(
            ObjectJson.Of("v1", "PersistentVolumeClaim", "etcd-gone").Label("app", "k0smotron").Label("cluster", "gone").Label("component", "etcd"),
            ObjectJson.Of("v1", "PersistentVolumeClaim", "etcd-k0s").Label("app", "k0smotron").Label("cluster", "k0s").Label("component", "etcd"),
            Of("DockerMachine", "stray").Label("cluster.x-k8s.io/cluster-name", "gone"),
            ObjectJson.Of("k0smotron.io/v1beta2", "Cluster", "k0s").Label("cluster.x-k8s.io/cluster-name", "k0s"));
        RemovalRequest gone = new() { Scope = new() { Names = ["gone"] }, IncludeVolumes = true, IncludeOrphans = true };

        CapiRemovalPlan named = await world.PlanOfAsync(gone), everything = await world.PlanOfAsync(new() { IncludeVolumes = true });
        CapiRemovalPlan untold = await world.PlanOfAsync(gone with { IncludeVolumes = false, IncludeOrphans = false });
        CapiRemovalPlan other = await world.PlanOfAsync(gone with { Scope = new() { Names = ["gone-too"] } });

        named.Items.Select(item => $"{item.Kind} {item.Name} {item.Action}").ShouldBe(["DockerMachine stray DeleteIfLeft", "PersistentVolumeClaim etcd-gone DeleteIfLeft"], ignoreOrder: true);
        named.Problems.ShouldBeEmpty();
        everything.Items.Where(item => item.Cluster == "gone").Select(item => $"{item.Name} {item.Action}").ShouldBe(["stray Stays", "etcd-gone DeleteIfLeft"], ignoreOrder: true);
        untold.Items.ShouldAllBe(item => item.Action == CapiRemovalAction.Stays);
        untold.Problems.ShouldHaveSingleItem().Id.ShouldBe("ClusterNotFound");
        other.Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_data_of_a_hosted_control_plane_that_is_no_Clusters_is_nobodys_leftover()
    {
        using RemovalWorld world = new(
            ObjectJson.Of("k0smotron.io/v1beta2", "Cluster", "prod"),
            ObjectJson.Of("v1", "PersistentVolumeClaim", "etcd-prod").Label("app", "k0smotron").Label("cluster", "prod").Label("component", "etcd"),
            ObjectJson.Of("k0smotron.io/v1beta2", "Cluster", "dev"),
            ObjectJson.Of("v1", "PersistentVolumeClaim", "etcd-dev").Label("app", "k0smotron").Label("cluster", "dev").Label("component", "etcd"));
        RemovalRequest request = new() { IncludeVolumes = true, IncludeOrphans = true };

        (await world.PlanOfAsync(request)).Items.ShouldNotContain(item => item.Kind == "PersistentVolumeClaim");
        (await world.PlanOfAsync(request with { Scope = new() { Names = ["prod"] } })).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_paused_application_that_others_share_blocks_too_since_it_would_not_leave()
    {
        using RemovalWorld world = new();
        world.Api.Update(RemovalWorld.Dev.Copy().Label("apps", "nginx"));
        world.Api.Update(RemovalWorld.K0s.Copy().Label("apps", "nginx"));
        world.Api.Update(RemovalWorld.Proxy.Copy().Spec("clusterSelector", System.Text.Json.Nodes.JsonNode.Parse("""{"matchLabels":{"apps":"nginx"}}""")).Annotation("cluster.x-k8s.io/paused", ""));
        RemovalRequest request = new() { Scope = new() { Names = ["dev"] } };

        CapiRemovalPlan blocked = await world.PlanOfAsync(request), resumed = await world.PlanOfAsync(request with { Unpause = true });

        blocked.Blockers.ShouldHaveSingleItem().Subject.ShouldBe("HelmChartProxy default/nginx");
        resumed.CanRun.ShouldBeTrue();
        resumed.Items.Where(item => item.Action == CapiRemovalAction.Unpause).ShouldHaveSingleItem().Name.ShouldBe("nginx");
    }

    [Fact]
    public async Task Secrets_and_volumes_and_containers_are_told_and_go_on_request()
    {
        ObjectJson dev = RemovalWorld.Dev;
        using RemovalWorld world = new(
            ObjectJson.Of("v1", "Secret", "dev-ca").Label("cluster.x-k8s.io/cluster-name", "dev").Owner(dev),
            ObjectJson.Of("v1", "Secret", "mine").Label("cluster.x-k8s.io/cluster-name", "dev"),
            ObjectJson.Of("v1", "PersistentVolumeClaim", "etcd-k0s").Label("app", "k0smotron").Label("cluster", "k0s").Label("component", "etcd"),
            ObjectJson.Of("k0smotron.io/v1beta2", "Cluster", "k0s").Label("cluster.x-k8s.io/cluster-name", "k0s"),
            ObjectJson.Machine("dev-x", "dev").Spec("providerID", "docker:////dev-x"));
        world.Engine.Run("dev-x", "dev", "worker");
        world.Engine.Run("dev-lb", "dev", "external-load-balancer");
        world.Engine.Run("dev-control-plane", "dev", "control-plane"); // somebody's kind cluster of the same name

        string[] quiet = Leftovers(await world.PlanAsync()), asked = Leftovers(await world.PlanOfAsync(new() { IncludeSecrets = true, IncludeVolumes = true, IncludeContainers = true }));

        quiet.ShouldBe(["Secret/dev-ca FollowsOwner", "Secret/mine Stays", "PersistentVolumeClaim/etcd-k0s Stays", "Container/dev-x FollowsOwner", "Cluster/k0s Stays"], ignoreOrder: true);
        asked.ShouldBe(["Secret/dev-ca DeleteIfLeft", "Secret/mine Stays", "PersistentVolumeClaim/etcd-k0s DeleteIfLeft", "Container/dev-x DeleteIfLeft", "Cluster/k0s Stays"], ignoreOrder: true);
        CapiRemovalItem container = (await world.PlanAsync()).Items.Single(item => item.Kind == "Container");
        (container.Id, container.Engine, container.Uid).ShouldBe(("id-of-dev-x", "unix:///var/run/docker.sock", ""));
    }

    [Fact]
    public async Task A_shared_application_stays_and_its_Cluster_loses_a_label()
    {
        using RemovalWorld world = new();
        world.Api.Update(RemovalWorld.Dev.Copy().Label("env", "demo"));
        world.Api.Update(RemovalWorld.K0s.Copy().Label("env", "demo"));
        world.Api.Update(RemovalWorld.Proxy.Copy().Spec("clusterSelector", new JsonObject { ["matchLabels"] = new JsonObject { ["env"] = "demo" } }));

        CapiRemovalPlan plan = await world.PlanOfAsync(new() { Scope = new() { Names = ["dev"] } });

        plan.In(CapiRemovalStage.Applications).Select(item => $"{item.Action} {item.Kind}/{item.Name} {item.Edit}".TrimEnd())
            .ShouldBe(["Stays HelmChartProxy/nginx", "FollowsOwner HelmReleaseProxy/nginx-dev", "Unlabel Cluster/dev env=demo -> (none)"]);
        plan.CanRun.ShouldBeTrue();
        world.Api.Update(RemovalWorld.Proxy.Copy().Spec("clusterSelector", new JsonObject()));
        Notice(await world.PlanOfAsync(new() { Scope = new() { Names = ["dev"] } }), RemovalNoticeId.SelectorNotEditable).Severity.ShouldBe(CapiRemovalSeverity.Blocker);
    }

    [Fact]
    public async Task A_paused_Cluster_is_resumed_first_where_that_is_asked_for()
    {
        using RemovalWorld world = new();
        world.Api.Update(RemovalWorld.Dev.Copy().Spec("paused", true));

        CapiRemovalPlan plan = await world.PlanOfAsync(new() { Unpause = true });

        plan.CanRun.ShouldBeTrue();
        (plan.Items[0].Action, plan.Items[0].Name).ShouldBe((CapiRemovalAction.Unpause, "dev"));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("yes", true)]
    [InlineData("false", false)]
    public async Task A_protected_Cluster_blocks_until_it_is_included(string value, bool blocks)
    {
        using RemovalWorld world = new();
        world.Api.Update(RemovalWorld.Dev.Copy().Annotation("capiworkshop.io/protected", value));

        (await world.PlanAsync()).Blockers.Any(notice => notice.Id == RemovalNoticeId.Protected).ShouldBe(blocks);
        (await world.PlanOfAsync(new() { IncludeProtected = true })).CanRun.ShouldBeTrue();
    }

    [Fact]
    public async Task The_management_cluster_itself_blocks_by_its_Nodes_and_by_its_identity()
    {
        using RemovalWorld world = new();
        world.Api.Update(ObjectJson.Node("cp").Annotation("cluster.x-k8s.io/cluster-name", "dev").Annotation("cluster.x-k8s.io/cluster-namespace", "default"));
        world.Workloads["secret default/k0s-kubeconfig"] = new();

        CapiRemovalPlan plan = await world.PlanAsync();

        plan.Blockers.Where(notice => notice.Id == RemovalNoticeId.IsManagementCluster).Select(notice => notice.Subject).ShouldBe(["Cluster default/dev", "Cluster default/k0s"]);
    }

    [Fact]
    public async Task Where_neither_Nodes_nor_identities_can_be_read_it_is_said()
    {
        using RemovalWorld world = new();
        world.Api.Refuse("list", "nodes", 403).Refuse("get", "secrets", 403);

        CapiRemovalPlan plan = await world.PlanAsync();

        plan.Warnings.Count(notice => notice.Id == RemovalNoticeId.MayBeManagementCluster).ShouldBe(2);
    }

    [Fact]
    public async Task Releases_in_a_Cluster_whose_API_does_not_answer_block()
    {
        using RemovalWorld world = new();
        world.Api.Remove(ObjectJson.KubeConfig("dev", "it"));

        CapiRemovalPlan plan = await world.PlanAsync();

        Notice(plan, RemovalNoticeId.WorkloadUnreachable).Subject.ShouldBe("Cluster default/dev");
        plan.CanRun.ShouldBeFalse();
        world.Api.Remove(ObjectJson.HelmReleaseProxy("nginx", "dev"));
        (await world.PlanAsync()).CanRun.ShouldBeTrue();
    }

    [Fact]
    public async Task A_right_that_is_missing_blocks_and_a_server_that_does_not_say_warns()
    {
        using RemovalWorld world = new();
        world.Api.Denied.Add(("delete", "clusters"));

        Notice(await world.PlanAsync(), RemovalNoticeId.PermissionMissing).Subject.ShouldBe("clusters.cluster.x-k8s.io");
        world.Api.Refuse("create", "selfsubjectaccessreviews", 404);
        CapiRemovalPlan plan = await world.PlanAsync();

        Notice(plan, RemovalNoticeId.PermissionUnknown).Severity.ShouldBe(CapiRemovalSeverity.Warning);
        plan.CanRun.ShouldBeTrue();
    }

    [Theory]
    [InlineData("argocd.argoproj.io/tracking-id", "Argo CD")]
    [InlineData("kustomize.toolkit.fluxcd.io/name", "Flux")]
    public async Task What_somebody_else_keeps_will_come_back(string mark, string keeper)
    {
        using RemovalWorld world = new();
        world.Api.Update(RemovalWorld.Dev.Copy().Label(mark, "x").Annotation(mark, "x"));

        Notice(await world.PlanAsync(), RemovalNoticeId.ManagedElsewhere).Message.ShouldContain(keeper);
    }

    [Fact]
    public async Task A_name_that_is_not_there_is_a_problem_that_says_where_it_is()
    {
        using RemovalWorld world = new(ObjectJson.Cluster("other", "team-a"));

        CapiRemovalPlan plan = await world.PlanOfAsync(new() { Scope = new() { Names = ["other", "nowhere"] } });

        plan.IsEmpty.ShouldBeTrue();
        plan.Problems.Select(problem => problem.Id).ShouldBe(["ClusterNotFound", "ClusterNotFound"]);
        plan.Problems[0].Message.ShouldContain("'team-a'");
        plan.Problems[1].Message.ShouldNotContain("There is one");
    }

    [Fact]
    public async Task An_object_means_its_identity_and_no_namesake()
    {
        using RemovalWorld world = new();

        CapiRemovalPlan plan = await world.PlanOfAsync(new() { Targets = [new("default", "dev", "uid-of-dev"), new("default", "k0s", "another")] });

        plan.In(CapiRemovalStage.Cluster).Select(item => item.Name).ShouldBe(["dev"]);
        CapiProblem problem = plan.Problems.ShouldHaveSingleItem();
        (problem.Id, problem.Target).ShouldBe(("ClusterNotFound", "default/k0s"));
        problem.Message.ShouldContain("another one of the same name");
    }

    [Fact]
    public async Task The_number_of_requests_does_not_grow_with_the_clusters()
    {
        using RemovalWorld small = new(), large = new([.. Enumerable.Range(0, 20).SelectMany(i => new[] { ObjectJson.Cluster($"c{i}"), ObjectJson.Machine($"m{i}", $"c{i}"), ObjectJson.KubeConfig($"c{i}", "it") })]);
        await small.PlanAsync();
        await large.PlanAsync();

        // Each workload cluster is asked who it is: the way there is a secret.
        large.Api.Requests.Count(request => request.Type?.Plural != "secrets" || request.Verb != "get").ShouldBe(small.Api.Requests.Count(request => request.Type?.Plural != "secrets" || request.Verb != "get"));
    }

    private static CapiRemovalNotice Notice(CapiRemovalPlan plan, string id) => plan.Blockers.Concat(plan.Warnings).Where(notice => notice.Id == id).ShouldHaveSingleItem();

    private static IEnumerable<string> Show(CapiRemovalPlan plan, CapiRemovalStage stage) => plan.In(stage).Select(item => $"{item.Kind}/{item.Name}");

    private static string[] Leftovers(CapiRemovalPlan plan) => [.. plan.In(CapiRemovalStage.Leftovers).Select(item => $"{item.Kind}/{item.Name} {item.Action}")];

    private static ObjectJson Of(string kind, string name, string group = "infrastructure.cluster.x-k8s.io") =>
        ObjectJson.Of($"{group}/v1beta2", kind, name).Label("cluster.x-k8s.io/cluster-name", "dev");

    private static JsonObject Reference(string kind, string name) => new() { ["kind"] = kind, ["name"] = name };
}
