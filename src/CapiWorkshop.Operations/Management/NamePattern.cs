using System.Text;
using System.Text.RegularExpressions;

namespace CapiWorkshop.Operations;

/// <summary>Names with PowerShell's wildcards (<c>*</c>, <c>?</c>, <c>[a-c]</c>), compared without regard to case.</summary>
internal sealed class NamePattern
{
    private readonly Regex? _expression;

    /// <exception cref="CapiProblemException"><c>InvalidPattern</c>.</exception>
    public NamePattern(string pattern)
    {
        if (!HasWildcard(pattern))
        {
            Text = pattern.ToLowerInvariant(); // as all names of Kubernetes are, and a server compares them letter by letter
            return;
        }

        Text = pattern;
        try
        {
            _expression = new(Translate(pattern), RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (ArgumentException e)
        {
            throw new CapiProblem(ProblemId.InvalidPattern, CapiProblemCategory.InvalidArgument, $"'{pattern}' is not a pattern for names.", "Use the wildcards *, ? and [a-c].", pattern).ToException(e);
        }
    }

    /// <summary>The pattern; a name in lower case.</summary>
    public string Text { get; }

    /// <summary>Whether it names one thing.</summary>
    public bool IsExact => _expression is null;

    public static bool HasWildcard(string pattern) => pattern.AsSpan().ContainsAny('*', '?', '[');

    public bool Matches(string? name) =>
        name is not null && (_expression is null ? string.Equals(name, Text, StringComparison.OrdinalIgnoreCase) : _expression.IsMatch(name));

    private static string Translate(string pattern)
    {
        StringBuilder regex = new("^", pattern.Length + 8);
        for (int i = 0; i < pattern.Length; i++)
        {
            int close = pattern[i] == '[' ? pattern.IndexOf(']', i + 1) : -1;
            if (close > i + 1)
            {
                // Inside brackets only a range's hyphen keeps a meaning.
                regex.Append('[').Append(pattern[(i + 1)..close].Replace(@"\", @"\\", StringComparison.Ordinal).Replace("^", @"\^", StringComparison.Ordinal).Replace("[", @"\[", StringComparison.Ordinal)).Append(']');
                i = close;
            }
            else
            {
                regex.Append(pattern[i] switch { '*' => ".*", '?' => ".", char c => Regex.Escape(c.ToString()) });
            }
        }

        return regex.Append('$').ToString();
    }
}
