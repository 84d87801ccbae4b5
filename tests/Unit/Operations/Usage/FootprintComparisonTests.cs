using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Usage;

public sealed class FootprintComparisonTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hosted_control_plane_is_compared_with_one_of_machines()
    {
        using UsageWorld world = new();

        CapiFootprint footprint = (await CompareAsync(world, "dev", "k0s").InTime()).ShouldHaveSingleItem().Value.ShouldNotBeNull();

        (footprint.ReferenceContainers, footprint.DifferenceContainers, footprint.ContainersSaved, footprint.NodesSaved, footprint.ControlPlanePodsAdded).ShouldBe((3, 1, 2, 2, 2));
        footprint.ContainersSavedPercent.ShouldNotBeNull().ShouldBe(200.0 / 3, 1e-6);
        footprint.CpuSavedPercent.ShouldNotBeNull().ShouldBe(55 / 75.0 * 100, 1e-6);
        footprint.MemorySavedPercent.ShouldNotBeNull().ShouldBe(510 / 610.0 * 100, 1e-6);
        footprint.Arithmetic.ShouldBe("1 control plane + 2 workers = 3; 0 control plane + 1 worker = 1; (3 - 1) / 3 = 66.7 %");
        footprint.Problems.ShouldBeEmpty();
        world.Api.Made("list", "clusters").ShouldBeEmpty("two names are two requests, and the management cluster's own columns are not asked for");
    }

    [Fact]
    public async Task The_other_way_round_more_is_less_than_nothing_saved()
    {
        using UsageWorld world = new();

        CapiFootprint footprint = (await CompareAsync(world, "k0s", "dev").InTime()).ShouldHaveSingleItem().Value.ShouldNotBeNull();

        (footprint.ContainersSaved, footprint.ContainersSavedPercent).ShouldBe((-2, -200));
    }

    [Fact]
    public async Task What_is_not_known_of_one_is_not_compared()
    {
        using UsageWorld world = new();
        world.EngineOpener = () => throw new CapiProblem(ProblemId.EngineNotFound, CapiProblemCategory.ConnectionError, "no engine", "start one").ToException();

        CapiFootprint footprint = (await CompareAsync(world, "dev", "k0s").InTime()).ShouldHaveSingleItem().Value.ShouldNotBeNull();

        (footprint.ContainersSaved, footprint.ContainersSavedPercent, footprint.CpuSavedPercent, footprint.MemorySavedPercent, footprint.Arithmetic).ShouldBe((null, null, null, null, null));
        footprint.NodesSaved.ShouldBe(2);
        footprint.Problems.ShouldHaveSingleItem().Id.ShouldBe(ProblemId.EngineNotFound);
    }

    [Fact]
    public async Task A_reference_without_containers_is_no_whole_of_which_there_are_per_cent()
    {
        using UsageWorld world = new(ObjectJson.Cluster("cloud"));

        CapiFootprint footprint = (await CompareAsync(world, "cloud", "dev").InTime()).ShouldHaveSingleItem().Value.ShouldNotBeNull();

        (footprint.ContainersSaved, footprint.ContainersSavedPercent, footprint.CpuSavedPercent).ShouldBe((null, null, null));
    }

    [Fact]
    public async Task One_that_is_not_there_is_a_problem_in_its_place()
    {
        using UsageWorld world = new();

        (await CompareAsync(world, "dev", "none", "k0s").InTime()).Select(outcome => outcome.Problem?.Id).ShouldBe(["ClusterNotFound", null]);
    }

    [Theory]
    [InlineData("dev*", ProblemId.InvalidPattern)]
    [InlineData("none", "ClusterNotFound")]
    public async Task A_reference_that_is_not_one_is_thrown(string reference, string id)
    {
        using UsageWorld world = new();

        (await Should.ThrowAsync<CapiProblemException>(() => CompareAsync(world, reference, "k0s").InTime())).Problem.Id.ShouldBe(id);
    }

    [Fact]
    public async Task A_reference_that_is_several_is_thrown()
    {
        using UsageWorld world = new(ObjectJson.Cluster("dev", "elsewhere"));
        ResourceFilter everywhere = new() { Names = ["dev"], AllNamespaces = true };

        CapiProblem problem = (await Should.ThrowAsync<CapiProblemException>(async () =>
        {
            await foreach (Outcome<CapiFootprint> _ in new FootprintComparison(world.Cluster, world.Meter).RunAsync(everywhere, [new() { Names = ["k0s"] }], Token))
            {
            }
        })).Problem;

        problem.Id.ShouldBe(ProblemId.AmbiguousScope);
        problem.Message.ShouldContain("elsewhere/dev");
    }

    private static async Task<List<Outcome<CapiFootprint>>> CompareAsync(UsageWorld world, string reference, params string[] differences)
    {
        List<Outcome<CapiFootprint>> outcomes = [];
        await foreach (Outcome<CapiFootprint> outcome in new FootprintComparison(world.Cluster, world.Meter).RunAsync(new() { Names = [reference] }, [.. differences.Select(name => new ResourceFilter { Names = [name] })], Token))
        {
            outcomes.Add(outcome);
        }

        return outcomes;
    }
}
