using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Definitions.Printing;

/// <summary>Columns whose cells are computed, as those of built-in kinds are.</summary>
internal static class BuiltInColumns
{
    public const string None = "<none>";
    public const string Unknown = "<unknown>";

    public static PrinterColumn Created { get; } = TimedColumn("Age", (item, now) => Since(item.Text("metadata", "creationTimestamp"), now));

    public static PrinterColumn Column(string name, Func<JsonObject, string> text) => TimedColumn(name, (item, _) => text(item));

    public static PrinterColumn WideColumn(string name, Func<JsonObject, string> text) => Columns.Wide(Column(name, text), priority: 1);

    public static PrinterColumn TimedColumn(string name, Func<JsonObject, DateTimeOffset, string> text) =>
        new(name, "string", 0, "") { Description = name, Compute = (item, now) => text(item, now) };

    public static PrinterColumn NumberColumn(string name, Func<JsonObject, long> number) =>
        new(name, "integer", 0, "") { Description = name, Compute = (item, _) => number(item) };

    public static string Since(string? time, DateTimeOffset now) =>
        DateTimeOffset.TryParse(time, System.Globalization.CultureInfo.InvariantCulture, out DateTimeOffset since) ? HumanDuration.Format(now - since) : Unknown;

    public static string OrNone(string? text) => string.IsNullOrEmpty(text) ? None : text;

    public static string OrUnknown(string? text) => string.IsNullOrEmpty(text) ? Unknown : text;

    /// <summary><c>a=b,c=d</c>, or <c>&lt;none&gt;</c>.</summary>
    public static string Pairs(JsonObject? map) =>
        OrNone(map is null ? null : string.Join(',', map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}")));
}
