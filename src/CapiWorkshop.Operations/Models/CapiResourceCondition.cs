namespace CapiWorkshop.Operations;

/// <summary>One condition of one object, with what it takes to tell it from those of others.</summary>
public sealed record CapiResourceCondition
{
    private readonly CapiResource _resource;
    private readonly CapiCondition _condition;

    internal CapiResourceCondition(CapiResource resource, CapiCondition condition)
    {
        _resource = resource;
        _condition = condition;
    }

    /// <summary>The object's kind.</summary>
    public string Kind => _resource.Kind;

    /// <summary>The object's name.</summary>
    public string Name => _resource.Name;

    /// <summary>The object's namespace.</summary>
    public string? Namespace => _resource.Namespace;

    /// <summary>The name of the Cluster that the object belongs to; of a Cluster, its own.</summary>
    public string? Cluster => _resource.Cluster;

    /// <summary>The type, such as <c>Available</c>.</summary>
    public string Type => _condition.Type;

    /// <summary>Whether it holds.</summary>
    public CapiConditionStatus Status => _condition.Status;

    /// <summary>A word for programs; null where none was given.</summary>
    public string? Reason => _condition.Reason;

    /// <summary>A sentence for people; null where none was given.</summary>
    public string? Message => _condition.Message;

    /// <summary>Error, Warning or Info; only conditions of the v1beta1 family have one.</summary>
    public string? Severity => _condition.Severity;

    /// <summary>When the status last changed, UTC.</summary>
    public DateTimeOffset? LastTransitionTime => _condition.LastTransitionTime;

    /// <summary>How long the status had been what it is when the object was read.</summary>
    public TimeSpan? Age => _resource.ObservedAt - LastTransitionTime;

    /// <summary>Whether it asks for attention: see <see cref="CapiCondition.IsAbnormal"/>.</summary>
    public bool IsAbnormal => _condition.IsAbnormal;

    /// <summary>Whether it is True, not False, that asks for attention.</summary>
    public bool IsNegative => _condition.IsNegative;

    /// <summary>The generation of the object that this was said of; null where none was given (v1beta1).</summary>
    public long? ObservedGeneration => _condition.ObservedGeneration;

    /// <summary>The kubeconfig context the object was read through; null where none was used.</summary>
    public string? Context => _resource.Context;

    /// <summary>Which management cluster the object lives in.</summary>
    public string ManagementClusterId => _resource.ManagementClusterId;

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {_resource}: {_condition}";

    /// <summary>The conditions of an object, in the server's order.</summary>
    /// <param name="resource">The object.</param>
    public static IEnumerable<CapiResourceCondition> Of(CapiResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return resource.Conditions.Select(condition => new CapiResourceCondition(resource, condition));
    }
}

/// <summary>Which conditions, or objects with which conditions, are shown.</summary>
public enum CapiConditionFilter
{
    /// <summary>All of them.</summary>
    All,

    /// <summary>Only those that ask for attention.</summary>
    Abnormal,
}
