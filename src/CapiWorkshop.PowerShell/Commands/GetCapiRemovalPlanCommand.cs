using System.Management.Automation;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Tells what a removal would take away, what would stay, and what stands in its way.</summary>
[Cmdlet(VerbsCommon.Get, "CapiRemovalPlan")]
[OutputType(typeof(CapiRemovalPlan))]
public sealed class GetCapiRemovalPlanCommand : SelectRemovalCommand
{
    private protected override void Take(CapiRemovalPlan plan)
    {
        TellProblems(plan);
        WriteObject(plan);
    }
}
