namespace CapiWorkshop.Operations;

/// <summary>The phase of a MachinePool.</summary>
public enum CapiMachinePoolPhase
{
    /// <summary>None was given, or one that this version does not know: see the raw phase.</summary>
    Unknown,

    /// <summary>Nothing has been done yet.</summary>
    Pending,

    /// <summary>The infrastructure is being made.</summary>
    Provisioning,

    /// <summary>The infrastructure is there, the Nodes are not.</summary>
    Provisioned,

    /// <summary>As many Nodes exist as are asked for.</summary>
    Running,

    /// <summary>Fewer exist than are asked for.</summary>
    ScalingUp,

    /// <summary>More exist than are asked for.</summary>
    ScalingDown,

    /// <summary>Somebody else than Cluster API changes how many there are.</summary>
    Scaling,

    /// <summary>It is being deleted.</summary>
    Deleting,

    /// <summary>Only controllers up to v1.10 set this.</summary>
    Failed,
}

/// <summary>A set of equal workers that the infrastructure manages as one, such as an autoscaling group.</summary>
public sealed record CapiMachinePool : CapiScalableResource
{
    /// <summary>Whether it works, by its <c>Ready</c> condition; null where its controller sets none.</summary>
    public bool? Ready { get; internal init; }

    /// <summary>The phase.</summary>
    public CapiMachinePoolPhase Phase { get; internal init; }

    /// <summary>The phase as the server spells it.</summary>
    public string? RawPhase { get; internal init; }

    /// <summary>The kind of infrastructure, such as <c>DockerMachinePool</c>.</summary>
    public string? InfrastructureKind { get; internal init; }

    /// <summary>Whether the infrastructure is there.</summary>
    public bool? InfrastructureProvisioned { get; internal init; }

    /// <summary>Who sets how many there are in the place of its own replicas; null where nobody does.</summary>
    public string? ReplicasManagedBy { get; internal init; }
}
