using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CapiWorkshop.Sandbox.Definitions;

/// <summary>One column of <c>kubectl get</c>. A priority above 0 shows with <c>-o wide</c> only.</summary>
/// <param name="Name">The title as the definition spells it; kubectl prints it in capitals. Two columns may share one.</param>
/// <param name="Type">OpenAPI type: string, integer, boolean, number or date.</param>
/// <param name="Priority">0 for the narrow table.</param>
/// <param name="Path">Where the cell's value is found, as a Kubernetes JSONPath without braces.</param>
internal sealed record PrinterColumn(string Name, string Type, int Priority, string Path)
{
    private readonly Lazy<JsonPath> _path = new(() => JsonPath.Parse(Path));

    public string Format { get; init; } = "";

    public string Description { get => field ?? $"Custom resource definition column (in JSONPath format): {Path}"; init; }

    /// <summary>How a built-in kind finds its cell; custom kinds read <see cref="Path"/>.</summary>
    public Func<JsonObject, DateTimeOffset, JsonNode?>? Compute { get; init; }

    /// <summary>The cell, or null where the object says nothing or says it in another type.</summary>
    public JsonNode? Cell(JsonObject content, DateTimeOffset now)
    {
        if (Compute is not null)
            return Compute(content, now);
        if (_path.Value.First(content) is not { } found)
            return null;
        return (Type, found.GetValueKind()) switch
        {
            ("string", JsonValueKind.String) => found.DeepClone(),
            ("string", _) => found.ToJsonString(),
            ("date", JsonValueKind.String) => Age(found.GetValue<string>(), now),
            ("integer" or "number", JsonValueKind.Number) => found.DeepClone(),
            ("boolean", JsonValueKind.True or JsonValueKind.False) => found.DeepClone(),
            _ => null,
        };
    }

    private static string Age(string text, DateTimeOffset now) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset since)
            ? HumanDuration.Format(now - since)
            : HumanDuration.Invalid;
}
