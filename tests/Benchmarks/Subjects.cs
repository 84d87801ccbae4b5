using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Integration.Harness;

namespace CapiWorkshop.Benchmarks;

/// <summary>What is measured, each in a process of its own. The last line that one prints is its result.</summary>
internal static class Subjects
{
    /// <summary>Does nothing. Prints its peak memory in KiB.</summary>
    public static void Idle() => Console.WriteLine(PeakMemory());

    /// <summary>Opens a connection and reads all Machines, one by one. Prints its peak memory in KiB and how many there were.</summary>
    public static async Task ListAsync(string kubeConfig, string ns)
    {
        using ManagementCluster cluster = Open(kubeConfig);
        int count = 0;
        await foreach (Outcome<CapiMachine> outcome in cluster.GetAsync(CapiKinds.Machine, In(ns)))
        {
            count += outcome.Value is null ? 0 : 1;
        }

        Console.WriteLine($"{PeakMemory()} {count}");
    }

    /// <summary>Watches Machines whose consumer keeps none of them. Prints the bytes that this takes beyond a watch of nothing, and how many there were.</summary>
    public static async Task HoldAsync(string kubeConfig, string ns)
    {
        using ManagementCluster cluster = Open(kubeConfig);
        await using IAsyncEnumerator<ResourceEvent<CapiMachine>> nothing = cluster.WatchAsync(CapiKinds.Machine, In("there-is-no-such-namespace")).GetAsyncEnumerator();
        await SyncAsync(nothing);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        await using IAsyncEnumerator<ResourceEvent<CapiMachine>> watch = cluster.WatchAsync(CapiKinds.Machine, In(ns)).GetAsyncEnumerator();
        int count = await SyncAsync(watch);
        long after = GC.GetTotalMemory(forceFullCollection: true);
        Console.WriteLine($"{after - before} {count}");
    }

    /// <summary>
    /// Changes one Machine after the other, each as soon as the server has answered. Prints a line for each: the version that came of it, and the
    /// <see cref="Stopwatch"/>'s time when it was sent and when the answer was there.
    /// </summary>
    public static async Task WriteAsync(Uri server, string pki, string ns, int count)
    {
        using RawApi api = new(server, pki);
        for (int number = 0; number < count; number++)
        {
            JsonObject patch = new() { ["status"] = new JsonObject { ["phase"] = number < 1000 ? "Updating" : "Running" } };
            string path = $"{Fleet.PathOf(ns)}/{Fleet.NameOf(number % 1000)}/status";
            long sent = Stopwatch.GetTimestamp();
            JsonObject changed = await api.MergePatchAsync(path, patch, CancellationToken.None);
            Console.WriteLine($"{changed["metadata"]!["resourceVersion"]} {sent} {Stopwatch.GetTimestamp()}");
        }
    }

    public static ManagementCluster Open(string kubeConfig) => new(new KubernetesApi(KubeConfig.Read([kubeConfig]).Resolve(null)));

    public static ResourceFilter In(string ns) => ns == Fleet.Everywhere ? new() { AllNamespaces = true } : new() { Namespace = ns };

    /// <summary>Reads what is there; how many objects that were.</summary>
    public static async Task<int> SyncAsync(IAsyncEnumerator<ResourceEvent<CapiMachine>> watch)
    {
        int count = 0;
        while (await watch.MoveNextAsync() && watch.Current.Type != ResourceEventType.Synced)
        {
            count++;
        }

        return count;
    }

    private static long PeakMemory() =>
        long.Parse(File.ReadLines("/proc/self/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))["VmHWM:".Length..^"kB".Length], CultureInfo.InvariantCulture);
}
