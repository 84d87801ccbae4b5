using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Gets the control planes of clusters, whoever provides them.</summary>
[Cmdlet(VerbsCommon.Get, "CapiControlPlane")]
[OutputType(typeof(CapiControlPlane))]
public sealed class GetCapiControlPlaneCommand : SelectCapiClusterChildCommand
{
    private protected override void Select(ResourceFilter filter, CapiClusterReference? cluster) => Emit((management, token) => management.GetControlPlanesAsync(filter, token), cluster);
}
