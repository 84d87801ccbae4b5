using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Storage;
using static CapiWorkshop.Sandbox.Definitions.Printing.BuiltInColumns;

namespace CapiWorkshop.Sandbox.Definitions.Printing;

internal static class ServiceText
{
    public static string Type(JsonObject service) => service.Text("spec", "type") ?? "ClusterIP";

    public static string ClusterAddress(JsonObject service) => OrNone(service.Text("spec", "clusterIP"));

    public static string ExternalAddress(JsonObject service)
    {
        IEnumerable<string> given = (service.Items("spec", "externalIPs") ?? []).Select(address => address?.ToString() ?? "");
        if (Type(service) == "ExternalName")
            return service.Text("spec", "externalName") ?? "";
        if (Type(service) != "LoadBalancer")
            return OrNone(string.Join(',', given));

        IEnumerable<string> balanced = (service.Items("status", "loadBalancer", "ingress") ?? []).Select(item => item.Text("ip") ?? item.Text("hostname") ?? "");
        string all = string.Join(',', balanced.Concat(given));
        return all.Length > 0 ? all : "<pending>";
    }

    public static string Ports(JsonObject service) => OrNone(string.Join(',', (service.Items("spec", "ports") ?? []).Select(Port)));

    public static string Selector(JsonObject service) => Pairs(service.Child("spec", "selector"));

    private static string Port(JsonNode? port)
    {
        string target = port.Number("nodePort") is > 0 and long node ? $"{port.Number("port")}:{node}" : $"{port.Number("port")}";
        return $"{target}/{port.Text("protocol") ?? "TCP"}";
    }
}
