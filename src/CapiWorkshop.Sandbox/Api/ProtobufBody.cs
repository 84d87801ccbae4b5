using System.Text;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Failures;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Api;

/// <summary>
/// Reads Kubernetes' protobuf for the few built-in kinds that kubectl creates in it (<c>kubectl create namespace</c>, <c>secret</c>, <c>configmap</c>,
/// <c>serviceaccount</c>). What is not listed here is skipped, as unknown fields are.
/// </summary>
internal static class ProtobufBody
{
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    private static readonly Dictionary<int, Field> Metadata = new()
    {
        [1] = new("name", Shape.Text),
        [2] = new("generateName", Shape.Text),
        [3] = new("namespace", Shape.Text),
        [11] = new("labels", Shape.TextMap),
        [12] = new("annotations", Shape.TextMap),
        [14] = new("finalizers", Shape.Texts),
    };

    private static readonly Dictionary<string, Dictionary<int, Field>> Kinds = new()
    {
        ["Namespace"] = new() { [1] = new("metadata", Shape.Metadata) },
        ["Secret"] = new()
        {
            [1] = new("metadata", Shape.Metadata),
            [2] = new("data", Shape.BytesMap),
            [3] = new("type", Shape.Text),
            [4] = new("stringData", Shape.TextMap),
        },
        ["ConfigMap"] = new() { [1] = new("metadata", Shape.Metadata), [2] = new("data", Shape.TextMap), [3] = new("binaryData", Shape.BytesMap) },
        ["ServiceAccount"] = new() { [1] = new("metadata", Shape.Metadata) },
    };

    private enum Shape
    {
        Text,
        Texts,
        TextMap,
        BytesMap,
        Metadata,
    }

    /// <summary>The object in an envelope of four bytes, its kind and itself.</summary>
    public static JsonObject Read(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith("k8s\0"u8))
            throw ApiFailure.BadRequest("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
        string apiVersion = "", kind = "";
        ReadOnlySpan<byte> raw = default;
        ProtobufReader envelope = new(body[4..]);
        while (envelope.Next(out int number, out ReadOnlySpan<byte> value))
        {
            if (number == 1)
                ReadType(value, ref apiVersion, ref kind);
            else if (number == 2)
                raw = value;
        }

        if (!Kinds.TryGetValue(kind, out Dictionary<int, Field>? fields))
            throw ApiFailure.UnsupportedMediaType("application/json");
        JsonObject content = ReadMessage(raw, fields);
        content["apiVersion"] = apiVersion;
        content["kind"] = kind;
        return content;
    }

    private static void ReadType(ReadOnlySpan<byte> message, ref string apiVersion, ref string kind)
    {
        ProtobufReader type = new(message);
        while (type.Next(out int number, out ReadOnlySpan<byte> value))
        {
            if (number == 1)
                apiVersion = Encoding.UTF8.GetString(value);
            else if (number == 2)
                kind = Encoding.UTF8.GetString(value);
        }
    }

    private static JsonObject ReadMessage(ReadOnlySpan<byte> message, Dictionary<int, Field> fields)
    {
        JsonObject content = [];
        ProtobufReader reader = new(message);
        while (reader.Next(out int number, out ReadOnlySpan<byte> value))
        {
            if (!fields.TryGetValue(number, out Field? field))
                continue;
            switch (field.Shape)
            {
                // Protobuf writes empty texts where JSON leaves a field out.
                case Shape.Text when value.Length > 0:
                    content[field.Name] = Encoding.UTF8.GetString(value);
                    break;
                case Shape.Texts:
                    (content[field.Name] as JsonArray ?? Started(content, field.Name)).Add(Encoding.UTF8.GetString(value));
                    break;
                case Shape.TextMap or Shape.BytesMap:
                    AddEntry(content.Ensure(field.Name), value, field.Shape);
                    break;
                case Shape.Metadata:
                    content[field.Name] = ReadMessage(value, Metadata);
                    break;
            }
        }

        return content;
    }

    private static JsonArray Started(JsonObject content, string name)
    {
        JsonArray items = [];
        content[name] = items;
        return items;
    }

    private static void AddEntry(JsonObject map, ReadOnlySpan<byte> entry, Shape shape)
    {
        string key = "";
        ReadOnlySpan<byte> value = default;
        ProtobufReader reader = new(entry);
        while (reader.Next(out int number, out ReadOnlySpan<byte> part))
        {
            if (number == 1)
                key = Encoding.UTF8.GetString(part);
            else if (number == 2)
                value = part;
        }

        map[key] = shape is Shape.BytesMap ? Convert.ToBase64String(value) : Encoding.UTF8.GetString(value);
    }

    private sealed record Field(string Name, Shape Shape);
}
