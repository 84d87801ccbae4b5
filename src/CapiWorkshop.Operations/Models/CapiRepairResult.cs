namespace CapiWorkshop.Operations;

/// <summary>An object that was let go by hand: which finalizers were taken off it, and what nobody takes away any more.</summary>
public sealed record CapiRepairResult
{
    /// <summary>The kind as it is spelled in manifests.</summary>
    public string Kind { get; internal init; } = "";

    /// <summary>The API version.</summary>
    public string ApiVersion { get; internal init; } = "";

    /// <summary>The name.</summary>
    public string Name { get; internal init; } = "";

    /// <summary>The namespace.</summary>
    public string? Namespace { get; internal init; }

    /// <summary>The Cluster that it belongs to; null where it says none.</summary>
    public string? Cluster { get; internal init; }

    /// <summary>The identity.</summary>
    public string Uid { get; internal init; } = "";

    /// <summary>The finalizers before.</summary>
    public IReadOnlyList<string> FinalizersBefore { get; internal init; } = [];

    /// <summary>The finalizers after. Where there is none left, the server has let the object go.</summary>
    public IReadOnlyList<string> FinalizersAfter { get; internal init; } = [];

    /// <summary>What may be left behind, one sentence for each finalizer that was taken off.</summary>
    public IReadOnlyList<string> MayHaveLeaked { get; internal init; } = [];

    /// <summary>When it was done, UTC.</summary>
    public DateTimeOffset RepairedAt { get; internal init; }

    /// <summary>The kubeconfig context; null where none was used.</summary>
    public string? Context { get; internal init; }

    /// <summary>Which management cluster it lived in.</summary>
    public string ManagementClusterId { get; internal init; } = "";

    /// <inheritdoc/>
    public override string ToString() => Namespace is null ? $"{Kind} {Name}" : $"{Kind} {Namespace}/{Name}";
}
