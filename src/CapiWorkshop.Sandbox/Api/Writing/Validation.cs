using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Failures;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Api.Writing;

/// <summary>The checks of an API server that a user of this world can run into. There are no schemas behind it.</summary>
internal static partial class Validation
{
    private const string LabelRule =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character "
        + "(e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    private const string NameRule =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character "
        + "(e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private const string KeyRule =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
        + "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    private const string ValueRule =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
        + "(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    private const int LongestPart = 63;

    public static void Name(ResourceDefinition resource, JsonObject content)
    {
        if (content.Text("metadata", "name") is not { Length: > 0 } name)
            return;
        // A namespace is part of host names: no dots.
        bool isLabel = resource == Kinds.Namespace;
        if (!NameShape().IsMatch(name) || (isLabel && name.Contains('.', StringComparison.Ordinal)))
            throw ApiFailure.Invalid(resource, name, FieldProblem.Invalid("metadata.name", $"\"{name}\"", isLabel ? LabelRule : NameRule));
    }

    /// <summary>What is sent to an address must be about that address.</summary>
    public static void Address(ApiCall call, JsonObject content)
    {
        string? name = content.Text("metadata", "name");
        if (call.Request.Name is { } expected && !string.IsNullOrEmpty(name) && name != expected)
            throw ApiFailure.BadRequest($"the name of the object ({name}) does not match the name on the URL ({expected})");
        if (call.Request.Namespace is { } scope && content.Text("metadata", "namespace") is { Length: > 0 } given && given != scope)
            throw ApiFailure.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
    }

    /// <summary>Replica counts are what people type most: they are checked where the kind can be scaled.</summary>
    public static void Replicas(ResourceDefinition resource, string name, JsonObject content)
    {
        if (resource.Storage.Scale is null || content.Find("spec", "replicas") is not { } replicas)
            return;
        if (replicas.GetValueKind() is not JsonValueKind.Number || content.Number("spec", "replicas") is not { } count)
        {
            string type = replicas.GetValueKind() switch
            {
                JsonValueKind.Number => "number",
                JsonValueKind.String => "string",
                JsonValueKind.True or JsonValueKind.False => "boolean",
                JsonValueKind.Array => "array",
                _ => "object",
            };
            throw ApiFailure.Invalid(resource, name,
                new("spec.replicas", "FieldValueTypeInvalid", $"Invalid value: \"{type}\": spec.replicas in body must be of type integer: \"{type}\""),
                FieldProblem.Invalid(".spec.replicas", "0", $".spec.replicas accessor error: {replicas} is of the type {type}, expected int64"));
        }

        if (count < 0)
            throw ApiFailure.Invalid(resource, name, FieldProblem.Invalid(".spec.replicas", $"{count}", "should be a non-negative integer"));
    }

    public static void Labels(ResourceDefinition resource, string name, JsonObject content)
    {
        List<FieldProblem> problems = [];
        foreach (string map in (ReadOnlySpan<string>)["labels", "annotations"])
        {
            foreach ((string key, JsonNode? value) in content.Child("metadata", map) ?? [])
            {
                if (value?.GetValueKind() is not JsonValueKind.String)
                    throw ApiFailure.Invalid(resource, name, FieldProblem.Invalid($"metadata.{map}.{key}", value?.ToJsonString() ?? "null", "must be a string"));
                problems.AddRange(KeyProblems(key).Select(why => FieldProblem.Invalid($"metadata.{map}", $"\"{key}\"", why)));
                if (map == "labels" && ValueProblem(value.ToString()) is { } wrong)
                    problems.Add(FieldProblem.Invalid("metadata.labels", $"\"{value}\"", wrong));
            }
        }

        if (problems.Count > 0)
            throw ApiFailure.Invalid(resource, name, problems);
    }

    /// <summary>A key is a name, which may follow a host name and a slash.</summary>
    private static IEnumerable<string> KeyProblems(string key)
    {
        string[] parts = key.Split('/');
        if (parts.Length > 2)
        {
            yield return $"a valid label key {KeyRule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
            yield break;
        }

        if (parts.Length == 2 && parts[0].Length == 0)
            yield return "prefix part must be non-empty";
        else if (parts.Length == 2 && !NameShape().IsMatch(parts[0]))
            yield return $"prefix part {NameRule}";
        if (parts[^1].Length == 0)
            yield return "name part must be non-empty";
        else if (parts[^1].Length > LongestPart)
            yield return $"name part must be no more than {LongestPart} bytes";
        if (!KeyShape().IsMatch(parts[^1]))
            yield return $"name part {KeyRule}";
    }

    private static string? ValueProblem(string value) =>
        value.Length > LongestPart ? $"must be no more than {LongestPart} bytes" : value.Length == 0 || KeyShape().IsMatch(value) ? null : ValueRule;

    /// <summary>New finalizers without a path get a remark, even CAPI's own.</summary>
    public static void WarnOfFinalizers(ApiCall call, JsonObject? before, JsonObject after)
    {
        foreach (string finalizer in Named(after).Except(Named(before)).Where(finalizer => !finalizer.Contains('/', StringComparison.Ordinal)))
        {
            call.Warn($"metadata.finalizers: \"{finalizer}\": prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts "
                + "with other finalizer writers");
        }

        static IEnumerable<string> Named(JsonObject? content) => (content.Items("metadata", "finalizers") ?? []).Select(item => item?.ToString() ?? "");
    }

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex NameShape();

    [GeneratedRegex(@"\A([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z")]
    private static partial Regex KeyShape();
}
