using System.Text.Json;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Containers.Reading;

/// <summary>Reads the answer of <c>GET /containers/{id}/stats</c>: one object, whose memory statistics are those of the machine's cgroup version.</summary>
internal static class SampleReading
{
    /// <summary>Kernels write "no limit" as the largest number of whole pages; no machine has an exbibyte.</summary>
    private const long NoLimit = 1L << 60;

    /// <summary>Windows counts processor time in these, nanoseconds.</summary>
    private const int WindowsTick = 100;

    /// <summary>The sample in the object that the reader stands on; null where the container does not run.</summary>
    public static ContainerSample? Sample(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new InvalidDataException("a container's statistics were expected");
        }

        Utf8StringPool pool = new();
        DateTimeOffset? read = null;
        CpuStatistics cpu = default;
        MemoryStatistics memory = default;
        (long? Rx, long? Tx) network = default;
        (long? Read, long? Write) block = default;
        bool windows = false;
        while (reader.NextProperty(pool, out string name))
        {
            switch (name)
            {
                case "read": read = reader.Time(); break;
                case "num_procs": windows = reader.Int() > 0; break; // Linux leaves it at 0
                case "cpu_stats": cpu = Cpu(ref reader, pool); break;
                case "memory_stats": memory = Memory(ref reader, pool); break;
                case "networks": network = Networks(ref reader, pool); break;
                case "blkio_stats": block = BlockDevices(ref reader, pool); break;
                default: reader.Skip(); break;
            }
        }

        // Docker tells of a stopped container by the year 1, podman by zeros: what runs has had some processor time, or holds some memory.
        bool runs = read is { Year: > 1 } && (cpu.Total > 0 || memory.InUse > 0);
        return !runs ? null : new()
        {
            ReadAt = read!.Value,
            CpuNanoseconds = windows ? cpu.Total * WindowsTick : cpu.Total,
            SystemCpuNanoseconds = cpu.System > 0 ? cpu.System : null,
            OnlineCpus = cpu.Cores,
            MemoryBytes = memory.InUse > 0 ? memory.InUse : null,
            MemoryLimitBytes = memory.Limit is > 0 and < NoLimit ? memory.Limit : null,
            NetworkRxBytes = network.Rx,
            NetworkTxBytes = network.Tx,
            BlockReadBytes = block.Read,
            BlockWriteBytes = block.Write,
        };
    }

    private static CpuStatistics Cpu(ref Utf8JsonReader reader, Utf8StringPool pool)
    {
        CpuStatistics cpu = default;
        if (!reader.EnterObject())
        {
            return cpu;
        }

        while (reader.NextProperty(pool, out string name))
        {
            switch (name)
            {
                case "system_cpu_usage": cpu.System = reader.Long(); break;
                case "online_cpus": cpu.Online = reader.Int(); break;
                case "cpu_usage" when reader.EnterObject():
                    while (reader.NextProperty(pool, out string counter))
                    {
                        switch (counter)
                        {
                            case "total_usage": cpu.Total = reader.Long(); break;
                            case "percpu_usage": cpu.Counters = Count(ref reader); break;
                            default: reader.Skip(); break;
                        }
                    }

                    break;
                default: reader.Skip(); break;
            }
        }

        return cpu;
    }

    /// <summary>How many elements an array has.</summary>
    private static int Count(ref Utf8JsonReader reader)
    {
        int count = 0;
        if (reader.EnterArray())
        {
            for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; count++)
            {
                reader.Skip();
            }
        }

        return count;
    }

    private static MemoryStatistics Memory(ref Utf8JsonReader reader, Utf8StringPool pool)
    {
        MemoryStatistics memory = default;
        if (!reader.EnterObject())
        {
            return memory;
        }

        while (reader.NextProperty(pool, out string name))
        {
            switch (name)
            {
                case "usage": memory.Usage = reader.Long(); break;
                case "limit": memory.Limit = reader.Long(); break;
                case "privateworkingset": memory.WorkingSet = reader.Long(); break;
                case "stats" when reader.EnterObject():
                    while (reader.NextProperty(pool, out string figure))
                    {
                        switch (figure)
                        {
                            case "total_inactive_file": memory.TreeInactiveFile = reader.Long(); break;
                            case "inactive_file": memory.InactiveFile = reader.Long(); break;
                            default: reader.Skip(); break;
                        }
                    }

                    break;
                default: reader.Skip(); break;
            }
        }

        return memory;
    }

    private static (long? Rx, long? Tx) Networks(ref Utf8JsonReader reader, Utf8StringPool pool)
    {
        if (!reader.EnterObject())
        {
            return default;
        }

        long rx = 0, tx = 0;
        while (reader.NextProperty(pool, out _))
        {
            if (!reader.EnterObject())
            {
                continue;
            }

            while (reader.NextProperty(pool, out string name))
            {
                switch (name)
                {
                    case "rx_bytes": rx += reader.Long() ?? 0; break;
                    case "tx_bytes": tx += reader.Long() ?? 0; break;
                    default: reader.Skip(); break;
                }
            }
        }

        return (rx, tx);
    }

    /// <summary>An empty list says that no device was used; null says nothing.</summary>
    private static (long? Read, long? Write) BlockDevices(ref Utf8JsonReader reader, Utf8StringPool pool)
    {
        if (!reader.EnterObject())
        {
            return default;
        }

        (long? Read, long? Write) sum = default;
        while (reader.NextProperty(pool, out string name))
        {
            if (name == "io_service_bytes_recursive" && reader.EnterArray())
            {
                sum = (0, 0);
                while (reader.NextObject())
                {
                    (char operation, long bytes) = BlockEntry(ref reader, pool);
                    sum.Read += operation == 'r' ? bytes : 0;
                    sum.Write += operation == 'w' ? bytes : 0;
                }
            }
            else
            {
                reader.Skip();
            }
        }

        return sum;
    }

    /// <summary>What one device did of one kind. cgroup v1 says Read, Write, Sync, Async and Total; v2 says read and write.</summary>
    private static (char Operation, long Bytes) BlockEntry(ref Utf8JsonReader reader, Utf8StringPool pool)
    {
        string? operation = null;
        long? bytes = null;
        while (reader.NextProperty(pool, out string name))
        {
            switch (name)
            {
                case "op": operation = reader.Text(pool); break;
                case "value": bytes = reader.Long(); break;
                default: reader.Skip(); break;
            }
        }

        return (operation is null ? default : char.ToLowerInvariant(operation[0]), bytes ?? 0);
    }

    private struct CpuStatistics
    {
        public long? Total, System;
        public int? Online;
        public int Counters;

        /// <summary>Old engines do not say how many cores there are; where they have a counter for each, those can be counted.</summary>
        public readonly int? Cores => Online > 0 ? Online : Counters > 0 ? Counters : null;
    }

    private struct MemoryStatistics
    {
        public long? Usage, Limit, WorkingSet, InactiveFile, TreeInactiveFile;

        /// <summary>
        /// Bytes without page cache, by the docker CLI's rule: cgroup v1 counts the cache of the whole tree in total_inactive_file, v2 in inactive_file. A
        /// figure that is not smaller than all of the memory belongs to another moment, and is left out. Windows has its own figure for it.
        /// </summary>
        public readonly long? InUse =>
            TreeInactiveFile < Usage ? Usage - TreeInactiveFile
            : InactiveFile < Usage ? Usage - InactiveFile
            : Usage ?? WorkingSet;
    }
}
