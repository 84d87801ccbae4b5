using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Unit.Operations.Wire;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Management;

/// <summary>
/// Each wait sees the states that a test pushes. That a state is not enough is shown without waiting in vain: the wait reports it, goes on, and ends with a later one.
/// </summary>
public sealed class MachineDeploymentWaitsTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly World _world = new();
    private readonly ProgressLog _progress = new();
    private readonly MachineDeploymentWaits _waits;

    public MachineDeploymentWaitsTests() => _waits = _world.Cluster.CreateMachineDeploymentWaits();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static ObjectJson Md => ObjectJson.MachineDeployment("md");

    public async ValueTask DisposeAsync()
    {
        await _waits.DisposeAsync();
        _world.Dispose();
    }

    [Fact]
    public async Task A_scaling_that_is_already_done_ends_at_once()
    {
        _world.Api.With(Md.Scaled(4));

        MachineDeploymentWaitResult result = await ScaleAsync(4).InTime();

        result.Problem.ShouldBeNull();
        result.Deployment.ShouldNotBeNull().ReadyReplicas.ShouldBe(4);
        MachineDeploymentProgress told = await _progress.NextAsync();
        (told.Status, told.Percent).ShouldBe(("4/4 Ready", 100));
    }

    [Fact]
    public async Task A_scaling_goes_through_its_states_until_all_are_ready_available_and_up_to_date()
    {
        _world.Api.With(Md.Scaled(2));
        Task<MachineDeploymentWaitResult> wait = ScaleAsync(4);
        List<(string, int?)> told = [];
        foreach (ObjectJson? next in new[]
        {
            null,                                                                                // from before the write
            Md.Scaled(4, current: 2, ready: 2, upToDate: 2, generation: 2, observed: 1),         // written, not yet observed
            Md.Scaled(4, current: 4, ready: 2, upToDate: 4, generation: 2),
            Md.Scaled(4, current: 4, ready: 3, upToDate: 4, generation: 2),
            Md.Scaled(4, current: 4, ready: 4, available: 3, upToDate: 4, generation: 2),        // not available for long enough
            Md.Scaled(4, current: 4, ready: 4, upToDate: 3, generation: 2),                      // one of the old specification
            Md.Scaled(4, current: 5, ready: 4, available: 4, upToDate: 4, generation: 2),        // one too many
        })
        {
            if (next is not null)
            {
                _world.Api.Update(next);
            }

            MachineDeploymentProgress progress = await _progress.NextAsync();
            told.Add((progress.Status, progress.Percent));
        }

        wait.IsCompleted.ShouldBeFalse();
        _world.Api.Update(Md.Scaled(4, generation: 2).Metadata("resourceVersion", "the last"));

        MachineDeploymentWaitResult result = await wait.InTime();
        result.Problem.ShouldBeNull();
        result.Deployment.ShouldNotBeNull().ResourceVersion.ShouldBe("the last");
        told.ShouldBe([("2/4 Ready", 50), ("2/4 Ready", 50), ("2/4 Ready", 50), ("3/4 Ready", 75), ("4/4 Ready", 100), ("4/4 Ready", 100), ("4/4 Ready", 80)]);
    }

    [Fact]
    public async Task A_scaling_to_zero_ends_when_the_last_machine_is_gone()
    {
        _world.Api.With(Md.Scaled(0, current: 2, ready: 0, generation: 2));
        Task<MachineDeploymentWaitResult> wait = ScaleAsync(0);
        (await _progress.NextAsync()).Percent.ShouldBe(80);
        _world.Api.Update(Md.Scaled(0, current: 1, ready: 0, generation: 2));
        (await _progress.NextAsync()).Percent.ShouldBe(90);
        wait.IsCompleted.ShouldBeFalse();

        // An old server leaves counts of zero out.
        _world.Api.Update(Md.Spec("replicas", 0).Metadata("generation", 2).Status("observedGeneration", 2));

        (await wait.InTime()).Problem.ShouldBeNull();
        (await _progress.NextAsync()).Percent.ShouldBe(100);
    }

    [Fact]
    public async Task A_state_that_the_controller_has_not_seen_is_not_the_end_even_if_its_counts_fit()
    {
        _world.Api.With(Md.Scaled(4, generation: 7, observed: 6));
        Task<MachineDeploymentWaitResult> wait = ScaleAsync(4);
        await _progress.NextAsync();

        _world.Api.Update(Md.Scaled(4, generation: 7).Metadata("resourceVersion", "observed"));

        (await wait.InTime()).Deployment.ShouldNotBeNull().ResourceVersion.ShouldBe("observed");
    }

    [Fact]
    public async Task Somebody_elses_number_ends_the_wait_once_ours_was_seen()
    {
        _world.Api.With(Md.Scaled(2));
        Task<MachineDeploymentWaitResult> wait = ScaleAsync(4);
        await _progress.NextAsync();
        _world.Api.Update(Md.Scaled(4, current: 2, ready: 2, generation: 2));
        await _progress.NextAsync();

        _world.Api.Update(Md.Scaled(3, current: 2, ready: 2, generation: 3));

        MachineDeploymentWaitResult result = await wait.InTime();
        CapiProblem problem = result.Problem.ShouldNotBeNull();
        (problem.Id, problem.Category, problem.Target).ShouldBe((ProblemId.ScaleOverridden, CapiProblemCategory.InvalidOperation, "default/md"));
        problem.Message.ShouldContain("3 replicas");
        problem.Message.ShouldContain("scaled to 4");
        problem.Action.ShouldContain("--show-managed-fields");
        result.Deployment.ShouldNotBeNull().DesiredReplicas.ShouldBe(3);
    }

    [Fact]
    public async Task A_topology_that_sets_its_number_back_is_named()
    {
        _world.Api.With(Md.Scaled(4, current: 2, generation: 2).Label("topology.cluster.x-k8s.io/owned", ""));
        Task<MachineDeploymentWaitResult> wait = ScaleAsync(4);
        await _progress.NextAsync();

        _world.Api.Update(Md.Scaled(2, generation: 3).Label("topology.cluster.x-k8s.io/owned", ""));

        (await wait.InTime()).Problem.ShouldNotBeNull().Action.ShouldContain("spec.topology of Cluster dev-cluster");
    }

    [Fact]
    public async Task A_MachineDeployment_that_is_deleted_meanwhile_ends_the_wait_with_a_problem_and_its_last_state()
    {
        _world.Api.With(Md.Scaled(4, ready: 1));
        Task<MachineDeploymentWaitResult> wait = ScaleAsync(4);
        await _progress.NextAsync();

        _world.Api.Remove(Md);

        MachineDeploymentWaitResult result = await wait.InTime();
        CapiProblem problem = result.Problem.ShouldNotBeNull();
        (problem.Id, problem.Category, problem.Target).ShouldBe(("MachineDeploymentDeleted", CapiProblemCategory.ObjectNotFound, "default/md"));
        result.Deployment.ShouldNotBeNull().ReadyReplicas.ShouldBe(1);
    }

    [Fact]
    public async Task A_MachineDeployment_that_never_was_is_not_found()
    {
        MachineDeploymentWaitResult result = await ScaleAsync(4).InTime();

        result.Problem.ShouldNotBeNull().Id.ShouldBe("MachineDeploymentNotFound");
        result.Deployment.ShouldBeNull();
    }

    [Fact]
    public async Task A_time_out_names_the_counts_and_the_machines_with_what_each_waits_for()
    {
        _world.Api.With(
            Md.Scaled(4, current: 3, ready: 1, available: 1, upToDate: 3),
            Machine("md-ready").Status("phase", "Running").Condition("Ready", "True"),
            Machine("md-waiting").Status("phase", "Provisioning").Condition("Ready", "False", "NotReady").Condition("InfrastructureReady", "False", "ContainerProvisioning"),
            Machine("md-new"),
            ObjectJson.Machine("somebody-elses").Label("cluster.x-k8s.io/deployment-name", "other"));
        Task<MachineDeploymentWaitResult> wait = ScaleAsync(4, TimeSpan.FromSeconds(90));
        await _progress.NextAsync();

        _world.Clock.Advance(TimeSpan.FromSeconds(89));
        wait.IsCompleted.ShouldBeFalse();
        _world.Clock.Advance(TimeSpan.FromSeconds(1));

        MachineDeploymentWaitResult result = await wait.InTime();
        CapiProblem problem = result.Problem.ShouldNotBeNull();
        (problem.Id, problem.Category, problem.Target).ShouldBe(("MachineDeploymentTimeout", CapiProblemCategory.OperationTimeout, "default/md"));
        problem.Message.ShouldContain("after 90 s");
        problem.Message.ShouldContain("1/4 ready, 1 available, 3 up to date, 3 exist");
        problem.Message.ShouldContain("md-waiting (Provisioning, InfrastructureReady=False (ContainerProvisioning))");
        problem.Message.ShouldContain("md-new (no phase)");
        problem.Message.ShouldNotContain("md-ready");
        problem.Message.ShouldNotContain("somebody-elses");
        problem.Action.ShouldContain("Get-CapiMachine -Namespace default");
        result.Deployment.ShouldNotBeNull().ReadyReplicas.ShouldBe(1);
    }

    [Fact]
    public async Task A_time_out_names_five_machines_and_counts_the_others()
    {
        _world.Api.With(Md.Scaled(7, ready: 0)).With(Enumerable.Range(1, 7).Select(i => Machine($"md-{i}")));
        Task<MachineDeploymentWaitResult> wait = ScaleAsync(7, TimeSpan.FromSeconds(1));
        await _progress.NextAsync();

        _world.Clock.Advance(TimeSpan.FromSeconds(1));

        string message = (await wait.InTime()).Problem.ShouldNotBeNull().Message;
        message.ShouldContain("md-5 (no phase) and 2 more");
        message.ShouldNotContain("md-6");
    }

    [Fact]
    public async Task A_time_out_says_when_the_controller_has_not_even_seen_the_change()
    {
        _world.Api.With(Md.Scaled(4, generation: 2, observed: 1));
        Task<MachineDeploymentWaitResult> wait = ScaleAsync(4, TimeSpan.FromSeconds(1));
        await _progress.NextAsync();

        _world.Clock.Advance(TimeSpan.FromSeconds(1));

        (await wait.InTime()).Problem.ShouldNotBeNull().Message.ShouldContain("the controller has not seen the newest specification");
    }

    [Fact]
    public async Task A_time_out_is_told_even_where_the_machines_may_not_be_listed()
    {
        _world.Api.With(Md.Scaled(4, ready: 1)).Refuse("list", "machines", 403);
        Task<MachineDeploymentWaitResult> wait = ScaleAsync(4, TimeSpan.FromSeconds(1));
        await _progress.NextAsync();

        _world.Clock.Advance(TimeSpan.FromSeconds(1));

        (await wait.InTime()).Problem.ShouldNotBeNull().Id.ShouldBe("MachineDeploymentTimeout");
    }

    [Fact]
    public async Task Without_a_time_limit_a_wait_outlives_any_time()
    {
        _world.Api.With(Md.Scaled(4, ready: 1));
        Task<MachineDeploymentWaitResult> wait = ScaleAsync(4, Timeout.InfiniteTimeSpan);
        await _progress.NextAsync();
        _world.Clock.Advance(TimeSpan.FromDays(1000));

        _world.Api.Update(Md.Scaled(4));

        (await wait.InTime()).Problem.ShouldBeNull();
    }

    [Fact]
    public async Task Many_waits_in_a_namespace_share_one_watch_and_never_poll()
    {
        const int Count = 25;
        _world.Api.With(Enumerable.Range(0, Count).Select(i => ObjectJson.MachineDeployment($"md-{i}").Scaled(3, ready: 1)));
        Task<MachineDeploymentWaitResult>[] waits =
            [.. Enumerable.Range(0, Count).Select(i => _waits.WaitForAsync("default", $"md-{i}", CapiMachineDeploymentGoal.Ready, Patience, _progress.Tell, Token))];
        for (int i = 0; i < Count; i++)
        {
            await _progress.NextAsync();
        }

        for (int i = 0; i < Count; i++)
        {
            _world.Api.Update(ObjectJson.MachineDeployment($"md-{i}").Scaled(3));
        }

        (await Task.WhenAll(waits).InTime()).ShouldAllBe(result => result.Problem == null);
        _world.Api.Made("watch").ShouldHaveSingleItem().Namespace.ShouldBe("default");
        _world.Api.Made("list").ShouldBeEmpty();
        _world.Api.Made("get", "machinedeployments").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_wait_that_starts_later_sees_the_present_state_on_the_same_watch()
    {
        _world.Api.With(Md.Scaled(3), ObjectJson.MachineDeployment("later").Scaled(3));
        await ScaleAsync(3).InTime();

        (await _waits.WaitForAsync("default", "later", CapiMachineDeploymentGoal.Ready, Patience, null, Token).InTime()).Problem.ShouldBeNull();
        (await _waits.WaitForAsync("default", "never", CapiMachineDeploymentGoal.Ready, Patience, null, Token).InTime()).Problem.ShouldNotBeNull().Id.ShouldBe("MachineDeploymentNotFound");
        _world.Api.Made("watch").Count.ShouldBe(1);
    }

    [Fact]
    public async Task Each_namespace_has_a_watch_of_its_own()
    {
        _world.Api.With(Md.Scaled(3), ObjectJson.MachineDeployment("md", ns: "team-b").Scaled(3, ready: 0));
        Task<MachineDeploymentWaitResult> there = _waits.WaitForAsync("team-b", "md", CapiMachineDeploymentGoal.Ready, Patience, _progress.Tell, Token);
        await _progress.NextAsync();

        (await _waits.WaitForAsync("default", "md", CapiMachineDeploymentGoal.Ready, Patience, null, Token).InTime()).Problem.ShouldBeNull();
        there.IsCompleted.ShouldBeFalse();
        _world.Api.Made("watch").Select(request => request.Namespace).ShouldBe(["team-b", "default"]);
        _world.Api.Update(ObjectJson.MachineDeployment("md", ns: "team-b").Scaled(3));
        (await there.InTime()).Problem.ShouldBeNull();
    }

    [Fact]
    public async Task A_watch_that_fails_ends_every_wait_with_its_problem()
    {
        _world.Api.With(Md.Scaled(4, ready: 1), ObjectJson.MachineDeployment("other").Scaled(4, ready: 2));
        Task<MachineDeploymentWaitResult> first = ScaleAsync(4);
        Task<MachineDeploymentWaitResult> second = _waits.WaitForAsync("default", "other", CapiMachineDeploymentGoal.Ready, Patience, _progress.Tell, Token);
        await _progress.NextAsync();
        await _progress.NextAsync();

        _world.Api.BreakWatches(ProblemTable.Connection(ProblemId.ConnectionLost, _world.Api.Endpoint.Server, null, "reset").ToException());

        MachineDeploymentWaitResult[] results = await Task.WhenAll(first, second).InTime();
        results.Select(result => result.Problem?.Id).ShouldBe([ProblemId.ConnectionLost, ProblemId.ConnectionLost]);
        results.Select(result => result.Deployment?.ReadyReplicas).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task A_watch_that_is_refused_ends_the_wait_with_the_reason()
    {
        _world.Api.Refuse("watch", "machinedeployments", 403);

        (await ScaleAsync(4).InTime()).Problem.ShouldNotBeNull().Id.ShouldBe(ProblemId.ApiForbidden);
    }

    [Fact]
    public async Task A_cancelled_wait_ends_as_cancelled_and_leaves_the_others_alone()
    {
        _world.Api.With(Md.Scaled(4, ready: 1));
        using CancellationTokenSource mine = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<MachineDeploymentWaitResult> cancelled = _waits.WaitForScaleAsync("default", "md", 4, Patience, _progress.Tell, mine.Token);
        Task<MachineDeploymentWaitResult> other = ScaleAsync(4);
        await _progress.NextAsync();
        await _progress.NextAsync();

        await mine.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(cancelled.InTime);
        _world.Api.Update(Md.Scaled(4));
        (await other.InTime()).Problem.ShouldBeNull();
    }

    [Fact]
    public async Task The_watch_ends_with_its_waits()
    {
        _world.Api.With(Md.Scaled(4));
        MachineDeploymentWaits waits = _world.Cluster.CreateMachineDeploymentWaits();
        await waits.WaitForScaleAsync("default", "md", 4, Patience, null, Token).InTime();
        await _world.Api.Watched.InTime();
        _world.Api.OpenWatches.ShouldBe(1);

        await waits.DisposeAsync();

        _world.Api.OpenWatches.ShouldBe(0);
    }

    [Fact]
    public async Task Waiting_for_deletion_ends_when_it_is_gone()
    {
        _world.Api.With(Md.Scaled(2));
        Task<MachineDeploymentWaitResult> wait = _waits.WaitForAsync("default", "md", CapiMachineDeploymentGoal.Deleted, Patience, _progress.Tell, Token);
        await _progress.NextAsync();
        _world.Api.Update(Md.Scaled(2).Metadata("deletionTimestamp", "2026-11-20T10:00:00Z"));
        await _progress.NextAsync();
        wait.IsCompleted.ShouldBeFalse();

        _world.Api.Remove(Md);

        MachineDeploymentWaitResult result = await wait.InTime();
        result.Problem.ShouldBeNull();
        result.Deployment.ShouldNotBeNull().DeletionRequestedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task Waiting_for_the_deletion_of_what_is_not_there_ends_at_once()
    {
        MachineDeploymentWaitResult result = await _waits.WaitForAsync("default", "md", CapiMachineDeploymentGoal.Deleted, Patience, null, Token).InTime();

        result.ShouldBe(new MachineDeploymentWaitResult(null, null));
    }

    /// <summary>
    /// States are coalesced, so a wait that is slow for a moment sees the new object right after the old one, and never that there was none. A watch that
    /// lists again after 410 Gone tells deletion and new object in one breath. The identity says that the old one is gone.
    /// </summary>
    [Fact]
    public async Task Waiting_for_deletion_ends_even_if_a_new_one_of_the_same_name_is_there_at_once()
    {
        ObjectJson marker = ObjectJson.MachineDeployment("marker");
        _world.Api.With(Md.Scaled(2), marker.Copy().Scaled(1, ready: 0));
        TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using ManualResetEventSlim goOn = new();
        Task<MachineDeploymentWaitResult> wait = _waits.WaitForAsync("default", "md", CapiMachineDeploymentGoal.Deleted, Patience, HoldOnce, Token);
        await seen.Task.InTime();

        _world.Api.Remove(Md);
        _world.Api.Add(Md.Scaled(2).Metadata("uid", "reborn"));
        _world.Api.Update(marker.Scaled(1));
        await _waits.WaitForAsync("default", "marker", CapiMachineDeploymentGoal.Ready, Patience, null, Token).InTime(); // so both events before have come in
        goOn.Set();

        (await wait.InTime()).Problem.ShouldBeNull();

        void HoldOnce(MachineDeploymentProgress progress)
        {
            seen.TrySetResult();
            goOn.Wait(TimeLimit.Generous, Token);
        }
    }

    [Fact]
    public async Task A_condition_of_the_callers_own_is_asked_of_each_state()
    {
        _world.Api.With(Md.Scaled(3, ready: 1));
        Task<MachineDeploymentWaitResult> wait = _waits.WaitUntilAsync("default", "md", state => ValueTask.FromResult(state.ReadyReplicas >= 2), Patience, _progress.Tell, Token);
        (await _progress.NextAsync()).Status.ShouldBe("1/3 Ready");

        _world.Api.Update(Md.Scaled(3, ready: 2));

        (await wait.InTime()).Deployment.ShouldNotBeNull().ReadyReplicas.ShouldBe(2);
    }

    [Fact]
    public async Task A_condition_that_throws_ends_the_wait_with_what_it_threw()
    {
        _world.Api.With(Md.Scaled(3));

        await Should.ThrowAsync<DivideByZeroException>(_waits.WaitUntilAsync("default", "md", _ => throw new DivideByZeroException(), Patience, null, Token).InTime);
    }

    [Theory]
    [InlineData(4, 3, 4, "3/4 Ready", 75)]
    [InlineData(4, null, 4, "0/4 Ready", 0)]
    [InlineData(4, 4, 8, "4/4 Ready", 50)]
    [InlineData(4, 9, 4, "9/4 Ready", 100)]
    [InlineData(4, 4, null, "4/4 Ready", 100)]
    [InlineData(0, 0, 0, "0/0 Ready", 100)]
    [InlineData(0, 0, null, "0/0 Ready", 100)]
    [InlineData(0, 0, 3, "0/0 Ready", 70)]
    [InlineData(0, 0, 50, "0/0 Ready", 0)]
    [InlineData(null, 2, 2, "2/? Ready", null)]
    public void Progress_is_told_in_words_and_in_percent(int? desired, int? ready, int? exist, string status, int? percent)
    {
        MachineDeploymentProgress progress = new(Reading.MachineDeployment(Md.Status("replicas", exist)), desired, ready);

        (progress.Status, progress.Percent).ShouldBe((status, percent));
    }

    private static ObjectJson Machine(string name) => ObjectJson.Machine(name).Label("cluster.x-k8s.io/deployment-name", "md");

    private Task<MachineDeploymentWaitResult> ScaleAsync(int replicas, TimeSpan? timeout = null) =>
        _waits.WaitForScaleAsync("default", "md", replicas, timeout ?? Patience, _progress.Tell, Token);
}
