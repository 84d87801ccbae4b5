using System.Text.Json.Nodes;

namespace CapiWorkshop.Sandbox.Engine;

/// <summary>One look at a container: what the engine's statistics are made of, two of them at a time.</summary>
internal sealed record ContainerStatistics
{
    /// <summary>How long the machine had been up before it had containers: without a past, every first share would look large.</summary>
    private static readonly TimeSpan UpBefore = TimeSpan.FromDays(1);

    private ContainerStatistics(DateTimeOffset read, TimeSpan up, ContainerUsage usage)
    {
        Read = read;
        Up = up;
        Usage = usage;
    }

    private DateTimeOffset Read { get; }

    private TimeSpan Up { get; }

    private ContainerUsage Usage { get; }

    /// <summary>Null of a container that has no processes to look at.</summary>
    public static ContainerStatistics? Take(ContainerHost host, SandboxContainer container) => container.State is ContainerState.Exited ? null
        : new(host.Wire.GetUtcNow(), UpBefore + host.Age, ContainerUsage.Of(container, host.RunTime(container)));

    /// <summary>The document of a machine with cgroup v2. What was not looked at is zero, as Docker has it.</summary>
    public static JsonObject Describe(SandboxContainer container, ContainerStatistics? now, ContainerStatistics? before) => new()
    {
        ["name"] = "/" + container.Name,
        ["id"] = container.Id,
        ["read"] = EngineTime.Format(now?.Read),
        ["preread"] = EngineTime.Format(before?.Read),
        ["pids_stats"] = now is null ? new JsonObject() : new JsonObject { ["current"] = now.Usage.Processes, ["limit"] = ulong.MaxValue },
        ["blkio_stats"] = BlockDevices(now),
        ["num_procs"] = 0,
        ["storage_stats"] = new JsonObject(),
        ["cpu_stats"] = Cpu(now),
        ["precpu_stats"] = Cpu(before),
        ["memory_stats"] = Memory(now),
        ["networks"] = now is null ? null : new JsonObject { ["eth0"] = Network(now.Usage) },
    };

    private static JsonObject Cpu(ContainerStatistics? look)
    {
        long total = look?.Usage.CpuNanoseconds ?? 0;
        JsonObject cpu = new()
        {
            ["cpu_usage"] = new JsonObject { ["total_usage"] = total, ["usage_in_kernelmode"] = total / 3, ["usage_in_usermode"] = total - total / 3 },
            ["throttling_data"] = new JsonObject { ["periods"] = 0, ["throttled_periods"] = 0, ["throttled_time"] = 0 },
        };
        if (look is not null)
        {
            cpu["system_cpu_usage"] = (long)(look.Up.TotalNanoseconds * EngineMachine.Cpus);
            cpu["online_cpus"] = EngineMachine.Cpus;
        }

        return cpu;
    }

    private static JsonObject Memory(ContainerStatistics? look) => look is null ? [] : new()
    {
        ["usage"] = look.Usage.MemoryBytes + look.Usage.CacheBytes,
        ["stats"] = new JsonObject
        {
            ["active_anon"] = 0,
            ["active_file"] = 0,
            ["anon"] = look.Usage.MemoryBytes,
            ["file"] = look.Usage.CacheBytes,
            ["inactive_anon"] = look.Usage.MemoryBytes,
            ["inactive_file"] = look.Usage.CacheBytes,
        },
        ["limit"] = EngineMachine.MemoryBytes,
    };

    private static JsonObject Network(ContainerUsage usage) => new()
    {
        ["rx_bytes"] = usage.ReceivedBytes,
        ["rx_packets"] = usage.ReceivedBytes / 1000,
        ["rx_errors"] = 0,
        ["rx_dropped"] = 0,
        ["tx_bytes"] = usage.SentBytes,
        ["tx_packets"] = usage.SentBytes / 1000,
        ["tx_errors"] = 0,
        ["tx_dropped"] = 0,
    };

    private static JsonObject BlockDevices(ContainerStatistics? look)
    {
        JsonObject devices = [];
        devices["io_service_bytes_recursive"] = look is null ? null : new JsonArray(Operation("read", look.Usage.ReadBytes), Operation("write", look.Usage.WrittenBytes));
        // cgroup v2 has none of these.
        foreach (string counter in (ReadOnlySpan<string>)["serviced", "queue", "service_time", "wait_time", "merged", "time"])
            devices[$"io_{counter}_recursive"] = null;
        devices["sectors_recursive"] = null;
        return devices;
    }

    private static JsonObject Operation(string name, long bytes) => new() { ["major"] = 259, ["minor"] = 0, ["op"] = name, ["value"] = bytes };
}
