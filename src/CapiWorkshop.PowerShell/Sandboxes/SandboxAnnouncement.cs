using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace CapiWorkshop.PowerShell.Sandboxes;

/// <summary>What a sandbox says of itself when it is ready, on its output and in its folder.</summary>
internal sealed record SandboxAnnouncement(
    string Name, Uri Server, string KubeConfig, string? Engine, int Pid, DateTimeOffset StartedAt, double TimeScale, int Seed, bool Detached)
{
    public static bool TryParse(string? json, [NotNullWhen(true)] out SandboxAnnouncement? announcement)
    {
        announcement = null;
        if (json is null)
        {
            return false;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement said = document.RootElement;
            announcement = new(
                said.GetProperty("name").GetString()!,
                new(said.GetProperty("server").GetString()!),
                said.GetProperty("kubeConfig").GetString()!,
                said.GetProperty("engine").GetString(),
                said.GetProperty("pid").GetInt32(),
                said.GetProperty("startedAt").GetDateTimeOffset(),
                said.GetProperty("timeScale").GetDouble(),
                said.GetProperty("seed").GetInt32(),
                said.GetProperty("detached").GetBoolean());
            return true;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }
}
