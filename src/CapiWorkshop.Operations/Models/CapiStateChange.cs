namespace CapiWorkshop.Operations;

/// <summary>How two saved states differ in one thing.</summary>
public enum CapiStateChangeType
{
    /// <summary>Only the later state has it.</summary>
    Appeared,

    /// <summary>Only the earlier state has it.</summary>
    Vanished,

    /// <summary>Both have it, and one of its properties differs.</summary>
    Changed,
}

/// <summary>One difference between two saved states: a thing that came or went, or one property that is another.</summary>
public sealed record CapiStateChange
{
    /// <summary>What happened.</summary>
    public CapiStateChangeType Change { get; internal init; }

    /// <summary>The kind as it is spelled in manifests; <c>ManagementCluster</c>, <c>Provider</c> and <c>Container</c> are no objects of Cluster API.</summary>
    public string Kind { get; internal init; } = "";

    /// <summary>The namespace; null for what has none.</summary>
    public string? Namespace { get; internal init; }

    /// <summary>The name.</summary>
    public string Name { get; internal init; } = "";

    /// <summary>The Cluster it belongs to; of a Cluster, its own name.</summary>
    public string? Cluster { get; internal init; }

    /// <summary>The property as the saved state calls it; null where the whole thing came or went.</summary>
    public string? Property { get; internal init; }

    /// <summary>The property's value in the earlier state: text, a number, a bool or a time; null where nobody knew it.</summary>
    public object? Before { get; internal init; }

    /// <summary>The property's value in the later state; null where nobody knew it.</summary>
    public object? After { get; internal init; }

    /// <summary>Such as <c>Changed MachineDeployment default/dev-cluster-md-0 DesiredReplicas</c>.</summary>
    public override string ToString() => $"{Change} {Kind} {(Namespace is null ? Name : $"{Namespace}/{Name}")}{(Property is null ? "" : " " + Property)}";
}
