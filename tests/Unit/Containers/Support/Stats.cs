using System.Text;
using System.Text.Json;
using CapiWorkshop.Containers.Reading;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Tests.Unit.Containers.Support;

/// <summary>Answers to <c>GET /containers/{id}/stats</c>, with the fields that the Docker Engine API documents.</summary>
internal static class Stats
{
    /// <summary>cgroup v1: counters a core, sums over the tree of groups, operations in capitals.</summary>
    public const string CgroupV1 = """
        {
          "read": "2026-11-20T09:00:01.500000000Z",
          "preread": "0001-01-01T00:00:00Z",
          "pids_stats": { "current": 3 },
          "blkio_stats": {
            "io_service_bytes_recursive": [
              { "major": 8, "minor": 0, "op": "Read", "value": 4096 },
              { "major": 8, "minor": 0, "op": "Write", "value": 8192 },
              { "major": 8, "minor": 0, "op": "Sync", "value": 12288 },
              { "major": 8, "minor": 0, "op": "Async", "value": 0 },
              { "major": 8, "minor": 0, "op": "Total", "value": 12288 },
              { "major": 253, "minor": 1, "op": "Read", "value": 4 }
            ],
            "io_serviced_recursive": [{ "major": 8, "minor": 0, "op": "Read", "value": 99 }]
          },
          "num_procs": 0,
          "storage_stats": {},
          "cpu_stats": {
            "cpu_usage": { "total_usage": 2500000000, "percpu_usage": [1500000000, 1000000000], "usage_in_kernelmode": 400000000, "usage_in_usermode": 2100000000 },
            "system_cpu_usage": 91000000000,
            "online_cpus": 2,
            "throttling_data": { "periods": 1, "throttled_periods": 1, "throttled_time": 5 }
          },
          "precpu_stats": { "cpu_usage": { "total_usage": 7, "percpu_usage": [7] }, "system_cpu_usage": 7, "online_cpus": 7 },
          "memory_stats": {
            "usage": 100000000,
            "max_usage": 200000000,
            "stats": { "inactive_file": 1000000, "cache": 50000000, "total_cache": 60000000, "total_inactive_file": 30000000 },
            "limit": 134217728
          },
          "networks": {
            "eth0": { "rx_bytes": 1000, "rx_packets": 10, "tx_bytes": 500, "tx_packets": 5 },
            "eth1": { "rx_bytes": 20, "rx_packets": 1, "tx_bytes": 3, "tx_packets": 1 }
          },
          "name": "/dev-cluster-md-0-x7k2p",
          "id": "4bd0a3c87e57"
        }
        """;

    /// <summary>cgroup v2: no counters a core, one group's figures, operations in small letters.</summary>
    public const string CgroupV2 = """
        {
          "id": "4bd0a3c87e57",
          "name": "/dev-cluster-md-0-x7k2p",
          "os_type": "linux",
          "read": "2026-11-20T10:00:01.25+01:00",
          "cpu_stats": {
            "cpu_usage": { "total_usage": 2500000000, "usage_in_kernelmode": 400000000, "usage_in_usermode": 2100000000 },
            "system_cpu_usage": 91000000000,
            "online_cpus": 8
          },
          "memory_stats": { "usage": 100000000, "stats": { "anon": 60000000, "file": 40000000, "inactive_file": 25000000, "active_file": 15000000 }, "limit": 8000000000 },
          "blkio_stats": { "io_service_bytes_recursive": [{ "major": 8, "minor": 0, "op": "read", "value": 7 }, { "major": 8, "minor": 0, "op": "write", "value": 9 }] },
          "networks": {},
          "pids_stats": { "current": 3, "limit": 18446744073709551615 }
        }
        """;

    /// <summary>What Docker says of a container that does not run.</summary>
    public const string Stopped = """
        {
          "read": "0001-01-01T00:00:00Z",
          "preread": "0001-01-01T00:00:00Z",
          "pids_stats": {},
          "blkio_stats": { "io_service_bytes_recursive": null },
          "num_procs": 0,
          "storage_stats": {},
          "cpu_stats": { "cpu_usage": { "total_usage": 0, "usage_in_kernelmode": 0, "usage_in_usermode": 0 }, "throttling_data": { "periods": 0 } },
          "precpu_stats": { "cpu_usage": { "total_usage": 0 } },
          "memory_stats": {},
          "name": "/dev-cluster-md-0-x7k2p",
          "id": "4bd0a3c87e57"
        }
        """;

    /// <summary>A running container, with other values for single fields of <see cref="CgroupV1"/>.</summary>
    public static string With(string old, string replacement)
    {
        CgroupV1.ShouldContain(old);
        return CgroupV1.Replace(old, replacement, StringComparison.Ordinal);
    }

    public static ContainerSample? Read(string json)
    {
        Utf8JsonReader reader = new(Encoding.UTF8.GetBytes(json));
        reader.Read();
        ContainerSample? sample = SampleReading.Sample(ref reader);
        reader.TokenType.ShouldBe(JsonTokenType.EndObject, "the reader was left somewhere inside");
        reader.CurrentDepth.ShouldBe(0, "the reader was left somewhere inside");
        return sample;
    }
}
