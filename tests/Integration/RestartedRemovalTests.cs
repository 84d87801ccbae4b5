using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Integration.Harness;
using CapiWorkshop.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace CapiWorkshop.Tests.Integration;

/// <summary>A removal whose server dies while it is asked for something.</summary>
[Collection<OnRestartedServer>]
public sealed class RestartedRemovalTests(RestartedServer fixture) : ServerTest(fixture, TimeSpan.FromMinutes(3))
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_removal_outlasts_a_restart_of_the_server_and_asks_for_nothing_twice(bool isHeard)
    {
        PlayedWorkshop workshop = await PlayedWorkshop.CreateAsync(Server, Token);
        await using FaultProxy wire = DieOfDeletion(workshop, isHeard);
        long mark = Server.Audit.Mark();
        Task<List<Outcome<CapiRemovalResult>>> removal = Removals.RunAsync(Connect(Server.Redirect(Server.AdminToken, wire.Address)), new() { Scope = new() { Namespace = workshop.Namespace } }, Long, Token);
        await workshop.DeletionAskedAsync(workshop.Proxy);
        await workshop.UninstallAsync();

        await InterruptedAsync(removal);
        await Server.StartServerAsync(Token);
        await workshop.DeletionAskedAsync(workshop.Cluster);
        await workshop.TearDownAsync();

        (await removal).ShouldAllBe(outcome => outcome.Problem == null && outcome.Value!.IsRemoved != false && outcome.Value.IsIntact != false);
        await Removals.ShouldHaveWrittenAsync(Server, mark, Token, $"delete {workshop.Proxy}", $"delete {workshop.Cluster}");
    }

    [Fact]
    public async Task A_server_that_stays_away_ends_a_removal_with_what_is_left_and_the_next_one_ends_it()
    {
        PlayedWorkshop workshop = await PlayedWorkshop.CreateAsync(Server, Token);
        await using FaultProxy wire = DieOfDeletion(workshop, isHeard: false);
        FakeTimeProvider clock = new(DateTimeOffset.UtcNow);
        List<Outcome<CapiRemovalResult>> outcomes = [];
        long mark = Server.Audit.Mark();
        Task removal = Removals.RunAsync(Connect(Server.Redirect(Server.AdminToken, wire.Address), clock), new() { Scope = new() { Namespace = workshop.Namespace } }, Long, Token, outcomes);
        await workshop.DeletionAskedAsync(workshop.Proxy);
        await workshop.UninstallAsync();
        await InterruptedAsync(removal);

        clock.Advance(Long);
        CapiProblem problem = await FailsAsync(() => removal);
        await Server.StartServerAsync(Token);
        await workshop.SeenAsync(workshop.Cluster, _ => true, Token);
        Task<List<Outcome<CapiRemovalResult>>> next = Removals.RunAsync(Connect(Server.Admin), new() { Scope = new() { Namespace = workshop.Namespace } }, Long, Token);
        await workshop.DeletionAskedAsync(workshop.Cluster);
        await workshop.TearDownAsync();

        problem.Category.ShouldBe(CapiProblemCategory.ConnectionError);
        outcomes[0].Problem.ShouldNotBeNull().Id.ShouldBe(ProblemId.RemovalTimeout);
        outcomes[1].Value.ShouldNotBeNull().IsRemoved.ShouldBe(false);
        (await next).ShouldAllBe(outcome => outcome.Problem == null && outcome.Value!.IsRemoved != false);
        await Removals.ShouldHaveWrittenAsync(Server, mark, Token, $"delete {workshop.Proxy}", $"delete {workshop.Cluster}");
    }

    /// <summary>A way to the server, which is killed when it is first asked to delete the Cluster: before it hears of it, or before it can answer.</summary>
    private FaultProxy DieOfDeletion(PlayedWorkshop workshop, bool isHeard)
    {
        int asked = 0;
        async Task DieAsync(FaultyCall call)
        {
            if (isHeard)
            {
                await call.ForwardAsync();
            }

            await Server.StopServerAsync("KILL", Token);
        }

        return new(
            end => FaultProxy.ConnectTlsAsync(Server.Port, end),
            line => line.StartsWith($"DELETE {workshop.Cluster}", StringComparison.Ordinal) && Interlocked.Increment(ref asked) == 1 ? DieAsync : Faults.None);
    }

    /// <summary>Waits until a removal says that it was interrupted.</summary>
    private async Task InterruptedAsync(Task removal)
    {
        await Eventually.TrueAsync(() => removal.IsCompleted || Told.Warnings.Any(warning => warning.StartsWith("The removal was interrupted", StringComparison.Ordinal)), Token);
        removal.IsCompleted.ShouldBeFalse();
    }
}
