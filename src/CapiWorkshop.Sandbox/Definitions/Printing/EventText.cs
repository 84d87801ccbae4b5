using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Storage;
using static CapiWorkshop.Sandbox.Definitions.Printing.BuiltInColumns;

namespace CapiWorkshop.Sandbox.Definitions.Printing;

internal static class EventText
{
    public static string LastSeen(JsonObject item, DateTimeOffset now)
    {
        if (item.Number("series", "count") is { } repeated)
            return $"{Since(item.Text("series", "lastObservedTime"), now)} (x{repeated} over {FirstSeen(item, now)})";
        string last = Since(item.Text("lastTimestamp") ?? item.Text("eventTime"), now);
        return item.Number("count") is > 1 and long count ? $"{last} (x{count} over {FirstSeen(item, now)})" : last;
    }

    public static string FirstSeen(JsonObject item, DateTimeOffset now) => Since(item.Text("firstTimestamp") ?? item.Text("eventTime"), now);

    public static string Type(JsonObject item) => item.Text("type") ?? "";

    public static string Reason(JsonObject item) => item.Text("reason") ?? "";

    public static string Object(JsonObject item)
    {
        string kind = (item.Text("involvedObject", "kind") ?? "").ToLowerInvariant();
        return item.Text("involvedObject", "name") is { Length: > 0 } name ? $"{kind}/{name}" : kind;
    }

    public static string Subobject(JsonObject item) => item.Text("involvedObject", "fieldPath") ?? "";

    public static string Source(JsonObject item)
    {
        string component = item.Text("source", "component") ?? item.Text("reportingComponent") ?? "";
        return item.Text("source", "host") is { Length: > 0 } host ? $"{component}, {host}" : component;
    }

    public static string Message(JsonObject item) => (item.Text("message") ?? "").Trim();

    public static long Count(JsonObject item) => item.Number("series", "count") ?? Math.Max(1, item.Number("count") ?? 1);

    public static string Name(JsonObject item) => item.Text("metadata", "name") ?? "";
}
