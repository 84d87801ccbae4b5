using System.Management.Automation;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Gets ClusterClasses: what clusters with a topology are made from.</summary>
[Cmdlet(VerbsCommon.Get, "CapiClusterClass")]
[OutputType(typeof(CapiClusterClass))]
public sealed class GetCapiClusterClassCommand : SelectCapiResourceCommand
{
    private protected override void Process() => List(CapiKinds.ClusterClass, CreateFilter());
}
