using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations;

/// <summary>Who owns an object.</summary>
/// <param name="Kind">The owner's kind.</param>
/// <param name="Name">The owner's name, in the same namespace.</param>
/// <param name="ApiVersion">The owner's <c>group/version</c>.</param>
/// <param name="Uid">The owner's identity.</param>
/// <param name="IsController">Whether it is the one that manages the object.</param>
public sealed record CapiOwnerReference(string Kind, string Name, string ApiVersion, string Uid, bool IsController)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kind}/{Name}";
}

/// <summary>What all objects of a management cluster have. Immutable; what the server did not say is null.</summary>
public abstract record CapiResource : IKubernetesObject
{
    /// <summary>The kind as it is spelled in manifests, such as <c>MachineDeployment</c>.</summary>
    /// <remarks>Each model is called after it, but for those of several kinds.</remarks>
    public virtual string Kind => GetType().Name["Capi".Length..];

    /// <summary>The name.</summary>
    public string Name { get; internal init; } = "";

    /// <summary>The namespace.</summary>
    public string? Namespace { get; internal init; }

    /// <summary>The name of the Cluster it belongs to; of a Cluster, its own.</summary>
    public string? Cluster { get; internal init; }

    /// <summary>The kubeconfig context it was read through; null where none was used.</summary>
    public string? Context { get; internal init; }

    /// <summary>Which management cluster it lives in: the UID of its kube-system namespace, or a hash where that cannot be read.</summary>
    public string ManagementClusterId { get; internal init; } = "";

    /// <summary>The API version it was read in, such as <c>cluster.x-k8s.io/v1beta2</c>.</summary>
    public string ApiVersion { get; internal init; } = "";

    /// <inheritdoc/>
    public string Uid { get; internal init; } = "";

    /// <inheritdoc/>
    public string ResourceVersion { get; internal init; } = "";

    /// <summary>Counts the changes of its specification.</summary>
    public long? Generation { get; internal init; }

    /// <summary>The generation that the controller has seen.</summary>
    public long? ObservedGeneration { get; internal init; }

    /// <summary>When it was created, UTC.</summary>
    public DateTimeOffset? CreatedAt { get; internal init; }

    /// <summary>When its deletion was asked for, UTC; null while nobody did.</summary>
    public DateTimeOffset? DeletionRequestedAt { get; internal init; }

    /// <summary>When this state was read, UTC.</summary>
    public DateTimeOffset ObservedAt { get; internal init; }

    /// <summary>Its age when it was read.</summary>
    public TimeSpan? Age => ObservedAt - CreatedAt;

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; internal init; } = EmptyMap;

    /// <summary>Its annotations, without kubectl's copy of the last applied manifest.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; internal init; } = EmptyMap;

    /// <summary>What keeps it from going away once its deletion was asked for.</summary>
    public IReadOnlyList<string> Finalizers { get; internal init; } = [];

    /// <summary>Its owners.</summary>
    public IReadOnlyList<CapiOwnerReference> Owners { get; internal init; } = [];

    /// <summary>Its conditions: the v1beta2 family where the server has it, else the v1beta1 family.</summary>
    public IReadOnlyList<CapiCondition> Conditions { get; internal init; } = [];

    /// <summary>Whether controllers leave it alone: its Cluster or it is paused.</summary>
    public bool IsPaused { get; internal init; }

    internal static IReadOnlyDictionary<string, string> EmptyMap { get; } = new Dictionary<string, string>(0).AsReadOnly();

    /// <summary>The condition of a type; null where it has none.</summary>
    /// <param name="type">The type, such as <c>Available</c>.</param>
    public CapiCondition? GetCondition(string type)
    {
        foreach (CapiCondition condition in Conditions)
        {
            if (condition.Type == type)
            {
                return condition;
            }
        }

        return null;
    }

    /// <summary><c>namespace/name</c>.</summary>
    public sealed override string ToString() => Namespace is null ? Name : $"{Namespace}/{Name}";

    /// <summary>Whether a condition holds: null where there is none, or the controller does not know.</summary>
    /// <param name="type">The type, such as <c>Available</c>.</param>
    internal bool? Holds(string type) => GetCondition(type)?.Status switch
    {
        CapiConditionStatus.True => true,
        CapiConditionStatus.False => false,
        _ => null,
    };
}
