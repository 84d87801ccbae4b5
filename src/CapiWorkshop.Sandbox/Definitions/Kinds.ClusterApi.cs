using static CapiWorkshop.Sandbox.Definitions.Columns;

namespace CapiWorkshop.Sandbox.Definitions;

/// <summary>Every kind the sandbox serves, each defined once.</summary>
internal static partial class Kinds
{
    private const string CapiGroup = "cluster.x-k8s.io";

    // Computed, not stored: the order in which the parts of a partial class are initialized is nobody's promise.
    private static string[] CapiCategory => ["cluster-api"];

    private static ScalePaths Scalable => new();

    public static ResourceDefinition Cluster { get; } = new()
    {
        Group = CapiGroup,
        Kind = "Cluster",
        Plural = "clusters",
        ShortNames = ["cl"],
        Categories = CapiCategory,
        DefinitionLabels = Contracts,
        Versions =
        [
            new("v1beta2")
            {
                Columns =
                [
                    Text("ClusterClass", ".spec.topology.classRef.name"),
                    Condition("Available"),
                    Count("CP Desired", ".status.controlPlane.desiredReplicas"),
                    Wide(Count("CP Current", ".status.controlPlane.replicas")),
                    Wide(Count("CP Ready", ".status.controlPlane.readyReplicas")),
                    Count("CP Available", ".status.controlPlane.availableReplicas"),
                    Count("CP Up-to-date", ".status.controlPlane.upToDateReplicas"),
                    Count("W Desired", ".status.workers.desiredReplicas"),
                    Wide(Count("W Current", ".status.workers.replicas")),
                    Wide(Count("W Ready", ".status.workers.readyReplicas")),
                    Count("W Available", ".status.workers.availableReplicas"),
                    Count("W Up-to-date", ".status.workers.upToDateReplicas"),
                    Paused, Phase, Age,
                    Text("Version", ".spec.topology.version"),
                ],
            },
            new("v1beta1") { Deprecated = true, Columns = [Text("ClusterClass", ".spec.topology.class"), Phase, Age, Text("Version", ".spec.topology.version")] },
        ],
    };

    public static ResourceDefinition Machine { get; } = new()
    {
        Group = CapiGroup,
        Kind = "Machine",
        Plural = "machines",
        ShortNames = ["ma"],
        Categories = CapiCategory,
        DefinitionLabels = Contracts,
        Versions =
        [
            new("v1beta2")
            {
                Columns =
                [
                    Columns.Cluster,
                    Text("Node Name", ".status.nodeRef.name"),
                    Wide(Text("Provider ID", ".spec.providerID")),
                    Text("Failure domain", ".status.failureDomain"),
                    Condition("Ready"),
                    Condition("Available"),
                    Condition("UpToDate", "Up-to-date"),
                    Wide(Address("Internal-IP", "InternalIP")),
                    Wide(Address("External-IP", "ExternalIP")),
                    Wide(Text("OS-Image", ".status.nodeInfo.osImage")),
                    Paused, Phase, Age, Columns.Version,
                ],
            },
            new("v1beta1")
            {
                Deprecated = true,
                Columns =
                [
                    Columns.Cluster, Text("NodeName", ".status.nodeRef.name"), Text("ProviderID", ".spec.providerID"), Phase, Age, Columns.Version,
                ],
            },
        ],
    };

    public static ResourceDefinition MachineDeployment { get; } = new()
    {
        Group = CapiGroup,
        Kind = "MachineDeployment",
        Plural = "machinedeployments",
        ShortNames = ["md"],
        Categories = CapiCategory,
        DefinitionLabels = Contracts,
        Versions =
        [
            new("v1beta2")
            {
                Scale = Scalable,
                Columns = [Columns.Cluster, Condition("Available"), .. Replicas, Paused, Phase, Age, TemplateVersion],
            },
            new("v1beta1")
            {
                Deprecated = true,
                Scale = Scalable,
                Columns = [Columns.Cluster, .. ReplicasV1Beta1, .. Unavailable, Phase, Age, TemplateVersion],
            },
        ],
    };

    public static ResourceDefinition MachineSet { get; } = new()
    {
        Group = CapiGroup,
        Kind = "MachineSet",
        Plural = "machinesets",
        ShortNames = ["ms"],
        Categories = CapiCategory,
        DefinitionLabels = Contracts,
        Versions =
        [
            new("v1beta2") { Scale = Scalable, Columns = [Columns.Cluster, .. Replicas, Paused, Age, TemplateVersion] },
            new("v1beta1")
            {
                Deprecated = true,
                Scale = Scalable,
                Columns = [Columns.Cluster, .. ReplicasV1Beta1, Count("Available", ".status.availableReplicas"), Age, TemplateVersion],
            },
        ],
    };

