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
    private readonly List<ITimer> _limits = [];
    private int _silent;

    public IReadOnlyList<TimeSpan> Delays => [.. _delays];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime >= KubernetesTransport.AnswerTimeout || dueTime == ResourceMeter.WorkloadTimeout)
        {
            ITimer limit = base.CreateTimer(callback, state, dueTime, period);
            lock (_lock)
            {
                if (dueTime <= LongestLimit)
                {
                    _limits.Add(limit);
                    if (_silent > 0)
                    {
                        limit.Change(TimeSpan.Zero, period);
                    }
                }
            }

            return limit;
        }

        if (dueTime > TimeSpan.Zero)
        {
            _delays.Enqueue(dueTime);
        }

        return base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? TimeSpan.Zero : dueTime, period);
    }

    /// <summary>All time-outs that are running are over, and so is each that begins until what this returns is disposed of.</summary>
    public IDisposable LetTimeOut()
    {
        lock (_lock)
        {
            _silent++;
            _limits.ForEach(limit => limit.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan));
            _limits.Clear();
        }

        return new Silence(this);
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
