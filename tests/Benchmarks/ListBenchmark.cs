using System.Globalization;
using CapiWorkshop.Tests.Integration.Harness;

namespace CapiWorkshop.Benchmarks;

/// <summary>A whole process that lists Machines, against curl of the same bytes to /dev/null and the start of a process that does nothing.</summary>
internal static class ListBenchmark
{
    public static void PrintHead()
    {
        Console.WriteLine($"{"whole processes, medians",-34} {"ours",8} {"curl",8} {"idle",8} {"ratio",7} {"CPU ours",9} {"curl+idle",9} {"ratio",7} {"memory",10}");
    }

    public static async Task RunAsync(ApiServer server, string ns, int count, int rounds, bool compressed)
    {
        string kubeConfig = compressed ? server.Admin : server.Derive(server.Admin, text => text.Replace("cluster: {server:", "cluster: {disable-compression: true, server:", StringComparison.Ordinal));
        string[] curl =
        [
            "-sS", "--fail", "-o", "/dev/null", "--cacert", Path.Combine(server.Pki, "ca.crt"), "--cert", Path.Combine(server.Pki, "admin.crt"), "--key", Path.Combine(server.Pki, "admin.key"),
            .. compressed ? (string[])["--compressed", "-H", "Accept-Encoding: gzip"] : [],
            new Uri(server.Address, Fleet.PathOf(ns) + "?pretty=false").AbsoluteUri, // else the server would write for people, since it knows curl
        ];

        // In turn, so that a machine whose speed drifts is fair to all; the first round only warms the server's caches and the disk's.
        List<(Run Ours, Run Curl, Run Idle)> runs = [];
        for (int round = 0; round <= rounds; round++)
        {
            runs.Add((await Run.OfSubjectAsync("list", kubeConfig, ns), await Run.OfAsync("curl", curl), await Run.OfSubjectAsync("idle")));
        }

        runs.RemoveAt(0);
        if (runs.Exists(run => run.Ours.Numbers[1] != count))
        {
            throw new InvalidOperationException($"There are {count} Machines, and not all of them were listed.");
        }

        string Seconds(Func<(Run Ours, Run Curl, Run Idle), TimeSpan> time) => runs.Select(run => time(run).TotalSeconds).Median().ToString("0.00 s", CultureInfo.InvariantCulture);
        double wall = runs.Select(run => run.Ours.Wall / (run.Curl.Wall + run.Idle.Wall)).Median();
        double processor = runs.Select(run => run.Ours.Processor / (run.Curl.Processor + run.Idle.Processor)).Median();
        double memory = runs.Select(run => (run.Ours.Numbers[0] - run.Idle.Numbers[0]) / 1024.0).Median();
        string name = string.Create(CultureInfo.InvariantCulture, $"list {count:N0} Machines, {(compressed ? "gzip" : "identity")}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name,-34} {Seconds(run => run.Ours.Wall),8} {Seconds(run => run.Curl.Wall),8} {Seconds(run => run.Idle.Wall),8} {wall,7:0.00} {Seconds(run => run.Ours.Processor),9} {Seconds(run => run.Curl.Processor + run.Idle.Processor),9} {processor,7:0.00} {memory,6:0.0} MiB"));
    }
}
