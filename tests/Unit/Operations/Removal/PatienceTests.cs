using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Wire;
using CapiWorkshop.Tests.Support;
using CapiWorkshop.Tests.Unit.Operations.Management;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Removal;

/// <summary>A removal outlasts a server that gives no answer, and makes no change twice.</summary>
public sealed class PatienceTests
{
    private static readonly string[] AllDeletions = ["HelmChartProxy default/nginx", "Cluster default/dev", "Cluster default/k0s"];

    private static CapiProblem Refused { get; } = ProblemTable.Connection(ProblemId.ConnectionRefused, new("https://capi.example"), null, "refused");

    [Theory]
    [InlineData("delete", "helmchartproxies")]
    [InlineData("delete", "clusters")]
    [InlineData("patch", "clusters")]
    public async Task A_write_that_nobody_answers_is_made_when_somebody_does(string verb, string plural)
    {
        using RemovalWorld world = Eager();
        world.Api.Update(RemovalWorld.Dev.Copy().Spec("paused", true));
        CapiRemovalPlan plan = await world.PlanOfAsync(new() { Unpause = true });
        world.PlayControllers();
        world.Api.Fail(verb, plural, Refused.ToException(), times: 3);

        List<Outcome<CapiRemovalResult>> outcomes = await world.RunAsync(plan).InTime();

        ShouldBeRemoved(outcomes);
        world.Deletions.Distinct().ShouldBe(AllDeletions);
        (await world.ReachAsync(progress => progress.Waiting == Refused.Message)).Clusters.ShouldBe(2);
        world.Recorder.Warnings.ShouldHaveSingleItem().ShouldEndWith(Refused.Message);
    }

    [Fact]
    public async Task A_deletion_that_was_heard_is_not_asked_for_again_when_only_its_answer_was_lost()
    {
        using RemovalWorld world = Eager();
        world.Api.Deleted = _ => throw Refused.ToException();
        Task<List<Outcome<CapiRemovalResult>>> run = world.RunAsync();

        await world.ReachAsync(progress => progress is { HelmChartProxies: 1, Waiting: null });
        world.Release(RemovalWorld.Proxy);
        await world.ReachAsync(progress => progress.Stage == "Removing clusters");
        world.Release(RemovalWorld.Dev);
        world.Release(RemovalWorld.K0s);

        ShouldBeRemoved(await run.InTime());
        world.Deletions.ShouldBe(AllDeletions, ignoreOrder: true);
    }

    [Fact]
    public async Task One_whose_deletion_was_heard_and_done_while_its_answer_was_lost_is_gone()
    {
        using RemovalWorld world = Eager();
        world.Api.Deleted = deleted =>
        {
            world.Release(deleted);
            throw Refused.ToException();
        };

        ShouldBeRemoved(await world.RunAsync().InTime());

        world.Deletions.ShouldBe(AllDeletions, ignoreOrder: true);
    }

