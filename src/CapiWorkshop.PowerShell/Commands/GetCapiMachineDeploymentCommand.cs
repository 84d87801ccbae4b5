using System.Management.Automation;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Gets MachineDeployments: the sets of workers that can be scaled.</summary>
[Cmdlet(VerbsCommon.Get, "CapiMachineDeployment")]
[OutputType(typeof(CapiMachineDeployment))]
public sealed class GetCapiMachineDeploymentCommand : GetCapiClusterChildCommand<CapiMachineDeployment>
{
    private protected override CapiKind<CapiMachineDeployment> Kind => CapiKinds.MachineDeployment;
}
