using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>What the cmdlets have in common that look at everything that clusters consist of.</summary>
public abstract class FleetCommand : ClusterSetCommand
{
    /// <summary>Nobody chose the kinds that are read, and that some of them are deprecated helps nobody here.</summary>
    private protected override bool TellsServerWarnings => false;

    /// <summary>The clusters, as a look at a fleet takes them.</summary>
    private protected FleetRequest FleetOf(IReadOnlyList<CapiClusterReference> clusters) =>
        new() { Scope = Scope, Clusters = [.. clusters.Select(reference => new FleetTarget(reference.Name, reference.Namespace))] };
}
