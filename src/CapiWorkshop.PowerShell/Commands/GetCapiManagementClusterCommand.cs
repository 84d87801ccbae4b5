using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Connections;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Tells what a management cluster is, what it speaks and how its controllers do.</summary>
[Cmdlet(VerbsCommon.Get, "CapiManagementCluster")]
[OutputType(typeof(CapiManagementCluster))]
public sealed class GetCapiManagementClusterCommand : CapiConnectedCmdlet
{
    private protected override void Process()
    {
        ManagementCluster cluster = ManagementCluster;
        Start(async (output, token) =>
        {
            CapiManagementCluster description = await cluster.DescribeAsync(token).ConfigureAwait(false);
            await output.RunAsync(() =>
            {
                ManagementClusterWarnings.Write(this, description);
                WriteObject(description);
            }).ConfigureAwait(false);
        });
    }
}
