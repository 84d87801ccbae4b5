using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Definitions.Printing;

internal static class VolumeText
{
    public static string Status(JsonObject claim) => claim.Text("metadata", "deletionTimestamp") is null ? claim.Text("status", "phase") ?? "" : "Terminating";

    public static string Volume(JsonObject claim) => claim.Text("spec", "volumeName") ?? "";

    public static string Capacity(JsonObject claim) => claim.Text("status", "capacity", "storage") ?? "";

    public static string AccessModes(JsonObject claim) => string.Join(',', (claim.Items("status", "accessModes") ?? []).Select(mode => mode?.ToString() switch
    {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        _ => "",
    }));

    public static string StorageClass(JsonObject claim) => claim.Text("spec", "storageClassName") ?? "";

    public static string AttributesClass(JsonObject claim) => claim.Text("spec", "volumeAttributesClassName") ?? "<unset>";

    public static string Mode(JsonObject claim) => claim.Text("spec", "volumeMode") ?? "<unset>";
}
