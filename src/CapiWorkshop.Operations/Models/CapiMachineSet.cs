namespace CapiWorkshop.Operations;

/// <summary>One revision of a MachineDeployment: machines that are all made from the same specification. A rollout goes from one to the next.</summary>
public sealed record CapiMachineSet : CapiScalableResource
{
    /// <summary>The MachineDeployment it belongs to; null where it stands alone.</summary>
    public string? MachineDeployment { get; internal init; }

    /// <summary>The kind of infrastructure, such as <c>DockerMachineTemplate</c>.</summary>
    public string? InfrastructureKind { get; internal init; }
}
