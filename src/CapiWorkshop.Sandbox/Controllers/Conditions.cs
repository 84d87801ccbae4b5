using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>Reads and writes <c>status.conditions</c> of the objects that a controller is at work on.</summary>
internal static class Conditions
{
    public const string True = "True";
    public const string False = "False";
    public const string Unknown = "Unknown";

    public static JsonNode? Find(JsonNode? content, string type)
    {
        foreach (JsonNode? condition in content.Items("status", "conditions") ?? [])
        {
            if (condition.Text("type") == type)
                return condition;
        }

        return null;
    }

    public static string? StatusOf(JsonNode? content, string type) => Find(content, type).Text("status");

    public static bool IsTrue(JsonNode? content, string type) => StatusOf(content, type) == True;

    /// <summary>The time of transition is kept for as long as the status is.</summary>
    public static void Set(JsonObject content, DateTimeOffset now, string type, string status, string reason, string message = "")
    {
        JsonObject parent = content.Ensure("status");
        if (parent["conditions"] is not JsonArray conditions)
            parent["conditions"] = conditions = [];
        if (Find(content, type) is not JsonObject condition)
        {
            condition = new() { ["type"] = type };
            // What people look for first stands first.
            conditions.Insert(type == "Available" ? 0 : type == "Ready" ? Math.Min(conditions.Count, Find(content, "Available") is null ? 0 : 1)
                : conditions.Count, condition);
        }

        if (condition.Text("status") != status)
            condition["lastTransitionTime"] = now.ToKubernetesTime();
        condition["status"] = status;
        condition["reason"] = reason;
        condition["message"] = message;
        if (content.Number("metadata", "generation") is { } generation)
            condition["observedGeneration"] = generation;
    }

    /// <summary>Sets a condition whose reasons are its own name, and its name with Not before it.</summary>
    public static void SetFlag(JsonObject content, DateTimeOffset now, string type, bool holds, string message = "", string? positive = null,
        string? negative = null) =>
        Set(content, now, type, holds ? True : False, holds ? positive ?? type : negative ?? "Not" + type, message);

    /// <summary>
    /// Sums conditions up: one that is bad makes the sum False, else one that is unknown makes it Unknown. Deleting and its like are bad when they hold.
    /// </summary>
    public static void Summarize(JsonObject content, DateTimeOffset now, string type, string good, string bad, string unknown,
        params ReadOnlySpan<string> parts)
    {
        List<string> issues = [];
        List<string> doubts = [];
        foreach (string part in parts)
        {
            if (Find(content, part) is not { } condition)
                continue;
            string message = $"* {part}: {(condition.Text("message") is { Length: > 0 } text ? text : condition.Text("reason"))}";
            string bound = part is "Deleting" or "Updating" ? True : False;
            if (condition.Text("status") == bound)
                issues.Add(message);
            else if (condition.Text("status") == Unknown)
                doubts.Add(message);
        }

        string status = issues.Count > 0 ? False : doubts.Count > 0 ? Unknown : True;
        Set(content, now, type, status, status switch { False => bad, Unknown => unknown, _ => good }, string.Join('\n', issues.Concat(doubts)));
    }
}
