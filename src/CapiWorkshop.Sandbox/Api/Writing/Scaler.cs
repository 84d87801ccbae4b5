using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Api.Reading;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Api.Writing;

/// <summary>Answers the <c>scale</c> subresource: an object of its own that shows three fields of the scaled one and writes one of them.</summary>
internal static class Scaler
{
    private const string Kind = "Scale";
    private const string ApiVersion = "autoscaling/v1";

    private static readonly PrinterColumn[] Titles =
        [Columns.Name, Columns.Count("Desired", ".spec.replicas"), Columns.Count("Available", ".status.replicas"), Columns.Age];

    public static Task GetAsync(ApiCall call)
    {
        JsonObject scale = View(call.Store.Get(call.Resource, call.Request.Namespace, call.Request.Name!).ToJson(), call.Request.Version);
        return Answer.JsonAsync(call.Http, RepresentationReader.Read(call.Http.Request) is Representation.Table ? new TableView(call, Titles).TableOf(scale) : scale);
    }

    public static async Task UpdateAsync(ApiCall call)
    {
        bool dryRun = call.DryRun("UpdateOptions");
        JsonObject scale = await call.ReadObjectAsync(Kind, ApiVersion).ConfigureAwait(false);
        Validation.Address(call, scale);
        await ChangeAsync(call, _ => scale, dryRun).ConfigureAwait(false);
    }

    public static async Task PatchAsync(ApiCall call)
    {
        bool dryRun = call.DryRun("PatchOptions");
        JsonNode? patch = await call.ReadBodyAsync(Kind).ConfigureAwait(false);
        Func<JsonObject, JsonObject> change = Writer.ReadPatch(call.MediaType, patch, call.Resource);
        await ChangeAsync(call, change, dryRun).ConfigureAwait(false);
    }

    private static Task ChangeAsync(ApiCall call, Func<JsonObject, JsonObject> change, bool dryRun)
    {
        StoredObject changed = Writer.Change(call, current =>
        {
            JsonObject scale = change(View(current, call.Request.Version));
            current.Ensure("spec")["replicas"] = scale.Find("spec", "replicas")?.DeepClone() ?? 0;
            if (scale.Text("metadata", "resourceVersion") is { Length: > 0 } expected)
                current.Ensure("metadata")["resourceVersion"] = expected;
            return current;
        }, dryRun);
        return Answer.JsonAsync(call.Http, View(changed.ToJson(), call.Request.Version));
    }

    private static JsonObject View(JsonObject item, ResourceVersion version)
    {
        JsonObject metadata = [];
        foreach (string field in (ReadOnlySpan<string>)["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            if (item.Find("metadata", field) is { } value)
                metadata[field] = value.DeepClone();
        }

        JsonObject spec = [];
        if (item.Find("spec", "replicas") is { } desired)
            spec["replicas"] = desired.DeepClone();
        JsonObject status = new() { ["replicas"] = item.Number("status", "replicas") ?? 0 };
        if (version.Scale is { HasSelector: true } && Selector(item) is { Length: > 0 } selector)
            status["selector"] = selector;
        return new() { ["kind"] = Kind, ["apiVersion"] = ApiVersion, ["metadata"] = metadata, ["spec"] = spec, ["status"] = status };
    }

    /// <summary>CAPI's kinds keep the selector as text in their status; built-in ones have it as an object in their spec.</summary>
    private static string? Selector(JsonObject item) =>
        item.Text("status", "selector")
        ?? (item.Child("spec", "selector", "matchLabels") is { } labels ? string.Join(',', labels.Select(label => $"{label.Key}={label.Value}")) : null);
}
