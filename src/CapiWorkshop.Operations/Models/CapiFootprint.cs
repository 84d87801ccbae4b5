using System.Globalization;

namespace CapiWorkshop.Operations;

/// <summary>What one cluster takes compared with another: measured, not assumed. What could not be read is null.</summary>
public sealed record CapiFootprint
{
    internal CapiFootprint(CapiResourceUsage reference, CapiResourceUsage difference)
    {
        Reference = reference;
        Difference = difference;
    }

    /// <summary>The cluster that is compared with.</summary>
    public CapiResourceUsage Reference { get; }

    /// <summary>The cluster that is compared.</summary>
    public CapiResourceUsage Difference { get; }

    /// <summary>Containers of the reference.</summary>
    public int? ReferenceContainers => Reference.Containers;

    /// <summary>Containers of the difference.</summary>
    public int? DifferenceContainers => Difference.Containers;

    /// <summary>Containers that the difference does without; negative where it has more.</summary>
    public int? ContainersSaved => ReferenceContainers - DifferenceContainers;

    /// <summary>The same in per cent of the reference; null where that has none.</summary>
    public double? ContainersSavedPercent => Percent(ContainersSaved, ReferenceContainers);

    /// <summary>Nodes that the difference does without.</summary>
    public int? NodesSaved => Reference.Nodes - Difference.Nodes;

    /// <summary>Pods of the management cluster that the difference's control plane takes more than the reference's.</summary>
    public int? ControlPlanePodsAdded => Difference.ControlPlanePods - Reference.ControlPlanePods;

    /// <summary>Processor time that the difference uses less, in per cent of the reference's.</summary>
    public double? CpuSavedPercent => Percent(Reference.CpuPercent - Difference.CpuPercent, Reference.CpuPercent);

    /// <summary>Memory that the difference uses less, in per cent of the reference's.</summary>
    public double? MemorySavedPercent => Percent(Reference.MemoryBytes - Difference.MemoryBytes, Reference.MemoryBytes);

    /// <summary>The arithmetic, such as <c>1 control plane + 4 workers = 5; 0 control plane + 3 workers = 3; (5 - 3) / 5 = 40 %</c>; null where something is missing.</summary>
    public string? Arithmetic => ContainersSavedPercent is double percent
        ? string.Create(CultureInfo.InvariantCulture, $"{Sum(Reference)}; {Sum(Difference)}; ({ReferenceContainers} - {DifferenceContainers}) / {ReferenceContainers} = {percent:0.#} %")
        : null;

    /// <summary>What could not be read of either, and why.</summary>
    public IReadOnlyList<CapiProblem> Problems => [.. Reference.Problems.Union(Difference.Problems)];

    /// <inheritdoc/>
    public override string ToString() => $"{Reference} : {Difference}";

    private static string Sum(CapiResourceUsage usage) =>
        string.Create(CultureInfo.InvariantCulture, $"{usage.ControlPlaneContainers} control plane + {usage.WorkerContainers} worker{(usage.WorkerContainers == 1 ? "" : "s")} = {usage.Containers}");

    private static double? Percent(double? part, double? whole) => whole is null or 0 ? null : part / whole * 100;
}
