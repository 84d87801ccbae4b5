using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations;

/// <summary>Any object, as far as it takes to know to whom it belongs and whether it can go: whatever its provider calls it.</summary>
internal sealed record OwnedObject : CapiResource
{
    /// <summary>What its requests name.</summary>
    public required ResourceType Type { get; init; }

    /// <summary>The objects that its specification names as its own, by kind and name: its controller adopts them, and takes them away with it.</summary>
    public IReadOnlyList<(string Kind, string Name)> References { get; init; } = [];

    /// <summary>The machine's name at its provider, such as <c>docker:////dev-md-0-x7k2p</c>.</summary>
    public string? ProviderId { get; init; }

    /// <summary>Which Clusters it is for, as a label selector; null for none, empty for all.</summary>
    public string? ClusterSelector { get; init; }

    /// <summary>Whether a hosted control plane takes its own volume claims along.</summary>
    public bool TakesVolumes { get; init; }

    /// <summary>Whether a hosted control plane takes the volume claims of its etcd along.</summary>
    public bool TakesEtcdVolumes { get; init; }

    /// <summary>Whether it is itself paused; <see cref="CapiResource.IsPaused"/> is true, too, where only its Cluster is.</summary>
    public bool IsPausedItself => Annotations.ContainsKey(CapiNames.PausedAnnotation);

    public override string Kind => Type.Kind;
}
