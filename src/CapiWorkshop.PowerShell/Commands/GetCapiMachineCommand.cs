using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Gets machines.</summary>
[Cmdlet(VerbsCommon.Get, "CapiMachine")]
[OutputType(typeof(CapiMachine))]
public sealed class GetCapiMachineCommand : SelectCapiClusterChildCommand
{
    private protected override void Select(ResourceFilter filter, CapiClusterReference? cluster) => List(CapiKinds.Machine, filter, cluster);
}
