namespace CapiWorkshop.Operations;

/// <summary>Labels, annotations and groups that Cluster API gives a meaning.</summary>
/// <remarks>Source: Cluster API, docs/book/src/reference/api/labels-and-annotations.md.</remarks>
internal static class CapiNames
{
    public const string CoreGroup = "cluster.x-k8s.io";
    public const string AddonsGroup = "addons.cluster.x-k8s.io";
    public const string RuntimeGroup = "runtime.cluster.x-k8s.io";
    public const string ControlPlaneGroup = "controlplane.cluster.x-k8s.io";
    public const string InfrastructureGroup = "infrastructure.cluster.x-k8s.io";
    public const string InventoryGroup = "clusterctl.cluster.x-k8s.io";

    public const string ClusterNameLabel = "cluster.x-k8s.io/cluster-name";
    public const string ControlPlaneLabel = "cluster.x-k8s.io/control-plane";
    public const string DeploymentNameLabel = "cluster.x-k8s.io/deployment-name";
    public const string ProviderLabel = "cluster.x-k8s.io/provider";
    public const string TopologyOwnedLabel = "topology.cluster.x-k8s.io/owned";

    public const string K0smotronGroup = "k0smotron.io";
    public const string K0smotronAppLabel = "app";
    public const string K0smotronClusterLabel = "cluster";
    public const string K0smotronComponentLabel = "component";

    public const string HelmChartProxyLabel = "helmreleaseproxy.addons.cluster.x-k8s.io/helmchartproxy-name";

    /// <summary>A label or an annotation of this module's own: what bears it goes only where that is asked for.</summary>
    public const string ProtectedMark = "capiworkshop.io/protected";

    public const string PausedAnnotation = "cluster.x-k8s.io/paused";
    public const string PreDrainHookPrefix = "pre-drain.delete.hook.machine.cluster.x-k8s.io/";
    public const string PreTerminateHookPrefix = "pre-terminate.delete.hook.machine.cluster.x-k8s.io/";
    public const string KubeadmCleanupHook = PreTerminateHookPrefix + "kcp-cleanup";
    public const string AutoscalerMinimumAnnotation = "cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size";
    public const string AutoscalerMaximumAnnotation = "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size";
    public const string ReplicasManagedByAnnotation = "cluster.x-k8s.io/replicas-managed-by";
    public const string ClusterNamespaceAnnotation = "cluster.x-k8s.io/cluster-namespace";
    public const string LastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

    private static readonly string[] CoreKinds = [CapiKinds.Cluster.Kind, CapiKinds.Machine.Kind, CapiKinds.MachineDeployment.Kind];

    /// <summary>A kind as it is told where those of all providers stand side by side: k0smotron has a Cluster of its own, told as kubectl names it, <c>Cluster.k0smotron.io</c>.</summary>
    public static string Distinct(string kind, string? apiVersion) =>
        CoreKinds.Contains(kind, StringComparer.Ordinal) && apiVersion?.Split('/') is [string group, _] && group != CoreGroup ? $"{kind}.{group}" : kind;
}
