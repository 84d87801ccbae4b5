using static CapiWorkshop.Sandbox.Definitions.Columns;

namespace CapiWorkshop.Sandbox.Definitions;

internal static partial class Kinds
{
    public static ResourceDefinition K0smotronControlPlane { get; } = K0sControlPlaneKind("K0smotronControlPlane");

    public static ResourceDefinition K0sControlPlane { get; } = K0sControlPlaneKind("K0sControlPlane");

    public static ResourceDefinition K0smotronControlPlaneTemplate { get; } =
        K0sKind(ControlPlaneGroup, "K0smotronControlPlaneTemplate", deprecatedV1Beta1: false);

    public static ResourceDefinition K0sControlPlaneTemplate { get; } = K0sKind(ControlPlaneGroup, "K0sControlPlaneTemplate", deprecatedV1Beta1: false);

    public static ResourceDefinition K0sWorkerConfig { get; } = K0sKind(BootstrapGroup, "K0sWorkerConfig");

    public static ResourceDefinition K0sWorkerConfigTemplate { get; } = K0sKind(BootstrapGroup, "K0sWorkerConfigTemplate");

    public static ResourceDefinition K0sControllerConfig { get; } = K0sKind(BootstrapGroup, "K0sControllerConfig");

    public static ResourceDefinition RemoteCluster { get; } = K0sKind(InfrastructureGroup, "RemoteCluster");

    public static ResourceDefinition RemoteMachine { get; } = K0sKind(InfrastructureGroup, "RemoteMachine");

    public static ResourceDefinition RemoteMachineTemplate { get; } = K0sKind(InfrastructureGroup, "RemoteMachineTemplate");

    /// <summary>k0smotron's own view of a hosted control plane. It shares plural and singular with CAPI's Cluster, and under CAPI the object's name too.</summary>
    public static ResourceDefinition K0smotronCluster { get; } = new()
    {
        Group = "k0smotron.io",
        Kind = "Cluster",
        Plural = "clusters",
        ShortNames = ["kmc"],
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

    private static ResourceDefinition K0sControlPlaneKind(string kind) => new()
    {
        Group = ControlPlaneGroup,
        Kind = kind,
        Plural = kind.ToLowerInvariant() + "s",
        DefinitionLabels = K0smotronContracts,
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

    private static ResourceDefinition K0sKind(string group, string kind, bool deprecatedV1Beta1 = true) => new()
    {
        Group = group,
        Kind = kind,
        Plural = kind.ToLowerInvariant() + "s",
        DefinitionLabels = K0smotronContracts,
        Versions = [new("v1beta2"), new("v1beta1") { Deprecated = deprecatedV1Beta1 }],
    };

    private static Dictionary<string, string> K0smotronContracts => new(Contracts) { ["cluster.x-k8s.io/provider"] = "k0smotron" };
}
