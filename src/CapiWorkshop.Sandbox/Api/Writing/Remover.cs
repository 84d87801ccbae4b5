using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Api.Reading;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Failures;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Api.Writing;

/// <summary>Answers delete and deletecollection.</summary>
internal static class Remover
{
    public static async Task DeleteAsync(ApiCall call)
    {
        (Preconditions expected, bool dryRun) = await ReadOptionsAsync(call).ConfigureAwait(false);
        StoreRemoval removal = Remove(call, call.Request.Name!, call.Request.Namespace, expected, dryRun);
        await Answer.JsonAsync(call.Http, removal.Gone ? Success(removal.Object) : ObjectView.Content(removal.Object, call.Request.Version)).ConfigureAwait(false);
    }

    public static async Task DeleteCollectionAsync(ApiCall call)
    {
        (Preconditions expected, bool dryRun) = await ReadOptionsAsync(call).ConfigureAwait(false);
        ObjectList list = call.Store.List(call.Resource, call.Request.Namespace, ListOptions.Read(call).Filter);
        List<JsonNode?> items = [];
        foreach (StoredObject item in list.Items)
        {
            try
            {
                items.Add(ObjectView.Content(Remove(call, item.Name, item.Namespace, expected, dryRun).Object, call.Request.Version));
            }
            catch (ApiFailure failure) when (failure.Code == 404)
            {
                // Somebody else was faster.
            }
        }

        await Answer.JsonAsync(call.Http, new JsonObject
        {
            ["apiVersion"] = call.Request.ApiVersion,
            ["items"] = new JsonArray([.. items]),
            ["kind"] = call.Resource.ListKind,
            ["metadata"] = new JsonObject
            {
                ["continue"] = "",
                ["resourceVersion"] = list.Version.ToString(System.Globalization.CultureInfo.InvariantCulture),
            },
        }).ConfigureAwait(false);
    }

    private static StoreRemoval Remove(ApiCall call, string name, string? @namespace, Preconditions expected, bool dryRun)
    {
        StoredObject item = call.Store.Get(call.Resource, @namespace, name);
        call.Api.Admission?.Invoke(new(AdmissionOperation.Delete, call.Resource, name, item.ToJson(), null, null));
        StoreRemoval removal = call.Store.Delete(call.Resource, @namespace, name, expected, dryRun);
        if (call.Resource == Kinds.Namespace && !removal.Gone && !dryRun)
            NamespaceRemoval.Begin(call.Api, name);
        return removal;
    }

    private static async Task<(Preconditions Expected, bool DryRun)> ReadOptionsAsync(ApiCall call)
    {
        JsonNode? options = await call.ReadBodyAsync("DeleteOptions").ConfigureAwait(false);
        string? policy = options.Text("propagationPolicy") ?? call.Query("propagationPolicy");
        // Dependents are the business of whoever plays the garbage collector; here the policy only has to be one.
        if (policy is not (null or "" or "Foreground" or "Background" or "Orphan"))
        {
            throw ApiFailure.InvalidOptions("DeleteOptions",
                FieldProblem.Unsupported("propagationPolicy", $"\"{policy}\"", "Foreground", "Background", "Orphan", "nil"));
        }

        bool dryRun = call.DryRun("DeleteOptions") || options.Items("dryRun") is { Count: > 0 };
        return (new(options.Text("preconditions", "uid"), options.Text("preconditions", "resourceVersion")), dryRun);
    }

    private static JsonObject Success(StoredObject item)
    {
        JsonObject details = new() { ["name"] = item.Name };
        if (item.Resource.Group.Length > 0)
            details["group"] = item.Resource.Group;
        details["kind"] = item.Resource.Plural;
        details["uid"] = item.Uid;
        return new()
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["details"] = details,
        };
    }
}