    public static ResourceDefinition MachinePool { get; } = new()
    {
        Group = CapiGroup,
        Kind = "MachinePool",
        Plural = "machinepools",
        ShortNames = ["mp"],
        Categories = CapiCategory,
        DefinitionLabels = Contracts,
        Versions =
        [
            new("v1beta2") { Scale = new(HasSelector: false), Columns = [Columns.Cluster, .. Replicas, Paused, Phase, Age, TemplateVersion] },
            new("v1beta1")
            {
                Deprecated = true,
                Scale = new(HasSelector: false),
                Columns = [Columns.Cluster, Wide(Count("Desired", ".spec.replicas")), Text("Replicas", ".status.replicas"), Phase, Age, TemplateVersion],
            },
        ],
    };

    public static ResourceDefinition MachineHealthCheck { get; } = new()
    {
        Group = CapiGroup,
        Kind = "MachineHealthCheck",
        Plural = "machinehealthchecks",
        ShortNames = ["mhc", "mhcs"],
        Categories = CapiCategory,
        DefinitionLabels = Contracts,
        Versions =
        [
            new("v1beta2")
            {
                Columns = [Columns.Cluster, Count("Replicas", ".status.expectedMachines"), Count("Healthy", ".status.currentHealthy"), Paused, Age],
            },
            new("v1beta1")
            {
                Deprecated = true,
                Columns =
                [
                    Columns.Cluster, Count("ExpectedMachines", ".status.expectedMachines"), Text("MaxUnhealthy", ".spec.maxUnhealthy"),
                    Count("CurrentHealthy", ".status.currentHealthy"), Age,
                ],
            },
        ],
    };

    public static ResourceDefinition ClusterClass { get; } = new()
    {
        Group = CapiGroup,
        Kind = "ClusterClass",
        Plural = "clusterclasses",
        ShortNames = ["cc"],
        Categories = CapiCategory,
        DefinitionLabels = Contracts,
        Versions =
        [
            new("v1beta2") { Columns = [Paused, Condition("VariablesReady", "Variables Ready"), Age] },
            new("v1beta1") { Deprecated = true, Columns = [Age] },
        ],
    };

    public static ResourceDefinition MachineDrainRule { get; } = new()
    {
        Group = CapiGroup,
        Kind = "MachineDrainRule",
        Plural = "machinedrainrules",
        Categories = CapiCategory,
        DefinitionLabels = Contracts,
        Versions =
        [
            new("v1beta2") { HasStatus = false, Columns = [Text("Behavior", ".spec.drain.behavior"), Text("Order", ".spec.drain.order"), Age] },
            new("v1beta1")
            {
                Deprecated = true, HasStatus = false, Columns = [Text("Behavior", ".spec.drain.behavior"), Text("Order", ".spec.drain.order"), Age],
            },
        ],
    };

    public static ResourceDefinition KubeadmControlPlane { get; } = new()
    {
        Group = ControlPlaneGroup,
        Kind = "KubeadmControlPlane",
        Plural = "kubeadmcontrolplanes",
        ShortNames = ["kcp"],
        Categories = CapiCategory,
        DefinitionLabels = Contracts,
        Versions =
        [
            new("v1beta2")
            {
                Scale = Scalable,
                Columns =
                [
                    ClusterLabel, Condition("Available"), .. Replicas, Paused,
                    Flag("Initialized", ".status.initialization.controlPlaneInitialized"), Age, Columns.Version,
                ],
            },
            new("v1beta1")
            {
                Deprecated = true,
                Scale = Scalable,
                Columns =
                [
                    ClusterLabel, Flag("Initialized", ".status.initialized"), Flag("API Server Available", ".status.ready"),
                    .. ReplicasV1Beta1, .. Unavailable, Age, Columns.Version,
                ],
            },
        ],
    };

    public static ResourceDefinition KubeadmControlPlaneTemplate { get; } = Template(ControlPlaneGroup, "KubeadmControlPlaneTemplate", OwnerClass);

    public static ResourceDefinition KubeadmConfig { get; } = new()
    {
        Group = BootstrapGroup,
        Kind = "KubeadmConfig",
        Plural = "kubeadmconfigs",
        Categories = CapiCategory,
        DefinitionLabels = Contracts,
        Versions =
        [
            new("v1beta2") { Columns = [ClusterLabel, Paused, Text("Data secret created", ".status.initialization.dataSecretCreated"), Age] },
            new("v1beta1") { Deprecated = true, Columns = [ClusterLabel, Age] },
        ],
    };

    public static ResourceDefinition KubeadmConfigTemplate { get; } = Template(BootstrapGroup, "KubeadmConfigTemplate", OwnerClass, Owner("Cluster"));

    public static ResourceDefinition ClusterResourceSet { get; } = new()
    {
        Group = AddonsGroup,
        Kind = "ClusterResourceSet",
        Plural = "clusterresourcesets",
        Categories = CapiCategory,
        DefinitionLabels = Contracts,
        Versions =
        [
            new("v1beta2") { Columns = [Condition("ResourcesApplied", "Applied"), Paused, Age] },
            new("v1beta1") { Deprecated = true, Columns = [Age] },
        ],
    };

