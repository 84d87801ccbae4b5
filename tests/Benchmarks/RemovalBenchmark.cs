using System.Diagnostics;
using System.Globalization;
using CapiWorkshop.Containers;
using CapiWorkshop.Containers.Configuration;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Integration.Harness;
using CapiWorkshop.Tests.Integration.Sandbox;

namespace CapiWorkshop.Benchmarks;

/// <summary>
/// Removals from a sandbox in a process of its own: what many clusters take against one, in time and in requests. In the sandbox's own time a machine takes
/// two seconds to go, the workers of a cluster all at once and its control plane after them.
/// </summary>
internal static class RemovalBenchmark
{
    private const int Many = 20;
    private const double QuarterTime = 0.25;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public static async Task RunAsync(int rounds)
    {
        // In turn, so that a machine whose speed drifts is fair to both.
        List<(Removal One, Removal All)> pairs = [];
        for (int round = 0; round < rounds; round++)
        {
            pairs.Add((await RemoveAsync("fleet-001", 1), await RemoveAsync("fleet-*", 1)));
        }

        Removal few = await RemoveAsync("fleet-00[123]", 1), fewSlowly = await RemoveAsync("fleet-00[123]", QuarterTime);

        Console.WriteLine($"{$"removals, medians of {rounds}",-34} {"plan",8} {"removal",8} {"requests",9} {"watches",8}   (load {File.ReadAllText("/proc/loadavg").Split(' ')[0]})");
        Print("1 cluster", [.. pairs.Select(pair => pair.One)]);
        Print($"{Many} clusters", [.. pairs.Select(pair => pair.All)]);
        Print("3 clusters", [few]);
        Print("3 clusters, machines take 4 x", [fewSlowly]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Many} clusters against one: {pairs.Select(pair => pair.All.Time / pair.One.Time).Median():0.00} x the time, with the plan {pairs.Select(pair => (pair.All.Time + pair.All.PlanTime) / (pair.One.Time + pair.One.PlanTime)).Median():0.00} x, {pairs.Select(pair => (double)pair.All.Requests / pair.One.Requests).Median():0.00} x the requests"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"machines that take four times as long: {fewSlowly.Time / few.Time:0.00} x the time, {(double)fewSlowly.Requests / few.Requests:0.00} x the requests"));
        Console.WriteLine();
    }

    private static void Print(string name, Removal[] runs)
    {
        string Seconds(Func<Removal, TimeSpan> time) => runs.Select(run => time(run).TotalSeconds).Median().ToString("0.00 s", CultureInfo.InvariantCulture);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name,-34} {Seconds(run => run.PlanTime),8} {Seconds(run => run.Time),8} {runs.Select(run => (double)run.Requests).Median(),9} {runs.Select(run => (double)run.Watches).Median(),8}"));
    }

    /// <summary>Removes clusters from a new fleet, which is the same one each time.</summary>
    private static async Task<Removal> RemoveAsync(string clusters, double timeScale)
    {
        await using SandboxProcess sandbox = await SandboxProcess.StartAsync(timeScale, CancellationToken.None, "--clusters", $"{Many}");
        using ManagementCluster cluster = new(new KubernetesApi(KubeConfig.Read([sandbox.KubeConfig]).Resolve(null)), open: (name, yaml) => new KubernetesApi(KubeConfig.Parse(name, yaml).Resolve(null)));
        using DockerEngine engine = new(EngineTarget.At(sandbox.Engine));
        RequestCount count = new();
        ManagementCluster counted = cluster.Observe(count);

        long began = Stopwatch.GetTimestamp();
        CapiRemovalPlan plan = await counted.PlanRemovalAsync(new() { Scope = new() { Names = [clusters] } }, () => engine);
        TimeSpan planned = Stopwatch.GetElapsedTime(began);
        await foreach (Outcome<CapiRemovalResult> outcome in counted.CreateRemoval(plan, () => engine).RunAsync(Limit))
        {
            if (outcome.Value is not { IsRemoved: not false, IsIntact: not false })
            {
                throw new InvalidOperationException($"A removal did not end well: {outcome.Problem?.Message ?? $"{outcome.Value!.Name}: {string.Join(", ", [.. outcome.Value.Remaining, .. outcome.Value.Differences])}"}");
            }
        }

        return new(planned, Stopwatch.GetElapsedTime(began) - planned, count.Requests, count.Watches);
    }

    /// <summary>One removal.</summary>
    /// <param name="PlanTime">How long the plan took.</param>
    /// <param name="Time">How long it took from then to the last result.</param>
    /// <param name="Requests">How many requests were sent, but for watches.</param>
    /// <param name="Watches">How many watches were opened; one that its server ends is opened again.</param>
    private sealed record Removal(TimeSpan PlanTime, TimeSpan Time, int Requests, int Watches);

    private sealed class RequestCount : IApiObserver
    {
        private int _requests, _watches;

        public int Requests => _requests;

        public int Watches => _watches;

        public void RequestCompleted(ApiRequest request) =>
            Interlocked.Add(ref request.PathAndQuery.Contains("watch=1", StringComparison.Ordinal) ? ref _watches : ref _requests, request.Attempts);

        public void Warning(string message)
        {
        }
    }
}
