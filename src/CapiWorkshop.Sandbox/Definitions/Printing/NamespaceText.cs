using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Definitions.Printing;

internal static class NamespaceText
{
    public static string Status(JsonObject item) => item.Text("status", "phase") ?? "";
}
