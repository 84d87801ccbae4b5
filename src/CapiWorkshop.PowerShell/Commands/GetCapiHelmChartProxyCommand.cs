using System.Management.Automation;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Gets HelmChartProxies: the Helm charts that are installed into every cluster that they select.</summary>
[Cmdlet(VerbsCommon.Get, "CapiHelmChartProxy")]
[OutputType(typeof(CapiHelmChartProxy))]
public sealed class GetCapiHelmChartProxyCommand : SelectCapiResourceCommand
{
    private protected override void Process() => List(CapiKinds.HelmChartProxy, CreateFilter());
}
