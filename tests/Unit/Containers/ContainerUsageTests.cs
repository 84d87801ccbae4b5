using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using FsCheck;
using FsCheck.Fluent;

namespace CapiWorkshop.Tests.Unit.Containers;

public sealed class ContainerUsageTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 20, 9, 0, 0, TimeSpan.Zero);

    private static readonly Gen<long?> Counter = Gen.Choose(0, int.MaxValue).Select(value => value % 7 == 0 ? null : (long?)value * 1_000);

    private static readonly Gen<ContainerSample> AnySample =
        from milliseconds in Gen.Choose(-5_000, 5_000)
        from cpus in Gen.Elements<int?>(null, 1, 2, 64)
        from cpu in Counter
        from system in Counter
        from rx in Counter
        from write in Counter
        select At(milliseconds / 1000.0, cpu, cpus) with { SystemCpuNanoseconds = system, NetworkRxBytes = rx, BlockWriteBytes = write };

    [Fact]
    public void A_third_of_a_core_for_two_seconds_is_30_per_cent() =>
        ContainerUsage.CpuPercent(At(10, 4_000_000_000), At(12, 4_600_000_000)).ShouldBe(30.0);

    [Fact]
    public void Two_cores_are_200_per_cent() => ContainerUsage.CpuPercent(At(0, 0, cpus: 4), At(1, 2_000_000_000, cpus: 4)).ShouldBe(200.0);

    [Fact]
    public void A_container_that_does_nothing_or_is_paused_uses_0_per_cent() => ContainerUsage.CpuPercent(At(0, 5), At(1, 5)).ShouldBe(0.0);

    [Fact]
    public void A_share_of_processor_time_is_found_again_whatever_the_interval_and_the_past() =>
        Prop.ForAll(
            (from past in Gen.Choose(0, int.MaxValue)
             from ticks in Gen.Choose(1, 600_000_000)
             from cpus in Gen.Choose(1, 256)
             from share in Gen.Choose(0, 1_000)
             select (Past: past * 1_000_000L, Elapsed: TimeSpan.FromTicks(ticks), Cpus: cpus, Share: share / 1_000.0)).ToArbitrary(),
            c =>
            {
                long used = (long)(c.Elapsed.TotalNanoseconds * c.Cpus * c.Share);
                double? percent = ContainerUsage.CpuPercent(At(0, c.Past, c.Cpus), At(0, c.Past + used, c.Cpus) with { ReadAt = Start + c.Elapsed });
                double unit = 100 / c.Elapsed.TotalNanoseconds; // what one nanosecond makes out
                return percent is double found && Math.Abs(found - (c.Share * c.Cpus * 100)) <= unit + 1e-6;
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void Two_intervals_together_have_their_weighted_mean() =>
        Prop.ForAll(
            (from first in Gen.Choose(1, 10_000)
             from second in Gen.Choose(1, 10_000)
             from a in Gen.Choose(0, 1_000)
             from b in Gen.Choose(0, 1_000)
             select (First: first, Second: second, A: a * first * 1_000L, B: b * second * 1_000L)).ToArbitrary(),
            c =>
            {
                ContainerSample start = At(0, 7);
                ContainerSample middle = start with { ReadAt = Start.AddMilliseconds(c.First), CpuNanoseconds = 7 + c.A };
                ContainerSample end = start with { ReadAt = middle.ReadAt.AddMilliseconds(c.Second), CpuNanoseconds = 7 + c.A + c.B };
                double mean = ((ContainerUsage.CpuPercent(start, middle)!.Value * c.First) + (ContainerUsage.CpuPercent(middle, end)!.Value * c.Second)) / (c.First + c.Second);
                return Math.Abs(mean - ContainerUsage.CpuPercent(start, end)!.Value) < 1e-6;
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void Whatever_the_samples_it_is_null_or_a_share_that_the_machine_can_give() =>
        Prop.ForAll((from first in AnySample from second in AnySample select (first, second)).ToArbitrary(), c =>
        {
            double? percent = ContainerUsage.CpuPercent(c.first, c.second);
            return percent is null || (percent >= 0 && double.IsFinite(percent.Value) && !(percent > c.second.OnlineCpus * 110.0));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Time_does_not_run_backwards() =>
        Prop.ForAll((from first in AnySample from second in AnySample select (first, second)).ToArbitrary(), c =>
            ContainerUsage.CpuPercent(c.first, c.second) is null || ContainerUsage.CpuPercent(c.second, c.first) is null).QuickCheckThrowOnFailure();

    [Fact]
    public void It_cannot_be_said_from_less_than_two_samples()
    {
        ContainerUsage.CpuPercent(null, At(1, 5)).ShouldBeNull();
        ContainerUsage.CpuPercent(At(0, 5), null).ShouldBeNull();
        ContainerUsage.CpuPercent(At(0, null), At(1, 5)).ShouldBeNull();
        ContainerUsage.CpuPercent(At(0, 5), At(1, null)).ShouldBeNull();
    }

    [Fact]
    public void It_cannot_be_said_from_one_reading_that_was_told_twice() => ContainerUsage.CpuPercent(At(1, 5), At(1, 5)).ShouldBeNull();

    [Fact]
    public void A_container_that_was_started_anew_in_between_is_seen_by_any_counter_that_went_back()
    {
        ContainerSample first = At(0, 100) with { SystemCpuNanoseconds = 100, NetworkRxBytes = 100, NetworkTxBytes = 100, BlockReadBytes = 100, BlockWriteBytes = 100 };
        ContainerSample second = first with { ReadAt = Start.AddSeconds(1), CpuNanoseconds = 200 };

        ContainerUsage.CpuPercent(first, second).ShouldNotBeNull();
        ContainerUsage.CpuPercent(first, second with { CpuNanoseconds = 99 }).ShouldBeNull();
        ContainerUsage.CpuPercent(first, second with { SystemCpuNanoseconds = 99 }).ShouldBeNull();
        ContainerUsage.CpuPercent(first, second with { NetworkRxBytes = 99 }).ShouldBeNull();
        ContainerUsage.CpuPercent(first, second with { NetworkTxBytes = 99 }).ShouldBeNull();
        ContainerUsage.CpuPercent(first, second with { BlockReadBytes = 99 }).ShouldBeNull();
        ContainerUsage.CpuPercent(first, second with { BlockWriteBytes = 99 }).ShouldBeNull();
    }

    [Fact]
    public void More_than_the_machine_has_is_no_reading()
    {
        ContainerUsage.CpuPercent(At(0, 0, cpus: 2), At(1, 2_190_000_000, cpus: 2)).ShouldNotBeNull();
        ContainerUsage.CpuPercent(At(0, 0, cpus: 2), At(1, 2_210_000_000, cpus: 2)).ShouldBeNull();
        ContainerUsage.CpuPercent(At(0, 0), At(1, 2_210_000_000)).ShouldNotBeNull();
    }

    private static ContainerSample At(double seconds, long? cpu, int? cpus = null) => new() { ReadAt = Start.AddSeconds(seconds), CpuNanoseconds = cpu, OnlineCpus = cpus };
}
