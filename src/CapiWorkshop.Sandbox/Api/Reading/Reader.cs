using System.Globalization;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Failures;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Api.Reading;

/// <summary>Answers get and list.</summary>
internal static class Reader
{
    public static Task GetAsync(ApiCall call)
    {
        call.Api.BeforeRead?.Invoke(call.Resource);
        StoredObject item = call.Store.Get(call.Resource, call.Request.Namespace, call.Request.Name!);
        return RepresentationReader.Read(call.Http.Request) switch
        {
            Representation.Table => Answer.JsonAsync(call.Http, new TableView(call).TableOf(ObjectView.Content(item, call.Request.Version))),
            Representation.Metadata => Answer.JsonAsync(call.Http, ObjectView.Metadata(item.ToJson())),
            _ => Answer.BytesAsync(call.Http, ObjectView.Bytes(item, call.Request.Version), Answer.JsonType),
        };
    }

    public static Task ListAsync(ApiCall call)
    {
        call.Api.BeforeRead?.Invoke(call.Resource);
        Representation shape = RepresentationReader.Read(call.Http.Request);
        ListOptions options = ListOptions.Read(call);
        if (options.Version > call.Store.Version)
            throw ApiFailure.VersionTooLarge(options.Version.Value, call.Store.Version);
        long? at = options.Continue?.Version ?? (call.Query("resourceVersionMatch") == "Exact" ? options.Version : null);
        ObjectList list = call.Store.List(call.Resource, call.Request.Namespace, options.Filter, at);
        (List<StoredObject> page, ContinueToken? next, int remaining) = Page(list, options);

        JsonObject metadata = [];
        // Custom kinds are written field by field in the order of the alphabet, and say even that nothing continues.
        if (next is not null || (call.Resource.Custom && shape is Representation.Object))
            metadata["continue"] = next?.ToString() ?? "";
        if (next is not null && options.Filter.IsEmpty)
            metadata["remainingItemCount"] = remaining;
        metadata["resourceVersion"] = list.Version.ToString(CultureInfo.InvariantCulture);
        return shape switch
        {
            Representation.Table => Answer.JsonAsync(call.Http,
                new TableView(call).Table(page.Select(item => ObjectView.Content(item, call.Request.Version)), metadata)),
            Representation.Metadata => ListWriter.WriteAsync(call.Http, "PartialObjectMetadataList", "meta.k8s.io/v1", metadata, itemsFirst: false,
                page.Select(item => (ReadOnlyMemory<byte>)ObjectView.Metadata(item.ToJson()).ToUtf8())),
            _ => ListWriter.WriteAsync(call.Http, call.Resource.ListKind, call.Request.ApiVersion, metadata, itemsFirst: call.Resource.Custom,
                page.Select(item => ObjectView.ListBytes(item, call.Request.Version))),
        };
    }

    private static (List<StoredObject> Page, ContinueToken? Next, int Remaining) Page(ObjectList list, ListOptions options)
    {
        IEnumerable<StoredObject> rest = list.Items;
        if (options.Continue is { } token)
            rest = rest.SkipWhile(item => string.CompareOrdinal(item.Key, token.After) <= 0);
        List<StoredObject> items = [.. rest];
        if (options.Limit is not { } limit || items.Count <= limit)
            return (items, null, 0);
        List<StoredObject> page = items[..limit];
        return (page, new(list.Version, page[^1].Key), items.Count - limit);
    }
}
