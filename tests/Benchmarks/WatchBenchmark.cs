using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Integration.Harness;

namespace CapiWorkshop.Benchmarks;

/// <summary>What a watch holds, and how long a change takes from its writer into the hands of who watches.</summary>
internal static partial class WatchBenchmark
{
    private const int Changes = 2_000;

    public static async Task RunMemoryAsync(ApiServer server, string ns)
    {
        long[] numbers = (await Run.OfSubjectAsync("hold", server.Admin, ns)).Numbers;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"a watch of {numbers[1]:N0} Machines holds {(double)numbers[0] / numbers[1]:0} bytes a Machine"));
    }

    /// <summary>The writer is a process of its own; its clock is the machine's, as this one's. curl watches the same changes through a pipe.</summary>
    public static async Task RunLatencyAsync(ApiServer server, string ns)
    {
        using ManagementCluster cluster = Subjects.Open(server.Admin);
        await using IAsyncEnumerator<ResourceEvent<CapiMachine>> watch = cluster.WatchAsync(CapiKinds.Machine, Subjects.In(ns)).GetAsyncEnumerator();
        await Subjects.SyncAsync(watch);
        using Process curl = WatchByCurl(server, ns);
        Task<Dictionary<string, long>> ours = Task.Run(() => ReceiveAsync(watch)), theirs = Task.Run(() => Receive(curl.StandardOutput));
        Run writer = await Run.OfSubjectAsync("write", server.Address.AbsoluteUri, server.Pki, ns, Changes.ToString(CultureInfo.InvariantCulture));
        Dictionary<string, long> seenByUs = await ours, seenByCurl = await theirs;
        curl.Kill();

        string[][] changes = [.. writer.Output.Trim().Split('\n').Select(line => line.Split(' '))];
        Console.WriteLine();
        Console.WriteLine($"{"from a change to who watches, ms",-34} {"p50",8} {"p99",8} {"most",8}");
        Print("ours, since it was sent", seenByUs, 1);
        Print("curl -N, since it was sent", seenByCurl, 1);
        Print("ours, since it was answered", seenByUs, 2);
        Print("curl -N, since it was answered", seenByCurl, 2);
        Console.WriteLine();

        void Print(string name, Dictionary<string, long> seen, int since)
        {
            double[] times = [.. changes.Select(change => Stopwatch.GetElapsedTime(long.Parse(change[since], CultureInfo.InvariantCulture), seen[change[0]]).TotalMilliseconds)];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-34} {times.Median(),8:0.00} {times.Percentile(99),8:0.00} {times.Max(),8:0.00}"));
        }
    }

    private static async Task<Dictionary<string, long>> ReceiveAsync(IAsyncEnumerator<ResourceEvent<CapiMachine>> watch)
    {
        Dictionary<string, long> seen = [];
        while (seen.Count < Changes && await watch.MoveNextAsync())
        {
            seen[watch.Current.Item!.ResourceVersion] = Stopwatch.GetTimestamp();
        }

        return seen;
    }

    private static Dictionary<string, long> Receive(StreamReader lines)
    {
        Dictionary<string, long> seen = [];
        while (seen.Count < Changes && lines.ReadLine() is string line)
        {
            seen[Version().Match(line).Groups[1].Value] = Stopwatch.GetTimestamp();
        }

        return seen;
    }

    private static Process WatchByCurl(ApiServer server, string ns)
    {
        string now = server.Raw.GetAsync(Fleet.PathOf(ns) + "?limit=1", CancellationToken.None).GetAwaiter().GetResult()["metadata"]!["resourceVersion"]!.GetValue<string>();
        return Process.Start(new ProcessStartInfo("curl",
        [
            "-sSN", "--cacert", Path.Combine(server.Pki, "ca.crt"), "--cert", Path.Combine(server.Pki, "admin.crt"), "--key", Path.Combine(server.Pki, "admin.key"),
            new Uri(server.Address, $"{Fleet.PathOf(ns)}?watch=1&pretty=false&resourceVersion={now}").AbsoluteUri,
        ])
        { RedirectStandardOutput = true })!;
    }

    [GeneratedRegex("\"resourceVersion\":\"([0-9]+)\"")]
    private static partial Regex Version();
}
