using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Api.Patches;

/// <summary>
/// Server-side apply in its simple form: what is given is merged in, what the same manager gave before and gives no longer goes.
/// Nobody's fields are defended: a conflict with another manager is never raised.
/// </summary>
internal static class ServerSideApply
{
    public static JsonObject Apply(JsonObject current, JsonObject configuration, ResourceDefinition resource, string apiVersion, string manager, DateTimeOffset now)
    {
        JsonObject wanted = configuration.DeepClone().AsObject();
        foreach (string field in (ReadOnlySpan<string>)["managedFields", "uid", "creationTimestamp", "generation", "selfLink"])
            wanted.Child("metadata")?.Remove(field);
        if (resource.Storage.HasStatus)
            wanted.Remove("status");

        JsonObject fields = FieldSet.Of(wanted, !resource.Custom);
        JsonArray entries = current.Items("metadata", "managedFields") ?? [];
        JsonObject? own = entries.OfType<JsonObject>().FirstOrDefault(entry => entry.Text("manager") == manager && entry.Text("operation") == "Apply");
        if (own?["fieldsV1"] is JsonObject before)
        {
            JsonObject[] others = [.. entries.OfType<JsonObject>().Where(entry => entry != own).Select(entry => entry["fieldsV1"]).OfType<JsonObject>(), fields];
            FieldSet.Prune(current, before, others);
        }

        KeyedMerge.Apply(current, wanted, !resource.Custom);
        // An unchanged set keeps its time: applying the same thing twice changes nothing.
        if (own is null || !JsonNode.DeepEquals(own["fieldsV1"], fields) || own.Text("apiVersion") != apiVersion)
        {
            JsonObject entry = new()
            {
                ["manager"] = manager,
                ["operation"] = "Apply",
                ["apiVersion"] = apiVersion,
                ["time"] = now.ToKubernetesTime(),
                ["fieldsType"] = "FieldsV1",
                ["fieldsV1"] = fields,
            };
            current.Ensure("metadata")["managedFields"] =
                new JsonArray([.. entries.Where(item => item != own).Select(item => item?.DeepClone()), entry]);
        }

        return current;
    }
}
