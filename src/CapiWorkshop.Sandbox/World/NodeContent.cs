using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Controllers;
using CapiWorkshop.Sandbox.Engine;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.World;

/// <summary>Nodes as kind makes them.</summary>
internal static class NodeContent
{
    private static readonly (string Type, string Good, string Reason, string Message)[] Reports =
    [
        ("MemoryPressure", Conditions.False, "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        ("DiskPressure", Conditions.False, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", Conditions.False, "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        ("Ready", Conditions.True, "KubeletReady", "kubelet is posting ready status"),
    ];

    public static JsonObject Describe(string name, string address, string provider, string version, DateTimeOffset now)
    {
        JsonObject node = new()
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["labels"] = new JsonObject
                {
                    ["beta.kubernetes.io/arch"] = EngineMachine.Architecture,
                    ["beta.kubernetes.io/os"] = "linux",
                    ["kubernetes.io/arch"] = EngineMachine.Architecture,
                    ["kubernetes.io/hostname"] = name,
                    ["kubernetes.io/os"] = "linux",
                },
                ["annotations"] = new JsonObject { ["node.alpha.kubernetes.io/ttl"] = "0", ["volumes.kubernetes.io/controller-managed-attach-detach"] = "true" },
            },
            ["spec"] = new JsonObject { ["providerID"] = provider },
            ["status"] = new JsonObject
            {
                ["addresses"] = new JsonArray(
                    new JsonObject { ["type"] = "InternalIP", ["address"] = address },
                    new JsonObject { ["type"] = "Hostname", ["address"] = name }),
                ["allocatable"] = Capacity(),
                ["capacity"] = Capacity(),
                ["daemonEndpoints"] = new JsonObject { ["kubeletEndpoint"] = new JsonObject { ["Port"] = 10250 } },
                ["nodeInfo"] = new JsonObject
                {
                    ["architecture"] = EngineMachine.Architecture,
                    ["bootID"] = "",
                    ["containerRuntimeVersion"] = "containerd://2.1.3",
                    ["kernelVersion"] = EngineMachine.KernelVersion,
                    ["kubeProxyVersion"] = "",
                    ["kubeletVersion"] = version,
                    ["machineID"] = "",
                    ["operatingSystem"] = "linux",
                    ["osImage"] = "Debian GNU/Linux 12 (bookworm)",
                    ["systemUUID"] = "",
                },
            },
        };
        Report(node, alive: true, now);
        return node;
    }

    /// <summary>What a kubelet says of its node, or what the cluster says of one that it has not heard from for a while.</summary>
    public static void Report(JsonObject node, bool alive, DateTimeOffset now)
    {
        string time = now.ToKubernetesTime();
        node["status"]!["conditions"] = new JsonArray([.. Reports.Select(report =>
        {
            string status = alive ? report.Good : Conditions.Unknown;
            JsonNode? before = Conditions.Find(node, report.Type);
            return new JsonObject
            {
                ["type"] = report.Type,
                ["status"] = status,
                ["lastHeartbeatTime"] = alive ? time : before.Text("lastHeartbeatTime"),
                ["lastTransitionTime"] = before.Text("status") == status ? before.Text("lastTransitionTime") : time,
                ["reason"] = alive ? report.Reason : "NodeStatusUnknown",
                ["message"] = alive ? report.Message : "Kubelet stopped posting node status.",
            };
        })]);
    }

    private static JsonObject Capacity() => new()
    {
        ["cpu"] = $"{EngineMachine.Cpus}",
        ["ephemeral-storage"] = "101430960Ki",
        ["hugepages-2Mi"] = "0",
        ["memory"] = $"{EngineMachine.MemoryBytes / 1024}Ki",
        ["pods"] = "110",
    };
}
