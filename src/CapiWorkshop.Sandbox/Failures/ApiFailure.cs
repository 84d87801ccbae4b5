using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;

namespace CapiWorkshop.Sandbox.Failures;

/// <summary>A request that cannot be served, in the words of Kubernetes: what a client finds in the <c>Status</c> object.</summary>
internal sealed class ApiFailure(int code, string reason, string message, JsonObject? details = null) : Exception(message)
{
    public int Code { get; } = code;

    public string Reason { get; } = reason;

    public JsonObject? Details { get; } = details;

    public JsonObject ToStatus()
    {
        JsonObject status = new()
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = Message,
            ["reason"] = Reason,
        };
        if (Details is not null)
            status["details"] = Details.DeepClone();
        status["code"] = Code;
        return status;
    }

    public static ApiFailure NotFound(ResourceDefinition resource, string name) =>
        new(404, "NotFound", $"{resource.QualifiedName} \"{name}\" not found", About(resource, name));

    /// <summary>A path that no kind lives under.</summary>
    public static ApiFailure NoSuchPath() =>
        new(404, "NotFound", "the server could not find the requested resource", new JsonObject());

    public static ApiFailure AlreadyExists(ResourceDefinition resource, string name, bool leaving = false) =>
        new(409, "AlreadyExists", $"{(leaving ? "object is being deleted: " : "")}{resource.QualifiedName} \"{name}\" already exists", About(resource, name));

    public static ApiFailure Conflict(ResourceDefinition resource, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {resource.QualifiedName} \"{name}\": {why}", About(resource, name));

    public static ApiFailure Modified(ResourceDefinition resource, string name) =>
        Conflict(resource, name, "the object has been modified; please apply your changes to the latest version and try again");

    /// <summary>A precondition of a deletion that does not hold. Kubernetes names the kind here, not the resource.</summary>
    public static ApiFailure Unmet(ResourceDefinition resource, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {QualifiedKind(resource)} \"{name}\": {why}", About(resource, name, byKind: true));

    /// <summary>An object that breaks its schema: one cause per field.</summary>
    public static ApiFailure Invalid(ResourceDefinition resource, string name, params IReadOnlyList<FieldProblem> problems)
    {
        JsonObject details = About(resource, name, byKind: true);
        details["causes"] = new JsonArray([.. problems.Select(problem => problem.ToCause())]);
        string list = problems.Count == 1 ? problems[0].ToString() : $"[{string.Join(", ", problems)}]";
        return new(422, "Invalid", $"{QualifiedKind(resource)} \"{name}\" is invalid: {list}", details);
    }

    public static ApiFailure BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiFailure Forbidden(ResourceDefinition resource, string name, string why) =>
        new(403, "Forbidden", $"{resource.QualifiedName} \"{name}\" is forbidden: {why}", About(resource, name));

    public static ApiFailure Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static ApiFailure MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", new JsonObject());

    public static ApiFailure UnsupportedMediaType(string accepted) =>
        new(415, "UnsupportedMediaType", $"the body of the request was in an unknown format - accepted media types include: {accepted}", new JsonObject());

    /// <summary>The history no longer reaches back to the version asked for.</summary>
    public static ApiFailure Expired(long asked, long oldest) => new(410, "Expired", $"too old resource version: {asked} ({oldest})");

    public static ApiFailure ContinueExpired() => new(410, "Expired",
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.");

    public static ApiFailure VersionTooLarge(long asked, long current) => new(504, "Timeout", $"Too large resource version: {asked}, current: {current}",
        new JsonObject
        {
            ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ResourceVersionTooLarge", ["message"] = "Too large resource version" }),
            ["retryAfterSeconds"] = 1,
        });

    /// <summary>Options of a request that break their own rules.</summary>
    public static ApiFailure InvalidOptions(string kind, FieldProblem problem) => new(422, "Invalid", $"{kind}.meta.k8s.io \"\" is invalid: {problem}",
        new JsonObject { ["group"] = "meta.k8s.io", ["kind"] = kind, ["causes"] = new JsonArray(problem.ToCause()) });

    /// <summary>A JSON patch that cannot be applied; Kubernetes says no more than this.</summary>
    public static ApiFailure PatchRejected() =>
        new(422, "Invalid", "the server rejected our request due to an error in our request", new JsonObject());

    public static ApiFailure NotAcceptable() => new(406, "NotAcceptable", "only the following media types are accepted: application/json", new JsonObject());

    public static ApiFailure Internal(string message) => new(500, "InternalError", $"Internal error occurred: {message}",
        new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["message"] = message }) });

    private static string QualifiedKind(ResourceDefinition resource) => resource.Group.Length == 0 ? resource.Kind : $"{resource.Kind}.{resource.Group}";

    private static JsonObject About(ResourceDefinition resource, string name, bool byKind = false)
    {
        JsonObject details = [];
        if (name.Length > 0)
            details["name"] = name;
        if (resource.Group.Length > 0)
            details["group"] = resource.Group;
        details["kind"] = byKind ? resource.Kind : resource.Plural;
        return details;
    }
}
