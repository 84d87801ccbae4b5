using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Controllers;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Failures;
using CapiWorkshop.Sandbox.Storage;
using CapiWorkshop.Sandbox.World;

namespace CapiWorkshop.Tests.Unit.Sandbox.Controllers;

public sealed class EventLoopTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly WorldClock _clock = new(Start);
    private readonly EventLoop _loop;

    public EventLoopTests() => _loop = new(_clock);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _loop.DisposeAsync();

    [Fact]
    public void What_is_asked_for_twice_is_done_once()
    {
        Recorder recorder = new(_clock);
        _loop.Enqueue(recorder, new(null, "a"));
        _loop.Enqueue(recorder, new(null, "b"));
        _loop.Enqueue(recorder, new(null, "a"));
        _loop.RunDue();
        recorder.Seen.ShouldBe(["a@0", "b@0"]);
    }

    [Fact]
    public void Time_jumps_from_one_timer_to_the_next()
    {
        Recorder recorder = new(_clock);
        _loop.EnqueueAfter(recorder, new(null, "late"), TimeSpan.FromSeconds(20));
        _loop.EnqueueAfter(recorder, new(null, "never"), TimeSpan.FromSeconds(31));
        _loop.EnqueueAfter(recorder, new(null, "early"), TimeSpan.FromSeconds(10));
        _loop.Advance(TimeSpan.FromSeconds(30));
        recorder.Seen.ShouldBe(["early@10", "late@20"]);
        _clock.GetUtcNow().ShouldBe(Start.AddSeconds(30));
    }

    [Fact]
    public void A_step_that_lost_a_race_is_taken_again_later()
    {
        Recorder recorder = new(_clock) { Failures = 2 };
        _loop.Enqueue(recorder, new(null, "a"));
        _loop.Advance(TimeSpan.FromSeconds(10));
        recorder.Seen.ShouldBe(["a@0", "a@1", "a@2"]);
    }

    [Fact]
    public void Changes_are_shown_before_the_next_step_until_the_store_is_left()
    {
        ObjectStore store = new(_clock, new Random(1));
        List<string> shown = [];
        _loop.Watch(store, change => shown.Add(change.Object.Name));
        store.Create(Kinds.ConfigMap, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "one" } });
        shown.ShouldBeEmpty();
        _loop.RunDue();
        shown.ShouldBe(["one"]);
        _loop.Unwatch(store);
        store.Create(Kinds.ConfigMap, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "two" } });
        _loop.RunDue();
        shown.ShouldBe(["one"]);
    }

    [Fact]
    public async Task A_kind_of_trouble_is_told_once_and_stops_nobody()
    {
        await using StringWriter troubles = new();
        Stumbler stumbler = new();
        await using (EventLoop loop = new(_clock) { Troubles = troubles })
        {
            foreach (string name in (string[])["bad", "worse", "good"])
                loop.Enqueue(stumbler, new("default", name));
            loop.Start();
            await stumbler.Good.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }

        troubles.ToString().Trim().ShouldBe("Stumbler: InvalidOperationException at default/bad: no good");
    }

    private sealed class Stumbler : IReconciler
    {
        public TaskCompletionSource Good { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Reconcile(ObjectKey key)
        {
            if (key.Name != "good")
                throw new InvalidOperationException("no good");
            Good.SetResult();
        }
    }

    private sealed class Recorder(WorldClock clock) : IReconciler
    {
        public int Failures { get; set; }

        public List<string> Seen { get; } = [];

        public void Reconcile(ObjectKey key)
        {
            Seen.Add($"{key}@{(clock.GetUtcNow() - Start).TotalSeconds}");
            if (Failures-- > 0)
                throw ApiFailure.Modified(Kinds.ConfigMap, key.Name);
        }
    }
}
