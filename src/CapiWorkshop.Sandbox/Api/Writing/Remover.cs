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
        Options options = await ReadOptionsAsync(call).ConfigureAwait(false);
        StoreRemoval removal = Remove(call, call.Request.Name!, call.Request.Namespace, options);
        await Answer.JsonAsync(call.Http, removal.Gone ? Success(removal.Object) : ObjectView.Content(removal.Object, call.Request.Version)).ConfigureAwait(false);
    }

    public static async Task DeleteCollectionAsync(ApiCall call)
    {
        Options options = await ReadOptionsAsync(call).ConfigureAwait(false);
        ObjectList list = call.Store.List(call.Resource, call.Request.Namespace, ListOptions.Read(call).Filter);
        List<JsonNode?> items = [];
        foreach (StoredObject item in list.Items)
        {
            try
            {
                items.Add(ObjectView.Content(Remove(call, item.Name, item.Namespace, options).Object, call.Request.Version));
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

    private static StoreRemoval Remove(ApiCall call, string name, string? @namespace, Options options)
    {
        StoredObject item = call.Store.Get(call.Resource, @namespace, name);
        call.Api.Admission?.Invoke(new(AdmissionOperation.Delete, call.Resource, name, item.ToJson(), null, null));
        if (options is { Orphans: true, DryRun: false })
        {
            // Nothing is let go of for a deletion that is refused.
            call.Store.Delete(call.Resource, @namespace, name, options.Expected, dryRun: true);
            LetGo(call.Api, item.Uid);
        }

        StoreRemoval removal = call.Store.Delete(call.Resource, @namespace, name, options.Expected, options.DryRun);
        if (call.Resource == Kinds.Namespace && !removal.Gone && !options.DryRun)
            NamespaceRemoval.Begin(call.Api, name);
        return removal;
    }

    /// <summary>Takes an owner off all that it owns, before whoever plays the garbage collector sees it go.</summary>
    private static void LetGo(ClusterApi api, string owner)
    {
        foreach (StoredObject dependent in api.Catalog.Resources.SelectMany(resource => api.Store.List(resource).Items)
            .Where(item => item.Owners.Any(reference => reference.Uid == owner)))
        {
            api.Store.Update(dependent.Resource, dependent.Namespace, dependent.Name, content =>
                content.Items("metadata", "ownerReferences")?.RemoveAll(reference => reference.Text("uid") == owner));
        }
    }

    private static async Task<Options> ReadOptionsAsync(ApiCall call)
    {
        JsonNode? options = await call.ReadBodyAsync("DeleteOptions").ConfigureAwait(false);
        string? policy = options.Text("propagationPolicy") ?? call.Query("propagationPolicy");
        // In the background and in the foreground, dependents are the business of whoever plays the garbage collector.
        if (policy is not (null or "" or "Foreground" or "Background" or "Orphan"))
        {
            throw ApiFailure.InvalidOptions("DeleteOptions",
                FieldProblem.Unsupported("propagationPolicy", $"\"{policy}\"", "Foreground", "Background", "Orphan", "nil"));
        }

        bool dryRun = call.DryRun("DeleteOptions") || options.Items("dryRun") is { Count: > 0 };
        return new(new(options.Text("preconditions", "uid"), options.Text("preconditions", "resourceVersion")), policy == "Orphan", dryRun);
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

    /// <param name="Orphans">Whether what the object owns shall outlive it.</param>
    private sealed record Options(Preconditions Expected, bool Orphans, bool DryRun);
}
