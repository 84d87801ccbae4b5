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
/// <param name="Type">What it tells.</param>
/// <param name="Item">The object; null for bookmarks and errors.</param>
/// <param name="ResourceVersion">The version behind which the watch can be resumed; null for errors.</param>
/// <param name="Status">The error.</param>
/// <param name="EndsInitial">Whether all that was there when the watch began has been told with it.</param>
internal readonly record struct WatchLine<T>(WatchLineType Type, T? Item, string? ResourceVersion, StatusBody? Status, bool EndsInitial = false)
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
                return ReadBookmark(body);
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

    private static WatchLine<T> ReadBookmark(ReadOnlySpan<byte> body)
    {
        Utf8JsonReader metadata = new(body);
        metadata.Read();
        if (!Members.TryEnter(ref metadata, "metadata"u8))
        {
            return new(WatchLineType.Bookmark, null, null, null);
        }

        Utf8JsonReader version = metadata;
        string? known = !Members.TryEnter(ref version, "resourceVersion"u8) ? null
            : version.TokenType == JsonTokenType.String ? Utf8StringPool.Decode(ref version)
            : throw new JsonException("A bookmark has no version.");
        bool ends = Members.TryEnter(ref metadata, "annotations"u8) && Members.TryEnter(ref metadata, "k8s.io/initial-events-end"u8) && metadata.ValueTextEquals("true"u8);
        return new(WatchLineType.Bookmark, null, known, null, ends);
    }
}
