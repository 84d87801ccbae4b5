using System.Globalization;
using System.Management.Automation;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Parameters;

/// <summary>Lets a TimeSpan parameter take seconds as a number and <c>90s</c>, <c>5m</c>, <c>1h30m</c> as text. PowerShell alone would read 300 as 30 microseconds and '30' as 30 days.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        // An unquoted 1d is a decimal number to PowerShell and 1.5s a short one: as it was typed, the number still knows itself.
        object value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        string? typed = value as string ?? (inputData as PSObject)?.ToString();
        TimeSpan duration = default;
        bool understood = value switch
        {
            TimeSpan span => Duration.TryFromSeconds(span.TotalSeconds, out duration),
            bool or char => false,
            IConvertible number => Duration.TryParse(typed, out duration) || (number is not string && Duration.TryFromSeconds(number.ToDouble(CultureInfo.InvariantCulture), out duration)),
            _ => false,
        };
        if (understood)
        {
            return duration;
        }

        throw new ArgumentTransformationMetadataException($"'{typed ?? value}' is not a positive length of time. Give seconds as a number, or a text such as 90s, 5m or 1h30m.");
    }
}
