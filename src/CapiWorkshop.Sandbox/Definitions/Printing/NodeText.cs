using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Storage;
using static CapiWorkshop.Sandbox.Definitions.Printing.BuiltInColumns;

namespace CapiWorkshop.Sandbox.Definitions.Printing;

internal static class NodeText
{
    private const string RolePrefix = "node-role.kubernetes.io/";

    public static string Status(JsonObject node)
    {
        string ready = node.Items("status", "conditions")?.FirstOrDefault(item => item.Text("type") == "Ready").Text("status") switch
        {
            "True" => "Ready",
            null => "Unknown",
            _ => "NotReady",
        };
        return node.Flag("spec", "unschedulable") == true ? $"{ready},SchedulingDisabled" : ready;
    }

    public static string Roles(JsonObject node)
    {
        IEnumerable<string> roles = (node.Child("metadata", "labels") ?? [])
            .Select(label => label.Key.StartsWith(RolePrefix, StringComparison.Ordinal) ? label.Key[RolePrefix.Length..]
                : label.Key == "kubernetes.io/role" ? label.Value?.ToString() ?? "" : "")
            .Where(role => role.Length > 0);
        return OrNone(string.Join(',', roles.Distinct().Order(StringComparer.Ordinal)));
    }

    public static string Version(JsonObject node) => node.Text("status", "nodeInfo", "kubeletVersion") ?? "";

    public static string InternalAddress(JsonObject node) => Address(node, "InternalIP");

    public static string ExternalAddress(JsonObject node) => Address(node, "ExternalIP");

    public static string OsImage(JsonObject node) => OrUnknown(node.Text("status", "nodeInfo", "osImage"));

    public static string Kernel(JsonObject node) => OrUnknown(node.Text("status", "nodeInfo", "kernelVersion"));

    public static string Runtime(JsonObject node) => OrUnknown(node.Text("status", "nodeInfo", "containerRuntimeVersion"));

    private static string Address(JsonObject node, string type) =>
        OrNone(node.Items("status", "addresses")?.FirstOrDefault(item => item.Text("type") == type).Text("address"));
}
