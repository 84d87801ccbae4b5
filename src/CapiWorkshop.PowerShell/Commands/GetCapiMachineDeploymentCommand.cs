using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Gets MachineDeployments: the sets of workers that can be scaled.</summary>
[Cmdlet(VerbsCommon.Get, "CapiMachineDeployment")]
[OutputType(typeof(CapiMachineDeployment))]
public sealed class GetCapiMachineDeploymentCommand : SelectCapiClusterChildCommand
{
    private protected override void Select(ResourceFilter filter, CapiClusterReference? cluster) => List(CapiKinds.MachineDeployment, filter, cluster);
}
