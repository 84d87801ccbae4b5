using System.Text.Json;

namespace CapiWorkshop.Tests.Integration.Harness;

/// <summary>One request as the server saw it.</summary>
public sealed record AuditEntry(string Id, string Verb, string Uri, string User, string UserAgent)
{
    /// <summary>The HTTP status; null while a watch runs.</summary>
    public int? Code { get; set; }

    public bool IsFinished { get; set; }

    /// <summary>Path and query with percent signs resolved.</summary>
    public string Asked => System.Uri.UnescapeDataString(Uri);

    public override string ToString() => $"{Verb} {Asked} {Code} {User}";
}

/// <summary>What the server was really asked, from its own log.</summary>
public sealed class AuditLog(string file, Func<string, CancellationToken, Task> ask)
{
    /// <summary>Where the log ends now.</summary>
    public long Mark() => File.Exists(file) ? new FileInfo(file).Length : 0;

    /// <summary>
    /// The requests of the code under test since a mark. Exact: the log tells a request before it is worked on, so whatever had been sent when this was
    /// called stands before the marker that this sends.
    /// </summary>
    public async Task<IReadOnlyList<AuditEntry>> SinceAsync(long mark, CancellationToken cancellationToken)
    {
        string marker = "/version?marker=" + Guid.NewGuid().ToString("N");
        await ask(marker, cancellationToken);
        List<AuditEntry> all = await Eventually.ValueAsync(
            () =>
            {
                List<AuditEntry> entries = Read(mark);
                int end = entries.FindIndex(entry => entry.Uri == marker);
                return end >= 0 && entries.Take(end).All(entry => entry.IsFinished || entry.Verb == "watch" || !IsOurs(entry)) ? entries[..end] : null;
            },
            cancellationToken);
        return [.. all.Where(IsOurs)];
    }

    private static bool IsOurs(AuditEntry entry) => entry.UserAgent.StartsWith("CapiWorkshop/", StringComparison.Ordinal);

    private List<AuditEntry> Read(long mark)
    {
        using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Seek(mark, SeekOrigin.Begin);
        using StreamReader reader = new(stream);
        string[] lines = reader.ReadToEnd().Split('\n');
        Dictionary<string, AuditEntry> byId = [];
        List<AuditEntry> entries = [];
        foreach (string line in lines[..^1]) // behind the last line end stands nothing, or a line that is being written
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            string id = root.GetProperty("auditID").GetString()!;
            string stage = root.GetProperty("stage").GetString()!;
            int? code = root.TryGetProperty("responseStatus", out JsonElement status) && status.TryGetProperty("code", out JsonElement number) ? number.GetInt32() : null;

            // What fails at authentication has no first stage.
            if (stage == "RequestReceived" || (code == 401 && !byId.ContainsKey(id)))
            {
                string agent = root.TryGetProperty("userAgent", out JsonElement text) ? text.GetString()! : "";
                AuditEntry entry = new(id, root.GetProperty("verb").GetString()!, root.GetProperty("requestURI").GetString()!, root.GetProperty("user").TryGetProperty("username", out JsonElement user) ? user.GetString()! : "", agent);
                entries.Add(byId[id] = entry);
            }

            if (byId.TryGetValue(id, out AuditEntry? known))
            {
                known.Code = code ?? known.Code;
                known.IsFinished |= stage is "ResponseComplete" or "Panic" || code == 401;
            }
        }

        return entries;
    }
}
