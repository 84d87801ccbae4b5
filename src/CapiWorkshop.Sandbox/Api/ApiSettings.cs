namespace CapiWorkshop.Sandbox.Api;

/// <summary>What the wire itself does, apart from what the world does: it keeps real time even where the world's runs faster.</summary>
internal sealed record ApiSettings
{
    public TimeProvider WireTime { get; init; } = TimeProvider.System;

    public TimeSpan BookmarkInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a watch lives that asks for nothing else.</summary>
    public TimeSpan WatchTimeout { get; init; } = TimeSpan.FromMinutes(40);
}
