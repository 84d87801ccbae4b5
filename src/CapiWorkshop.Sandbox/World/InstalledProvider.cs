namespace CapiWorkshop.Sandbox.World;

/// <summary>A provider that clusterctl installed: its entry in the inventory, and the Deployment of its controllers.</summary>
/// <param name="Label">What its Deployment and pods carry as provider label. Not every provider keeps to the name of its entry.</param>
internal sealed record InstalledProvider(string Type, string Name, string Namespace, string Deployment, string Label, string Image, string Version)
{
    public const string ProviderLabel = "cluster.x-k8s.io/provider";

    private const string CapiVersion = "v1.13.5";

    /// <summary>Tells pods apart whose provider label is the same.</summary>
    public string? Part { get; init; }

    public IReadOnlyList<string> Args { get; init; } = ["--leader-elect"];

    public static IReadOnlyList<InstalledProvider> All { get; } =
    [
        Capi("CoreProvider", "cluster-api", "capi", "cluster-api", "cluster-api-controller") with
        {
            Args = ["--leader-elect", "--diagnostics-address=:8443", "--feature-gates=MachinePool=true,ClusterTopology=false"],
        },
        Capi("BootstrapProvider", "kubeadm", "capi-kubeadm-bootstrap", "bootstrap-kubeadm", "kubeadm-bootstrap-controller"),
        Capi("ControlPlaneProvider", "kubeadm", "capi-kubeadm-control-plane", "control-plane-kubeadm", "kubeadm-control-plane-controller"),
        Capi("InfrastructureProvider", "docker", "capd", "infrastructure-docker", "") with { Image = "gcr.io/k8s-staging-cluster-api/capd-manager" },
        K0smotron("BootstrapProvider", "bootstrap"),
        K0smotron("ControlPlaneProvider", "control-plane"),
        K0smotron("InfrastructureProvider", "infrastructure"),
        new("AddonProvider", "helm", "caaph-system", "caaph-controller-manager", "helm", "registry.k8s.io/cluster-api-helm/cluster-api-helm-controller", "v0.6.4"),
    ];

    /// <summary>As clusterctl names entries: the type in short, then the name; the core has no prefix.</summary>
    public string InventoryName => Type switch
    {
        "BootstrapProvider" => "bootstrap-" + Name,
        "ControlPlaneProvider" => "control-plane-" + Name,
        "InfrastructureProvider" => "infrastructure-" + Name,
        "AddonProvider" => "addon-" + Name,
        _ => Name,
    };

    public Dictionary<string, string> PodLabels()
    {
        Dictionary<string, string> labels = new() { [ProviderLabel] = Label, ["control-plane"] = "controller-manager" };
        if (Part is not null)
            labels["k0smotron-provider"] = Part;
        return labels;
    }

    private static InstalledProvider Capi(string type, string name, string prefix, string label, string image) =>
        new(type, name, $"{prefix}-system", $"{prefix}-controller-manager", label, $"registry.k8s.io/cluster-api/{image}", CapiVersion);

    private static InstalledProvider K0smotron(string type, string part) =>
        new(type, "k0sproject-k0smotron", "k0smotron", $"k0smotron-controller-manager-{part}", "k0sproject-k0smotron", "quay.io/k0sproject/k0smotron", "v2.1.0") { Part = part };
}
