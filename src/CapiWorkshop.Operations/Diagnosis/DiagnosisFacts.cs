namespace CapiWorkshop.Operations;

/// <summary>What a diagnosis is made from: what was read, and when.</summary>
internal sealed class DiagnosisFacts
{
    private Dictionary<(string? Namespace, string? Name), CapiCluster>? _clusters;

    public required FleetSurvey Survey { get; init; }

    public required IReadOnlyList<CapiMachineHealthCheck> HealthChecks { get; init; }

    /// <summary>The providers; null where they may not be read.</summary>
    public required IReadOnlyList<CapiProvider>? Providers { get; init; }

    /// <summary>Why deletions that take too long do not go on, by the object's UID.</summary>
    public required ILookup<string, CapiStuckReason> Stuck { get; init; }

    public required DateTimeOffset Now { get; init; }

    /// <summary>Every object that has conditions of its own.</summary>
    public static IEnumerable<CapiResource> Objects(FleetSurvey survey) => new IEnumerable<CapiResource>[]
    {
        survey.Clusters, survey.Infrastructure, survey.ControlPlanes, survey.MachineDeployments, survey.MachinePools, survey.MachineSets, survey.Machines, survey.Releases,
    }.SelectMany(items => items);

    /// <summary>The Cluster of an object; null where it is not among those that were read.</summary>
    public CapiCluster? ClusterOf(CapiResource item) =>
        (_clusters ??= Survey.Clusters.ToDictionary(cluster => (cluster.Namespace, (string?)cluster.Name))).GetValueOrDefault((item.Namespace, item.Cluster));

    /// <summary>Whether something has been so for longer than it should take; false where nobody knows since when.</summary>
    public bool IsLonger(DateTimeOffset? since, TimeSpan patience) => Now - since > patience;
}
