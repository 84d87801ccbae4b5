using System.Globalization;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Controllers;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.World;

/// <summary>What runs in a workload cluster.</summary>
internal static class WorkloadContent
{
    private const string SystemNamespace = "kube-system";

    /// <summary>What a cluster has from the start, wherever it will run.</summary>
    public static void AddSystem(ClusterApi api, bool hosted)
    {
        AddDeployment(api, SystemNamespace, "coredns", "registry.k8s.io/coredns/coredns:v1.12.0", new() { ["k8s-app"] = "kube-dns" }, replicas: 2);
        AddService(api, SystemNamespace, "kube-dns", new() { ["k8s-app"] = "kube-dns" }, "10.128.0.10", 53);
        foreach (string name in hosted ? (ReadOnlySpan<string>)["kube-proxy", "kube-router", "konnectivity-agent"] : ["kube-proxy", "kindnet"])
            api.Store.Create(Kinds.ServiceAccount, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = SystemNamespace } });
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
            JsonObject pod = Pod(api, SystemNamespace, new() { ["component"] = component, ["tier"] = "control-plane" }, component,
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
        string hash = Fnv1A.Hash($"{@namespace}/{name}/{image}").ToString("x8", CultureInfo.InvariantCulture);
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

    /// <summary>What a chart brings along, whatever chart it is: a Deployment with one pod, and a Service.</summary>
    public static void InstallRelease(ClusterApi api, string @namespace, string release, string chart, string version)
    {
        if (api.Store.Find(Kinds.Namespace, null, @namespace) is null)
            WellKnownObjects.AddNamespace(api, @namespace);
        if (api.Store.Find(Kinds.Deployment, @namespace, release) is not null)
            return;
        JsonObject labels = new() { ["app.kubernetes.io/instance"] = release, ["app.kubernetes.io/managed-by"] = "Helm", ["app.kubernetes.io/name"] = chart };
        AddDeployment(api, @namespace, release, $"docker.io/bitnami/{chart}:{version}", labels.DeepClone().AsObject(), replicas: 1);
        AddService(api, @namespace, release, labels, "10.128.12.34", 80);
        api.Store.Create(Kinds.Secret, new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = ReleaseSecret(release),
                ["namespace"] = @namespace,
                ["labels"] = new JsonObject { ["name"] = release, ["owner"] = "helm", ["status"] = "deployed", ["version"] = "1" },
            },
            ["type"] = "helm.sh/release.v1",
            ["data"] = new JsonObject { ["release"] = "" },
        });
    }

    /// <summary>Takes off what a release has brought; its pods go with their owner. Fails with 404 where there is nothing of it.</summary>
    public static void UninstallRelease(ClusterApi api, string @namespace, string release)
    {
        api.Store.Delete(Kinds.Secret, @namespace, ReleaseSecret(release));
        api.Store.Delete(Kinds.Service, @namespace, release);
        api.Store.Delete(Kinds.Deployment, @namespace, release);
    }

    /// <summary>A running pod of one container.</summary>
    public static JsonObject Pod(ClusterApi api, string @namespace, JsonObject labels, string container, string image, string node, string hostAddress,
        string? podAddress = null)
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
                ["podIP"] = podAddress ?? hostAddress,
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

    private static string ReleaseSecret(string release) => $"sh.helm.release.v1.{release}.v1";

    private static void AddDaemonPod(ClusterApi api, string name, string image, string node, string address)
    {
        JsonObject pod = Pod(api, SystemNamespace, new() { ["k8s-app"] = name }, name, image, node, address);
        pod["metadata"]!["generateName"] = name + "-";
        api.Store.Create(Kinds.Pod, pod, WriteScope.Everything);
    }
}
