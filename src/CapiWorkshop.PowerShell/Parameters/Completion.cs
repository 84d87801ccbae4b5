using System.Management.Automation;

namespace CapiWorkshop.PowerShell.Parameters;

/// <summary>What completers hand to PowerShell.</summary>
internal static class Completion
{
    /// <summary>The names that begin with a word, whatever its case and its quotes; quoted where PowerShell would take them apart.</summary>
    public static IEnumerable<CompletionResult> Of(IEnumerable<string> names, string? word)
    {
        WildcardPattern pattern = WildcardPattern.Get((word ?? "").Trim('\'', '"') + "*", WildcardOptions.IgnoreCase);
        return [.. names.Where(pattern.IsMatch).Select(name => new CompletionResult(Quote(name), name, CompletionResultType.ParameterValue, name))];
    }

    private static string Quote(string name) => name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') ? name : $"'{name.Replace("'", "''", StringComparison.Ordinal)}'";
}
