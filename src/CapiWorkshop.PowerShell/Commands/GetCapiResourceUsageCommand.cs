using System.Management.Automation;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Measures what clusters have and use: one row for the management cluster and one for each workload cluster.</summary>
[Cmdlet(VerbsCommon.Get, "CapiResourceUsage")]
[OutputType(typeof(CapiResourceUsage))]
public sealed class GetCapiResourceUsageCommand : UsageCommand
{
    private protected override Task MeasureAsync(ResourceMeter meter, UsageRequest request, Output output, CancellationToken cancellationToken) =>
        ReadAsync(meter, request, output, cancellationToken);
}
