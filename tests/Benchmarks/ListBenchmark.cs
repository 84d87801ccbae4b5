using System.Globalization;
using CapiWorkshop.Tests.Integration.Harness;

namespace CapiWorkshop.Benchmarks;

/// <summary>A whole process that lists Machines, against curl of the same bytes to /dev/null and the start of a process that does nothing.</summary>
internal static class ListBenchmark
{
    private const int Rounds = 9;

    public static void PrintHead()
    {
        Console.WriteLine($"{"whole processes, medians",-34} {"ours",8} {"curl",8} {"idle",8} {"ratio",7} {"CPU ours",9} {"curl+idle",9} {"ratio",7} {"memory",10}");
    }

    public static async Task RunAsync(ApiServer server, string ns, int count, bool compressed)
    {
        string kubeConfig = compressed ? server.Admin : server.Derive(server.Admin, text => text.Replace("cluster: {server:", "cluster: {disable-compression: true, server:", StringComparison.Ordinal));
        string[] curl =
        [
            "-sS", "--fail", "-o", "/dev/null", "--cacert", Path.Combine(server.Pki, "ca.crt"), "--cert", Path.Combine(server.Pki, "admin.crt"), "--key", Path.Combine(server.Pki, "admin.key"),
            .. compressed ? (string[])["--compressed", "-H", "Accept-Encoding: gzip"] : [],
            new Uri(server.Address, Fleet.PathOf(ns) + "?pretty=false").AbsoluteUri, // else the server would write for people, since it knows curl
        ];

        // In turn, so that a machine whose speed drifts is fair to all; the first round only warms the server's caches and the disk's.
        List<(Run Ours, Run Curl, Run Idle)> rounds = [];
        for (int round = 0; round <= Rounds; round++)
        {
            rounds.Add((await Run.OfSubjectAsync("list", kubeConfig, ns), await Run.OfAsync("curl", curl), await Run.OfSubjectAsync("idle")));
        }

        rounds.RemoveAt(0);
        if (rounds.Exists(round => round.Ours.Numbers[1] != count))
        {
            throw new InvalidOperationException($"There are {count} Machines, and not all of them were listed.");
        }

        string Seconds(Func<(Run Ours, Run Curl, Run Idle), TimeSpan> time) => rounds.Select(round => time(round).TotalSeconds).Median().ToString("0.00 s", CultureInfo.InvariantCulture);
        double wall = rounds.Select(round => round.Ours.Wall / (round.Curl.Wall + round.Idle.Wall)).Median();
        double processor = rounds.Select(round => round.Ours.Processor / (round.Curl.Processor + round.Idle.Processor)).Median();
        double memory = rounds.Select(round => (round.Ours.Numbers[0] - round.Idle.Numbers[0]) / 1024.0).Median();
        string name = string.Create(CultureInfo.InvariantCulture, $"list {count:N0} Machines, {(compressed ? "gzip" : "identity")}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name,-34} {Seconds(round => round.Ours.Wall),8} {Seconds(round => round.Curl.Wall),8} {Seconds(round => round.Idle.Wall),8} {wall,7:0.00} {Seconds(round => round.Ours.Processor),9} {Seconds(round => round.Curl.Processor + round.Idle.Processor),9} {processor,7:0.00} {memory,6:0.0} MiB"));
    }
}
