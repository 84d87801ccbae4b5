using System.Text.RegularExpressions;

namespace CapiWorkshop.Build;

/// <summary>The few values of the module manifest that the build needs, read without PowerShell.</summary>
internal sealed partial class Manifest
{
    private readonly string _text;

    private Manifest(string text) => _text = text;

    public string Version => Value("ModuleVersion");

    public static Manifest Read(string path) => new(File.ReadAllText(path));

    public string Value(string key)
    {
        Match match = Regex.Match(_text, $@"^\s*{key}\s*=\s*{Quoted}", RegexOptions.Multiline);
        return match.Success ? Unquote(match) : throw new BuildFailure($"CapiWorkshop.psd1 has no {key}.");
    }

    public IReadOnlyList<string> Values(string key)
    {
        Match match = Regex.Match(_text, $@"^\s*{key}\s*=\s*@\((?<list>[^)]*)\)", RegexOptions.Multiline);
        return [.. QuotedText().Matches(match.Groups["list"].Value).Select(Unquote)];
    }

    private const string Quoted = "'(?<text>(?:[^']|'')*)'";

    private static string Unquote(Match match) => match.Groups["text"].Value.Replace("''", "'", StringComparison.Ordinal);

    [GeneratedRegex(Quoted)]
    private static partial Regex QuotedText();
}
