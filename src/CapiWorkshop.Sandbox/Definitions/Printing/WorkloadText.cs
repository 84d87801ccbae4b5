using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Storage;
using static CapiWorkshop.Sandbox.Definitions.Printing.BuiltInColumns;

namespace CapiWorkshop.Sandbox.Definitions.Printing;

/// <summary>Cells of the kinds that run pods.</summary>
internal static class WorkloadText
{
    public static string Ready(JsonObject item) => $"{ReadyCount(item)}/{Desired(item)}";

    public static long Desired(JsonObject item) => item.Number("spec", "replicas") ?? 1;

    public static long Current(JsonObject item) => Status(item, "replicas");

    public static long ReadyCount(JsonObject item) => Status(item, "readyReplicas");

    public static long Updated(JsonObject item) => Status(item, "updatedReplicas");

    public static long Available(JsonObject item) => Status(item, "availableReplicas");

    public static string ContainerNames(JsonObject item) => Join(item, "name");

    public static string Images(JsonObject item) => Join(item, "image");

    public static string Selector(JsonObject item) => Pairs(item.Child("spec", "selector", "matchLabels"));

    private static long Status(JsonObject item, string field) => item.Number("status", field) ?? 0;

    private static string Join(JsonObject item, string field) =>
        string.Join(',', (item.Items("spec", "template", "spec", "containers") ?? []).Select(container => container.Text(field)));
}
