using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Connections;

namespace CapiWorkshop.PowerShell.Parameters;

/// <summary>Completes the names of contexts from the kubeconfig files. Never asks the network.</summary>
public sealed class ContextCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        IEnumerable<string> contexts;
        try
        {
            contexts = KubernetesConnector.ListContexts(fakeBoundParameters?["KubeConfig"] as string);
        }
        catch (CapiProblemException)
        {
            return []; // a completion that fails says nothing; the command itself will
        }

        WildcardPattern pattern = WildcardPattern.Get((wordToComplete ?? "").Trim('\'', '"') + "*", WildcardOptions.IgnoreCase);
        return [.. contexts.Where(pattern.IsMatch).Select(name => new CompletionResult(Quote(name), name, CompletionResultType.ParameterValue, name))];
    }

    private static string Quote(string name) => name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') ? name : $"'{name.Replace("'", "''", StringComparison.Ordinal)}'";
}
