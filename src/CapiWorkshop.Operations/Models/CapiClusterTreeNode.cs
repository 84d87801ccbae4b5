namespace CapiWorkshop.Operations;

/// <summary>One row of the tree of what clusters consist of. Rows come in the order of the tree, each after the one it is below; none holds another.</summary>
public sealed record CapiClusterTreeNode
{
    /// <summary>How deep it is: 0 for a Cluster.</summary>
    public int Depth { get; internal init; }

    /// <summary>The object's kind; <c>Workers</c>, <c>Applications</c> and the like for what only holds others together, <c>Condition</c> for a condition of the object above.</summary>
    public string Kind { get; internal init; } = "";

    /// <summary>The object's name; of several in the same state, how many they are; of a condition, its type.</summary>
    public string Name { get; internal init; } = "";

    /// <summary>The object's namespace.</summary>
    public string? Namespace { get; internal init; }

    /// <summary>The name of the Cluster it belongs to.</summary>
    public string? Cluster { get; internal init; }

    /// <summary>The row it is below, as <c>kind/name</c>; null for a root.</summary>
    public string? Parent { get; internal init; }

    /// <summary>Whether it works, by its condition of that meaning: Available of what consists of others, Ready of a single thing.</summary>
    public bool? Ready { get; internal init; }

    /// <summary>One word for its state: why it does not work where it does not, Deleting, Paused, or what the condition says.</summary>
    public string? Status { get; internal init; }

    /// <summary>A sentence for people on why it does not work; null where it does.</summary>
    public string? Message { get; internal init; }

    /// <summary>Since when it has been so, UTC.</summary>
    public DateTimeOffset? Since { get; internal init; }

    /// <summary>How long it had been so when it was read.</summary>
    public TimeSpan? Age => ObservedAt - Since;

    /// <summary>The counts of what consists of machines.</summary>
    public CapiReplicaCounts? Replicas { get; internal init; }

    /// <summary>As many objects as the row stands for.</summary>
    public int Count { get; internal init; } = 1;

    /// <summary>The names of the objects that the row stands for; none where it stands for no object.</summary>
    public IReadOnlyList<string> Names { get; internal init; } = [];

    /// <summary>The object's identity; null where the row stands for none or several.</summary>
    public string? Uid { get; internal init; }

    /// <summary>The lines that lead to it where the tree is drawn.</summary>
    public string Branch { get; internal init; } = "";

    /// <summary>When it was read, UTC.</summary>
    public DateTimeOffset ObservedAt { get; internal init; }

    /// <summary>The kubeconfig context it was read through; null where none was used.</summary>
    public string? Context { get; internal init; }

    /// <summary>Which management cluster it lives in.</summary>
    public string ManagementClusterId { get; internal init; } = "";

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}/{Name}";
}
