using System.Buffers;
using System.Text.Json;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Kubernetes;

/// <summary>Writes Kubernetes' DeleteOptions.</summary>
internal static class DeleteBody
{
    public static ReadOnlyMemory<byte> Write(DeleteRequest request)
    {
        ArrayBufferWriter<byte> body = new();
        using Utf8JsonWriter writer = new(body);
        writer.WriteStartObject();
        writer.WriteString("kind", "DeleteOptions");
        writer.WriteString("apiVersion", "v1");
        if (request.Uid is not null || request.ResourceVersion is not null)
        {
            writer.WriteStartObject("preconditions");
            foreach ((string name, string? value) in (ReadOnlySpan<(string, string?)>)[("uid", request.Uid), ("resourceVersion", request.ResourceVersion)])
            {
                if (value is not null)
                {
                    writer.WriteString(name, value);
                }
            }

            writer.WriteEndObject();
        }

        if (request.Propagation != DeletePropagation.Default)
        {
            writer.WriteString("propagationPolicy", request.Propagation.ToString());
        }

        if (request.DryRun)
        {
            writer.WriteStartArray("dryRun");
            writer.WriteStringValue("All");
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.Flush();
        return body.WrittenMemory;
    }
}
