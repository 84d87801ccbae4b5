namespace CapiWorkshop.Sandbox.World;

/// <summary>The time of a world: it stands and is moved by hand until <see cref="Run"/>, and from there it follows real time, as fast as it is
/// scaled.</summary>
/// <param name="scale">How many seconds pass in the world while one passes outside.</param>
/// <param name="real">The time outside.</param>
internal sealed class WorldClock(DateTimeOffset start, double scale = 1, TimeProvider? real = null) : TimeProvider
{
    private readonly TimeProvider _real = real ?? TimeProvider.System;
    private readonly Lock _gate = new();
    private DateTimeOffset _origin = start;
    private long? _since;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return _since is { } since ? _origin + (_real.GetElapsedTime(since) * scale) : _origin;
    }

    /// <summary>Moves a clock that stands forward; never back.</summary>
    public void MoveTo(DateTimeOffset time)
    {
        lock (_gate)
        {
            if (_since is not null)
                throw new InvalidOperationException("A clock that runs cannot be moved.");
            if (time > _origin)
                _origin = time;
        }
    }

    public void Run()
    {
        lock (_gate)
            _since ??= _real.GetTimestamp();
    }

    /// <summary>How long to wait outside until it is that late in here.</summary>
    public TimeSpan RealTimeUntil(DateTimeOffset due) => due <= GetUtcNow() ? TimeSpan.Zero : (due - GetUtcNow()) / scale;
}
