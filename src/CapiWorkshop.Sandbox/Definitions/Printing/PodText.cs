using System.Globalization;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Storage;
using static CapiWorkshop.Sandbox.Definitions.Printing.BuiltInColumns;

namespace CapiWorkshop.Sandbox.Definitions.Printing;

/// <summary>A pod in one line: what its containers are up to says more than its phase.</summary>
internal static class PodText
{
    public static string Ready(JsonObject pod) =>
        $"{Statuses(pod).Count(status => status.Flag("ready") == true && status.Child("state", "running") is not null)}/{pod.Items("spec", "containers")?.Count ?? 0}";

    public static string Status(JsonObject pod)
    {
        string phase = pod.Text("status", "phase") ?? "";
        if (pod.Text("metadata", "deletionTimestamp") is not null && phase is not ("Succeeded" or "Failed"))
            return pod.Text("status", "reason") == "NodeLost" ? "Unknown" : "Terminating";
        return Initializing(pod) ?? Stopped(pod) ?? pod.Text("status", "reason") ?? phase;
    }

    public static string Restarts(JsonObject pod, DateTimeOffset now)
    {
        long restarts = Statuses(pod).Sum(status => status.Number("restartCount") ?? 0);
        string? last = Statuses(pod).Select(status => status.Text("lastState", "terminated", "finishedAt")).Where(time => time is not null)
            .Max(StringComparer.Ordinal);
        return restarts > 0 && last is not null ? $"{restarts} ({Since(last, now)} ago)" : restarts.ToString(CultureInfo.InvariantCulture);
    }

    public static string Address(JsonObject pod) => OrNone(pod.Text("status", "podIP"));

    public static string Node(JsonObject pod) => OrNone(pod.Text("spec", "nodeName"));

    public static string NominatedNode(JsonObject pod) => OrNone(pod.Text("status", "nominatedNodeName"));

    public static string ReadinessGates(JsonObject pod)
    {
        if (pod.Items("spec", "readinessGates") is not { Count: > 0 } gates)
            return None;
        HashSet<string?> holding = [.. (pod.Items("status", "conditions") ?? []).Where(item => item.Text("status") == "True").Select(item => item.Text("type"))];
        return $"{gates.Count(gate => holding.Contains(gate.Text("conditionType")))}/{gates.Count}";
    }

    /// <summary>The first init container that is not through: <c>Init:1/2</c>, or what holds it.</summary>
    private static string? Initializing(JsonObject pod)
    {
        JsonArray statuses = pod.Items("status", "initContainerStatuses") ?? [];
        for (int at = 0; at < statuses.Count; at++)
        {
            JsonNode? state = statuses[at].Child("state");
            if (state.Child("terminated") is { } end)
            {
                if (end.Number("exitCode") == 0)
                    continue;
                return $"Init:{Ending(end)}";
            }

            return state.Text("waiting", "reason") is { Length: > 0 } reason and not "PodInitializing" ? $"Init:{reason}" : $"Init:{at}/{statuses.Count}";
        }

        return null;
    }

    /// <summary>Why a container is not running; the first in the pod's order wins.</summary>
    private static string? Stopped(JsonObject pod)
    {
        string? reason = null;
        foreach (JsonNode? status in Statuses(pod).Reverse())
        {
            if (status.Text("state", "waiting", "reason") is { Length: > 0 } waiting)
                reason = waiting;
            else if (status.Child("state", "terminated") is { } end)
                reason = Ending(end);
        }

        // A pod with a helper that has finished is running as long as another container is.
        return reason == "Completed" && Statuses(pod).Any(status => status.Child("state", "running") is not null && status.Flag("ready") == true) ? null : reason;
    }

    private static string Ending(JsonObject end) =>
        end.Text("reason") is { Length: > 0 } reason ? reason
        : end.Number("signal") is > 0 and long signal ? $"Signal:{signal}"
        : $"ExitCode:{end.Number("exitCode")}";

    private static JsonArray Statuses(JsonObject pod) => pod.Items("status", "containerStatuses") ?? [];
}
