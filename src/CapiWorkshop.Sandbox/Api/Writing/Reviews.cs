using System.Text.Json;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Failures;
using CapiWorkshop.Sandbox.Storage;
using Microsoft.AspNetCore.Http;

namespace CapiWorkshop.Sandbox.Api.Writing;

/// <summary>Questions about oneself, which are created and answered but never stored. Here there is one user, who may do everything.</summary>
internal static class Reviews
{
    public const string Authorization = "authorization.k8s.io";
    public const string Authentication = "authentication.k8s.io";

    /// <summary>Resource, group and kind of each question.</summary>
    public static IReadOnlyList<(string Plural, string Group, string Kind)> All { get; } =
    [
        ("selfsubjectaccessreviews", Authorization, "SelfSubjectAccessReview"),
        ("selfsubjectrulesreviews", Authorization, "SelfSubjectRulesReview"),
        ("selfsubjectreviews", Authentication, "SelfSubjectReview"),
    ];

    public static bool IsReview(string path, out string kind)
    {
        kind = All.FirstOrDefault(review => path == $"/apis/{review.Group}/v1/{review.Plural}").Kind ?? "";
        return kind.Length > 0;
    }

    public static async Task AnswerAsync(HttpContext http, string kind)
    {
        // kubectl asks in protobuf. The answer is the same whatever the question is, so such a question is not even read.
        bool readable = http.Request.ContentType?.StartsWith(Answer.JsonType, StringComparison.Ordinal) == true;
        JsonNode? question = readable ? await ReadAsync(http).ConfigureAwait(false) : null;
        string group = All.First(review => review.Kind == kind).Group;
        await Answer.JsonAsync(http, new JsonObject
        {
            ["kind"] = kind,
            ["apiVersion"] = $"{group}/v1",
            ["metadata"] = new JsonObject(),
            ["spec"] = question.Child("spec")?.DeepClone() ?? new JsonObject(),
            ["status"] = Status(kind),
        }, 201).ConfigureAwait(false);
    }

    private static async Task<JsonNode?> ReadAsync(HttpContext http)
    {
        try
        {
            return await JsonNode.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted).ConfigureAwait(false);
        }
        catch (JsonException failure)
        {
            throw ApiFailure.BadRequest(failure.Message);
        }
    }

    private static JsonObject Status(string kind) => kind switch
    {
        "SelfSubjectAccessReview" => new() { ["allowed"] = true },
        "SelfSubjectRulesReview" => new()
        {
            ["resourceRules"] = new JsonArray(new JsonObject
            {
                ["verbs"] = new JsonArray("*"),
                ["apiGroups"] = new JsonArray("*"),
                ["resources"] = new JsonArray("*"),
            }),
            ["nonResourceRules"] = new JsonArray(new JsonObject { ["verbs"] = new JsonArray("*"), ["nonResourceURLs"] = new JsonArray("*") }),
            ["incomplete"] = false,
        },
        _ => new() { ["userInfo"] = new JsonObject { ["username"] = "sandbox-admin", ["groups"] = new JsonArray("system:masters", "system:authenticated") } },
    };
}
