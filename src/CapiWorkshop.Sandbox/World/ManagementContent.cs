using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.World;

/// <summary>What a management cluster holds before the first workload cluster: a cluster of kind with one node, and what clusterctl installed into it.</summary>
internal static class ManagementContent
{
    public const string Cluster = "capi-management";

    public const string Node = Cluster + "-control-plane";

    /// <summary>The first one on the network of kind's containers: its container is the first that runs.</summary>
    public const string NodeAddress = "172.18.0.2";

    private const string PodNetwork = "10.244.0";

    private const string System = "kube-system";

    /// <param name="api">Has its namespaces and definitions; its clock stands at <paramref name="since"/>.</param>
    /// <param name="since">Since when it all has been there.</param>
    public static void AddTo(ClusterApi api, DateTimeOffset since)
    {
        PodHost host = new(Node, NodeAddress, PodNetwork);
        StoredObject node = api.Store.Create(Kinds.Node, DescribeNode(api, since), WriteScope.Everything);
        AddSystem(api, node, host);
        AddCertManager(api, host);
        foreach (InstalledProvider provider in InstalledProvider.All)
            AddProvider(api, provider, host);
    }

    private static void AddSystem(ClusterApi api, StoredObject node, PodHost host)
    {
        AddStaticPod(api, "etcd", "registry.k8s.io/etcd:3.5.21-0", node, host);
        foreach (string component in (ReadOnlySpan<string>)["kube-apiserver", "kube-controller-manager", "kube-scheduler"])
            AddStaticPod(api, component, $"registry.k8s.io/{component}:{api.ServerVersion}", node, host);
        AddDaemonPod(api, "kube-proxy", $"registry.k8s.io/kube-proxy:{api.ServerVersion}", new() { ["k8s-app"] = "kube-proxy" }, host);
        AddDaemonPod(api, "kindnet", "docker.io/kindest/kindnetd:v20250512-df8de77b", new() { ["app"] = "kindnet", ["k8s-app"] = "kindnet", ["tier"] = "node" }, host);
        Workloads.AddDeployment(api, System, "coredns", new("coredns", "registry.k8s.io/coredns/coredns:v1.12.0")
        {
            Labels = new Dictionary<string, string> { ["k8s-app"] = "kube-dns" },
            Args = ["-conf", "/etc/coredns/Corefile"],
        }, host, replicas: 2);

        WellKnownObjects.AddNamespace(api, "local-path-storage");
        Workloads.AddDeployment(api, "local-path-storage", "local-path-provisioner",
            new("local-path-provisioner", "docker.io/kindest/local-path-provisioner:v20250214-acbabc1a")
            {
                Labels = new Dictionary<string, string> { ["app"] = "local-path-provisioner" },
            }, host);
    }

    private static void AddStaticPod(ClusterApi api, string component, string image, StoredObject node, PodHost host) => Workloads.AddPod(api, System,
        new JsonObject { ["name"] = $"{component}-{node.Name}", ["annotations"] = new JsonObject { ["kubernetes.io/config.source"] = "file" } },
        new(component, image)
        {
            Labels = new Dictionary<string, string> { ["component"] = component, ["tier"] = "control-plane" },
            HostNetwork = true,
        }, host, owner: node);

    /// <summary>Without an owner: DaemonSets are not served, and an owner that is not there would have its pods collected.</summary>
    private static void AddDaemonPod(ClusterApi api, string name, string image, Dictionary<string, string> labels, PodHost host) => Workloads.AddPod(api, System,
        new JsonObject { ["generateName"] = name + "-" },
        new(name == "kindnet" ? "kindnet-cni" : name, image) { Labels = labels, HostNetwork = true }, host);

    private static void AddCertManager(ClusterApi api, PodHost host)
    {
        const string Namespace = "cert-manager", Version = "v1.20.2";
        WellKnownObjects.AddNamespace(api, Namespace);
        foreach ((string name, string component) in (ReadOnlySpan<(string, string)>)
            [("cert-manager", "controller"), ("cert-manager-cainjector", "cainjector"), ("cert-manager-webhook", "webhook")])
        {
            Dictionary<string, string> labels = new()
            {
                ["app.kubernetes.io/component"] = component,
                ["app.kubernetes.io/instance"] = "cert-manager",
                ["app.kubernetes.io/name"] = component == "controller" ? "cert-manager" : component,
            };
            PodTemplate pod = new($"cert-manager-{component}", $"quay.io/jetstack/cert-manager-{component}:{Version}") { Labels = labels };
            Workloads.AddDeployment(api, Namespace, name, pod, host, labels: new Dictionary<string, string>(labels)
            {
                ["app"] = component == "controller" ? "cert-manager" : component,
                ["app.kubernetes.io/version"] = Version,
                ["clusterctl.cluster.x-k8s.io"] = "",
                ["clusterctl.cluster.x-k8s.io/core"] = "cert-manager",
            });
        }
    }

    private static void AddProvider(ClusterApi api, InstalledProvider provider, PodHost host)
    {
        if (api.Store.Find(Kinds.Namespace, null, provider.Namespace) is null)
            WellKnownObjects.AddNamespace(api, provider.Namespace);
        api.Store.Create(Kinds.Provider, new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = provider.InventoryName,
                ["namespace"] = provider.Namespace,
                ["labels"] = new JsonObject
                {
                    ["clusterctl.cluster.x-k8s.io"] = "",
                    ["clusterctl.cluster.x-k8s.io/core"] = "inventory",
                    [InstalledProvider.ProviderLabel] = provider.InventoryName,
                },
            },
            ["providerName"] = provider.Name,
            ["type"] = provider.Type,
            ["version"] = provider.Version,
        }, WriteScope.Everything);

        Dictionary<string, string> labels = provider.PodLabels();
        Workloads.AddDeployment(api, provider.Namespace, provider.Deployment, new("manager", $"{provider.Image}:{provider.Version}")
        {
            Labels = labels,
            Args = provider.Args,
        }, host, labels: new Dictionary<string, string>(labels) { ["clusterctl.cluster.x-k8s.io"] = "" });
    }

    private static JsonObject DescribeNode(ClusterApi api, DateTimeOffset since)
    {
        JsonObject node = NodeContent.Describe(Node, NodeAddress, $"kind://docker/{Cluster}/{Node}", api.ServerVersion, since);
        node["metadata"]!["labels"]!["node-role.kubernetes.io/control-plane"] = "";
        node["spec"]!["podCIDR"] = $"{PodNetwork}.0/24";
        node["spec"]!["podCIDRs"] = new JsonArray($"{PodNetwork}.0/24");
        return node;
    }
}
