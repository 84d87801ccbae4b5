using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Connections;

/// <summary>The connections of one runspace: its default, and those that were made on the way for <c>-Context</c>, <c>-KubeConfig</c> or the current context.</summary>
internal sealed class RunspaceConnections
{
    private static readonly ConditionalWeakTable<Runspace, RunspaceConnections> All = [];

    private readonly Dictionary<string, CapiConnection> _implicit = new(StringComparer.Ordinal);
    private CapiConnection? _default;
    private bool _disconnected;

    /// <summary>Those of the runspace that calls; only on the pipeline thread.</summary>
    public static RunspaceConnections Current => All.GetOrCreateValue(Runspace.DefaultRunspace);

    /// <summary>The connection that Connect- made last; null where there is none.</summary>
    public CapiConnection? Default => _default is { IsOpen: true } ? _default : null;

    /// <summary>The context that <c>$env:CAPIWORKSHOP_CONTEXT</c> names; null for none.</summary>
    public static string? ContextOfEnvironment => Environment.GetEnvironmentVariable("CAPIWORKSHOP_CONTEXT") is { Length: > 0 } named ? named : null;

    public void MakeDefault(CapiConnection connection)
    {
        _default = connection;
        _disconnected = false;
    }

    /// <summary>Closes a connection. After that nothing in this runspace falls back to the kubeconfig's current context.</summary>
    public void Disconnect(CapiConnection? connection)
    {
        connection?.Close();
        if (connection is null || connection == _default)
        {
            _default = null;
            _disconnected = true;
        }
    }

    public void CloseAll()
    {
        Default?.Close();
        foreach (CapiConnection connection in _implicit.Values)
        {
            connection.Close();
        }

        _implicit.Clear();
        _default = null;
    }

    /// <summary>The connection that a cmdlet shall use.</summary>
    /// <param name="connection">The one that was passed, if any.</param>
    /// <param name="context">The context that was named, if any.</param>
    /// <param name="kubeConfig">The kubeconfig that was named, if any.</param>
    /// <param name="mayFallBack">Whether the kubeconfig's current context will do where nothing was said: never for what destroys.</param>
    /// <exception cref="CapiProblemException"><c>AmbiguousConnection</c>, <c>NotConnected</c>, or what reading the kubeconfig says.</exception>
    public CapiConnection Resolve(CapiConnection? connection, string? context, string? kubeConfig, bool mayFallBack)
    {
        if (connection is not null)
        {
            if (context is not null || kubeConfig is not null)
            {
                throw new CapiProblem(ProblemId.AmbiguousConnection, CapiProblemCategory.InvalidArgument,
                    "Both a connection and a context or kubeconfig were named.", "Use either -Connection, or -Context and -KubeConfig.", connection.ToString()).ToException();
            }

            return connection.IsOpen ? connection : throw Closed(connection, $"The connection to {connection} was disconnected.");
        }

        if (context is null && kubeConfig is null)
        {
            if (Default is CapiConnection known)
            {
                return known;
            }

            // A default that is closed was disconnected elsewhere, by another runspace that holds it.
            if (_disconnected || _default is not null)
            {
                throw Closed(_default, "This session was disconnected from its management cluster.");
            }

            context = ContextOfEnvironment;
            if (context is null && !mayFallBack)
            {
                throw NotConnected("No management cluster was named, and this command does not take the kubeconfig's current context for it.");
            }
        }

        return OpenImplicit(context, kubeConfig);
    }

    private static CapiProblemException Closed(CapiConnection? connection, string message) =>
        connection?.Sandbox is { IsRunning: false } sandbox ? sandbox.HasEnded().ToException() : NotConnected(message);

    private static CapiProblemException NotConnected(string message) =>
        new CapiProblem(ProblemId.NotConnected, CapiProblemCategory.ConnectionError, message,
            "Connect with Connect-CapiManagementCluster, or name the cluster with -Context.").ToException();

    /// <summary>Discovery is asked once per connection, so the connection is kept for as long as its kubeconfig stays the same.</summary>
    private CapiConnection OpenImplicit(string? context, string? kubeConfig)
    {
        IReadOnlyList<string> files = KubernetesConnector.FindFiles(kubeConfig);
        string key = string.Join('|', files.Select(file => $"{file}@{File.GetLastWriteTimeUtc(file).Ticks}").Append(context));
        if (!_implicit.TryGetValue(key, out CapiConnection? connection))
        {
            _implicit[key] = connection = KubernetesConnector.Open(files, context);
        }

        return connection;
    }
}
