using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.PowerShell.Connections;
using CapiWorkshop.PowerShell.Parameters;
using CapiWorkshop.PowerShell.Pipeline;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Connects this runspace to a management cluster.</summary>
[Cmdlet(VerbsCommunications.Connect, "CapiManagementCluster")]
[OutputType(typeof(CapiConnection))]
public sealed class ConnectCapiManagementClusterCommand : CapiCmdlet
{
    /// <summary>The kubeconfig context; where it is not given, that of <c>$env:CAPIWORKSHOP_CONTEXT</c>, else the current one.</summary>
    [Parameter(Position = 0)]
    [Alias("KubeContext")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Context { get; set; }

    /// <summary>The kubeconfig file; those of <c>$env:KUBECONFIG</c>, else the one in the home folder, where it is not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KubeConfig { get; set; }

    /// <summary>The file in which the writes through this connection are recorded.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? AuditPath { get; set; }

    private protected override void Process()
    {
        string? file = KubeConfig is null ? null : GetUnresolvedProviderPathFromPSPath(KubeConfig);
        CapiConnection connection = KubernetesConnector.Open(KubernetesConnector.FindFiles(file), Context ?? RunspaceConnections.ContextOfEnvironment);
        connection.AuditPath = AuditPath is null ? null : GetUnresolvedProviderPathFromPSPath(AuditPath);
        ((IApiObserver)this).Note(connection.Introduction);
        CapiProblem? failure = null;
        RunToEnd(async (_, token) =>
        {
            try
            {
                if (connection.AuditPath is string audit)
                {
                    await new AuditFile(audit).EnsureWritableAsync(token).ConfigureAwait(false);
                }

                connection.Description = await connection.Cluster.Observe(this).DescribeAsync(token).ConfigureAwait(false);
            }
            catch (CapiProblemException e)
            {
                failure = e.Problem;
            }
        });
        if (failure is not null || connection.Description is null)
        {
            connection.Close();
            if (failure is not null)
            {
                Throw(failure);
            }

            return; // stopped
        }

        ManagementClusterWarnings.Write(this, connection.Description);
        RunspaceConnections.Current.MakeDefault(connection);
        WriteObject(connection);
    }
}
