using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Finds what is wrong with clusters and with their management cluster, and tells what to do next. Changes nothing.</summary>
[Cmdlet(VerbsCommon.Find, "CapiProblem")]
[OutputType(typeof(CapiFinding))]
public sealed class FindCapiProblemCommand : FleetCommand
{
    /// <summary>The least severity of what is told.</summary>
    [Parameter]
    public CapiFindingSeverity Severity { get; set; }

    private protected override Func<Output, CancellationToken, Task> Prepare(ManagementCluster management, IReadOnlyList<CapiClusterReference> clusters)
    {
        FleetRequest request = FleetOf(clusters);
        CapiFindingSeverity least = Severity;
        return (output, token) => output.WriteAllAsync(management.FindProblemsAsync(request, token).Where(outcome => outcome.Value is null || outcome.Value.Severity >= least));
    }
}
