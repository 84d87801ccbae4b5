using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Controllers;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.World;

/// <summary>What runs in a workload cluster.</summary>
internal static class WorkloadContent
{
    private const string System = "kube-system";

    /// <summary>What a cluster has from the start, wherever it will run.</summary>
    public static void AddSystem(ClusterApi api, bool hosted)
    {
        AddDeployment(api, System, "coredns", "registry.k8s.io/coredns/coredns:v1.12.0", new() { ["k8s-app"] = "kube-dns" }, replicas: 2);
        AddService(api, System, "kube-dns", new() { ["k8s-app"] = "kube-dns" }, "10.128.0.10", 53);
        foreach (string name in hosted ? (ReadOnlySpan<string>)["kube-proxy", "kube-router", "konnectivity-agent"] : ["kube-proxy", "kindnet"])
            api.Store.Create(Kinds.ServiceAccount, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = System } });
    }

    /// <summary>What runs on every node, and on control plane nodes beside it.</summary>
    public static void AddNodePods(ClusterApi api, string node, string address, bool controlPlane, bool hosted, string version)
    {
        string image = version.Split('+')[0];
        AddDaemonPod(api, "kube-proxy", $"registry.k8s.io/kube-proxy:{image}", node, address);
        if (hosted)
        {
            AddDaemonPod(api, "kube-router", "quay.io/k0sproject/kube-router:v2.5.0-iptables1.8.11-0", node, address);
            AddDaemonPod(api, "konnectivity-agent", "quay.io/k0sproject/apiserver-network-proxy-agent:v0.32.0", node, address);
        }
        else
        {
            AddDaemonPod(api, "kindnet", "docker.io/kindest/kindnetd:v20250512-df8de77b", node, address);
        }

        if (!controlPlane)
            return;
        foreach (string component in (ReadOnlySpan<string>)["kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"])
        {
            JsonObject pod = Pod(api, System, new() { ["component"] = component, ["tier"] = "control-plane" }, component,
                component == "etcd" ? "registry.k8s.io/etcd:3.5.21-0" : $"registry.k8s.io/{component}:{image}", node, address);
            pod["metadata"]!["name"] = $"{component}-{node}";
            pod["metadata"]!["annotations"] = new JsonObject { ["kubernetes.io/config.source"] = "file" };
            api.Store.Create(Kinds.Pod, pod, WriteScope.Everything);
        }
    }

    /// <summary>A Deployment and its ReplicaSet. Its pods follow as soon as there is a node for them.</summary>
    public static StoredObject AddDeployment(ClusterApi api, string @namespace, string name, string image, JsonObject labels, int replicas)
    {
        JsonObject Workload(string kindName, JsonObject all, JsonObject? owner)
        {
            JsonObject metadata = new() { ["name"] = kindName, ["namespace"] = @namespace, ["labels"] = all.DeepClone() };
            if (owner is not null)
                metadata["ownerReferences"] = new JsonArray(owner);
            return new()
            {
                ["metadata"] = metadata,
                ["spec"] = new JsonObject
                {
                    ["replicas"] = replicas,
                    ["selector"] = new JsonObject { ["matchLabels"] = all.DeepClone() },
                    ["template"] = new JsonObject
                    {
                        ["metadata"] = new JsonObject { ["labels"] = all.DeepClone() },
                        ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = name, ["image"] = image }) },
                    },
                },
                ["status"] = new JsonObject { ["replicas"] = 0, ["observedGeneration"] = 1 },
            };
        }

        StoredObject deployment = api.Store.Create(Kinds.Deployment, Workload(name, labels, null), WriteScope.Everything);
        string hash = Fnv1A.Hash($"{@namespace}/{name}/{image}").ToString("x8", global::System.Globalization.CultureInfo.InvariantCulture);
        JsonObject hashed = labels.DeepClone().AsObject();
        hashed["pod-template-hash"] = hash;
        api.Store.Create(Kinds.ReplicaSet, Workload($"{name}-{hash}", hashed, OwnerReference.To(deployment, controller: true).ToJson()), WriteScope.Everything);
        return deployment;
    }

    public static StoredObject AddService(ClusterApi api, string @namespace, string name, JsonObject selector, string address, int port) =>
        api.Store.Create(Kinds.Service, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace, ["labels"] = selector.DeepClone() },
            ["spec"] = new JsonObject
            {
                ["type"] = "ClusterIP",
                ["clusterIP"] = address,
                ["clusterIPs"] = new JsonArray(address),
                ["selector"] = selector,
                ["ports"] = new JsonArray(new JsonObject { ["port"] = port, ["protocol"] = "TCP", ["targetPort"] = port }),
            },
            ["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() },
        }, WriteScope.Everything);

    /// <summary>A running pod of one container.</summary>
    public static JsonObject Pod(ClusterApi api, string @namespace, JsonObject labels, string container, string image, string node, string hostAddress)
    {
        string time = api.Time.GetUtcNow().ToKubernetesTime();
        JsonNode Condition(string type) => new JsonObject { ["type"] = type, ["status"] = "True", ["lastTransitionTime"] = time };
        return new()
        {
            ["metadata"] = new JsonObject { ["namespace"] = @namespace, ["labels"] = labels },
            ["spec"] = new JsonObject
            {
                ["nodeName"] = node,
                ["restartPolicy"] = "Always",
                ["containers"] = new JsonArray(new JsonObject { ["name"] = container, ["image"] = image, ["imagePullPolicy"] = "IfNotPresent" }),
            },
            ["status"] = new JsonObject
            {
                ["phase"] = "Running",
                ["hostIP"] = hostAddress,
                ["podIP"] = hostAddress,
                ["startTime"] = time,
                ["qosClass"] = "BestEffort",
                ["conditions"] = new JsonArray(Condition("PodScheduled"), Condition("Initialized"), Condition("ContainersReady"), Condition("Ready")),
                ["containerStatuses"] = new JsonArray(new JsonObject
                {
                    ["name"] = container,
                    ["image"] = image,
                    ["ready"] = true,
                    ["started"] = true,
                    ["restartCount"] = 0,
                    ["state"] = new JsonObject { ["running"] = new JsonObject { ["startedAt"] = time } },
                }),
            },
        };
    }

    private static void AddDaemonPod(ClusterApi api, string name, string image, string node, string address)
    {
        JsonObject pod = Pod(api, System, new() { ["k8s-app"] = name }, name, image, node, address);
        pod["metadata"]!["generateName"] = name + "-";
        api.Store.Create(Kinds.Pod, pod, WriteScope.Everything);
    }
}
