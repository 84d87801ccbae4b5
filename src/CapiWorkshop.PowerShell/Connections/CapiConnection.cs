using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.PowerShell.Sandboxes;

namespace CapiWorkshop.PowerShell.Connections;

/// <summary>
/// A connection to a management cluster. It is the default of the runspace that made it; pass it with <c>-Connection</c> to other runspaces, which have none
/// (<c>ForEach-Object -Parallel { Get-CapiCluster -Connection $using:connection }</c>). Thread-safe.
/// </summary>
public sealed class CapiConnection
{
    private readonly Lock _gate = new();
    private IContainerEngine? _engine;

    internal CapiConnection(ManagementCluster cluster) => Cluster = cluster;

    /// <summary>The kubeconfig context; null where none was used.</summary>
    public string? Context => Cluster.Endpoint.Context;

    /// <summary>The server's address.</summary>
    public Uri Server => Cluster.Endpoint.Server;

    /// <summary>The namespace that is used where none is named.</summary>
    public string Namespace => Cluster.Endpoint.Namespace;

    /// <summary>The kubeconfig's name for the user.</summary>
    public string? User => Cluster.Endpoint.User;

    /// <summary>Whom the server is asked to take the user for (<c>as</c> in the kubeconfig); null where it is not asked to.</summary>
    public string? ImpersonatedUser => Cluster.Endpoint.ImpersonatedUser;

    /// <summary>The identity that all objects of this management cluster carry; null until the server was asked.</summary>
    public string? ManagementClusterId => Description?.ManagementClusterId;

    /// <summary>The version of the Kubernetes API server when the connection was made.</summary>
    public string? KubernetesVersion => Description?.KubernetesVersion;

    /// <summary>The version of Cluster API when the connection was made.</summary>
    public string? CapiVersion => Description?.CapiVersion;

    /// <summary>The version of Cluster API's API that is used, such as <c>v1beta2</c>.</summary>
    public string? ApiVersion => Description?.ApiVersion;

    /// <summary>Nodes when the connection was made.</summary>
    public int? Nodes => Description?.Nodes;

    /// <summary>Ready nodes when the connection was made.</summary>
    public int? NodesReady => Description?.NodesReady;

    /// <summary>When the connection was made, UTC.</summary>
    public DateTimeOffset? ConnectedAt => Description?.ObservedAt;

    /// <summary>The address of the container engine that the machines run on, as <c>DOCKER_HOST</c> takes it; null where the connection does not say.</summary>
    public string? EngineAddress => Sandbox?.EngineAddress;

    /// <summary>The file in which the writes through this connection are recorded; null where that of <c>$env:CAPIWORKSHOP_AUDIT</c> is, if any.</summary>
    public string? AuditPath { get; internal set; }

    /// <summary>Whether it has not been disconnected.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>The audit file that <c>$env:CAPIWORKSHOP_AUDIT</c> names; null for none.</summary>
    internal static string? AuditPathOfEnvironment => Environment.GetEnvironmentVariable("CAPIWORKSHOP_AUDIT") is { Length: > 0 } named ? named : null;

    internal ManagementCluster Cluster { get; }

    /// <summary>Whom requests go to and as whom, for Verbose.</summary>
    internal string Introduction => $"Asks {Cluster.Endpoint}{(ImpersonatedUser is null ? "" : $" as '{ImpersonatedUser}'")}.";

    internal CapiManagementCluster? Description { get; set; }

    /// <summary>The sandbox that it leads to; null where it leads to none that is known here.</summary>
    internal CapiSandbox? Sandbox { get; set; }

    /// <inheritdoc/>
    public override string ToString() => Context ?? Server.ToString();

    /// <summary>The container engine; opened once.</summary>
    /// <exception cref="CapiProblemException"><c>EngineConfigInvalid</c>.</exception>
    internal IContainerEngine OpenEngine()
    {
        lock (_gate)
        {
            return IsOpen
                ? _engine ??= EngineConnector.Open(EngineAddress)
                : throw new CapiProblem(ProblemId.NotConnected, CapiProblemCategory.ConnectionError, $"The connection to {this} was closed.", "Connect again with Connect-CapiManagementCluster.", Context).ToException();
        }
    }

    internal void Close()
    {
        Cluster.Dispose();
        lock (_gate)
        {
            IsOpen = false;
            _engine?.Dispose();
        }
    }
}
