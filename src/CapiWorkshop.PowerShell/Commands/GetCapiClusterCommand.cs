using System.Management.Automation;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Gets workload clusters.</summary>
[Cmdlet(VerbsCommon.Get, "CapiCluster")]
[OutputType(typeof(CapiCluster))]
public sealed class GetCapiClusterCommand : SelectCapiResourceCommand
{
    private protected override void Process() => List(CapiKinds.Cluster, CreateFilter());
}
