using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Engine;

namespace CapiWorkshop.Tests.Unit.Sandbox.Engine;

/// <summary>Statistics on a wire whose clock is moved by hand.</summary>
public sealed class ContainerStatisticsTests : IAsyncLifetime
{
    private readonly EngineFixture _engine = new();

    public ValueTask InitializeAsync() => _engine.InitializeAsync();

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Theory]
    [InlineData(25)]
    [InlineData(250)]
    [InlineData(1500)]
    public async Task Two_looks_make_the_share_that_the_load_says(int millicores)
    {
        _engine.Run("busy", millicores: millicores);
        _engine.Wire.Advance(TimeSpan.FromMinutes(30));

        JsonNode stats = (await _engine.GetMovingAsync("/containers/busy/stats?stream=false")).Json;

        Percent(stats).ShouldBe(millicores / 10.0, millicores / 100.0);
    }

    [Fact]
    public async Task Two_looks_lie_a_second_apart()
    {
        _engine.Run("timed");

        JsonNode stats = (await _engine.GetMovingAsync("/containers/timed/stats?stream=0")).Json;

        TimeSpan between = DateTimeOffset.Parse(stats["read"]!.ToString(), null) - DateTimeOffset.Parse(stats["preread"]!.ToString(), null);
        between.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1));
        SystemTime(stats, "cpu_stats").ShouldBe(SystemTime(stats, "precpu_stats") + (long)between.TotalNanoseconds * (long)stats["cpu_stats"]!["online_cpus"]!);
    }

    [Fact]
    public async Task One_look_is_there_at_once_and_has_nothing_before_it()
    {
        SandboxContainer container = _engine.Run("once", mebibytes: 100);

        JsonNode stats = (await _engine.GetAsync("/v1.41/containers/once/stats?stream=false&one-shot=true")).Json;

        (stats["id"]!.ToString(), stats["name"]!.ToString()).ShouldBe((container.Id, "/once"));
        stats["preread"]!.ToString().ShouldBe("0001-01-01T00:00:00Z");
        ((long)stats["precpu_stats"]!["cpu_usage"]!["total_usage"]!).ShouldBe(0);
        stats["precpu_stats"]!["system_cpu_usage"].ShouldBeNull();
        JsonNode memory = stats["memory_stats"]!;
        ((double)((long)memory["usage"]! - (long)memory["stats"]!["inactive_file"]!) / (1 << 20)).ShouldBe(100, 2.1);
        ((long)memory["limit"]!).ShouldBe(EngineMachine.MemoryBytes);
        ((long)stats["pids_stats"]!["current"]!).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_stream_tells_every_second_until_the_container_is_gone()
    {
        _engine.Run("streamed", millicores: 100);
        using StreamReader stream = await _engine.StreamAsync("/containers/streamed/stats");
        List<JsonNode> told = [await NextAsync()];
        while (told.Count < 4)
            told.Add(await NextAsync());
        _engine.Containers.Remove("streamed");

        told[0]["precpu_stats"]!["system_cpu_usage"].ShouldBeNull();
        for (int at = 1; at < told.Count; at++)
        {
            told[at]["preread"]!.ToString().ShouldBe(told[at - 1]["read"]!.ToString());
            Percent(told[at]).ShouldBe(10, 1);
        }

        while (await _engine.MovingAsync(stream.ReadLineAsync(TestContext.Current.CancellationToken).AsTask()) is not null)
        {
            // A line that was on its way when the container went.
        }

        async Task<JsonNode> NextAsync() => JsonNode.Parse((await _engine.MovingAsync(stream.ReadLineAsync(TestContext.Current.CancellationToken).AsTask()))!)!;
    }

    [Fact]
    public async Task What_has_exited_has_no_statistics()
    {
        _engine.Run("stopped");
        _engine.Containers.Stop("stopped");

        JsonNode stats = (await _engine.GetAsync("/containers/stopped/stats?stream=false")).Json;

        stats["read"]!.ToString().ShouldBe("0001-01-01T00:00:00Z");
        ((long)stats["cpu_stats"]!["cpu_usage"]!["total_usage"]!).ShouldBe(0);
        stats["memory_stats"]!.AsObject().ShouldBeEmpty();
    }

    [Fact]
    public void Counters_stand_still_during_a_pause_and_begin_anew_with_a_start()
    {
        SandboxContainer container = _engine.Run("paused");
        _engine.Wire.Advance(TimeSpan.FromMinutes(10));
        _engine.Containers.Pause("paused");
        _engine.Wire.Advance(TimeSpan.FromMinutes(10));
        Ran().ShouldBe(TimeSpan.FromMinutes(10));
        _engine.Containers.Unpause("paused");
        _engine.Wire.Advance(TimeSpan.FromMinutes(1));
        Ran().ShouldBe(TimeSpan.FromMinutes(11));
        _engine.Containers.Stop("paused");
        _engine.Containers.Start("paused");
        _engine.Wire.Advance(TimeSpan.FromSeconds(5));
        Ran().ShouldBe(TimeSpan.FromSeconds(5));

        TimeSpan Ran() => _engine.Containers.RunTime(_engine.Containers.Get(container.Id));
    }

    [Fact]
    public void A_container_that_was_run_in_the_past_has_run_since_then()
    {
        _engine.Wire.Advance(TimeSpan.FromMinutes(35));

        _engine.Containers.RunTime(_engine.Run("past")).ShouldBe(TimeSpan.FromMinutes(35));
    }

    [Fact]
    public void Counters_never_fall_and_keep_near_the_load()
    {
        SandboxContainer container = _engine.Run("waves", millicores: 200, mebibytes: 300);
        ContainerUsage before = ContainerUsage.Of(container, TimeSpan.Zero);
        for (int step = 1; step <= 600; step++)
        {
            ContainerUsage usage = ContainerUsage.Of(container, TimeSpan.FromMilliseconds(250 * step));
            ((usage.CpuNanoseconds - before.CpuNanoseconds) / 250e6).ShouldBe(0.2, 0.02);
            (usage.ReceivedBytes >= before.ReceivedBytes && usage.SentBytes >= before.SentBytes && usage.WrittenBytes >= before.WrittenBytes).ShouldBeTrue();
            (usage.MemoryBytes / (double)(1 << 20)).ShouldBe(300, 6.1);
            before = usage;
        }

        ContainerUsage.Of(container, TimeSpan.FromSeconds(150)).ShouldBe(before);
    }

    /// <summary>As <c>docker stats</c> computes it.</summary>
    private static double Percent(JsonNode stats)
    {
        double used = (long)stats["cpu_stats"]!["cpu_usage"]!["total_usage"]! - (long)stats["precpu_stats"]!["cpu_usage"]!["total_usage"]!;
        return used / (SystemTime(stats, "cpu_stats") - SystemTime(stats, "precpu_stats")) * (long)stats["cpu_stats"]!["online_cpus"]! * 100;
    }

    private static long SystemTime(JsonNode stats, string look) => (long)stats[look]!["system_cpu_usage"]!;
}
