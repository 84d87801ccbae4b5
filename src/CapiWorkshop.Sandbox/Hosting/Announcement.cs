using System.Globalization;
using System.Text.Json.Nodes;

namespace CapiWorkshop.Sandbox.Hosting;

/// <summary>What a sandbox says when it is ready: one line of JSON, on standard output and in its folder.</summary>
internal static class Announcement
{
    /// <param name="options">What was asked for.</param>
    /// <param name="server">The address of the Kubernetes API.</param>
    /// <param name="kubeConfig">The file with the way in.</param>
    /// <param name="engine">The container engine, as DOCKER_HOST spells it; null where there is none.</param>
    public static string Write(SandboxOptions options, Uri server, string kubeConfig, string? engine) => new JsonObject
    {
        ["name"] = options.Name,
        ["server"] = server.AbsoluteUri,
        ["kubeConfig"] = kubeConfig,
        ["engine"] = engine,
        ["pid"] = Environment.ProcessId,
        ["startedAt"] = DateTime.UtcNow.ToString("O", CultureInfo.InvariantCulture),
        ["timeScale"] = options.TimeScale,
        ["seed"] = options.Seed,
        ["detached"] = options.IsDetached,
    }.ToJsonString();
}
