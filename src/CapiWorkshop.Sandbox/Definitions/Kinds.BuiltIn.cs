using CapiWorkshop.Sandbox.Definitions.Printing;
using static CapiWorkshop.Sandbox.Definitions.Columns;
using static CapiWorkshop.Sandbox.Definitions.Printing.BuiltInColumns;

namespace CapiWorkshop.Sandbox.Definitions;

internal static partial class Kinds
{
    public const string MetricsGroup = "metrics.k8s.io";

    public static ResourceDefinition Namespace { get; } = BuiltInKind("", "Namespace", "namespaces", ["ns"], namespaced: false, hasStatus: true,
        [Column("Status", NamespaceText.Status), Created], selectable: ["status.phase"]);

    public static ResourceDefinition Node { get; } = BuiltInKind("", "Node", "nodes", ["no"], namespaced: false, hasStatus: true,
        [
            Column("Status", NodeText.Status), Column("Roles", NodeText.Roles), Created, Column("Version", NodeText.Version),
            WideColumn("Internal-IP", NodeText.InternalAddress), WideColumn("External-IP", NodeText.ExternalAddress),
            WideColumn("OS-Image", NodeText.OsImage), WideColumn("Kernel-Version", NodeText.Kernel), WideColumn("Container-Runtime", NodeText.Runtime),
        ],
        selectable: ["spec.unschedulable"]);

