using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Failures;

namespace CapiWorkshop.Sandbox.Storage;

/// <summary>A field selector in its text form: <c>metadata.name=a,status.phase!=Running</c>. Each kind allows a few fields only.</summary>
internal sealed class FieldSelector
{
    private readonly List<(string Field, string Value, bool Equal)> _terms;

    private FieldSelector(List<(string, string, bool)> terms) => _terms = terms;

    public bool IsEmpty => _terms.Count == 0;

    public static FieldSelector Everything { get; } = new([]);

    /// <summary>Fails with 400 when the text is no selector, or names a field that this kind cannot be selected by.</summary>
    public static FieldSelector Parse(string? text, ResourceDefinition resource)
    {
        if (string.IsNullOrWhiteSpace(text))
            return Everything;
        List<(string, string, bool)> terms = [];
        foreach (string part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            bool differs = part.Contains("!=", StringComparison.Ordinal);
            string[] sides = part.Split(differs ? "!=" : part.Contains("==", StringComparison.Ordinal) ? "==" : "=", 2);
            if (sides is not [{ Length: > 0 } field, { } value])
                throw ApiFailure.BadRequest($"invalid selector: '{part}'; can't understand '{part}'");
            if (field is not ("metadata.name" or "metadata.namespace") && !resource.SelectableFields.Contains(field))
                throw ApiFailure.BadRequest($"field label not supported: {field}");
            terms.Add((field, value, !differs));
        }

        return new(terms);
    }

    public bool Matches(StoredObject item)
    {
        JsonObject? content = null;
        return _terms.TrueForAll(term => (Read(term.Field) == term.Value) == term.Equal);

        string Read(string field) => field switch
        {
            "metadata.name" => item.Name,
            "metadata.namespace" => item.Namespace ?? "",
            _ => (content ??= item.ToJson()).Find(field.Split('.'))?.ToString() ?? "",
        };
    }
}
