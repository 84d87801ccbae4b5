using System.Globalization;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Api.Discovery;
using CapiWorkshop.Sandbox.Api.Reading;
using CapiWorkshop.Sandbox.Api.Writing;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Failures;
using CapiWorkshop.Sandbox.Storage;
using Microsoft.AspNetCore.Http;

namespace CapiWorkshop.Sandbox.Api;

/// <summary>Answers the requests of one Kubernetes API. Who is asking has been settled before.</summary>
internal sealed class ApiHandler(ClusterApi api, ApiSettings settings)
{
    private static readonly string[] FixedPaths =
        ["/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"];

    private readonly DiscoveryDocuments _discovery = new(api.Catalog);
    private readonly OpenApiDocuments _openApi = new(api.Catalog, api.ServerVersion);

    /// <param name="path">The path below the prefix of this API.</param>
    public async Task HandleAsync(HttpContext http, string path)
    {
        http.Response.Headers.CacheControl = "no-cache, private";
        try
        {
            await RouteAsync(http, path).ConfigureAwait(false);
        }
        catch (ApiFailure failure) when (!http.Response.HasStarted)
        {
            await Answer.FailureAsync(http, failure).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to answer to.
        }
        catch (Exception failure) when (failure is not OperationCanceledException && !http.Response.HasStarted)
        {
            // A defect of the sandbox must look like one of a server: an answer, not a broken connection.
            await Answer.FailureAsync(http, ApiFailure.Internal(failure.Message)).ConfigureAwait(false);
        }
    }

    /// <summary>Whether anyone may ask, as on a real server: health and version.</summary>
    public static bool IsPublic(string path) => path is "/healthz" or "/livez" or "/readyz" or "/version";

    private Task RouteAsync(HttpContext http, string path)
    {
        path = path.Length > 1 ? path.TrimEnd('/') : path;
        if (ResourceRequest.Parse(api.Catalog, path) is { } request)
            return ResourceAsync(new ApiCall(http, api, request, settings));
        if (HttpMethods.IsPost(http.Request.Method) && Reviews.IsReview(path, out string kind))
            return Reviews.AnswerAsync(http, kind);

        string[] parts = path.Trim('/').Split('/');
        return parts switch
        {
            ["healthz" or "livez" or "readyz", ..] => Answer.TextAsync(http, "ok"),
            ["version"] => Answer.JsonAsync(http, VersionInfo()),
            ["" or "api" or "apis"] => RootAsync(http, parts[0]),
            ["api", { } version] => DocumentAsync(http, _discovery.Resources("", version)),
            ["apis", { } group] => DocumentAsync(http, _discovery.Group(group)),
            ["apis", { } group, { } version] => DocumentAsync(http, _discovery.Resources(group, version)),
            ["openapi", "v2"] => SwaggerAsync(http),
            ["openapi", "v3"] => Answer.JsonAsync(http, _openApi.Index()),
            ["openapi", "v3", ..] => DocumentAsync(http, _openApi.Document(string.Join('/', parts[2..]))),
            _ => Answer.PageNotFoundAsync(http),
        };
    }

