using System.Management.Automation;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Gets machines.</summary>
[Cmdlet(VerbsCommon.Get, "CapiMachine")]
[OutputType(typeof(CapiMachine))]
public sealed class GetCapiMachineCommand : GetCapiClusterChildCommand<CapiMachine>
{
    private protected override CapiKind<CapiMachine> Kind => CapiKinds.Machine;
}