    public static ResourceDefinition ClusterResourceSetBinding { get; } = new()
    {
        Group = AddonsGroup,
        Kind = "ClusterResourceSetBinding",
        Plural = "clusterresourcesetbindings",
        Categories = CapiCategory,
        DefinitionLabels = Contracts,
        Versions =
        [
            new("v1beta2") { HasStatus = false, Columns = [Columns.Cluster, Age] },
            new("v1beta1") { Deprecated = true, Columns = [Age] },
        ],
    };

    public static ResourceDefinition IPAddress { get; } = new()
    {
        Group = IpamGroup,
        Kind = "IPAddress",
        Plural = "ipaddresses",
        Categories = CapiCategory,
        DefinitionLabels = Contracts,
        Versions = IpamVersions(hasStatus: false, Text("Address", ".spec.address")),
    };

    public static ResourceDefinition IPAddressClaim { get; } = new()
    {
        Group = IpamGroup,
        Kind = "IPAddressClaim",
        Plural = "ipaddressclaims",
        Categories = CapiCategory,
        DefinitionLabels = Contracts,
        Versions = IpamVersions(hasStatus: true),
    };

    public static ResourceDefinition ExtensionConfig { get; } = new()
    {
        Group = "runtime.cluster.x-k8s.io",
        Kind = "ExtensionConfig",
        Plural = "extensionconfigs",
        ShortNames = ["ext"],
        Categories = CapiCategory,
        Namespaced = false,
        Versions =
        [
            new("v1beta2") { Columns = [Paused, Condition("Discovered"), Age] },
            new("v1alpha1") { Deprecated = true, Columns = [Age] },
        ],
    };

    /// <summary>clusterctl's inventory: which provider is installed in which version. Its fields lie at the top, without a spec.</summary>
    public static ResourceDefinition Provider { get; } = new()
    {
        Group = "clusterctl.cluster.x-k8s.io",
        Kind = "Provider",
        Plural = "providers",
        Categories = CapiCategory,
        Versions =
        [
            new("v1alpha3")
            {
                HasStatus = false,
                Columns =
                [
                    Text("Type", ".type"), Text("Provider", ".providerName"), Text("Version", ".version"), Text("Watch Namespace", ".watchedNamespace"), Age,
                ],
            },
        ],
    };

    private const string ControlPlaneGroup = "controlplane.cluster.x-k8s.io";
    private const string BootstrapGroup = "bootstrap.cluster.x-k8s.io";
    private const string InfrastructureGroup = "infrastructure.cluster.x-k8s.io";
    private const string AddonsGroup = "addons.cluster.x-k8s.io";
    private const string IpamGroup = "ipam.cluster.x-k8s.io";

    /// <summary>CAPI reads from these labels which API version follows which contract.</summary>
    private static Dictionary<string, string> Contracts => new() { ["cluster.x-k8s.io/v1beta1"] = "v1beta1", ["cluster.x-k8s.io/v1beta2"] = "v1beta2" };

    private static PrinterColumn[] Replicas =>
    [
        Count("Desired", ".spec.replicas"),
        Count("Current", ".status.replicas"),
        Count("Ready", ".status.readyReplicas"),
        Count("Available", ".status.availableReplicas"),
        Count("Up-to-date", ".status.upToDateReplicas"),
    ];

    private static PrinterColumn[] ReplicasV1Beta1 =>
    [
        Wide(Count("Desired", ".spec.replicas")),
        Count("Replicas", ".status.replicas"),
        Count("Ready", ".status.readyReplicas"),
    ];

    private static PrinterColumn[] Unavailable =>
    [
        Count("Updated", ".status.updatedReplicas"),
        Count("Unavailable", ".status.unavailableReplicas"),
    ];

    private static ResourceDefinition Template(string group, string kind, params PrinterColumn[] columns) => new()
    {
        Group = group,
        Kind = kind,
        Plural = kind.ToLowerInvariant() + "s",
        Categories = CapiCategory,
        DefinitionLabels = Contracts,
        Versions =
        [
            new("v1beta2") { HasStatus = false, Columns = [.. columns, Age] },
            new("v1beta1") { Deprecated = true, HasStatus = false, Columns = [Age] },
        ],
    };

    private static ResourceVersion[] IpamVersions(bool hasStatus, params PrinterColumn[] first)
    {
        PrinterColumn[] columns = [.. first, Text("Pool Name", ".spec.poolRef.name"), Text("Pool Kind", ".spec.poolRef.kind"), Age];
        return
        [
            new("v1beta2") { HasStatus = hasStatus, Columns = columns },
            new("v1beta1") { HasStatus = hasStatus, Columns = columns, Deprecated = true },
            new("v1alpha1") { HasStatus = hasStatus, Columns = columns },
        ];
    }
}
