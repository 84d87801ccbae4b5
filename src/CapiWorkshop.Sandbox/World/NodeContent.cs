using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.World;

/// <summary>Nodes as kind makes them.</summary>
internal static class NodeContent
{
    public static JsonObject Describe(string name, string address, string version, bool controlPlane, DateTimeOffset now)
    {
        string time = now.ToKubernetesTime();
        JsonObject node = JsonNode.Parse($$"""
            {
              "metadata": {
                "name": "{{name}}",
                "labels": {
                  "beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux",
                  "kubernetes.io/arch": "amd64", "kubernetes.io/hostname": "{{name}}", "kubernetes.io/os": "linux"
                },
                "annotations": { "node.alpha.kubernetes.io/ttl": "0", "volumes.kubernetes.io/controller-managed-attach-detach": "true" }
              },
              "spec": { "providerID": "docker:////{{name}}" },
              "status": {
                "addresses": [{ "type": "InternalIP", "address": "{{address}}" }, { "type": "Hostname", "address": "{{name}}" }],
                "allocatable": { "cpu": "4", "ephemeral-storage": "101430960Ki", "hugepages-2Mi": "0", "memory": "8131132Ki", "pods": "110" },
                "capacity": { "cpu": "4", "ephemeral-storage": "101430960Ki", "hugepages-2Mi": "0", "memory": "8131132Ki", "pods": "110" },
                "conditions": [
                  {{Condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available", time)}},
                  {{Condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure", time)}},
                  {{Condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available", time)}},
                  {{Condition("Ready", "True", "KubeletReady", "kubelet is posting ready status", time)}}
                ],
                "daemonEndpoints": { "kubeletEndpoint": { "Port": 10250 } },
                "nodeInfo": {
                  "architecture": "amd64", "bootID": "", "containerRuntimeVersion": "containerd://2.1.3", "kernelVersion": "6.8.0-60-generic",
                  "kubeProxyVersion": "", "kubeletVersion": "{{version}}", "machineID": "", "operatingSystem": "linux",
                  "osImage": "Debian GNU/Linux 12 (bookworm)", "systemUUID": ""
                }
              }
            }
            """)!.AsObject();
        if (controlPlane)
        {
            JsonObject labels = node.Ensure("metadata", "labels");
            labels["node-role.kubernetes.io/control-plane"] = "";
            labels["node.kubernetes.io/exclude-from-external-load-balancers"] = "";
        }

        return node;
    }

    private static string Condition(string type, string status, string reason, string message, string time) => $$"""
        { "type": "{{type}}", "status": "{{status}}", "reason": "{{reason}}", "message": "{{message}}", "lastHeartbeatTime": "{{time}}",
            "lastTransitionTime": "{{time}}" }
        """;
}
