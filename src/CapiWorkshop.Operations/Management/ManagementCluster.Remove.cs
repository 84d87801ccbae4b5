using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations;

public sealed partial class ManagementCluster
{
    /// <summary>What a removal would take away, and what would stand in its way. Writes nothing.</summary>
    /// <param name="request">What is to be removed.</param>
    /// <param name="openEngine">Opens the engine that may hold the clusters' containers; null where nobody shall look.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <exception cref="CapiProblemException">What the server answered.</exception>
    public Task<CapiRemovalPlan> PlanRemovalAsync(RemovalRequest request, Func<IContainerEngine>? openEngine = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new RemovalPlanning(this, request, openEngine, _clock).PlanAsync(cancellationToken);
    }

    /// <summary>The way to do what a plan says.</summary>
    /// <param name="plan">What to do.</param>
    /// <param name="openEngine">Opens the engine on which containers may be left; null where nobody shall look.</param>
    /// <param name="stuckAfter">How long a cluster may make no step before it is asked why; two minutes where it is null.</param>
    public WorkshopRemoval CreateRemoval(CapiRemovalPlan plan, Func<IContainerEngine>? openEngine = null, TimeSpan? stuckAfter = null) => new(this, plan, openEngine, stuckAfter, _clock);

    /// <summary>Measures this management cluster and its workload clusters.</summary>
    /// <param name="openEngine">Opens the engine on which they may have their containers; what it throws is a problem of those columns only.</param>
    public ResourceMeter CreateMeter(Func<IContainerEngine> openEngine) => new(this, openEngine, _clock);

    /// <summary>Checks what a workshop should have done and left.</summary>
    /// <param name="openEngine">Opens the engine on which clusters may have their containers.</param>
    public WorkshopChecks CreateChecks(Func<IContainerEngine> openEngine) => new(this, openEngine, _clock);
}
