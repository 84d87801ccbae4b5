namespace CapiWorkshop.Operations;

/// <summary>The phase of a Cluster. <c>Provisioned</c> says nothing about control plane or workers: see <see cref="CapiCluster.Available"/>.</summary>
public enum CapiClusterPhase
{
    /// <summary>None was given, or one that this version does not know: see the raw phase.</summary>
    Unknown,

    /// <summary>Nothing has been done yet.</summary>
    Pending,

    /// <summary>The infrastructure is being made.</summary>
    Provisioning,

    /// <summary>The infrastructure is there and the endpoint is known.</summary>
    Provisioned,

    /// <summary>It is being deleted.</summary>
    Deleting,

    /// <summary>Only controllers up to v1.10 set this.</summary>
    Failed,
}

/// <summary>Replica counts of a control plane or of all workers. What the server did not say is null.</summary>
public sealed record CapiReplicaCounts
{
    /// <summary>As many as are asked for.</summary>
    public int? Desired { get; internal init; }

    /// <summary>As many as exist, whatever their state; those being deleted count too.</summary>
    public int? Current { get; internal init; }

    /// <summary>As many as are ready.</summary>
    public int? Ready { get; internal init; }

    /// <summary>As many as have been ready for long enough.</summary>
    public int? Available { get; internal init; }

    /// <summary>As many as have the newest specification.</summary>
    public int? UpToDate { get; internal init; }

    /// <summary><c>ready/desired</c>, a question mark where unknown.</summary>
    public override string ToString() => $"{Show(Ready)}/{Show(Desired)}";

    private static string Show(int? count) => count?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?";
}

/// <summary>A workload cluster.</summary>
public sealed record CapiCluster : CapiResource
{
    /// <summary>The phase.</summary>
    public CapiClusterPhase Phase { get; internal init; }

    /// <summary>The phase as the server spells it.</summary>
    public string? RawPhase { get; internal init; }

    /// <summary>Whether the cluster works, by its <c>Available</c> condition (v1beta1: <c>Ready</c>).</summary>
    public bool? Available { get; internal init; }

    /// <summary>The control plane's counts.</summary>
    public CapiReplicaCounts ControlPlane { get; internal init; } = new();

    /// <summary>The counts of all workers together.</summary>
    public CapiReplicaCounts Workers { get; internal init; } = new();

    /// <summary>Whether the infrastructure is there.</summary>
    public bool? InfrastructureProvisioned { get; internal init; }

    /// <summary>Whether the control plane has once been up; it never goes back.</summary>
    public bool? ControlPlaneInitialized { get; internal init; }

    /// <summary>The kind of control plane, such as <c>KubeadmControlPlane</c> or <c>K0smotronControlPlane</c>.</summary>
    public string? ControlPlaneKind { get; internal init; }

    /// <summary>The name of the control plane object.</summary>
    public string? ControlPlaneName { get; internal init; }

    /// <summary>The kind of infrastructure, such as <c>DockerCluster</c>.</summary>
    public string? InfrastructureKind { get; internal init; }

    /// <summary>The name of the infrastructure object.</summary>
    public string? InfrastructureName { get; internal init; }

    /// <summary>Where its API answers, <c>host:port</c>.</summary>
    public string? ControlPlaneEndpoint { get; internal init; }

    /// <summary>The ClusterClass it is made from; null where it has no topology.</summary>
    public string? ClusterClass { get; internal init; }

    /// <summary>The Kubernetes version its topology asks for; null where it has no topology.</summary>
    public string? Version { get; internal init; }
}
