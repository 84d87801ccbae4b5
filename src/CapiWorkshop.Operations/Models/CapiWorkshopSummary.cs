namespace CapiWorkshop.Operations;

/// <summary>One module of the workshop.</summary>
/// <param name="Number">Its number, such as <c>07</c>: they are not consecutive.</param>
/// <param name="Title">What it is about.</param>
/// <param name="Minutes">How long it takes.</param>
/// <param name="Concepts">What one understands afterwards.</param>
public sealed record CapiWorkshopModule(string Number, string Title, int Minutes, IReadOnlyList<string> Concepts)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Number} {Title}";
}

/// <summary>What was learned in the workshop, and what was really built: that part is counted, not told.</summary>
public sealed record CapiWorkshopSummary
{
    /// <summary>The modules, in their order.</summary>
    public IReadOnlyList<CapiWorkshopModule> Modules { get; internal init; } = [];

    /// <summary>The minutes of all modules together.</summary>
    public int Minutes => Modules.Sum(module => module.Minutes);

    /// <summary>What one can do afterwards.</summary>
    public IReadOnlyList<string> Skills { get; internal init; } = [];

    /// <summary>The kubeconfig context; null where none was used.</summary>
    public string? Context { get; internal init; }

    /// <summary>Which management cluster was looked at.</summary>
    public string ManagementClusterId { get; internal init; } = "";

    /// <summary>The workload clusters that were found.</summary>
    public IReadOnlyList<CapiCluster> Clusters { get; internal init; } = [];

    /// <summary>The Machines of all of them that are control plane.</summary>
    public int ControlPlaneMachines { get; internal init; }

    /// <summary>The Machines of all of them that are workers.</summary>
    public int WorkerMachines { get; internal init; }

    /// <summary>The Machines that have joined their cluster as a Node.</summary>
    public int Nodes { get; internal init; }

    /// <summary>The Pods of the management cluster that are hosted control planes; null where they may not be read.</summary>
    public int? ControlPlanePods { get; internal init; }

    /// <summary>The applications: Helm releases that are installed.</summary>
    public IReadOnlyList<CapiHelmReleaseProxy> Applications { get; internal init; } = [];

    /// <summary>When it was counted, UTC.</summary>
    public DateTimeOffset ObservedAt { get; internal init; }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Modules.Count} modules in {Minutes} minutes; {Clusters.Count} clusters, {Nodes} nodes, {Applications.Count} applications");
}
