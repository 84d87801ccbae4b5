using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Connections;

namespace CapiWorkshop.PowerShell.Parameters;

/// <summary>Completes names that the management cluster knows, by the connection that the command would use. Waits a second at most, and says nothing where that is not enough.</summary>
public abstract class ServerCompleter : IArgumentCompleter
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            CapiConnection connection = RunspaceConnections.Current.Resolve(
                Bound<CapiConnection>(fakeBoundParameters, "Connection"), Bound<string>(fakeBoundParameters, "Context"), Bound<string>(fakeBoundParameters, "KubeConfig"), mayFallBack: true);
            ResourceFilter scope = new() { Namespace = Bound<string>(fakeBoundParameters, "Namespace"), AllNamespaces = fakeBoundParameters?.Contains("AllNamespaces") == true };
            string kind = KindOf(commandName);
            using CancellationTokenSource ceiling = new(Ceiling);
            CancellationToken token = ceiling.Token;
            Task<IReadOnlyList<string>> names = Task.Run(() => connection.Cluster.ListNamesAsync(kind, scope, token), token);
            return names.Wait(Ceiling) ? Completion.Of(names.Result, wordToComplete) : [];
        }
#pragma warning disable CA1031 // Whatever is wrong, a completion that fails says nothing; the command itself will.
        catch (Exception)
#pragma warning restore CA1031
        {
            return [];
        }
    }

    /// <summary>The kind whose names are completed.</summary>
    private protected abstract string KindOf(string commandName);

    private static T? Bound<T>(IDictionary? parameters, string name)
        where T : class => parameters?[name] switch
        {
            PSObject wrapped => wrapped.BaseObject as T,
            object given => given as T,
            null => null,
        };
}

/// <summary>Completes the names of what a cmdlet gets or acts on: its noun tells the kind.</summary>
public sealed class NameCompleter : ServerCompleter
{
    private const string Prefix = "-Capi";

    private protected override string KindOf(string commandName)
    {
        string kind = commandName[(commandName.IndexOf(Prefix, StringComparison.OrdinalIgnoreCase) + Prefix.Length)..];
        return kind.EndsWith("Scale", StringComparison.OrdinalIgnoreCase) ? kind[..^"Scale".Length] : kind;
    }
}

/// <summary>Completes the names of Clusters.</summary>
public sealed class ClusterCompleter : ServerCompleter
{
    private protected override string KindOf(string commandName) => "Cluster";
}

/// <summary>Completes the names of namespaces.</summary>
public sealed class NamespaceCompleter : ServerCompleter
{
    private protected override string KindOf(string commandName) => "Namespace";
}
