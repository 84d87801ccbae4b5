using System.Globalization;
using System.Text.RegularExpressions;

namespace CapiWorkshop.Operations;

/// <summary>Lengths of time as people write them.</summary>
public static partial class Duration
{
    /// <summary>Reads a length of time: a plain number is seconds; <c>90s</c>, <c>5m</c>, <c>1h30m</c>, <c>1.5h</c> and <c>250ms</c> mean what they say; <c>00:05:00</c> is .NET's own form.</summary>
    /// <param name="text">The text.</param>
    /// <param name="duration">What it means.</param>
    /// <returns>False where it is none, or not a positive one.</returns>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        if (string.IsNullOrWhiteSpace(text))
        {
            return false;
        }

        text = text.Trim();
        double seconds = 0;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double plain))
        {
            seconds = plain;
        }
        else if (text.Contains(':', StringComparison.Ordinal))
        {
            seconds = TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan net) ? net.TotalSeconds : 0;
        }
        else if (Parts().Match(text) is { Success: true } match)
        {
            for (int i = 0; i < match.Groups["number"].Captures.Count; i++)
            {
                double number = double.Parse(match.Groups["number"].Captures[i].Value, CultureInfo.InvariantCulture);
                seconds += number * match.Groups["unit"].Captures[i].Value.ToUpperInvariant() switch { "D" => 86400, "H" => 3600, "M" => 60, "S" => 1, _ => 0.001 };
            }
        }

        return TryFromSeconds(seconds, out duration);
    }

    /// <summary>Seconds as a length of time.</summary>
    /// <param name="seconds">More than 0.</param>
    /// <param name="duration">The length.</param>
    /// <returns>False where it is not positive, or longer than a timer can run (about 24 days).</returns>
    public static bool TryFromSeconds(double seconds, out TimeSpan duration)
    {
        bool fits = seconds is > 0 and < int.MaxValue / 1000.0;
        duration = fits ? TimeSpan.FromSeconds(seconds) : default;
        return fits && duration > TimeSpan.Zero;
    }

    [GeneratedRegex(@"^((?<number>[0-9]+(\.[0-9]+)?)(?<unit>ms|d|h|m|s))+$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Parts();
}
