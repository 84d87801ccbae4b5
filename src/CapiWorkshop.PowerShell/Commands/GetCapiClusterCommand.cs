using System.Management.Automation;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Gets workload clusters.</summary>
[Cmdlet(VerbsCommon.Get, "CapiCluster")]
[OutputType(typeof(CapiCluster))]
public sealed class GetCapiClusterCommand : GetCapiResourceCommand<CapiCluster>
{
    private protected override CapiKind<CapiCluster> Kind => CapiKinds.Cluster;
}
