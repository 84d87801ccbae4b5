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
        string? given = fakeBoundParameters?["KubeConfig"] as string, file = given is null ? null : Find(given);
        try
        {
            return given is null || file is not null ? Completion.Of(KubernetesConnector.ListContexts(file), wordToComplete) : [];
        }
        catch (CapiProblemException)
        {
            return []; // a completion that fails says nothing; the command itself will
        }
    }

    /// <summary>The file that a path means where PowerShell stands, which is not where the process does; null where there is none.</summary>
    private static string? Find(string path)
    {
        using System.Management.Automation.PowerShell shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        shell.AddCommand("Microsoft.PowerShell.Management\\Convert-Path").AddParameter("LiteralPath", path).AddParameter("ErrorAction", ActionPreference.Ignore);
        return shell.Invoke<string>().FirstOrDefault();
    }
}
