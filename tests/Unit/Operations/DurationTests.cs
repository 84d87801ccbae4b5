using CapiWorkshop.Operations;
using FsCheck;
using FsCheck.Fluent;

namespace CapiWorkshop.Tests.Unit.Operations;

public sealed class DurationTests
{
    [Theory]
    [InlineData("90", 90_000)]
    [InlineData("1.5", 1_500)]
    [InlineData(".5", 500)]
    [InlineData("90s", 90_000)]
    [InlineData("5m", 300_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("250ms", 250)]
    [InlineData("1m250ms", 60_250)]
    [InlineData("2d", 172_800_000)]
    [InlineData("1d2h3m4s5ms", 93_784_005)]
    [InlineData("5M", 300_000)]
    [InlineData("250MS", 250)]
    [InlineData("  10s\t", 10_000)]
    [InlineData("00:05:00", 300_000)]
    [InlineData("1.00:00:00", 86_400_000)]
    [InlineData("00:00:00.250", 250)]
    [InlineData("24d", 2_073_600_000)]
    public void What_people_write_is_understood(string text, long milliseconds)
    {
        Duration.TryParse(text, out TimeSpan duration).ShouldBeTrue();
        duration.ShouldBe(TimeSpan.FromMilliseconds(milliseconds));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("0")]
    [InlineData("0s")]
    [InlineData("00:00:00")]
    [InlineData("-5")]
    [InlineData("-5s")]
    [InlineData("-00:05:00")]
    [InlineData("soon")]
    [InlineData("5x")]
    [InlineData("5 m")]
    [InlineData("m5")]
    [InlineData("1m30")]
    [InlineData("1,5h")]
    [InlineData("1,000")]
    [InlineData("1e3")]
    [InlineData("٣s")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("25d")]
    [InlineData("99999999999999999999999999999999s")]
    [InlineData("1:2:3:4:5")]
    [InlineData("99:99:99")]
    public void What_is_no_positive_length_of_time_is_refused(string? text)
    {
        Duration.TryParse(text, out TimeSpan duration).ShouldBeFalse();
        duration.ShouldBe(TimeSpan.Zero);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.Epsilon)]
    [InlineData(2_147_483.647)]
    public void Seconds_that_no_timer_can_run_are_refused(double seconds) => Duration.TryFromSeconds(seconds, out _).ShouldBeFalse();

    [Fact]
    public void Whatever_is_accepted_can_be_given_to_a_timer()
    {
        Prop.ForAll<double>(seconds =>
        {
            bool accepted = Duration.TryFromSeconds(seconds, out TimeSpan duration);
            if (accepted)
            {
                using CancellationTokenSource timer = new(duration);
                duration.ShouldBeGreaterThan(TimeSpan.Zero);
            }
            else
            {
                duration.ShouldBe(TimeSpan.Zero);
            }
        }).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true));
    }

    [Fact]
    public void Hours_minutes_and_seconds_add_up()
    {
        Prop.ForAll(
            Gen.Three(Gen.Choose(1, 100)).ToArbitrary(),
            t => Duration.TryParse($"{t.Item1}h{t.Item2}m{t.Item3}s", out TimeSpan duration) && duration == new TimeSpan(t.Item1, t.Item2, t.Item3))
            .Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true));
    }

    [Fact]
    public void Any_text_is_read_or_refused_and_never_thrown_at() =>
        Prop.ForAll<string>(text => Duration.TryParse(text, out TimeSpan duration) == (duration > TimeSpan.Zero)).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithQuietOnSuccess(true));
}
