namespace CapiWorkshop.Operations;

/// <summary>The status of a condition.</summary>
public enum CapiConditionStatus
{
    /// <summary>The controller does not know.</summary>
    Unknown,

    /// <summary>It holds.</summary>
    True,

    /// <summary>It does not hold.</summary>
    False,
}

/// <summary>One condition of an object. Health is read from conditions, never from phases.</summary>
public sealed record CapiCondition
{
    private readonly ConditionVerdict _verdict;

    internal CapiCondition(ConditionVerdict verdict) => _verdict = verdict;

    /// <summary>The type, such as <c>Available</c>.</summary>
    public string Type => _verdict.Type;

    /// <summary>Whether it holds.</summary>
    public CapiConditionStatus Status => _verdict.Status;

    /// <summary>A word for programs; null where none was given.</summary>
    public string? Reason => _verdict.Reason;

    /// <summary>A sentence for people; null where none was given.</summary>
    public string? Message => _verdict.Message;

    /// <summary>Error, Warning or Info; only conditions of the v1beta1 family have one.</summary>
    public string? Severity => _verdict.Severity;

    /// <summary>When the status last changed, UTC.</summary>
    public DateTimeOffset? LastTransitionTime { get; internal init; }

    /// <summary>The generation of the object that this was said of; null where none was given (v1beta1).</summary>
    public long? ObservedGeneration => _verdict.ObservedGeneration;

    /// <summary>In v1beta2, True of these types asks for attention; of all others, False does.</summary>
    /// <remarks>Source: Cluster API, internal/util/tree (the types that <c>clusterctl describe</c> treats so).</remarks>
    public bool IsNegative => Type is "Paused" or "Deleting" or "RollingOut" or "ScalingUp" or "ScalingDown" or "Updating" or "Remediating";

    /// <summary>Whether it asks for attention: it is not what its type has when all is well, or the controller does not know.</summary>
    public bool IsAbnormal => Status != (IsNegative ? CapiConditionStatus.False : CapiConditionStatus.True);

    /// <inheritdoc/>
    public override string ToString() => Reason is null ? $"{Type}={Status}" : $"{Type}={Status} ({Reason})";
}

/// <summary>All that a condition says but since when: the same for most objects of a fleet, so that they share it.</summary>
internal sealed record ConditionVerdict
{
    public required string Type { get; init; }

    public CapiConditionStatus Status { get; init; }

    public string? Reason { get; init; }

    public string? Message { get; init; }

    public string? Severity { get; init; }

    public long? ObservedGeneration { get; init; }
}
