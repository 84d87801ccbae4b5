using System.Text.Json;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Kubernetes.Reading;

internal enum WatchLineType
{
    Added,
    Modified,
    Deleted,
    Bookmark,
    Error,
}

/// <summary>One line of a watch.</summary>
internal readonly record struct WatchLine<T>(WatchLineType Type, T? Item, string? ResourceVersion, StatusBody? Status)
    where T : class, IKubernetesObject
{
    public static WatchLine<T> Read(ReadOnlySpan<byte> line, JsonItemReader<T> read)
    {
        Utf8JsonReader reader = new(line);
        string? type = null;
        ReadOnlySpan<byte> body = default;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("A line of the watch is no object.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isType = reader.ValueTextEquals("type"u8);
            bool isObject = reader.ValueTextEquals("object"u8);
            reader.Read();
            if (isType)
            {
                type = reader.TokenType == JsonTokenType.String ? Utf8StringPool.Decode(ref reader) : throw new JsonException("A line of the watch has no type.");
                continue;
            }

            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isObject && line[start] == (byte)'{')
            {
                body = line[start..(int)reader.BytesConsumed];
            }
        }

        if (body.IsEmpty)
        {
            throw new JsonException("A line of the watch has no object.");
        }

        switch (type)
        {
            case "ERROR":
                return new(WatchLineType.Error, null, null, StatusBody.Read(body));
            case "BOOKMARK":
                return new(WatchLineType.Bookmark, null, ReadResourceVersion(body), null);
            default:
                Utf8JsonReader item = new(body);
                item.Read();
                T value = read(ref item);
                return new(
                    type switch
                    {
                        "ADDED" => WatchLineType.Added,
                        "MODIFIED" => WatchLineType.Modified,
                        "DELETED" => WatchLineType.Deleted,
                        _ => throw new JsonException($"A line of the watch is of the unknown type '{type}'."),
                    },
                    value,
                    value.ResourceVersion,
                    null);
        }
    }

    private static string? ReadResourceVersion(ReadOnlySpan<byte> body)
    {
        Utf8JsonReader reader = new(body);
        string? version = null;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool metadata = reader.ValueTextEquals("metadata"u8);
            reader.Read();
            if (!metadata || reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isVersion = reader.ValueTextEquals("resourceVersion"u8);
                reader.Read();
                if (isVersion)
                {
                    version = reader.TokenType == JsonTokenType.String ? Utf8StringPool.Decode(ref reader) : throw new JsonException("A bookmark has no version.");
                }

                reader.Skip();
            }
        }

        return version;
    }
}
