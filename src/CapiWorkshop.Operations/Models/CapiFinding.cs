namespace CapiWorkshop.Operations;

/// <summary>How bad a finding is.</summary>
public enum CapiFindingSeverity
{
    /// <summary>It works still, or may yet come right by itself.</summary>
    Warning,

    /// <summary>Something does not work, and will not by itself.</summary>
    Error,
}

/// <summary>Where a piece of evidence comes from.</summary>
public enum CapiEvidenceSource
{
    /// <summary>A condition of the object.</summary>
    Condition,

    /// <summary>An event about the object.</summary>
    Event,

    /// <summary>An annotation of the object.</summary>
    Annotation,

    /// <summary>Another field of the object.</summary>
    Field,
}

/// <summary>What a finding is told by.</summary>
/// <param name="Source">Where it comes from.</param>
/// <param name="Text">What is said there.</param>
public sealed record CapiEvidence(CapiEvidenceSource Source, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Source}: {Text}";
}

/// <summary>Something that is wrong in a fleet: since when, by what it shows, what it blocks, and what to do next.</summary>
public sealed record CapiFinding
{
    /// <summary>A constant word to find it by, see <see cref="FindingId"/>.</summary>
    public string Id { get; internal init; } = "";

    /// <summary>How bad it is.</summary>
    public CapiFindingSeverity Severity { get; internal init; }

    /// <summary>The kind of the object it is about.</summary>
    public string Kind { get; internal init; } = "";

    /// <summary>The name of the object it is about.</summary>
    public string Name { get; internal init; } = "";

    /// <summary>The object's namespace.</summary>
    public string? Namespace { get; internal init; }

    /// <summary>The Cluster that the object belongs to; null where it belongs to none.</summary>
    public string? Cluster { get; internal init; }

    /// <summary>What is wrong, in a sentence.</summary>
    public string Message { get; internal init; } = "";

    /// <summary>Since when, UTC; null where that is not known.</summary>
    public DateTimeOffset? Since { get; internal init; }

    /// <summary>How long it had been so when it was found.</summary>
    public TimeSpan? Age => ObservedAt - Since;

    /// <summary>What shows it.</summary>
    public IReadOnlyList<CapiEvidence> Evidence { get; internal init; } = [];

    /// <summary>What cannot go on because of it, in half a sentence.</summary>
    public string Blocks { get; internal init; } = "";

    /// <summary>What to do about it, in a sentence.</summary>
    public string Advice { get; internal init; } = "";

    /// <summary>A command to begin with, which can be run as it stands. It changes nothing.</summary>
    public string Command { get; internal init; } = "";

    /// <summary>When it was found, UTC.</summary>
    public DateTimeOffset ObservedAt { get; internal init; }

    /// <summary>The kubeconfig context it was read through; null where none was used.</summary>
    public string? Context { get; internal init; }

    /// <summary>Which management cluster it was found in.</summary>
    public string ManagementClusterId { get; internal init; } = "";

    /// <inheritdoc/>
    public override string ToString() => $"{Id} {Kind} {(Namespace is null ? Name : $"{Namespace}/{Name}")}: {Message}";
}

/// <summary>The words by which findings are found. They are part of the public interface: scripts compare with them.</summary>
public static class FindingId
{
#pragma warning disable CS1591 // Each name says what it is; the messages and the docs say the rest.
    public const string ControllerUnavailable = nameof(ControllerUnavailable);
    public const string DeprecatedApiVersion = nameof(DeprecatedApiVersion);
    public const string ClusterPaused = nameof(ClusterPaused);
    public const string ClusterUnreachable = nameof(ClusterUnreachable);
    public const string InfrastructureNotReady = nameof(InfrastructureNotReady);
    public const string TopologyNotReconciled = nameof(TopologyNotReconciled);
    public const string ControlPlaneNotAvailable = nameof(ControlPlaneNotAvailable);
    public const string CertificateExpires = nameof(CertificateExpires);
    public const string DeploymentNotAvailable = nameof(DeploymentNotAvailable);
    public const string BootstrapNotReady = nameof(BootstrapNotReady);
    public const string MachineNotProvisioned = nameof(MachineNotProvisioned);
    public const string NodeNotJoined = nameof(NodeNotJoined);
    public const string NodeNotReady = nameof(NodeNotReady);
    public const string InfrastructureGone = nameof(InfrastructureGone);
    public const string MachineFailed = nameof(MachineFailed);
    public const string MachineUnhealthy = nameof(MachineUnhealthy);
    public const string RemediationRestricted = nameof(RemediationRestricted);
    public const string ReleaseFailed = nameof(ReleaseFailed);
    public const string DeletionStuck = nameof(DeletionStuck);
#pragma warning restore CS1591
}
