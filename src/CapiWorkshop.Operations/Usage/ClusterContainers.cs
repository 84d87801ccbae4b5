using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations;

/// <summary>How the containers of an engine tell which cluster they are part of.</summary>
/// <remarks>Source: Cluster API, test/infrastructure/docker/internal/docker (labels), and kind, which names Nodes as their containers.</remarks>
internal static class ClusterContainers
{
    public const string ClusterLabel = "io.x-k8s.kind.cluster";
    private const string RoleLabel = "io.x-k8s.kind.role";

    public static bool IsControlPlane(EngineContainer container) => RoleOf(container) == "control-plane";

    public static bool IsWorker(EngineContainer container) => RoleOf(container) == "worker";

    public static bool IsLoadBalancer(EngineContainer container) => RoleOf(container) == "external-load-balancer";

    /// <summary>Whether it takes part in anything: one that ended, or has never run, does not.</summary>
    public static bool IsAlive(EngineContainer container) => container.State is not (ContainerState.Created or ContainerState.Exited or ContainerState.Dead);

    /// <summary>What the container is called that stands before a cluster's control plane; it is its DockerCluster's, which goes only after it.</summary>
    public static string LoadBalancerOf(string cluster) => cluster + "-lb";

    public static string? ClusterOf(EngineContainer container) => container.Labels.GetValueOrDefault(ClusterLabel);

    public static string? RoleOf(EngineContainer container) => container.Labels.GetValueOrDefault(RoleLabel);
}
