using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CapiWorkshop.Operations.Wire;

/// <summary>
/// The beginning of a body as Debug may show it: bounded, without managedFields, and without the values of what is confidential, of which names and sizes are left. Bytes
/// are added as they pass by, and only the first of them are kept.
/// </summary>
internal sealed class BodyExcerpt
{
    /// <summary>Bytes that are shown of a body.</summary>
    public const int MostShown = 4 * 1024;

    /// <summary>Bytes that are kept of a body: most of what a server sends of an object are managedFields, which are not shown.</summary>
    private const int MostKept = 16 * MostShown;

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> _start = new();
    private long _length;

    /// <summary>The excerpt of a body that is there as a whole.</summary>
    /// <param name="body">The body.</param>
    /// <param name="isConfidential">Whether nothing is shown of what stands below a field of that name, at any depth; null where everything is.</param>
    public static string Of(ReadOnlySpan<byte> body, Predicate<string>? isConfidential = null) => Show(body[..Math.Min(body.Length, MostKept)], body.Length, isConfidential);

    /// <summary>Takes notice of the bytes that come next.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        _length += bytes.Length;
        _start.Write(bytes[..Math.Min(bytes.Length, MostKept - _start.WrittenCount)]);
    }

    /// <summary>The excerpt of what was added.</summary>
    /// <param name="isConfidential">Whether nothing is shown of what stands below a field of that name, at any depth; null where everything is.</param>
    public string ToText(Predicate<string>? isConfidential = null) => Show(_start.WrittenSpan, _length, isConfidential);

    private static string Show(ReadOnlySpan<byte> start, long length, Predicate<string>? isConfidential)
    {
        try
        {
            ArrayBufferWriter<byte> shown = new();
            bool isWhole = Copy(start, isWhole: start.Length == length, isConfidential, shown);
            return Cut(shown.WrittenSpan, isWhole, length);
        }
        catch (JsonException)
        {
            return isConfidential is not null ? string.Create(CultureInfo.InvariantCulture, $"({length} bytes that are no JSON)") : Cut(start, start.Length == length, length);
        }
    }

    /// <summary>Text that a terminal cannot take for a command.</summary>
    private static string Cut(ReadOnlySpan<byte> text, bool isWhole, long length)
    {
        string shown = string.Concat(Encoding.UTF8.GetString(text[..Math.Min(text.Length, MostShown)]).Select(character => char.IsControl(character) ? ' ' : character));
        return isWhole && text.Length <= MostShown ? shown : string.Create(CultureInfo.InvariantCulture, $"{shown}… ({length} bytes in all)");
    }

    /// <summary>Copies JSON until there is enough; returns whether that was all of it.</summary>
    private static bool Copy(ReadOnlySpan<byte> json, bool isWhole, Predicate<string>? isConfidential, ArrayBufferWriter<byte> target)
    {
        using Utf8JsonWriter writer = new(target, Readable);
        Utf8JsonReader reader = new(json, isWhole, default);
        int? hiding = null; // the depth of the field whose value is being hidden
        bool isAll = true;
        while ((isAll = writer.BytesPending + writer.BytesCommitted < MostShown) && reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("managedFields"u8))
                {
                    if (!reader.TrySkip())
                    {
                        break;
                    }

                    continue;
                }

                string name = Utf8StringPool.Decode(ref reader);
                writer.WritePropertyName(name);
                hiding ??= isConfidential?.Invoke(name) == true ? reader.CurrentDepth : null;
                continue;
            }

            Write(writer, ref reader, hiding is not null);
            if (reader.CurrentDepth == hiding && reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            {
                hiding = null;
            }
        }

        writer.Flush();
        return isAll && reader.BytesConsumed == json.Length && isWhole;
    }

    private static void Write(Utf8JsonWriter writer, ref Utf8JsonReader reader, bool hides)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                writer.WriteStartObject();
                break;
            case JsonTokenType.EndObject:
                writer.WriteEndObject();
                break;
            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                break;
            case JsonTokenType.EndArray:
                writer.WriteEndArray();
                break;
            case JsonTokenType.Null:
                writer.WriteNullValue();
                break;
            case var _ when hides:
                writer.WriteStringValue(string.Create(CultureInfo.InvariantCulture, $"({reader.ValueSpan.Length} bytes)"));
                break;
            case JsonTokenType.String:
                writer.WriteStringValue(Utf8StringPool.Decode(ref reader));
                break;
            default:
                writer.WriteRawValue(reader.ValueSpan, skipInputValidation: true);
                break;
        }
    }
}
