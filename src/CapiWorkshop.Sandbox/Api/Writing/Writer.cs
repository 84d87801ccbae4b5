using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Api.Patches;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Failures;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Api.Writing;

/// <summary>Answers create, update and patch.</summary>
internal static class Writer
{
    private const string CustomPatchTypes = "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";
    private const string BuiltInPatchTypes =
        "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml";

    public static async Task CreateAsync(ApiCall call)
    {
        bool dryRun = call.DryRun("CreateOptions");
        JsonObject content = await call.ReadObjectAsync(call.Resource.Kind, call.Request.ApiVersion).ConfigureAwait(false);
        StoredObject created = Create(call, content, dryRun);
        await AnswerAsync(call, created, 201, hideVersion: dryRun).ConfigureAwait(false);
    }

    public static async Task UpdateAsync(ApiCall call)
    {
        bool dryRun = call.DryRun("UpdateOptions");
        JsonObject content = await call.ReadObjectAsync(call.Resource.Kind, call.Request.ApiVersion).ConfigureAwait(false);
        Validation.Address(call, content);
        if (call.Resource.Custom && string.IsNullOrEmpty(content.Text("metadata", "resourceVersion")))
        {
            throw ApiFailure.Invalid(call.Resource, call.Request.Name!, FieldProblem.Invalid("metadata.resourceVersion", "0", "must be specified for an update"));
        }

        await AnswerAsync(call, Change(call, _ => content, dryRun)).ConfigureAwait(false);
    }

    public static async Task PatchAsync(ApiCall call)
    {
        bool dryRun = call.DryRun("PatchOptions");
        JsonNode? patch = await call.ReadBodyAsync(call.Resource.Kind).ConfigureAwait(false);
        if (call.MediaType == "application/apply-patch+yaml")
        {
            await ApplyAsync(call, patch, dryRun).ConfigureAwait(false);
            return;
        }

        Func<JsonObject, JsonObject> change = ReadPatch(call.MediaType, patch, call.Resource);
        await AnswerAsync(call, Change(call, change, dryRun)).ConfigureAwait(false);
    }

    /// <summary>Reads a patch of any kind but apply. Also what <c>scale</c> is patched with.</summary>
    public static Func<JsonObject, JsonObject> ReadPatch(string type, JsonNode? patch, ResourceDefinition resource) => type switch
    {
        "application/merge-patch+json" when patch is JsonObject merge => document =>
        {
            MergePatch.Apply(document, merge);
            return document;
        }
        ,
        "application/strategic-merge-patch+json" when !resource.Custom && patch is JsonObject strategic => document =>
        {
            KeyedMerge.Apply(document, strategic, builtIn: true);
            return document;
        }
        ,
        "application/json-patch+json" when patch is JsonArray operations => document => JsonPatch.Apply(document, operations),
        "application/json-patch+json" => throw ApiFailure.BadRequest("error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"),
        "application/strategic-merge-patch+json" when resource.Custom => throw ApiFailure.UnsupportedMediaType(CustomPatchTypes),
        "application/merge-patch+json" or "application/strategic-merge-patch+json" =>
            throw ApiFailure.BadRequest("error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}"),
        _ => throw ApiFailure.UnsupportedMediaType(resource.Custom ? CustomPatchTypes : BuiltInPatchTypes),
    };

    /// <summary>Runs a change through the checks and the admission of this API into the store.</summary>
    public static StoredObject Change(ApiCall call, Func<JsonObject, JsonObject> change, bool dryRun)
    {
        WriteScope scope = call.Request.Subresource == "status" ? WriteScope.Status : WriteScope.Spec;
        string name = call.Request.Name!;
        return call.Store.Replace(call.Resource, call.Request.Namespace, name, current =>
        {
            JsonObject before = current.DeepClone().AsObject();
            current["apiVersion"] = call.Request.ApiVersion;
            JsonObject after = change(current);
            Validation.Address(call, after);
            Validation.Replicas(call.Resource, name, after);
            Validation.Labels(call.Resource, name, after);
            if (scope is WriteScope.Spec)
            {
                Defaults.Fill(call.Resource, after);
                Validation.WarnOfFinalizers(call, before, after);
            }

            call.Api.Admission?.Invoke(new(AdmissionOperation.Update, call.Resource, name, before, after, call.Request.Subresource));
            return after;
        }, scope, dryRun: dryRun);
    }

    private static StoredObject Create(ApiCall call, JsonObject content, bool dryRun)
    {
        Validation.Address(call, content);
        Validation.Name(call.Resource, content);
        Validation.Replicas(call.Resource, content.Text("metadata", "name") ?? "", content);
        Validation.Labels(call.Resource, content.Text("metadata", "name") ?? "", content);
        if (call.Resource.Namespaced)
        {
            string scope = call.Request.Namespace ?? throw ApiFailure.BadRequest("an empty namespace may not be set during creation");
            if (call.Store.Get(Kinds.Namespace, null, scope).IsDeleting)
            {
                throw ApiFailure.Forbidden(call.Resource, content.Text("metadata", "name") ?? "",
                    $"unable to create new content in namespace {scope} because it is being terminated");
            }

            content.Ensure("metadata")["namespace"] = scope;
        }

        if (call.Resource.Storage.HasStatus)
            content.Remove("status");
        Defaults.Fill(call.Resource, content);
        Defaults.FillInitial(call.Resource, content);
        Validation.WarnOfFinalizers(call, null, content);
        call.Api.Admission?.Invoke(new(AdmissionOperation.Create, call.Resource, content.Text("metadata", "name") ?? "", null, content, null));
        return call.Store.Create(call.Resource, content, WriteScope.Everything, dryRun);
    }

    private static async Task ApplyAsync(ApiCall call, JsonNode? patch, bool dryRun)
    {
        if (patch is not JsonObject configuration)
            throw ApiFailure.BadRequest("error decoding YAML: the body of an apply must be an object");
        if (call.Query("fieldManager") is not { Length: > 0 } manager)
            throw ApiFailure.InvalidOptions("PatchOptions", FieldProblem.Required("fieldManager", "is required for apply patch"));
        if (configuration.Items("metadata", "managedFields") is { Count: > 0 })
            throw ApiFailure.BadRequest("metadata.managedFields must be nil");
        configuration.Ensure("metadata")["name"] ??= call.Request.Name;

        JsonObject Merge(JsonObject current) =>
            ServerSideApply.Apply(current, configuration, call.Resource, call.Request.ApiVersion, manager, call.Api.Time.GetUtcNow());
        if (call.Store.Find(call.Resource, call.Request.Namespace, call.Request.Name!) is not null)
        {
            await AnswerAsync(call, Change(call, Merge, dryRun)).ConfigureAwait(false);
            return;
        }

        JsonObject content = new() { ["apiVersion"] = call.Request.ApiVersion, ["kind"] = call.Resource.Kind };
        await AnswerAsync(call, Create(call, Merge(content), dryRun), 201, hideVersion: dryRun).ConfigureAwait(false);
    }

    private static Task AnswerAsync(ApiCall call, StoredObject item, int code = 200, bool hideVersion = false)
    {
        JsonObject content = ObjectView.Content(item, call.Request.Version);
        // What a rehearsed creation would have made was never written, so it has no version.
        if (hideVersion)
            content.Child("metadata")?.Remove("resourceVersion");
        return Answer.JsonAsync(call.Http, content, code);
    }
}
