using CapiWorkshop.Sandbox.Engine;

namespace CapiWorkshop.Sandbox.World;

/// <summary>
/// What containers use on average, chosen for the workshop's table: the management cluster at 15 % and 380 MiB, a kubeadm cluster with four workers at 25 %
/// and 650 MiB, and a hosted one with three workers at 18 % and 420 MiB.
/// </summary>
internal static class ContainerLoads
{
    public static ContainerLoad Management { get; } = Load(150, 380);

    public static ContainerLoad ControlPlane { get; } = Load(146, 312);

    public static ContainerLoad Worker { get; } = Load(25, 80);

    /// <summary>A node of k0s: it runs its agent and a tunnel to a control plane elsewhere.</summary>
    public static ContainerLoad HostedWorker { get; } = Load(60, 140);

    public static ContainerLoad LoadBalancer { get; } = Load(4, 18);

    private static ContainerLoad Load(int millicores, long mebibytes) => new(millicores, mebibytes << 20);
}