    private static Task ResourceAsync(ApiCall call)
    {
        ResourceRequest request = call.Request;
        WarnOfDeprecation(call);
        string method = call.Http.Request.Method;
        switch (request.Subresource)
        {
            case null:
                break;
            case "scale" when request.Version.Scale is not null:
                return method switch
                {
                    "GET" => Scaler.GetAsync(call),
                    "PUT" => Scaler.UpdateAsync(call),
                    "PATCH" => Scaler.PatchAsync(call),
                    _ => throw ApiFailure.MethodNotAllowed(),
                };
            case "status" when request.Version.HasStatus && method is "GET" or "PUT" or "PATCH":
                break;
            case "log" when request.Resource == Kinds.Pod && method == "GET":
                return LogReader.ReadAsync(call);
            default:
                throw request.Resource.Custom ? ApiFailure.NotFound(request.Resource, request.Name!) : ApiFailure.NoSuchPath();
        }

        bool watch = call.QueryFlag("watch");
        return (method, request.Name) switch
        {
            ("GET", null) when watch && Serves(call, "watch") => Watcher.WatchAsync(call),
            ("GET", null) => Reader.ListAsync(call),
            ("GET", _) => Reader.GetAsync(call),
            ("POST", null) when Serves(call, "create") => Writer.CreateAsync(call),
            ("PUT", not null) when Serves(call, "update") => Writer.UpdateAsync(call),
            ("PATCH", not null) when Serves(call, "patch") => Writer.PatchAsync(call),
            ("DELETE", null) when Serves(call, "deletecollection") => Remover.DeleteCollectionAsync(call),
            ("DELETE", _) when Serves(call, "delete") => Remover.DeleteAsync(call),
            _ => throw ApiFailure.MethodNotAllowed(),
        };
    }

    private static bool Serves(ApiCall call, string verb) => call.Resource.Verbs.Contains(verb);

    private static void WarnOfDeprecation(ApiCall call)
    {
        ResourceVersion version = call.Request.Version;
        if (!version.Deprecated)
            return;
        string text = $"{call.Request.ApiVersion} {call.Resource.Kind} is deprecated";
        ResourceVersion? better = call.Resource.Versions.TakeWhile(other => other != version).FirstOrDefault(other => !other.Deprecated);
        call.Warn(better is null ? text : $"{text}; use {call.Resource.ApiVersion(better)} {call.Resource.Kind}");
    }

    private Task RootAsync(HttpContext http, string root)
    {
        if (root.Length == 0)
            return Answer.JsonAsync(http, Paths());
        bool aggregated = http.Request.Headers.Accept.Any(value => value?.Contains("as=APIGroupDiscoveryList", StringComparison.Ordinal) == true
            && value.Contains("v=v2;", StringComparison.Ordinal));
        http.Response.Headers.Vary = "Accept";
        if (aggregated)
            return Answer.BytesAsync(http, _discovery.Aggregated(core: root == "api").ToUtf8(), DiscoveryDocuments.AggregatedType);
        return Answer.JsonAsync(http, root == "api" ? DiscoveryDocuments.CoreVersions() : _discovery.GroupList());
    }

    private static Task DocumentAsync(HttpContext http, JsonObject? document) =>
        document is null ? Answer.PageNotFoundAsync(http) : Answer.JsonAsync(http, document);

    /// <summary>kubectl asks for this one in protobuf; no bytes at all are the empty document in that notation.</summary>
    private Task SwaggerAsync(HttpContext http)
    {
        const string Protobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
        return http.Request.Headers.Accept.Any(value => value?.Contains("protobuf", StringComparison.Ordinal) == true)
            ? Answer.BytesAsync(http, ReadOnlyMemory<byte>.Empty, Protobuf)
            : Answer.JsonAsync(http, _openApi.Swagger());
    }

    private JsonObject Paths() => new()
    {
        ["paths"] = new JsonArray([.. FixedPaths
            .Concat(api.Catalog.Groups.SelectMany(group => group.Versions.Select(version => $"/apis/{group.Name}/{version}").Prepend($"/apis/{group.Name}")))
            .Order(StringComparer.Ordinal).Select(path => JsonValue.Create(path))]),
    };

    private JsonObject VersionInfo()
    {
        string[] parts = api.ServerVersion.TrimStart('v').Split('.', '-', '+');
        return new()
        {
            ["major"] = parts[0],
            ["minor"] = parts[1],
            ["gitVersion"] = api.ServerVersion,
            ["gitCommit"] = "sandbox",
            ["gitTreeState"] = "clean",
            ["buildDate"] = "1970-01-01T00:00:00Z",
            ["goVersion"] = "none",
            ["compiler"] = "none",
            ["platform"] = string.Create(CultureInfo.InvariantCulture, $"sandbox/{System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture}").ToLowerInvariant(),
        };
    }
}
