using System.Text.Json.Nodes;
using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Management;

public sealed class RepairTests
{
    private const string Known = "machine.cluster.x-k8s.io";
    private const string Foreign = "backup.example/keep";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_finalizers_of_Cluster_API_come_off_and_what_leaks_is_told()
    {
        using World world = new(new FakeKubernetesApi().With(Stuck(Known, Foreign)));

        RepairPlan plan = await world.Cluster.PlanRepairAsync(new("machine", "m"), [], Token);
        world.Api.Made("patch").ShouldBeEmpty("a plan writes nothing");
        CapiRepairResult result = await world.Cluster.RepairAsync(plan, Token);

        (plan.ToString(), plan.Finalizers.ShouldHaveSingleItem()).ShouldBe(("Machine default/m", Known));
        result.FinalizersBefore.ShouldBe([Known, Foreign]);
        result.FinalizersAfter.ShouldBe([Foreign]);
        result.RepairedAt.ShouldBe(World.Start);
        result.MayHaveLeaked.ShouldHaveSingleItem().ShouldContain("infrastructure machine");
        world.Api.Made("patch").ShouldHaveSingleItem().Body.ShouldBe(
            $$"""[{"op":"test","path":"/metadata/uid","value":"uid-of-m"},{"op":"test","path":"/metadata/finalizers","value":["{{Known}}","{{Foreign}}"]},{"op":"replace","path":"/metadata/finalizers","value":["{{Foreign}}"]}]""");
        world.Api.Of("Machine").Count.ShouldBe(1);
    }

    [Fact]
    public async Task With_the_last_finalizer_the_object_goes()
    {
        using World world = new(new FakeKubernetesApi().With(Stuck(Foreign)));

        CapiRepairResult result = await world.Cluster.RepairAsync(await world.Cluster.PlanRepairAsync(new("Machine.cluster.x-k8s.io", "m"), [Foreign], Token), Token);

        result.FinalizersAfter.ShouldBeEmpty();
        result.MayHaveLeaked.ShouldHaveSingleItem().ShouldContain("Nobody here knows");
        world.Api.Of("Machine").ShouldBeEmpty();
    }

    [Fact]
    public async Task One_that_changed_since_is_left_as_it_is()
    {
        using World world = new(new FakeKubernetesApi().With(Stuck(Known)));
        RepairPlan plan = await world.Cluster.PlanRepairAsync(new("Machine", "m"), [], Token);
        world.Api.Update(Stuck(Known, Foreign));

        (await Should.ThrowAsync<CapiProblemException>(() => world.Cluster.RepairAsync(plan, Token))).Problem.Id.ShouldBe(ProblemId.ApiConflict);

        world.Api.Of("Machine")[0].Json["metadata"]!["finalizers"]!.AsArray().Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("Machine", "alive", "", ProblemId.NotBeingDeleted)]
    [InlineData("Machine", "foreign", "", ProblemId.FinalizerNotNamed)]
    [InlineData("Machine", "m", "other.example/x", ProblemId.FinalizerNotFound)]
    [InlineData("Machine", "nobody", "", "MachineNotFound")]
    [InlineData("Secret", "m", "", "SecretNotFound")]
    [InlineData("Machine.example", "m", "", "MachineNotFound")]
    public async Task What_must_not_be_let_go_is_refused(string kind, string name, string finalizer, string id)
    {
        using World world = new(new FakeKubernetesApi().With(
            Stuck(Known), Stuck(Foreign).Metadata("name", "foreign"), ObjectJson.Machine("alive", "dev").Finalizer(Known), ObjectJson.Of("v1", "Secret", "m").Metadata("deletionTimestamp", ObjectJson.CreatedAt)));

        CapiProblem problem = (await Should.ThrowAsync<CapiProblemException>(() => world.Cluster.PlanRepairAsync(new(kind, name), finalizer.Length == 0 ? [] : [finalizer], Token))).Problem;

        problem.Id.ShouldBe(id);
        world.Api.Made("patch").ShouldBeEmpty();
    }

    [Fact]
    public async Task Another_one_of_the_same_name_is_not_meant()
    {
        using World world = new(new FakeKubernetesApi().With(Stuck(Known)));

        (await Should.ThrowAsync<CapiProblemException>(() => world.Cluster.PlanRepairAsync(new("Machine", "m", "default", "uid-of-another"), [], Token))).Problem.Id.ShouldBe("MachineNotFound");
    }

    [Fact]
    public async Task A_kind_alone_means_Cluster_APIs_own()
    {
        using World world = new();
        await Should.ThrowAsync<CapiProblemException>(() => world.Cluster.PlanRepairAsync(new("Cluster", "c"), [], Token));
        await Should.ThrowAsync<CapiProblemException>(() => world.Cluster.PlanRepairAsync(new("clusters.k0smotron.io", "c"), [], Token));

        world.Api.Made("get", "clusters").Select(request => request.Type!.Group).ShouldBe(["cluster.x-k8s.io", "k0smotron.io"]);
    }

    private static ObjectJson Stuck(params string[] finalizers) =>
        ObjectJson.Machine("m", "dev").Metadata("deletionTimestamp", ObjectJson.CreatedAt).Metadata("finalizers", new JsonArray([.. finalizers.Select(name => JsonValue.Create(name))]));
}
