using System.Buffers;
using System.Text.Json;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations.Wire;

/// <summary>A question to the server about one's own rights, and its answer.</summary>
internal static class AccessReview
{
    /// <summary>The question; UTF-8 JSON.</summary>
    public static ReadOnlyMemory<byte> Write(string verb, ResourceType type, string? ns)
    {
        ArrayBufferWriter<byte> body = new();
        using Utf8JsonWriter writer = new(body);
        writer.WriteStartObject();
        writer.WriteString("apiVersion", CoreTypes.AccessReview.ApiVersion);
        writer.WriteString("kind", CoreTypes.AccessReview.Kind);
        writer.WriteStartObject("spec");
        writer.WriteStartObject("resourceAttributes");
        writer.WriteString("verb", verb);
        writer.WriteString("group", type.Group);
        writer.WriteString("resource", type.Plural);
        if (ns is not null)
        {
            writer.WriteString("namespace", ns);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return body.WrittenMemory;
    }

    /// <summary>The answer; null where there is none.</summary>
    public static bool? IsAllowed(ref Utf8JsonReader reader)
    {
        bool? allowed = null;
        Utf8StringPool pool = new();
        while (reader.NextProperty(pool, out string name))
        {
            switch (name)
            {
                case "status" when reader.EnterObject():
                    while (reader.NextProperty(pool, out string field))
                    {
                        switch (field)
                        {
                            case "allowed": allowed = reader.Bool(); break;
                            default: reader.Skip(); break;
                        }
                    }

                    break;
                case "status": break;
                default: reader.Skip(); break;
            }
        }

        return allowed;
    }
}
