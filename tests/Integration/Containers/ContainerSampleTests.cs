using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Tests.Integration.Containers;

/// <summary>What containers of known appetite use, by our reading and by others'.</summary>
[Collection<OnRealEngine>]
public sealed partial class ContainerSampleTests(RealEngine real) : EngineTest(real)
{
    private const long MiB = 1024 * 1024;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static ITestOutputHelper Output => TestContext.Current.TestOutputHelper!;

    [Fact]
    public async Task Three_tenths_of_a_core_read_30_per_cent()
    {
        // Written to nowhere and logged nowhere: else it would wait for the engine, which reads its output.
        string id = await RunAsync(["--cpus", "0.3", "--log-driver", "none"], "exec yes > /dev/null");
        await SampleUntilAsync(id, sample => sample.CpuNanoseconds > 300_000_000);

        for (int attempt = 1; ; attempt++)
        {
            (long? kernelFirst, long started) = (KernelCpu(id), Stopwatch.GetTimestamp());
            (ContainerSample first, ContainerSample second) = await SampleTwiceAsync(id, Second);
            double percent = ContainerUsage.CpuPercent(first, second).ShouldNotBeNull();
            double? kernel = (KernelCpu(id) - kernelFirst) / Stopwatch.GetElapsedTime(started).TotalNanoseconds * 100;
            Output.WriteLine($"{percent:0.0} % over {(second.ReadAt - first.ReadAt).TotalSeconds:0.00} s; the kernel says {kernel:0.0} %");

            percent.ShouldBeLessThan(35);
            if (percent > 25)
            {
                break;
            }

            Assert.SkipWhen(attempt == 10 && kernel < 25, $"this machine was too busy to give a container 30 % of a core: it got {kernel:0} %");
            attempt.ShouldBeLessThan(10, "30 % was given and not read");
        }
    }

    [Fact]
    public async Task Memory_is_what_docker_stats_says_and_page_cache_does_not_count()
    {
        string held = await RunAsync(["--memory", "128m", "--tmpfs", "/held:size=100m"], "dd if=/dev/zero of=/held/it bs=1M count=64; exec sleep infinity");
        string cached = await RunAsync(["--memory", "128m"], "dd if=/dev/zero of=/cached bs=1M count=64; echo written; exec sleep infinity");
        ContainerSample holding = await SampleUntilAsync(held, sample => sample.MemoryBytes >= 64 * MiB);
        while (!(await Real.DockerAsync("logs", cached)).Contains("written", StringComparison.Ordinal))
        {
            Token.ThrowIfCancellationRequested();
        }

        ContainerSample caching = await SampleAsync(cached);
        Dictionary<string, double> cli = await DockerStatsAsync(held, cached);

        holding.MemoryLimitBytes.ShouldBe(128 * MiB);
        ((double)holding.MemoryBytes!.Value / MiB).ShouldBe(65, 3);
        ((double)caching.MemoryBytes!.Value / MiB).ShouldBeLessThan(16);
        ((double)holding.MemoryBytes.Value / MiB).ShouldBe(cli[held], 2);
        Output.WriteLine($"held: {holding.MemoryBytes / (double)MiB:0.0} MiB (docker stats {cli[held]:0.0}); cached: {caching.MemoryBytes / (double)MiB:0.0} MiB (docker stats {cli[cached]:0.0})");
    }

    [Fact]
    public async Task What_does_not_run_has_no_sample_and_what_is_gone_is_not_found()
    {
        string created = await CreateAsync(), stopped = await RunAsync([]), gone = await RunAsync([]);
        await SampleAsync(stopped);
        await SampleAsync(gone);
        await Real.DockerAsync("stop", "--time", "0", stopped);
        await Real.DockerAsync("rm", "--force", gone);

        (await Engine.SampleAsync(created, Token)).ShouldBeNull();
        (await Engine.SampleAsync(stopped, Token)).ShouldBeNull();
        CapiProblem problem = await FailsAsync(() => Engine.SampleAsync(gone, Token));
        (problem.Id, problem.Target).ShouldBe(("ContainerNotFound", gone));
    }

