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

        (await world.PlanAsync(new() { Namespace = "team-a" })).Items.Select(item => item.ToString()).ShouldBe(["Machine team-a/other-1", "Cluster team-a/other"]);
        CapiRemovalPlan all = await world.PlanAsync(new() { AllNamespaces = true });

        all.Namespace.ShouldBeNull();
        all.Items.Count.ShouldBe(12);
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
    public async Task What_the_server_refuses_is_thrown()
    {
        using RemovalWorld world = new();
        world.Api.Refuse("list", "machines", 403);

        (await Should.ThrowAsync<CapiProblemException>(() => world.PlanAsync())).Problem.Id.ShouldBe(ProblemId.ApiForbidden);
    }
}
