using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Gets what clusters consist of, as the rows of a tree.</summary>
[Cmdlet(VerbsCommon.Get, "CapiClusterTree")]
[OutputType(typeof(CapiClusterTreeNode))]
public sealed class GetCapiClusterTreeCommand : FleetCommand
{
    /// <summary>Gives each machine a row of its own, also where others beside it are in the same state.</summary>
    [Parameter]
    public SwitchParameter Expand { get; set; }

    /// <summary>Shows the MachineSets between MachineDeployments and machines, too.</summary>
    [Parameter]
    public SwitchParameter IncludeMachineSet { get; set; }

    /// <summary>Shows conditions below each object: all, or only those that ask for attention.</summary>
    [Parameter]
    public CapiConditionFilter? Condition { get; set; }

    private protected override Func<Output, CancellationToken, Task> Prepare(ManagementCluster management, IReadOnlyList<CapiClusterReference> clusters)
    {
        FleetRequest request = FleetOf(clusters);
        ClusterTreeOptions options = new(Expand, IncludeMachineSet, Condition);
        return (output, token) => output.WriteAllAsync(management.GetClusterTreeAsync(request, options, token));
    }
}
