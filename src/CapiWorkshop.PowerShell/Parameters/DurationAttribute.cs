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
        object value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        bool understood = value switch
        {
            TimeSpan span => Duration.TryFromSeconds(span.TotalSeconds, out _),
            string text => Duration.TryParse(text, out _),
            IConvertible number => Duration.TryFromSeconds(number.ToDouble(CultureInfo.InvariantCulture), out _),
            _ => false,
        };
        if (!understood)
        {
            throw new ArgumentTransformationMetadataException($"'{value}' is not a positive length of time. Give seconds as a number, or a text such as 90s, 5m or 1h30m.");
        }

        return value switch
        {
            TimeSpan span => span,
            string text => Duration.TryParse(text, out TimeSpan duration) ? duration : default,
            IConvertible number => TimeSpan.FromSeconds(number.ToDouble(CultureInfo.InvariantCulture)),
            _ => inputData,
        };
    }
}
