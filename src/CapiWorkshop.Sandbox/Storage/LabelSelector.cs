using System.Text;
using CapiWorkshop.Sandbox.Failures;

namespace CapiWorkshop.Sandbox.Storage;

/// <summary>A label selector in its text form: <c>a=b,c!=d,e in (f,g),h notin (i),j,!k</c>.</summary>
internal sealed class LabelSelector
{
    private readonly List<Requirement> _requirements;

    private LabelSelector(List<Requirement> requirements) => _requirements = requirements;

    public bool IsEmpty => _requirements.Count == 0;

    public static LabelSelector Everything { get; } = new([]);

    public bool Matches(IReadOnlyDictionary<string, string> labels) => _requirements.TrueForAll(requirement => requirement.Holds(labels));

    /// <summary>Fails with 400 when the text is no selector.</summary>
    public static LabelSelector Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return Everything;
        return new([.. SplitOutsideParentheses(text).Select(part => ParseRequirement(part.Trim(), text))]);
    }

    private static Requirement ParseRequirement(string part, string whole)
    {
        if (part.EndsWith(')') && part.IndexOf('(', StringComparison.Ordinal) is > 0 and int open)
        {
            string[] head = part[..open].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            HashSet<string> values = [.. part[(open + 1)..^1].Split(',').Select(value => value.Trim())];
            if (head is [{ } key, "in" or "notin"])
                return new(Key(key, whole), head[1] == "in" ? Operator.In : Operator.NotIn, values);
        }

        foreach ((string sign, Operator @operator) in ((string, Operator)[])[("!=", Operator.NotIn), ("==", Operator.In), ("=", Operator.In)])
        {
            if (part.IndexOf(sign, StringComparison.Ordinal) is > 0 and int at)
                return new(Key(part[..at].Trim(), whole), @operator, [Value(part[(at + sign.Length)..].Trim(), whole)]);
        }

        return part.StartsWith('!') ? new(Key(part[1..].Trim(), whole), Operator.Missing, []) : new(Key(part, whole), Operator.Exists, []);
    }

    private static string Key(string key, string whole) =>
        key.Length > 0 && key.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or '/') ? key : throw Unparsable(whole, key);

    private static string Value(string value, string whole)
    {
        if (value.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.'))
            return value;
        throw value.IndexOf('=', StringComparison.Ordinal) > 0 ? ApiFailure.BadRequest("found '=', expected: ',' or 'end of string'") : Unparsable(whole, value);
    }

    private static ApiFailure Unparsable(string whole, string found) =>
        ApiFailure.BadRequest($"unable to parse requirement: found '{found}' in \"{whole}\", expected: identifier, '!', 'in', 'notin', '=', '==' or '!='");

    private static IEnumerable<string> SplitOutsideParentheses(string text)
    {
        StringBuilder part = new();
        int depth = 0;
        foreach (char letter in text)
        {
            depth += letter switch { '(' => 1, ')' => -1, _ => 0 };
            if (letter == ',' && depth == 0)
            {
                yield return part.ToString();
                part.Clear();
            }
            else
            {
                part.Append(letter);
            }
        }

        yield return part.ToString();
    }

    private enum Operator
    {
        In,
        NotIn,
        Exists,
        Missing,
    }

    private sealed record Requirement(string Key, Operator Operator, HashSet<string> Values)
    {
        public bool Holds(IReadOnlyDictionary<string, string> labels) => Operator switch
        {
            Operator.In => labels.TryGetValue(Key, out string? value) && Values.Contains(value),
            // Without the label there is nothing to differ from: Kubernetes counts that as a match.
            Operator.NotIn => !labels.TryGetValue(Key, out string? value) || !Values.Contains(value),
            Operator.Exists => labels.ContainsKey(Key),
            _ => !labels.ContainsKey(Key),
        };
    }
}
