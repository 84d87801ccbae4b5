using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Measures what clusters have and use, again and again.</summary>
[Cmdlet(VerbsCommon.Watch, "CapiResourceUsage")]
[OutputType(typeof(CapiResourceUsage))]
public sealed class WatchCapiResourceUsageCommand : UsageCommand
{
    /// <summary>The time from one reading to the next: seconds as a number, or a text such as 30s, 5m or 1h30m.</summary>
    [Parameter]
    [Duration]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Ends after so many readings. Without it there is no end.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? Count { get; set; }

    private protected override async Task MeasureAsync(ResourceMeter meter, UsageRequest request, Output output, CancellationToken cancellationToken)
    {
        await ReadAsync(meter, request, output, cancellationToken).ConfigureAwait(false);
        using PeriodicTimer timer = new(Interval); // from here on: the first reading takes two samples, and its time is not the interval's
        bool isDown = false;
        for (int reading = 2; (Count is null || reading <= Count) && await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false); reading++)
        {
            try
            {
                await ReadAsync(meter, request, output, cancellationToken).ConfigureAwait(false);
                isDown = false;
            }
            catch (CapiProblemException e) when (e.Problem.IsPassing)
            {
                // Who watches wants to see it come back; said once for each time that it goes.
                if (!isDown)
                {
                    output.Warn($"The reading of {DateTimeOffset.UtcNow:u} failed; the next one is tried in {Interval.TotalSeconds:0.#} s. {e.Problem.Message}");
                }

                isDown = true;
            }
        }
    }
}
