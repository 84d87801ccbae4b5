using System.Collections.Concurrent;
using CapiWorkshop.Kubernetes.Http;

namespace CapiWorkshop.Tests.Unit.Kubernetes.Support;

/// <summary>A clock on which nobody waits: it writes down for how long one wanted to, and lets one go on at once. Time-outs, of an answer or of a watch, are no waits.</summary>
internal sealed class HastyClock : TimeProvider
{
    private readonly ConcurrentQueue<TimeSpan> _delays = new();

    public IReadOnlyList<TimeSpan> Delays => [.. _delays];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime >= KubernetesTransport.AnswerTimeout)
        {
            return base.CreateTimer(callback, state, dueTime, period);
        }

        if (dueTime > TimeSpan.Zero)
        {
            _delays.Enqueue(dueTime);
        }

        return base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? TimeSpan.Zero : dueTime, period);
    }
}
