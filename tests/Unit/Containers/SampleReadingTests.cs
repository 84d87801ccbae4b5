using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Containers.Support;

namespace CapiWorkshop.Tests.Unit.Containers;

public sealed class SampleReadingTests
{
    [Fact]
    public void A_sample_on_cgroup_v1_is_read() => Stats.Read(Stats.CgroupV1).ShouldBe(new ContainerSample
    {
        ReadAt = new(2026, 11, 20, 9, 0, 1, 500, TimeSpan.Zero),
        CpuNanoseconds = 2_500_000_000,
        SystemCpuNanoseconds = 91_000_000_000,
        OnlineCpus = 2,
        MemoryBytes = 70_000_000, // without total_inactive_file, not without inactive_file or cache
        MemoryLimitBytes = 134_217_728,
        NetworkRxBytes = 1_020,
        NetworkTxBytes = 503,
        BlockReadBytes = 4_100,
        BlockWriteBytes = 8_192,
    });

    [Fact]
    public void A_sample_on_cgroup_v2_is_read() => Stats.Read(Stats.CgroupV2).ShouldBe(new ContainerSample
    {
        ReadAt = new(2026, 11, 20, 9, 0, 1, 250, TimeSpan.Zero), // whatever time zone the engine lives in
        CpuNanoseconds = 2_500_000_000,
        SystemCpuNanoseconds = 91_000_000_000,
        OnlineCpus = 8,
        MemoryBytes = 75_000_000,
        MemoryLimitBytes = 8_000_000_000,
        NetworkRxBytes = 0,
        NetworkTxBytes = 0,
        BlockReadBytes = 7,
        BlockWriteBytes = 9,
    });

    [Theory]
    [InlineData(Stats.Stopped)]
    [InlineData("{}")]
    [InlineData("""{"read":"0001-01-01T00:00:00Z","cpu_stats":{"cpu_usage":{"total_usage":5}},"memory_stats":{"usage":5}}""")]
    [InlineData("""{"read":null,"cpu_stats":null,"memory_stats":null,"networks":null,"blkio_stats":null}""")]
    [InlineData("""{"read":"2026-11-20T09:00:01Z","cpu_stats":{"cpu_usage":{"total_usage":0},"online_cpus":2,"system_cpu_usage":9},"memory_stats":{"usage":0,"limit":99}}""")]
    public void A_container_that_does_not_run_has_no_sample(string json) => Stats.Read(json).ShouldBeNull();

    [Theory]
    [InlineData("\"total_inactive_file\": 30000000", "\"total_inactive_file\": 0", 100_000_000)]
    [InlineData("\"total_inactive_file\": 30000000", "\"total_inactive_file\": 100000000", 99_000_000)]
    [InlineData("\"total_inactive_file\": 30000000", "\"total_inactive_file\": null", 99_000_000)]
    [InlineData("\"inactive_file\": 1000000, \"cache\": 50000000, \"total_cache\": 60000000, \"total_inactive_file\": 30000000", "\"inactive_file\": 100000001", 100_000_000)]
    [InlineData("\"stats\": { \"inactive_file\": 1000000, \"cache\": 50000000, \"total_cache\": 60000000, \"total_inactive_file\": 30000000 }", "\"stats\": null", 100_000_000)]
    public void Memory_is_counted_without_the_page_cache_where_that_is_told_and_plausible(string old, string replacement, long bytes) =>
        Stats.Read(Stats.With(old, replacement))!.MemoryBytes.ShouldBe(bytes);

    [Theory]
    [InlineData("9223372036854771712")] // cgroup v1: none
    [InlineData("18446744073709551615")] // podman: none
    [InlineData("0")]
    [InlineData("\"max\"")]
    public void No_limit_is_null(string limit) => Stats.Read(Stats.With("\"limit\": 134217728", $"\"limit\": {limit}"))!.MemoryLimitBytes.ShouldBeNull();

    [Theory]
    [InlineData("\"online_cpus\": 2,", "", 2)]
    [InlineData("\"online_cpus\": 2,", "\"online_cpus\": 0,", 2)]
    [InlineData("\"online_cpus\": 2,", "\"online_cpus\": 4,", 4)]
    public void Where_the_cores_are_not_counted_their_counters_are(string old, string replacement, int cores) =>
        Stats.Read(Stats.With(old, replacement))!.OnlineCpus.ShouldBe(cores);

    [Fact]
    public void Where_nothing_tells_the_cores_they_are_null() =>
        Stats.Read("""{"read":"2026-11-20T09:00:01Z","cpu_stats":{"cpu_usage":{"total_usage":5,"percpu_usage":null},"online_cpus":0,"system_cpu_usage":0}}""")
            .ShouldBe(new ContainerSample { ReadAt = new(2026, 11, 20, 9, 0, 1, TimeSpan.Zero), CpuNanoseconds = 5 });

    [Fact]
    public void No_device_used_is_zero_and_nothing_said_is_null()
    {
        Stats.Read("""{"read":"2026-11-20T09:00:01Z","memory_stats":{"usage":5},"blkio_stats":{"io_service_bytes_recursive":[]}}""")!.BlockReadBytes.ShouldBe(0);
        Stats.Read("""{"read":"2026-11-20T09:00:01Z","memory_stats":{"usage":5},"blkio_stats":{"io_service_bytes_recursive":null}}""")!.BlockReadBytes.ShouldBeNull();
        Stats.Read("""{"read":"2026-11-20T09:00:01Z","memory_stats":{"usage":5}}""")!.NetworkRxBytes.ShouldBeNull();
    }

    [Fact]
    public void Windows_counts_in_units_of_its_own()
    {
        ContainerSample sample = Stats.Read("""
            {"read":"2026-11-20T09:00:01Z","num_procs":4,"cpu_stats":{"cpu_usage":{"total_usage":25000000}},"memory_stats":{"commitbytes":9,"privateworkingset":5}}
            """)!;

        sample.CpuNanoseconds.ShouldBe(2_500_000_000);
        sample.MemoryBytes.ShouldBe(5);
    }

    [Theory]
    [InlineData("\"networks\": {", "\"networks\": [[{}]], \"n\": {")]
    [InlineData("\"blkio_stats\": {", "\"blkio_stats\": 7, \"b\": {")]
    [InlineData("\"online_cpus\": 2", "\"online_cpus\": {\"a\": []}")]
    [InlineData("\"usage\": 100000000", "\"usage\": \"lots\"")]
    [InlineData("{ \"rx_bytes\": 1000,", "{ \"rx_bytes\": [1000],")]
    [InlineData("{ \"major\": 8, \"minor\": 0, \"op\": \"Read\"", "7, [], { \"op\": null")]
    public void A_field_of_another_type_costs_that_field_alone(string old, string replacement) =>
        Stats.Read(Stats.With(old, replacement))!.CpuNanoseconds.ShouldBe(2_500_000_000);
}
