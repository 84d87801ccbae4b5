using System.Management.Automation;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Tells what the workshop taught, and counts what was really built.</summary>
[Cmdlet(VerbsCommon.Get, "CapiWorkshopSummary")]
[OutputType(typeof(CapiWorkshopSummary))]
public sealed class GetCapiWorkshopSummaryCommand : ScopedCommand
{
    private protected override void Process()
    {
        ManagementCluster management = ManagementCluster;
        ResourceFilter scope = Scope;
        Start(async (output, token) => await output.WriteAsync((object)await management.SummarizeAsync(scope, token).ConfigureAwait(false)).ConfigureAwait(false));
    }
}
