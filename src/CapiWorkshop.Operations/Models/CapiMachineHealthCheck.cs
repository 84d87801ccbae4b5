namespace CapiWorkshop.Operations;

/// <summary>What makes machines of a cluster count as unhealthy, so that they are replaced.</summary>
public sealed record CapiMachineHealthCheck : CapiResource
{
    /// <summary>As many machines as it looks at.</summary>
    public int? ExpectedMachines { get; internal init; }

    /// <summary>As many of them as are healthy.</summary>
    public int? HealthyMachines { get; internal init; }

    /// <summary>As many as may be replaced now before it stops doing so.</summary>
    public int? RemediationsAllowed { get; internal init; }

    /// <summary>Whether it replaces machines at all, or holds back because too many are unhealthy, by its <c>RemediationAllowed</c> condition.</summary>
    public bool? RemediationAllowed { get; internal init; }

    /// <summary>The names of the machines that it looks at.</summary>
    public IReadOnlyList<string> Targets { get; internal init; } = [];

    /// <summary>Which machines of the cluster it is for, as a label selector; null for none, empty for all.</summary>
    public string? Selector { get; internal init; }

    /// <summary>With more unhealthy machines than this number or share it holds back; null where no limit is given.</summary>
    public string? MaxUnhealthy { get; internal init; }

    /// <summary>Outside this range of unhealthy machines, such as <c>[3-5]</c>, it holds back; null where none is given.</summary>
    public string? UnhealthyRange { get; internal init; }

    /// <summary>How long a machine may take to get a Node; zero for as long as it takes, null where the controller's default of ten minutes holds.</summary>
    public TimeSpan? NodeStartupTimeout { get; internal init; }
}