    [Fact]
    public async Task A_paused_container_keeps_its_memory_and_uses_no_processor()
    {
        string id = await RunAsync(["--log-driver", "none"], "exec yes > /dev/null");
        await SampleUntilAsync(id, sample => sample.CpuNanoseconds > 100_000_000);
        await PauseAsync(id);

        (ContainerSample first, ContainerSample second) = await SampleTwiceAsync(id, Second);

        ContainerUsage.CpuPercent(first, second).ShouldBe(0.0);
        second.MemoryBytes.ShouldNotBeNull().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_container_that_was_started_anew_between_two_samples_has_no_share()
    {
        string id = await RunAsync(["--log-driver", "none"], "exec yes > /dev/null");
        ContainerSample first = await SampleUntilAsync(id, sample => sample.CpuNanoseconds > 1_000_000_000);
        await Real.DockerAsync("stop", "--time", "0", id);
        await Real.DockerAsync("start", id);
        await PauseAsync(id); // or it might burn as much again before it is looked at

        ContainerUsage.CpuPercent(first, await SampleAsync(id)).ShouldBeNull();
    }

    [Fact]
    public async Task Nine_containers_are_sampled_at_once()
    {
        string[] ids = await Task.WhenAll(Enumerable.Range(0, 9).Select(_ => RunAsync([])));
        await SampleAsync(ids[0]); // the connection is made, the version known

        long started = Stopwatch.GetTimestamp();
        ContainerSample?[] samples = await Task.WhenAll(ids.Select(id => Engine.SampleAsync(id, Token)));
        TimeSpan together = Stopwatch.GetElapsedTime(started);
        started = Stopwatch.GetTimestamp();
        foreach (string id in ids)
        {
            await SampleAsync(id);
        }

        TimeSpan inTurn = Stopwatch.GetElapsedTime(started);
        started = Stopwatch.GetTimestamp();
        await DockerStatsAsync(ids);
        TimeSpan cli = Stopwatch.GetElapsedTime(started);
        samples.ShouldAllBe(sample => sample != null && sample.MemoryBytes > 0 && sample.CpuNanoseconds > 0);
        Output.WriteLine($"nine at once {together.TotalSeconds:0.00} s; in turn {inTurn.TotalSeconds:0.00} s, {inTurn / together:0.0} times that; docker stats --no-stream {cli.TotalSeconds:0.00} s");
        together.ShouldBeLessThan(inTurn);
    }

    /// <summary>The kernel's own count of a container's processor time, nanoseconds; null where its group is not found.</summary>
    private static long? KernelCpu(string id)
    {
        foreach (string root in (string[])["/sys/fs/cgroup/cpuacct/docker", "/sys/fs/cgroup/cpu,cpuacct/docker"])
        {
            string usage = Path.Combine(root, id, "cpuacct.usage");
            if (File.Exists(usage))
            {
                return long.Parse(File.ReadAllText(usage), CultureInfo.InvariantCulture);
            }
        }

        string unified = $"/sys/fs/cgroup/docker/{id}/cpu.stat";
        return File.Exists(unified) && MicrosecondsUsed().Match(File.ReadAllText(unified)) is { Success: true } match
            ? long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * 1_000
            : null;
    }

    /// <summary>What <c>docker stats</c> says about the memory of running containers, MiB by id.</summary>
    private async Task<Dictionary<string, double>> DockerStatsAsync(params string[] ids)
    {
        string table = await Real.DockerAsync(["stats", "--no-stream", "--no-trunc", "--format", "{{.ID}} {{.MemUsage}}", .. ids]);
        return StatsLine().Matches(table).ToDictionary(
            line => line.Groups[1].Value,
            line => double.Parse(line.Groups[2].Value, CultureInfo.InvariantCulture) * (line.Groups[3].Value switch { "GiB" => 1024, "MiB" => 1, "KiB" => 1 / 1024.0, _ => 1.0 / MiB }));
    }

    [GeneratedRegex("usage_usec ([0-9]+)")]
    private static partial Regex MicrosecondsUsed();

    [GeneratedRegex("([0-9a-f]{64}) ([0-9.]+)([KMG]?i?B) /")]
    private static partial Regex StatsLine();
}
