using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Gets MachineSets: the revisions of sets of workers.</summary>
[Cmdlet(VerbsCommon.Get, "CapiMachineSet")]
[OutputType(typeof(CapiMachineSet))]
public sealed class GetCapiMachineSetCommand : SelectCapiClusterChildCommand
{
    private protected override void Select(ResourceFilter filter, CapiClusterReference? cluster) => List(CapiKinds.MachineSet, filter, cluster);
}
