using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Definitions.Printing;

/// <summary>Cells of the kinds that mostly hold data.</summary>
internal static class DataText
{
    public static string SecretType(JsonObject secret) => secret.Text("type") ?? "";

    public static long Entries(JsonObject item) => (item.Child("data")?.Count ?? 0) + (item.Child("binaryData")?.Count ?? 0);

    public static long Secrets(JsonObject account) => account.Items("secrets")?.Count ?? 0;

    public static string Holder(JsonObject lease) => lease.Text("spec", "holderIdentity") ?? "";
}
