using System.Collections.Concurrent;
using CapiWorkshop.Kubernetes.Http;
using CapiWorkshop.Operations;

namespace CapiWorkshop.Tests.Unit.Kubernetes.Support;

/// <summary>
/// A clock on which nobody waits: it writes down for how long one wanted to, and lets one go on at once. Time-outs, of an answer or of a watch, are no waits:
/// they are over when a test says so.
/// </summary>
internal sealed class HastyClock : TimeProvider
{
    /// <summary>What is longer is the patience of a test, and no time-out of the module.</summary>
    private static readonly TimeSpan LongestLimit = TimeSpan.FromMinutes(15);

    private readonly ConcurrentQueue<TimeSpan> _delays = new();
    private readonly Lock _lock = new();
    private readonly List<Timer> _limits = [];
    private int _silent;

    public IReadOnlyList<TimeSpan> Delays => [.. _delays];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Timer timer = new(this, base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>All time-outs that are running are over, and so is each that begins until what this returns is disposed of.</summary>
    public IDisposable LetTimeOut()
    {
        lock (_lock)
        {
            _silent++;
            _limits.ForEach(limit => limit.End());
            _limits.Clear();
        }

        return new Silence(this);
    }

    /// <summary>A limit may be set anew for each piece of an answer, so it is told from a wait whenever it is set.</summary>
    private sealed class Timer(HastyClock clock, ITimer inner) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                clock._limits.Remove(this);
                if (dueTime < KubernetesTransport.AnswerTimeout && dueTime != ResourceMeter.WorkloadTimeout)
                {
                    if (dueTime > TimeSpan.Zero)
                    {
                        clock._delays.Enqueue(dueTime);
                    }

                    return inner.Change(dueTime > TimeSpan.Zero ? TimeSpan.Zero : dueTime, period);
                }

                if (dueTime > LongestLimit)
                {
                    return inner.Change(dueTime, period);
                }

                if (clock._silent > 0)
                {
                    return End();
                }

                clock._limits.Add(this);
                return inner.Change(dueTime, period);
            }
        }

        public bool End() => inner.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);

        public void Dispose()
        {
            lock (clock._lock)
            {
                clock._limits.Remove(this);
            }

            inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Silence(HastyClock clock) : IDisposable
    {
        public void Dispose()
        {
            lock (clock._lock)
            {
                clock._silent--;
            }
        }
    }
}
