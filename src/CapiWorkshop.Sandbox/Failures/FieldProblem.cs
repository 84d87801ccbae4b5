using System.Text.Json.Nodes;

namespace CapiWorkshop.Sandbox.Failures;

/// <summary>One field that made an object invalid.</summary>
/// <param name="Reason">Kubernetes' word: FieldValueInvalid, FieldValueRequired, FieldValueForbidden, FieldValueTypeInvalid.</param>
internal sealed record FieldProblem(string Field, string Reason, string Message)
{
    public static FieldProblem Invalid(string field, string value, string why) => new(field, "FieldValueInvalid", $"Invalid value: {value}: {why}");

    public static FieldProblem Immutable(string field, string value) => Invalid(field, $"\"{value}\"", "field is immutable");

    public static FieldProblem Unsupported(string field, string value, params IEnumerable<string> supported) =>
        new(field, "FieldValueNotSupported", $"Unsupported value: {value}: supported values: {string.Join(", ", supported.Select(item => $"\"{item}\""))}");

    public static FieldProblem Required(string field, string why) => new(field, "FieldValueRequired", $"Required value: {why}");

    public static FieldProblem Forbidden(string field, string why) => new(field, "FieldValueForbidden", $"Forbidden: {why}");

    public JsonObject ToCause() => new() { ["reason"] = Reason, ["message"] = Message, ["field"] = Field };

    public override string ToString() => $"{Field}: {Message}";
}