    [Theory]
    [InlineData(404)] // of a server that starts: it has not read its custom resources yet
    [InlineData(429)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task A_server_that_cannot_answer_now_is_asked_again(int status)
    {
        using RemovalWorld world = Eager();
        world.PlayControllers();
        world.Api.Refuse("delete", "clusters", status, times: 2);

        ShouldBeRemoved(await world.RunAsync().InTime());
    }

    [Fact]
    public async Task What_the_server_says_of_the_request_itself_is_final()
    {
        using RemovalWorld world = Eager();
        world.PlayControllers();
        world.Api.Refuse("delete", "clusters", 500, "InternalError", times: 1);

        List<Outcome<CapiRemovalResult>> outcomes = await world.RunAsync().InTime();

        outcomes.Select(outcome => outcome.Problem).OfType<CapiProblem>().ShouldHaveSingleItem().Target.ShouldBe("default/dev");
        world.Deletions.ShouldBe(AllDeletions, ignoreOrder: true);
        world.Recorder.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_not_served_for_longer_than_a_start_takes_is_told()
    {
        using RemovalWorld world = new();
        world.PlayControllers();
        world.Api.Refuse("delete", "clusters", 404);
        Task<List<Outcome<CapiRemovalResult>>> run = world.RunAsync(timeout: TimeSpan.FromHours(1));

        List<Outcome<CapiRemovalResult>> outcomes = await Eventually.ResultAsync(run, () => world.Clock.Advance(TimeSpan.FromSeconds(1)), TestContext.Current.CancellationToken);

        CapiProblem[] problems = [.. outcomes.Select(outcome => outcome.Problem).OfType<CapiProblem>()];
        problems.Select(problem => problem.Id).ShouldBe(["ClusterNotFound", "ClusterNotFound"]);
        (world.Clock.GetUtcNow() - world.Clock.Start).ShouldBeLessThan(TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_server_that_stays_away_is_waited_for_until_the_time_is_over()
    {
        using RemovalWorld world = new();
        world.Api.Fail("delete", "helmchartproxies", Refused.ToException());
        Task<List<Outcome<CapiRemovalResult>>> run = world.RunAsync(timeout: TimeSpan.FromSeconds(60));
        await world.ReachAsync(progress => progress.Waiting == Refused.Message);

        world.Clock.Advance(TimeSpan.FromSeconds(60));
        List<Outcome<CapiRemovalResult>> outcomes = await run.InTime();

        outcomes.Select(outcome => outcome.Problem).OfType<CapiProblem>().Select(problem => problem.Id).ShouldBe([ProblemId.RemovalTimeout, ProblemId.RemovalTimeout]);
        world.Deletions.Distinct().ShouldBe(AllDeletions[..1]);
    }

    [Fact]
    public async Task A_server_that_is_away_when_everything_is_gone_is_waited_for_with_the_proof()
    {
        ObjectJson claim = ObjectJson.Of("v1", "PersistentVolumeClaim", "data");
        using RemovalWorld world = Eager(claim);
        CapiRemovalPlan plan = await world.PlanAsync();
        plan = plan with
        {
            Items =
            [
                .. plan.Items,
                new() { Stage = CapiRemovalStage.Leftovers, Action = CapiRemovalAction.DeleteIfLeft, Kind = "PersistentVolumeClaim", Type = CoreTypes.VolumeClaim, Name = "data", Namespace = "default", Cluster = "dev", Uid = claim.Uid },
            ],
        };
        world.Api.Fail("delete", "persistentvolumeclaims", Refused.ToException(), times: 2);
        world.Api.Deleted = deleted =>
        {
            world.Release(deleted);
            if (deleted.Name == "k0s")
            {
                world.Api.Fail("version", "version", Refused.ToException(), times: 2);
            }
        };

        List<Outcome<CapiRemovalResult>> outcomes = await world.RunAsync(plan).InTime();

        ShouldBeRemoved(outcomes);
        outcomes.Single(outcome => outcome.Value!.Name == "dev").Value!.Removed["PersistentVolumeClaim"].ShouldBe(1);
        outcomes[^1].Value!.IsIntact.ShouldBe(true);
    }

    [Fact]
    public async Task A_server_that_is_away_before_anything_was_asked_for_ends_it_at_once()
    {
        using RemovalWorld world = new();
        CapiRemovalPlan plan = await world.PlanAsync();
        world.Api.Fail("watch", "clusters", Refused.ToException());

        (await Should.ThrowAsync<CapiProblemException>(() => world.RunAsync(plan).InTime())).Problem.ShouldBe(Refused);

        world.Deletions.ShouldBeEmpty();
    }

    private static RemovalWorld Eager(params ObjectJson[] more) => new(new EagerClock(World.Start), more);

    private static void ShouldBeRemoved(List<Outcome<CapiRemovalResult>> outcomes)
    {
        outcomes.ShouldAllBe(outcome => outcome.Problem == null);
        outcomes.Select(outcome => outcome.Value!.IsRemoved).ShouldBe([true, true, null]);
    }
}
