namespace CapiWorkshop.Operations;

/// <summary>A label selector of an object, as it was read into text: what it selects, and what it takes to be selected.</summary>
internal sealed class LabelSelector
{
    private readonly Term[] _terms;

    /// <param name="text">As <see cref="Wire.LabelSelectorReading"/> tells it; empty for everything.</param>
    public LabelSelector(string text) => _terms = [.. Split(text).Select(Parse)];

    /// <summary>The keys that a thing must have to be selected: without any one of them it is not. None where the selector only excludes, or selects everything.</summary>
    public IEnumerable<string> RequiredKeys => _terms.Where(term => term.IsRequired).Select(term => term.Key).Distinct(StringComparer.Ordinal);

    public bool Matches(IReadOnlyDictionary<string, string> labels) => Array.TrueForAll(_terms, term => term.Matches(labels));

    private static IEnumerable<string> Split(string text)
    {
        int start = 0, depth = 0;
        for (int i = 0; i < text.Length; i++)
        {
            depth += text[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (text[i] == ',' && depth == 0)
            {
                yield return text[start..i];
                start = i + 1;
            }
        }

        if (text.Length > 0)
        {
            yield return text[start..];
        }
    }

    private static Term Parse(string term)
    {
        if (term.EndsWith(')'))
        {
            string[] words = term.Split([' '], 3);
            return new(words[0], words[1] == "in", words[2][1..^1].Split(','));
        }

        return term.Split('=', 2) is [string key, string value] ? new(key, true, [value])
            : term.StartsWith('!') ? new(term[1..], false, null)
            : new(term, true, null);
    }

    /// <param name="Key">The label's key.</param>
    /// <param name="IsRequired">Whether it must be there with one of the values; else it must not.</param>
    /// <param name="Values">The values; null for any.</param>
    private sealed record Term(string Key, bool IsRequired, string[]? Values)
    {
        public bool Matches(IReadOnlyDictionary<string, string> labels) =>
            IsRequired == (labels.TryGetValue(Key, out string? value) && (Values is null || Values.Contains(value, StringComparer.Ordinal)));
    }
}
