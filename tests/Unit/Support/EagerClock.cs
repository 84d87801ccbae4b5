using Microsoft.Extensions.Time.Testing;

namespace CapiWorkshop.Tests.Unit.Support;

/// <summary>A clock that moves on by itself as soon as somebody waits for a short time; what is as long as a time-out is the test's to bring about.</summary>
internal sealed class EagerClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero && dueTime <= Short)
        {
            // Elsewhere: the one who waits does not hold the timer yet.
            ThreadPool.QueueUserWorkItem(_ => Advance(dueTime));
        }

        return timer;
    }
}
