using static CapiWorkshop.Sandbox.Definitions.Columns;

namespace CapiWorkshop.Sandbox.Definitions;

internal static partial class Kinds
{
    public static ResourceDefinition K0smotronControlPlane { get; } = K0sControlPlaneKind("K0smotronControlPlane");

    public static ResourceDefinition K0sControlPlane { get; } = K0sControlPlaneKind("K0sControlPlane");

    public static ResourceDefinition K0smotronControlPlaneTemplate { get; } =
        K0sKind(ControlPlaneGroup, "K0smotronControlPlaneTemplate", deprecatedV1Beta1: false);

    public static ResourceDefinition K0sControlPlaneTemplate { get; } = K0sKind(ControlPlaneGroup, "K0sControlPlaneTemplate", deprecatedV1Beta1: false);

    public static ResourceDefinition K0sWorkerConfig { get; } = K0sKind(BootstrapGroup, "K0sWorkerConfig", defaults: WorkerDefaults("spec"));

    public static ResourceDefinition K0sWorkerConfigTemplate { get; } = K0sKind(BootstrapGroup, "K0sWorkerConfigTemplate", defaults: WorkerDefaults("spec.template.spec"));

    public static ResourceDefinition K0sControllerConfig { get; } = K0sKind(BootstrapGroup, "K0sControllerConfig");

    public static ResourceDefinition RemoteCluster { get; } = K0sKind(InfrastructureGroup, "RemoteCluster");

    public static ResourceDefinition RemoteClusterTemplate { get; } = new()
    {
        Group = InfrastructureGroup,
        Kind = "RemoteClusterTemplate",
        Plural = "remoteclustertemplates",
        Categories = CapiCategory,
        DefinitionLabels = K0smotronContracts,
        Versions = [new("v1beta2") { HasStatus = false }, new("v1beta1") { Deprecated = true, HasStatus = false }],
    };

    public static ResourceDefinition PooledRemoteMachine { get; } = new()
    {
        Group = InfrastructureGroup,
        Kind = "PooledRemoteMachine",
        Plural = "pooledremotemachines",
        DefinitionLabels = K0smotronContracts,
        Versions = [new("v1beta2") { Columns = PoolColumns }, new("v1beta1") { Columns = PoolColumns }],
    };

    public static ResourceDefinition RemoteMachine { get; } = K0sKind(InfrastructureGroup, "RemoteMachine");

    public static ResourceDefinition RemoteMachineTemplate { get; } = K0sKind(InfrastructureGroup, "RemoteMachineTemplate");

    /// <summary>k0smotron's own view of a hosted control plane. It shares plural and singular with CAPI's Cluster, and under CAPI the object's name too.</summary>
    public static ResourceDefinition K0smotronCluster { get; } = new()
    {
        Group = "k0smotron.io",
        Kind = "Cluster",
        Plural = "clusters",
        ShortNames = ["kmc"],
        Defaults = [("spec", """{"service":{"type":"NodePort"}}"""), .. HostedDefaults],
        Versions = [new("v1beta2") { Scale = Scalable }, new("v1beta1") { Deprecated = true, Scale = Scalable }],
    };

    public static ResourceDefinition JoinTokenRequest { get; } = new()
    {
        Group = "k0smotron.io",
        Kind = "JoinTokenRequest",
        Plural = "jointokenrequests",
        ShortNames = ["jtr"],
        Versions = [new("v1beta2"), new("v1beta1") { Deprecated = true }],
    };

    /// <summary>Outer defaults come before those of what they make.</summary>
    private static (string Path, string Json)[] HostedDefaults =>
    [
        ("spec.image", "\"quay.io/k0sproject/k0s\""),
        ("spec.replicas", "1"),
        ("spec.ingress.port", "443"),
        ("spec.persistence.type", "\"emptyDir\""),
        ("spec.persistence.autoDeletePVCs", "false"),
        ("spec.service", """{"apiPort":30443,"konnectivityPort":30132,"type":"ClusterIP"}"""),
        ("spec.service.apiPort", "30443"),
        ("spec.service.konnectivityPort", "30132"),
        ("spec.service.type", "\"ClusterIP\""),
        ("spec.storage.type", "\"etcd\""),
        ("spec.storage.etcd", """{"image":"quay.io/k0sproject/etcd:v3.7.1","persistence":{}}"""),
        ("spec.storage.etcd.image", "\"quay.io/k0sproject/etcd:v3.7.1\""),
        ("spec.storage.etcd.autoDeletePVCs", "false"),
        ("spec.storage.etcd.persistence.size", "\"1Gi\""),
    ];

    private static (string Path, string Json)[] WorkerDefaults(string spec) =>
    [
        ($"{spec}.k0sInstallDir", "\"/usr/local/bin\""),
        ($"{spec}.useSystemHostname", "false"),
        ($"{spec}.provisioner.platform", "\"linux\""),
        ($"{spec}.provisioner.type", "\"cloud-config\""),
    ];

    private static PrinterColumn[] PoolColumns =>
        [Text("Address", ".spec.machine.address"), Text("Reserved", ".status.reserved"), Text("Remote Machine", ".status.machineRef.name")];

    private static ResourceDefinition K0sControlPlaneKind(string kind) => new()
    {
        Group = ControlPlaneGroup,
        Kind = kind,
        Plural = kind.ToLowerInvariant() + "s",
        DefinitionLabels = K0smotronContracts,
        Defaults = kind == "K0smotronControlPlane" ? HostedDefaults : [],
        Versions =
        [
            new("v1beta2")
            {
                Scale = Scalable,
                Columns =
                [
                    ClusterLabel, .. ReplicasV1Beta1, Count("UpToDate", ".status.upToDateReplicas"), Count("Available", ".status.availableReplicas"),
                    Age, Columns.Version,
                ],
            },
            new("v1beta1")
            {
                Scale = Scalable,
                Columns = [ClusterLabel, Flag("API Server Available", ".status.ready"), .. ReplicasV1Beta1, .. Unavailable, Age, Columns.Version],
            },
        ],
    };

    private static ResourceDefinition K0sKind(string group, string kind, bool deprecatedV1Beta1 = true, (string Path, string Json)[]? defaults = null) => new()
    {
        Group = group,
        Kind = kind,
        Plural = kind.ToLowerInvariant() + "s",
        DefinitionLabels = K0smotronContracts,
        Defaults = defaults ?? [],
        Versions = [new("v1beta2"), new("v1beta1") { Deprecated = deprecatedV1Beta1 }],
    };

    private static Dictionary<string, string> K0smotronContracts => new(Contracts) { ["cluster.x-k8s.io/provider"] = "k0smotron" };
}