    public static ResourceDefinition Pod { get; } = BuiltInKind("", "Pod", "pods", ["po"], namespaced: true, hasStatus: true,
        [
            Column("Ready", PodText.Ready), Column("Status", PodText.Status), TimedColumn("Restarts", PodText.Restarts), Created,
            WideColumn("IP", PodText.Address), WideColumn("Node", PodText.Node), WideColumn("Nominated Node", PodText.NominatedNode),
            WideColumn("Readiness Gates", PodText.ReadinessGates),
        ],
        selectable: ["spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "status.phase", "status.podIP"],
        categories: ["all"], subresources: ["log"]);

    public static ResourceDefinition Secret { get; } = BuiltInKind("", "Secret", "secrets", [], namespaced: true, hasStatus: false,
        [Column("Type", DataText.SecretType), NumberColumn("Data", DataText.Entries), Created], selectable: ["type"]);

    public static ResourceDefinition ConfigMap { get; } = BuiltInKind("", "ConfigMap", "configmaps", ["cm"], namespaced: true, hasStatus: false,
        [NumberColumn("Data", DataText.Entries), Created]);

    public static ResourceDefinition Event { get; } = BuiltInKind("", "Event", "events", ["ev"], namespaced: true, hasStatus: false,
        [
            TimedColumn("Last Seen", EventText.LastSeen), Column("Type", EventText.Type), Column("Reason", EventText.Reason), Column("Object", EventText.Object),
            WideColumn("Subobject", EventText.Subobject), WideColumn("Source", EventText.Source), Column("Message", EventText.Message),
            Wide(TimedColumn("First Seen", EventText.FirstSeen), 1), Wide(NumberColumn("Count", EventText.Count), 1), WideColumn("Name", EventText.Name),
        ],
        selectable:
        [
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
            "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
        ],
        hasName: false);

    public static ResourceDefinition Service { get; } = BuiltInKind("", "Service", "services", ["svc"], namespaced: true, hasStatus: true,
        [
            Column("Type", ServiceText.Type), Column("Cluster-IP", ServiceText.ClusterAddress), Column("External-IP", ServiceText.ExternalAddress),
            Column("Port(s)", ServiceText.Ports), Created, WideColumn("Selector", ServiceText.Selector),
        ],
        categories: ["all"]);

    public static ResourceDefinition ServiceAccount { get; } = BuiltInKind("", "ServiceAccount", "serviceaccounts", ["sa"], namespaced: true, hasStatus: false,
        [NumberColumn("Secrets", DataText.Secrets), Created]);

    public static ResourceDefinition PersistentVolumeClaim { get; } = BuiltInKind("", "PersistentVolumeClaim", "persistentvolumeclaims", ["pvc"],
        namespaced: true, hasStatus: true,
        [
            Column("Status", VolumeText.Status), Column("Volume", VolumeText.Volume), Column("Capacity", VolumeText.Capacity),
            Column("Access Modes", VolumeText.AccessModes), Column("StorageClass", VolumeText.StorageClass),
            Column("VolumeAttributesClass", VolumeText.AttributesClass), Created, WideColumn("VolumeMode", VolumeText.Mode),
        ]);

    public static ResourceDefinition Deployment { get; } = Workload("Deployment", "deployments", ["deploy"],
        [
            Column("Ready", WorkloadText.Ready), NumberColumn("Up-to-date", WorkloadText.Updated), NumberColumn("Available", WorkloadText.Available), Created,
            .. Containers, WideColumn("Selector", WorkloadText.Selector),
        ]);

    public static ResourceDefinition StatefulSet { get; } = Workload("StatefulSet", "statefulsets", ["sts"],
        [Column("Ready", WorkloadText.Ready), Created, .. Containers]);

    public static ResourceDefinition ReplicaSet { get; } = Workload("ReplicaSet", "replicasets", ["rs"],
        [
            NumberColumn("Desired", WorkloadText.Desired), NumberColumn("Current", WorkloadText.Current), NumberColumn("Ready", WorkloadText.ReadyCount), Created,
            .. Containers, WideColumn("Selector", WorkloadText.Selector),
        ]);

    public static ResourceDefinition Lease { get; } = BuiltInKind("coordination.k8s.io", "Lease", "leases", [], namespaced: true, hasStatus: false,
        [Column("Holder", DataText.Holder), Created]);

    public static ResourceDefinition CustomResourceDefinition { get; } = BuiltInKind("apiextensions.k8s.io", "CustomResourceDefinition",
        "customresourcedefinitions", ["crd", "crds"], namespaced: false, hasStatus: true, [Text("Created At", ".metadata.creationTimestamp")],
        categories: ["api-extensions"], tracksGeneration: true);

    /// <summary>What a metrics server would add: read by <c>kubectl top</c>.</summary>
    public static ResourceDefinition NodeMetrics { get; } = new()
    {
        Group = MetricsGroup,
        Kind = "NodeMetrics",
        Plural = "nodes",
        Singular = "",
        Namespaced = false,
        Custom = false,
        Verbs = ResourceDefinition.ReadVerbs,
        Versions = [new("v1beta1") { HasStatus = false, Columns = [Text("cpu", ".usage.cpu"), Text("memory", ".usage.memory"), Text("window", ".window")] }],
    };

    public static ResourceDefinition PodMetrics { get; } = new()
    {
        Group = MetricsGroup,
        Kind = "PodMetrics",
        Plural = "pods",
        Singular = "",
        Custom = false,
        Verbs = ResourceDefinition.ReadVerbs,
        Versions = [new("v1beta1") { HasStatus = false, Columns = [Text("window", ".window")] }],
    };

    public static IReadOnlyList<ResourceDefinition> BuiltIn =>
    [
        Namespace, Node, Pod, Secret, ConfigMap, Event, Service, ServiceAccount, PersistentVolumeClaim, Deployment, StatefulSet, ReplicaSet, Lease,
        CustomResourceDefinition, NodeMetrics, PodMetrics,
    ];

    /// <summary>The kinds that Cluster API and the workshop's providers install.</summary>
    public static IReadOnlyList<ResourceDefinition> Provided =>
    [
        Cluster, ClusterClass, Machine, MachineDeployment, MachineDrainRule, MachineHealthCheck, MachinePool, MachineSet,
        KubeadmControlPlane, KubeadmControlPlaneTemplate, KubeadmConfig, KubeadmConfigTemplate,
        ClusterResourceSet, ClusterResourceSetBinding, IPAddress, IPAddressClaim, ExtensionConfig, Provider,
        DockerCluster, DockerClusterTemplate, DockerMachine, DockerMachineTemplate, DockerMachinePool, DockerMachinePoolTemplate,
        DevCluster, DevClusterTemplate, DevMachine, DevMachineTemplate, DevMachinePool, DevMachinePoolTemplate,
        HelmChartProxy, HelmReleaseProxy,
        K0smotronControlPlane, K0smotronControlPlaneTemplate, K0sControlPlane, K0sControlPlaneTemplate,
        K0sWorkerConfig, K0sWorkerConfigTemplate, K0sControllerConfig, RemoteCluster, RemoteClusterTemplate,
        RemoteMachine, RemoteMachineTemplate, PooledRemoteMachine,
        K0smotronCluster, JoinTokenRequest,
    ];

    private static PrinterColumn[] Containers => [WideColumn("Containers", WorkloadText.ContainerNames), WideColumn("Images", WorkloadText.Images)];

    private static ResourceDefinition Workload(string kind, string plural, string[] shortNames, PrinterColumn[] columns) => new()
    {
        Group = "apps",
        Kind = kind,
        Plural = plural,
        ShortNames = shortNames,
        Categories = ["all"],
        Custom = false,
        TracksGeneration = true,
        Versions = [new("v1") { Scale = new(), Columns = columns }],
    };

    private static ResourceDefinition BuiltInKind(
        string group,
        string kind,
        string plural,
        string[] shortNames,
        bool namespaced,
        bool hasStatus,
        PrinterColumn[] columns,
        string[]? selectable = null,
        string[]? categories = null,
        string[]? subresources = null,
        bool tracksGeneration = false,
        bool hasName = true) => new()
        {
            Group = group,
            Kind = kind,
            Plural = plural,
            ShortNames = shortNames,
            Categories = categories ?? [],
            Namespaced = namespaced,
            SelectableFields = selectable ?? [],
            Subresources = subresources ?? [],
            Custom = false,
            TracksGeneration = tracksGeneration,
            HasNameColumn = hasName,
            Versions = [new("v1") { HasStatus = hasStatus, Columns = columns }],
        };
}
