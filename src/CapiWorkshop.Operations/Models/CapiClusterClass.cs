namespace CapiWorkshop.Operations;

/// <summary>What clusters with a topology are made from.</summary>
public sealed record CapiClusterClass : CapiResource
{
    /// <summary>The kind of the control plane's template, such as <c>KubeadmControlPlaneTemplate</c>.</summary>
    public string? ControlPlaneKind { get; internal init; }

    /// <summary>The kind of the infrastructure's template, such as <c>DockerClusterTemplate</c>.</summary>
    public string? InfrastructureKind { get; internal init; }

    /// <summary>The classes of MachineDeployments that a topology can ask for.</summary>
    public IReadOnlyList<string> MachineDeployments { get; internal init; } = [];

    /// <summary>The classes of MachinePools that a topology can ask for.</summary>
    public IReadOnlyList<string> MachinePools { get; internal init; } = [];

    /// <summary>The names of the variables that a topology can set.</summary>
    public IReadOnlyList<string> Variables { get; internal init; } = [];

    /// <summary>The Kubernetes versions that it is made for; empty where it does not say.</summary>
    public IReadOnlyList<string> KubernetesVersions { get; internal init; } = [];

    /// <summary>Whether its variables are valid, by its <c>VariablesReady</c> condition (v1beta1: <c>VariablesReconciled</c>).</summary>
    public bool? VariablesReady { get; internal init; }
}
