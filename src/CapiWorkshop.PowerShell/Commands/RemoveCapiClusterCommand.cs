using System.Management.Automation;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Removes clusters with the applications that are theirs alone.</summary>
[Cmdlet(VerbsCommon.Remove, "CapiCluster", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(CapiRemovalResult))]
public sealed class RemoveCapiClusterCommand : RemovalCommand
{
    private protected override string Caption => "Remove clusters";

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (!IsNarrowed && !MyInvocation.ExpectingInput && Cluster is null)
        {
            Throw(new(ProblemId.AmbiguousScope, CapiProblemCategory.InvalidArgument, "No cluster was named.", "Name clusters with -Name, -LabelSelector or objects; Remove-CapiWorkshop removes everything of a namespace."));
        }
    }
}
