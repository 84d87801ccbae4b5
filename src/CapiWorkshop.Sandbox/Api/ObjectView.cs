using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Api;

/// <summary>Objects as one API version shows them. Between versions only the label changes; fields are not converted.</summary>
internal static class ObjectView
{
    public static ReadOnlyMemory<byte> Bytes(StoredObject item, ResourceVersion version) =>
        version == item.Resource.Storage ? item.Utf8 : Content(item, version).ToUtf8();

    /// <summary>As an entry of a list: those of built-in kinds do not repeat what they are.</summary>
    public static ReadOnlyMemory<byte> ListBytes(StoredObject item, ResourceVersion version)
    {
        if (item.Resource.Custom)
            return Bytes(item, version);
        JsonObject content = item.ToJson();
        content.Remove("kind");
        content.Remove("apiVersion");
        return content.ToUtf8();
    }

    public static JsonObject Content(StoredObject item, ResourceVersion version)
    {
        JsonObject content = item.ToJson();
        content["apiVersion"] = item.Resource.ApiVersion(version);
        return content;
    }

    public static JsonObject Metadata(JsonObject content) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = content["metadata"]?.DeepClone(),
    };
}
