namespace CapiWorkshop.Sandbox.Definitions;

/// <summary>Ages as Kubernetes prints them: two units at most, the smaller one only while it still matters.</summary>
internal static class HumanDuration
{
    public const string Invalid = "<invalid>";

    public static string Format(TimeSpan age)
    {
        // Clocks differ a little: up to two seconds of future still count as now.
        if (age.TotalSeconds <= -2)
            return Invalid;
        if (age < TimeSpan.Zero)
            return "0s";
        long seconds = (long)age.TotalSeconds;
        long minutes = seconds / 60;
        long hours = minutes / 60;
        long days = hours / 24;
        long years = days / 365;
        return seconds switch
        {
            < 2 * 60 => $"{seconds}s",
            < 10 * 60 => Two(minutes, "m", seconds % 60, "s"),
            < 3 * 3600 => $"{minutes}m",
            < 8 * 3600 => Two(hours, "h", minutes % 60, "m"),
            < 48 * 3600 => $"{hours}h",
            < 8 * 24 * 3600 => Two(days, "d", hours % 24, "h"),
            < 2 * 365 * 24 * 3600L => $"{days}d",
            < 8 * 365 * 24 * 3600L => Two(years, "y", days % 365, "d"),
            _ => $"{years}y",
        };
    }

    private static string Two(long large, string largeUnit, long small, string smallUnit) =>
        small == 0 ? $"{large}{largeUnit}" : $"{large}{largeUnit}{small}{smallUnit}";
}
