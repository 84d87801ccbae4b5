using System.Globalization;

namespace CapiWorkshop.Sandbox.Engine;

/// <summary>Times and durations as Docker writes them.</summary>
internal static class EngineTime
{
    /// <summary>What never happened is the year 1.</summary>
    public static string Format(DateTimeOffset? time) =>
        time is { } value ? value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture) : "0001-01-01T00:00:00Z";

    public static long Nanoseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>Rounded as <c>docker ps</c> shows it in its status: <c>About an hour</c>, <c>3 weeks</c>.</summary>
    public static string Words(TimeSpan duration)
    {
        int hours = (int)Math.Round(duration.TotalHours, MidpointRounding.AwayFromZero);
        return duration switch
        {
            { TotalSeconds: < 1 } => "Less than a second",
            { TotalSeconds: < 2 } => "1 second",
            { TotalMinutes: < 1 } => $"{(int)duration.TotalSeconds} seconds",
            { TotalMinutes: < 2 } => "About a minute",
            { TotalHours: < 1 } => $"{(int)duration.TotalMinutes} minutes",
            _ when hours == 1 => "About an hour",
            _ when hours < 48 => $"{hours} hours",
            _ when hours < 14 * 24 => $"{hours / 24} days",
            _ when hours < 60 * 24 => $"{hours / 24 / 7} weeks",
            _ when hours < 2 * 365 * 24 => $"{hours / 24 / 30} months",
            _ => $"{(int)(duration.TotalDays / 365)} years",
        };
    }
}
