namespace CapiWorkshop.Operations;

/// <summary>The phase of a Machine. <c>Running</c> means that it has a Node, not that the Node is ready: see <see cref="CapiMachine.Ready"/>.</summary>
public enum CapiMachinePhase
{
    /// <summary>None was given, or one that this version does not know: see the raw phase.</summary>
    Unknown,

    /// <summary>Waits for its bootstrap data.</summary>
    Pending,

    /// <summary>Its infrastructure is being made.</summary>
    Provisioning,

    /// <summary>Its infrastructure is there; its Node has not joined.</summary>
    Provisioned,

    /// <summary>Its Node has joined.</summary>
    Running,

    /// <summary>It is being changed in place.</summary>
    Updating,

    /// <summary>It is being deleted.</summary>
    Deleting,

    /// <summary>Defined by the API, set by no controller.</summary>
    Deleted,

    /// <summary>Only controllers up to v1.10 set this.</summary>
    Failed,
}

/// <summary>One machine of a cluster, control plane or worker.</summary>
public sealed record CapiMachine : CapiResource
{
    /// <summary>The phase.</summary>
    public CapiMachinePhase Phase { get; internal init; }

    /// <summary>The phase as the server spells it.</summary>
    public string? RawPhase { get; internal init; }

    /// <summary>Whether it works, by its <c>Ready</c> condition.</summary>
    public bool? Ready { get; internal init; }

    /// <summary>Whether it has been ready for long enough, by its <c>Available</c> condition; null in v1beta1.</summary>
    public bool? Available { get; internal init; }

    /// <summary>Whether it has its owner's newest specification, by its <c>UpToDate</c> condition; null in v1beta1.</summary>
    public bool? UpToDate { get; internal init; }

    /// <summary>The name of its Node in the workload cluster; null until that joined.</summary>
    public string? NodeName { get; internal init; }

    /// <summary>What the infrastructure calls it, such as <c>docker:////dev-cluster-md-0-x</c>.</summary>
    public string? ProviderId { get; internal init; }

    /// <summary>Its Kubernetes version.</summary>
    public string? Version { get; internal init; }

    /// <summary>Its failure domain.</summary>
    public string? FailureDomain { get; internal init; }

    /// <summary>Its first address inside the cluster's network.</summary>
    public string? InternalIP { get; internal init; }

    /// <summary>Its first address outside the cluster's network.</summary>
    public string? ExternalIP { get; internal init; }

    /// <summary>The operating system that its Node reports.</summary>
    public string? OSImage { get; internal init; }

    /// <summary>Whether it is a control plane machine.</summary>
    public bool IsControlPlane { get; internal init; }

    /// <summary>The MachineDeployment it belongs to; null where it belongs to none.</summary>
    public string? MachineDeployment { get; internal init; }

    /// <summary>The kind of infrastructure, such as <c>DockerMachine</c>.</summary>
    public string? InfrastructureKind { get; internal init; }

    /// <summary>When the certificates of a control plane machine end, UTC; null where nobody says so.</summary>
    public DateTimeOffset? CertificatesExpireAt { get; internal init; }

    /// <summary>When the phase last changed, UTC.</summary>
    public DateTimeOffset? PhaseChangedAt { get; internal init; }

    /// <summary>The condition that tells why it is not ready; null where it is, or nothing is said.</summary>
    public CapiCondition? Blocker => Ready == true ? null : BlockerOf(Conditions);

    private static CapiCondition? BlockerOf(IReadOnlyList<CapiCondition> conditions)
    {
        // The summary repeats the others, so it comes last; among the others the controllers' order is the order of work.
        CapiCondition? unknown = null, summary = null;
        foreach (CapiCondition condition in conditions)
        {
            if (condition.Type is "Ready")
            {
                summary = condition;
            }
            else if (condition.Type is "Available" or "UpToDate" or "Paused")
            {
                continue;
            }
            else if (condition.Status == (condition.IsNegative ? CapiConditionStatus.True : CapiConditionStatus.False))
            {
                return condition;
            }
            else if (condition.Status == CapiConditionStatus.Unknown)
            {
                unknown ??= condition;
            }
        }

        return unknown ?? (summary?.Status == CapiConditionStatus.True ? null : summary);
    }
}

/// <summary>What happened to a machine.</summary>
public enum CapiChangeType
{
    /// <summary>It was there when the watch began.</summary>
    Initial,

    /// <summary>It appeared.</summary>
    Added,

    /// <summary>It changed.</summary>
    Modified,

    /// <summary>It is gone.</summary>
    Deleted,
}

/// <summary>One change of a machine, as a watch tells it.</summary>
public sealed record CapiMachineChange
{
    internal CapiMachineChange(CapiChangeType type, CapiMachine machine, CapiMachinePhase? previousPhase, DateTimeOffset at)
    {
        At = at;
        Type = type;
        Machine = machine;
        PreviousPhase = previousPhase;
    }

    /// <summary>What happened.</summary>
    public CapiChangeType Type { get; }

    /// <summary>The machine after the change; of a deleted one, its last state.</summary>
    public CapiMachine Machine { get; }

    /// <summary>Its phase before, if this watch has seen it before.</summary>
    public CapiMachinePhase? PreviousPhase { get; }

    /// <summary>When the change was seen, UTC.</summary>
    public DateTimeOffset At { get; }

    /// <summary>The machine's name.</summary>
    public string Name => Machine.Name;

    /// <summary>The machine's namespace.</summary>
    public string? Namespace => Machine.Namespace;

    /// <summary>The machine's cluster.</summary>
    public string? Cluster => Machine.Cluster;

    /// <summary>The kubeconfig context it was read through.</summary>
    public string? Context => Machine.Context;

    /// <summary>Which management cluster it lives in.</summary>
    public string ManagementClusterId => Machine.ManagementClusterId;

    /// <summary>The machine's phase after the change.</summary>
    public CapiMachinePhase Phase => Machine.Phase;

    /// <inheritdoc/>
    public override string ToString() => $"{Type} {Machine}";
}
