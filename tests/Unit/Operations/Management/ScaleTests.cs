using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Management;

public sealed class ScaleTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Scaling_patches_the_scale_subresource_and_nothing_else()
    {
        using World world = new(new FakeKubernetesApi().With(ObjectJson.MachineDeployment("md", ns: "team-a").Scaled(2)));

        await world.Cluster.ScaleAsync(await PlanAsync(world, 4, "team-a"), Token);

        FakeRequest request = world.Api.Made("patch").ShouldHaveSingleItem();
        (request.Type!.ApiVersion, request.Type.Plural, request.Namespace, request.Name, request.Subresource).ShouldBe(("cluster.x-k8s.io/v1beta2", "machinedeployments", "team-a", "md", "scale"));
        request.Body.ShouldBe("""{"spec":{"replicas":4}}""");
    }

    [Fact]
    public async Task Zero_is_a_number_of_replicas()
    {
        using World world = new(new FakeKubernetesApi().With(ObjectJson.MachineDeployment("md").Scaled(2)));

        await world.Cluster.ScaleAsync(await PlanAsync(world, 0), Token);

        world.Api.Made("patch").ShouldHaveSingleItem().Body.ShouldBe("""{"spec":{"replicas":0}}""");
    }

    [Fact]
    public async Task A_negative_number_is_refused_before_anything_is_asked()
    {
        using World world = new(new FakeKubernetesApi().With(ObjectJson.MachineDeployment("md").Scaled(2)));
        MachineDeploymentScalePlan plan = await PlanAsync(world, -1);
        int before = world.Api.Requests.Count;

        CapiProblem problem = (await Should.ThrowAsync<CapiProblemException>(() => world.Cluster.ScaleAsync(plan, Token))).Problem;

        (problem.Id, problem.Category, problem.Target).ShouldBe((ProblemId.InvalidReplicas, CapiProblemCategory.InvalidArgument, "default/md"));
        world.Api.Requests.Count.ShouldBe(before);
    }

    [Fact]
    public async Task A_conflict_is_tried_once_more()
    {
        using World world = new(new FakeKubernetesApi().With(ObjectJson.MachineDeployment("md").Scaled(2)).Refuse("patch", "machinedeployments", 409, "Conflict", times: 1));

        await world.Cluster.ScaleAsync(await PlanAsync(world, 4), Token);

        world.Api.Made("patch").Select(request => request.Body).ShouldBe(["""{"spec":{"replicas":4}}""", """{"spec":{"replicas":4}}"""]);
    }

    [Fact]
    public async Task A_second_conflict_is_told()
    {
        using World world = new(new FakeKubernetesApi().With(ObjectJson.MachineDeployment("md").Scaled(2)).Refuse("patch", "machinedeployments", 409, "Conflict"));
        MachineDeploymentScalePlan plan = await PlanAsync(world, 4);

        (await Should.ThrowAsync<CapiProblemException>(() => world.Cluster.ScaleAsync(plan, Token))).Problem.Id.ShouldBe(ProblemId.ApiConflict);
        world.Api.Made("patch").Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(422)]
    [InlineData(500)]
    [InlineData(504)]
    public async Task Any_other_answer_is_told_at_once_because_the_server_may_have_acted(int status)
    {
        using World world = new(new FakeKubernetesApi().With(ObjectJson.MachineDeployment("md").Scaled(2)).Refuse("patch", "machinedeployments", status));
        MachineDeploymentScalePlan plan = await PlanAsync(world, 4);

        (await Should.ThrowAsync<CapiProblemException>(() => world.Cluster.ScaleAsync(plan, Token))).Problem.HttpStatus.ShouldBe(status);
        world.Api.Made("patch").Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_object_of_another_management_cluster_is_not_written()
    {
        using World here = new(new FakeKubernetesApi("uid-here").With(ObjectJson.MachineDeployment("md").Scaled(2)));
        using World there = new(new FakeKubernetesApi("uid-there").With(ObjectJson.MachineDeployment("md").Scaled(2)));
        MachineDeploymentScalePlan plan = await PlanAsync(there, 4);

        CapiProblem problem = (await Should.ThrowAsync<CapiProblemException>(() => here.Cluster.ScaleAsync(plan, Token))).Problem;

        (problem.Id, problem.Target).ShouldBe((ProblemId.WrongManagementCluster, "default/md"));
        here.Api.Made("patch").ShouldBeEmpty();
        there.Api.Made("patch").ShouldBeEmpty();
    }

    [Fact]
    public async Task An_old_server_is_scaled_in_its_own_version()
    {
        using World world = new(new FakeKubernetesApi().Serve(FakeKubernetesApi.Core("v1beta1")).With(ObjectJson.MachineDeployment("md", version: "v1beta1").Spec("replicas", 2)));

        await world.Cluster.ScaleAsync(await PlanAsync(world, 4), Token);

        world.Api.Made("patch").ShouldHaveSingleItem().Type!.ApiVersion.ShouldBe("cluster.x-k8s.io/v1beta1");
    }

    [Fact]
    public async Task A_validation_says_what_would_be_and_writes_nothing()
    {
        using World world = new(new FakeKubernetesApi().With(ObjectJson.MachineDeployment("md").Scaled(2)));
        MachineDeploymentScalePlan plan = await PlanAsync(world, 4);

        CapiMachineDeployment rehearsed = await world.Cluster.ValidateScaleAsync(plan, Token);

        (rehearsed.DesiredReplicas, rehearsed.Replicas, rehearsed.IsObserved).ShouldBe((4, 2, false));
        rehearsed.Uid.ShouldBe(plan.Deployment.Uid);
        FakeRequest request = world.Api.Made("patch").ShouldHaveSingleItem();
        (request.DryRun, request.Subresource).ShouldBe((true, "scale"));
        (await PlanAsync(world, 4)).Deployment.DesiredReplicas.ShouldBe(2);
    }

    [Fact]
    public async Task A_validation_of_what_there_is_already_changes_nothing()
    {
        using World world = new(new FakeKubernetesApi().With(ObjectJson.MachineDeployment("md").Scaled(2)));
        MachineDeploymentScalePlan plan = await PlanAsync(world, 2);

        (await world.Cluster.ValidateScaleAsync(plan, Token)).ShouldBe(plan.Deployment);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(422)]
    public async Task A_validation_fails_as_the_scaling_would(int status)
    {
        using World world = new(new FakeKubernetesApi().With(ObjectJson.MachineDeployment("md").Scaled(2)).Refuse("patch", "machinedeployments", status));
        MachineDeploymentScalePlan plan = await PlanAsync(world, 4);

        CapiProblem rehearsed = (await Should.ThrowAsync<CapiProblemException>(() => world.Cluster.ValidateScaleAsync(plan, Token))).Problem;
        CapiProblem real = (await Should.ThrowAsync<CapiProblemException>(() => world.Cluster.ScaleAsync(plan, Token))).Problem;

        rehearsed.ShouldBe(real);
    }

    [Fact]
    public async Task A_plan_says_what_it_does()
    {
        using World world = new(new FakeKubernetesApi().With(ObjectJson.MachineDeployment("md").Scaled(2), ObjectJson.MachineDeployment("unset")));

        MachineDeploymentScalePlan plan = await PlanAsync(world, 4);
        MachineDeploymentScalePlan unset = await PlanAsync(world, 4, name: "unset");

        plan.Action.ShouldBe("Scale from 2 to 4 replicas");
        plan.Warnings.ShouldBeEmpty();
        unset.Action.ShouldBe("Scale from ? to 4 replicas");
    }

    [Fact]
    public async Task A_plan_warns_of_the_topology_the_autoscaler_and_a_pause()
    {
        using World world = new(new FakeKubernetesApi().With(
            ObjectJson.MachineDeployment("owned").Scaled(2).Label("topology.cluster.x-k8s.io/owned", ""),
            ObjectJson.MachineDeployment("auto").Scaled(2)
                .Annotation("cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size", "1").Annotation("cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size", "9"),
            ObjectJson.MachineDeployment("half-auto").Scaled(2).Annotation("cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size", "1"),
            ObjectJson.MachineDeployment("paused").Scaled(2).Annotation("cluster.x-k8s.io/paused", ""),
            ObjectJson.MachineDeployment("rollout-paused").Scaled(2).Spec("paused", true)));

        string owned = (await PlanAsync(world, 4, name: "owned")).Warnings.ShouldHaveSingleItem();
        string auto = (await PlanAsync(world, 4, name: "auto")).Warnings.ShouldHaveSingleItem();
        string paused = (await PlanAsync(world, 4, name: "paused")).Warnings.ShouldHaveSingleItem();

        owned.ShouldContain("default/owned");
        owned.ShouldContain("spec.topology");
        auto.ShouldContain("from 1 to 9 replicas");
        paused.ShouldContain("default/paused");
        (await PlanAsync(world, 4, name: "half-auto")).Warnings.ShouldBeEmpty("one bound alone does not make the autoscaler manage it");
        (await PlanAsync(world, 4, name: "rollout-paused")).Warnings.ShouldBeEmpty("scaling works while rollouts are paused");
    }

    private static async Task<MachineDeploymentScalePlan> PlanAsync(World world, int replicas, string ns = "default", string name = "md")
    {
        List<Outcome<CapiMachineDeployment>> outcomes = await world.GetAsync(CapiKinds.MachineDeployment, new() { Namespace = ns, Names = [name] });
        return new(outcomes.ShouldHaveSingleItem().Value.ShouldNotBeNull(), replicas);
    }
}
