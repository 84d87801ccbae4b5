using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations;

/// <summary>A write as the audit tells it.</summary>
internal sealed record AuditedWrite(string Verb, ResourceType Type, string? Namespace, string? Name, string? Subresource, bool DryRun)
{
    /// <summary>Both lines of a write have it, and no other line.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    public string? Uid { get; init; }

    public IReadOnlyDictionary<string, JsonNode?>? Before { get; init; }

    public IReadOnlyDictionary<string, JsonNode?>? After { get; init; }
}

/// <summary>How a write ended: <c>succeeded</c>, <c>failed</c>, or <c>unknown</c> where no answer came and the server may have acted all the same.</summary>
internal sealed record AuditedResult(string Status, string? ErrorId, string? RequestId);

/// <summary>What one command writes into an audit file.</summary>
internal sealed class AuditTrail(AuditFile file, string command, Func<CancellationToken, ValueTask<string>> managementClusterId, TimeProvider clock)
{
    /// <summary>The line before a write; where it cannot be written, the write is not made.</summary>
    public async Task RequestAsync(KubernetesEndpoint endpoint, AuditedWrite write, CancellationToken cancellationToken) =>
        await file.AppendAsync(ToLine(endpoint, await managementClusterId(cancellationToken).ConfigureAwait(false), write, null), "Nothing was changed", cancellationToken).ConfigureAwait(false);

    /// <summary>The line after a write. That a command is stopped does not keep it from being written.</summary>
    public async Task CompleteAsync(KubernetesEndpoint endpoint, AuditedWrite write, AuditedResult result) =>
        await file.AppendAsync(
            ToLine(endpoint, await managementClusterId(CancellationToken.None).ConfigureAwait(false), write, result),
            $"How the {write.Verb} of {write.Type.Kind} {write.Name} ended ({result.Status}) is not recorded",
            CancellationToken.None).ConfigureAwait(false);

    private byte[] ToLine(KubernetesEndpoint endpoint, string id, AuditedWrite write, AuditedResult? result)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("schemaVersion", 1);
            json.WriteString("time", clock.GetUtcNow().UtcDateTime);
            json.WriteString("operation", write.Id);
            json.WriteString("stage", result is null ? "requested" : "completed");
            json.WriteString("user", Environment.UserName);
            json.WriteString("host", Environment.MachineName);
            json.WriteNumber("processId", Environment.ProcessId);
            json.WriteString("context", endpoint.Context);
            json.WriteString("contextUser", endpoint.User);
            json.WriteString("server", ProblemTable.Show(endpoint.Server));
            json.WriteString("managementClusterId", id);
            json.WriteString("cmdlet", command);
            json.WriteString("verb", write.Verb);
            json.WriteBoolean("dryRun", write.DryRun);
            json.WriteStartObject("object");
            json.WriteString("group", write.Type.Group);
            json.WriteString("version", write.Type.Version);
            json.WriteString("kind", write.Type.Kind);
            json.WriteString("namespace", write.Namespace);
            json.WriteString("name", write.Name);
            json.WriteString("uid", write.Uid);
            json.WriteString("subresource", write.Subresource);
            json.WriteEndObject();
            Write(json, "before", write.Type, write.Before);
            Write(json, "after", write.Type, write.After);
            json.WriteString("status", result?.Status);
            json.WriteString("errorId", result?.ErrorId);
            json.WriteString("requestId", result?.RequestId);
            json.WriteEndObject();
        }

        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    private static void Write(Utf8JsonWriter json, string name, ResourceType type, IReadOnlyDictionary<string, JsonNode?>? fields)
    {
        json.WritePropertyName(name);
        if (fields is null)
        {
            json.WriteNullValue();
        }
        else
        {
            AuditedFields.Keep(type, fields).WriteTo(json);
        }
    }
}
