using System.Management.Automation;
using CapiWorkshop.PowerShell.Connections;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Ends a connection. After that this runspace uses no kubeconfig's current context by itself.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "CapiManagementCluster")]
[OutputType(typeof(void))]
public sealed class DisconnectCapiManagementClusterCommand : PSCmdlet
{
    /// <summary>The connection to end; the runspace's default where it is not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    public CapiConnection? Connection { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        RunspaceConnections connections = RunspaceConnections.Current;
        connections.Disconnect(Connection ?? connections.Default);
    }
}
