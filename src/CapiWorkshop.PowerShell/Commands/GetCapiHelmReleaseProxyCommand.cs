using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Gets HelmReleaseProxies: the releases of Helm charts, one a cluster.</summary>
[Cmdlet(VerbsCommon.Get, "CapiHelmReleaseProxy")]
[OutputType(typeof(CapiHelmReleaseProxy))]
public sealed class GetCapiHelmReleaseProxyCommand : SelectCapiClusterChildCommand
{
    private protected override void Select(ResourceFilter filter, CapiClusterReference? cluster) => List(CapiKinds.HelmReleaseProxy, filter, cluster);
}
