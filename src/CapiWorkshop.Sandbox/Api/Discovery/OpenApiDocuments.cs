using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;

namespace CapiWorkshop.Sandbox.Api.Discovery;

/// <summary>
/// As much OpenAPI as kubectl wants to see before it works: which paths take part in server-side validation and dry runs, and that every kind is an
/// object. There are no schemas behind it, so <c>kubectl explain</c> has little to tell.
/// </summary>
internal sealed class OpenApiDocuments(ResourceCatalog catalog, string serverVersion)
{
    private IEnumerable<(string Path, ResourceGroup Group, string Version)> Documents =>
        catalog.Groups.Prepend(catalog.Core).SelectMany(group => group.Versions.Select(version =>
            (group.Name.Length == 0 ? $"api/{version}" : $"apis/{group.Name}/{version}", group, version)));

    public JsonObject Index()
    {
        JsonObject paths = [];
        foreach ((string path, _, _) in Documents)
            paths[path] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{path}" };
        return new() { ["paths"] = paths };
    }

    /// <summary>The document of one version, or null.</summary>
    public JsonObject? Document(string path)
    {
        if (Documents.FirstOrDefault(document => document.Path == path) is not { Group: { } group, Version: { } version })
            return null;
        JsonObject paths = [];
        JsonObject schemas = [];
        foreach (ResourceDefinition resource in group.ServedAs(version))
        {
            string item = $"/{path}/{(resource.Namespaced ? "namespaces/{namespace}/" : "")}{resource.Plural}/{{name}}";
            paths[item] = new JsonObject { ["get"] = Operation("get", resource, version), ["patch"] = Operation("patch", resource, version) };
            schemas[SchemaName(resource, version)] = Schema(resource, version);
        }

        return new()
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = serverVersion },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
    }

    public JsonObject Swagger() => new()
    {
        ["swagger"] = "2.0",
        ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = serverVersion },
        ["paths"] = new JsonObject(),
        ["definitions"] = new JsonObject(),
    };

    private static JsonObject Operation(string verb, ResourceDefinition resource, string version) => new()
    {
        ["operationId"] = verb + resource.Kind,
        ["parameters"] = verb == "get" ? new JsonArray() : new JsonArray(Parameter("dryRun"), Parameter("fieldManager"), Parameter("fieldValidation"), Parameter("force")),
        ["responses"] = new JsonObject
        {
            ["200"] = new JsonObject
            {
                ["description"] = "OK",
                ["content"] = new JsonObject
                {
                    [Answer.JsonType] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = $"#/components/schemas/{SchemaName(resource, version)}" } },
                },
            },
        },
        ["x-kubernetes-action"] = verb,
        ["x-kubernetes-group-version-kind"] = GroupVersionKind(resource, version),
    };

    private static JsonObject Parameter(string name) =>
        new() { ["name"] = name, ["in"] = "query", ["schema"] = new JsonObject { ["type"] = "string", ["uniqueItems"] = true } };

    private static JsonObject Schema(ResourceDefinition resource, string version)
    {
        JsonObject properties = new() { ["apiVersion"] = Typed("string"), ["kind"] = Typed("string"), ["metadata"] = Open() };
        properties["spec"] = Open();
        properties["status"] = Open();
        return new()
        {
            ["description"] = $"{resource.Kind} of the sandbox. It keeps whatever it is given: there is no schema to explain.",
            ["type"] = "object",
            ["properties"] = properties,
            ["x-kubernetes-preserve-unknown-fields"] = true,
            ["x-kubernetes-group-version-kind"] = new JsonArray(GroupVersionKind(resource, version)),
        };
    }

    private static JsonObject Typed(string type) => new() { ["type"] = type };

    private static JsonObject Open() => new() { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true };

    private static JsonObject GroupVersionKind(ResourceDefinition resource, string version) =>
        new() { ["group"] = resource.Group, ["version"] = version, ["kind"] = resource.Kind };

    private static string SchemaName(ResourceDefinition resource, string version) =>
        string.Join('.', resource.Group.Split('.', StringSplitOptions.RemoveEmptyEntries).Reverse().Append(version).Append(resource.Kind));
}
