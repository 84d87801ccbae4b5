namespace CapiWorkshop.Operations;

/// <summary>The phase of a MachineDeployment. Up to v1.10 <c>Running</c> meant all ready; since v1.11 only that as many exist as are asked for.</summary>
public enum CapiMachineDeploymentPhase
{
    /// <summary>None was given, or one that this version does not know: see the raw phase.</summary>
    Unknown,

    /// <summary>As many exist as are asked for.</summary>
    Running,

    /// <summary>Fewer exist than are asked for.</summary>
    ScalingUp,

    /// <summary>More exist than are asked for, or it is being deleted.</summary>
    ScalingDown,

    /// <summary>Only controllers up to v1.10 set this.</summary>
    Failed,
}

/// <summary>A set of equal workers of a cluster that can be scaled.</summary>
public sealed record CapiMachineDeployment : CapiScalableResource
{
    /// <summary>Whether enough machines are available, by its <c>Available</c> condition.</summary>
    public bool? Available { get; internal init; }

    /// <summary>The phase.</summary>
    public CapiMachineDeploymentPhase Phase { get; internal init; }

    /// <summary>The phase as the server spells it.</summary>
    public string? RawPhase { get; internal init; }

    /// <summary>Whether rollouts are paused (<c>spec.paused</c>). Scaling still works then; see <see cref="CapiResource.IsPaused"/> for the full stop.</summary>
    public bool IsRolloutPaused { get; internal init; }

    /// <summary>Whether a ClusterClass topology made it, and may set its replicas back.</summary>
    public bool IsTopologyOwned { get; internal init; }

    /// <summary>The least replicas that the cluster autoscaler keeps; null where it does not manage this.</summary>
    public int? AutoscalerMinimum { get; internal init; }

    /// <summary>The most replicas that the cluster autoscaler makes; null where it does not manage this.</summary>
    public int? AutoscalerMaximum { get; internal init; }
}
