using CapiWorkshop.Sandbox.World;
using Microsoft.Extensions.Time.Testing;

namespace CapiWorkshop.Tests.Unit.Sandbox.World;

public sealed class WorldClockTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly FakeTimeProvider _real = new();

    [Fact]
    public void It_stands_until_it_is_moved_and_never_goes_back()
    {
        WorldClock clock = new(Start, 1, _real);
        _real.Advance(TimeSpan.FromHours(1));
        clock.GetUtcNow().ShouldBe(Start);
        clock.MoveTo(Start.AddMinutes(5));
        clock.MoveTo(Start.AddMinutes(2));
        clock.GetUtcNow().ShouldBe(Start.AddMinutes(5));
    }

    [Fact]
    public void It_runs_as_fast_as_it_is_scaled()
    {
        WorldClock clock = new(Start, 60, _real);
        clock.Run();
        _real.Advance(TimeSpan.FromSeconds(2));
        clock.GetUtcNow().ShouldBe(Start.AddMinutes(2));
        clock.RealTimeUntil(Start.AddMinutes(3)).ShouldBe(TimeSpan.FromSeconds(1));
        clock.RealTimeUntil(Start).ShouldBe(TimeSpan.Zero);
        Should.Throw<InvalidOperationException>(() => clock.MoveTo(Start.AddDays(1)));
    }
}
