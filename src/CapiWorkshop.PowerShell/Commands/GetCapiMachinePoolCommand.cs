using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Gets MachinePools: sets of workers that the infrastructure manages as one.</summary>
[Cmdlet(VerbsCommon.Get, "CapiMachinePool")]
[OutputType(typeof(CapiMachinePool))]
public sealed class GetCapiMachinePoolCommand : SelectCapiClusterChildCommand
{
    private protected override void Select(ResourceFilter filter, CapiClusterReference? cluster) => List(CapiKinds.MachinePool, filter, cluster);
}
