using System.Text.Json;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Failures;
using CapiWorkshop.Sandbox.Storage;
using Microsoft.AspNetCore.Http;

namespace CapiWorkshop.Sandbox.Api;

/// <summary>One request for a resource, with what its handlers need at hand.</summary>
internal sealed class ApiCall(HttpContext http, ClusterApi api, ResourceRequest request, ApiSettings settings)
{
    // A property given twice is the sender's mistake, not ours to trip over later.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public HttpContext Http => http;

    public ClusterApi Api => api;

    public ObjectStore Store => api.Store;

    public ResourceRequest Request => request;

    public ResourceDefinition Resource => request.Resource;

    public ApiSettings Settings => settings;

    /// <summary>The type of the body, without its parameters.</summary>
    public string MediaType => http.Request.ContentType?.Split(';')[0].Trim() ?? "";

    public string? Query(string name) => http.Request.Query[name].FirstOrDefault();

    public bool QueryFlag(string name) => Query(name) is "true" or "1";

    public long? QueryNumber(string name)
    {
        if (Query(name) is not { Length: > 0 } text)
            return null;
        return long.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out long number)
            ? number
            : throw ApiFailure.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax");
    }

    /// <summary>Whether the write is a rehearsal.</summary>
    public bool DryRun(string optionsKind)
    {
        string[] values = [.. http.Request.Query["dryRun"].Where(value => !string.IsNullOrEmpty(value)).Select(value => value!)];
        if (Array.Find(values, value => value != "All") is { } odd)
            throw ApiFailure.InvalidOptions(optionsKind, FieldProblem.Unsupported("dryRun", $"[\"{odd}\"]", "All"));
        return values.Length > 0;
    }

    /// <summary>A remark beside the answer, which kubectl prints on standard error.</summary>
    public void Warn(string text) => http.Response.Headers.Append("Warning", $"299 - \"{text.Replace("\"", "\\\"", StringComparison.Ordinal)}\"");

    /// <summary>The body as an object that claims to be of the right kind.</summary>
    public async Task<JsonObject> ReadObjectAsync(string kind, string apiVersion)
    {
        if (await ReadBodyAsync(kind).ConfigureAwait(false) is not JsonObject body)
            throw ApiFailure.BadRequest($"the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; json parse error: unexpected end of JSON input");
        // A built-in kind goes without saying; a custom one must say what it is.
        if (body.Text("apiVersion") is { Length: > 0 } claimed && claimed != apiVersion)
            throw ApiFailure.BadRequest($"the API version in the data ({claimed}) does not match the expected API version ({apiVersion})");
        if (body.Text("kind") is { Length: > 0 } named && named != kind)
        {
            throw ApiFailure.Invalid(Resource, body.Text("metadata", "name") ?? "", FieldProblem.Invalid("kind", $"\"{named}\"", $"must be {kind}"));
        }

        return body;
    }

    public async Task<JsonNode?> ReadBodyAsync(string kind)
    {
        try
        {
            using MemoryStream body = new();
            await http.Request.Body.CopyToAsync(body, http.RequestAborted).ConfigureAwait(false);
            ReadOnlySpan<byte> bytes = body.GetBuffer().AsSpan(0, (int)body.Length);
            if (bytes.IsEmpty)
                return null;
            if (MediaType == ProtobufBody.MediaType && !request.Resource.Custom)
                return ProtobufBody.Read(bytes);
            if (MediaType is "application/yaml" or "application/cbor" || MediaType == ProtobufBody.MediaType)
                throw ApiFailure.UnsupportedMediaType(Answer.JsonType);
            return JsonNode.Parse(bytes, documentOptions: Strict);
        }
        catch (JsonException failure)
        {
            throw ApiFailure.BadRequest($"the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; json parse error: {failure.Message}");
        }
    }
}
