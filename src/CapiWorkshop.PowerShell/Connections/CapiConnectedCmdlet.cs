using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.PowerShell.Parameters;
using CapiWorkshop.PowerShell.Pipeline;

namespace CapiWorkshop.PowerShell.Connections;

/// <summary>A cmdlet that talks to a management cluster.</summary>
public abstract class CapiConnectedCmdlet : CapiCmdlet
{
    private CapiConnection? _connection;
    private ManagementCluster? _managementCluster;

    /// <summary>The connection to use; the runspace's default where it is not given.</summary>
    [Parameter]
    public CapiConnection? Connection { get; set; }

    /// <summary>The kubeconfig context to use.</summary>
    [Parameter]
    [Alias("KubeContext")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Context { get; set; }

    /// <summary>The kubeconfig file to use.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KubeConfig { get; set; }

    /// <summary>Whether the kubeconfig's current context will do where nothing was said.</summary>
    private protected virtual bool MayFallBack => true;

    /// <summary>The management cluster of this command, whose requests show up as Verbose lines, and whose writes are audited where somebody wants that.</summary>
    private protected ManagementCluster ManagementCluster => _managementCluster ??=
        (AuditPath is string path ? Connected.Cluster.Audit(new(path), MyInvocation.MyCommand.Name) : Connected.Cluster).Observe(this);

    /// <summary>Opens the container engine of this command's connection, whose requests show up as Verbose lines. May be called on any thread.</summary>
    private protected Func<IContainerEngine> EngineOpener
    {
        get
        {
            CapiConnection connection = Connected;
            return () => connection.OpenEngine().Observe(this);
        }
    }

    /// <summary>Whether it leads to a sandbox, where nothing is lost.</summary>
    private protected bool IsSandbox => Connected.Sandbox is not null;

    private string? AuditPath => Connected.AuditPath ?? (CapiConnection.AuditPathOfEnvironment is string named ? GetUnresolvedProviderPathFromPSPath(named) : null);

    private CapiConnection Connected
    {
        get
        {
            if (_connection is null)
            {
                _connection = RunspaceConnections.Current.Resolve(Connection, Context, KubeConfig is null ? null : GetUnresolvedProviderPathFromPSPath(KubeConfig), MayFallBack);
                ((IApiObserver)this).Note(_connection.Introduction);
            }

            return _connection;
        }
    }

    /// <summary>Where a sandbox has ended, that is what happened, whatever the network says of it.</summary>
    private protected override CapiProblem Explain(CapiProblem problem) =>
        problem.Id is ProblemId.ConnectionRefused or ProblemId.ConnectionLost or ProblemId.NotConnected && _connection?.Sandbox is { IsRunning: false } sandbox
            ? sandbox.HasEnded()
            : problem;
}
