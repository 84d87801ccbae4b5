namespace CapiWorkshop.Sandbox.Api;

/// <summary>What one container has written so far, and a way to wait for more. The oldest lines go when it gets long, as rotated files do.</summary>
internal sealed class ContainerLog
{
    private const int Limit = 5_000;

    private readonly Lock _gate = new();
    private readonly Queue<LogLine> _lines = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _written;
    private bool _closed;

    public void Write(DateTimeOffset time, string text)
    {
        lock (_gate)
        {
            _lines.Enqueue(new(time, text));
            _written++;
            if (_lines.Count > Limit)
                _lines.Dequeue();
            Wake();
        }
    }

    /// <summary>Nothing more will come: those who follow it are let go.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Wake();
        }
    }

    /// <summary>The lines from a position on, where to go on from there, and a task that ends when there is more (null when there never will be).</summary>
    public (IReadOnlyList<LogLine> Lines, long Next, Task? More) ReadFrom(long position)
    {
        lock (_gate)
        {
            int fresh = (int)Math.Min(_lines.Count, _written - position);
            return ([.. _lines.Skip(_lines.Count - fresh)], _written, _closed ? null : _more.Task);
        }
    }

    private void Wake()
    {
        _more.TrySetResult();
        _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>One line of a log, without its line break.</summary>
internal sealed record LogLine(DateTimeOffset Time, string Text);
