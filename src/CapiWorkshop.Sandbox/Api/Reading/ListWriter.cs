using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace CapiWorkshop.Sandbox.Api.Reading;

/// <summary>Streams a list: the items are bytes already, and a large list never lies in memory as a whole.</summary>
internal static class ListWriter
{
    private const int FlushAfter = 64 * 1024;

    /// <param name="itemsFirst">Real servers write lists of custom kinds in the order of the alphabet, and so the items before the metadata.</param>
    public static async Task WriteAsync(
        HttpContext http, string kind, string apiVersion, JsonObject metadata, bool itemsFirst, IEnumerable<ReadOnlyMemory<byte>> items)
    {
        http.Response.ContentType = Answer.JsonType;
        Utf8JsonWriter writer = new(http.Response.BodyWriter, new JsonWriterOptions { SkipValidation = true });
        await using (writer.ConfigureAwait(false))
        {
            writer.WriteStartObject();
            if (!itemsFirst)
                writer.WriteString("kind", kind);
            writer.WriteString("apiVersion", apiVersion);
            if (!itemsFirst)
                WriteMetadata();
            writer.WriteStartArray("items");
            int unsent = 0;
            foreach (ReadOnlyMemory<byte> item in items)
            {
                writer.WriteRawValue(item.Span, skipInputValidation: true);
                unsent += item.Length;
                if (unsent > FlushAfter)
                {
                    unsent = 0;
                    writer.Flush();
                    await http.Response.BodyWriter.FlushAsync(http.RequestAborted).ConfigureAwait(false);
                }
            }

            writer.WriteEndArray();
            if (itemsFirst)
            {
                writer.WriteString("kind", kind);
                WriteMetadata();
            }

            writer.WriteEndObject();
        }

        await http.Response.BodyWriter.FlushAsync(http.RequestAborted).ConfigureAwait(false);

        void WriteMetadata()
        {
            writer.WritePropertyName("metadata");
            metadata.WriteTo(writer);
        }
    }
}
