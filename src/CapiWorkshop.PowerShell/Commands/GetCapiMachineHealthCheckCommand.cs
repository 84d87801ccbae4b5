using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Gets MachineHealthChecks: what decides which machines are replaced.</summary>
[Cmdlet(VerbsCommon.Get, "CapiMachineHealthCheck")]
[OutputType(typeof(CapiMachineHealthCheck))]
public sealed class GetCapiMachineHealthCheckCommand : SelectCapiClusterChildCommand
{
    private protected override void Select(ResourceFilter filter, CapiClusterReference? cluster) => List(CapiKinds.MachineHealthCheck, filter, cluster);
}
