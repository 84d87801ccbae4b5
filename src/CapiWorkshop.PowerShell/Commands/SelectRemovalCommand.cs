using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>What the cmdlets have in common that plan a removal: which clusters, and how much of them.</summary>
public abstract class SelectRemovalCommand : ScopedCommand
{
    private readonly List<CapiClusterReference> _clusters = [];

    /// <summary>Names of clusters; wildcards are allowed. A name without wildcards that is not there is an error.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Kubernetes' label selector for clusters, such as <c>environment=dev,tier!=test</c>.</summary>
    [Parameter]
    [Alias("Selector")]
    [ValidateNotNullOrEmpty]
    public string? LabelSelector { get; set; }

    /// <summary>Clusters as CapiCluster from the pipeline, each meant by its identity.</summary>
    [Parameter(ValueFromPipeline = true)]
    [CapiClusterReference]
    [ValidateNotNullOrEmpty]
    public CapiClusterReference[]? Cluster { get; set; }

    /// <summary>Includes clusters that bear <c>capiworkshop.io/protected</c>.</summary>
    [Parameter]
    public SwitchParameter IncludeProtected { get; set; }

    /// <summary>Resumes what is paused, so that it can go.</summary>
    [Parameter]
    public SwitchParameter Unpause { get; set; }

    /// <summary>Includes volume claims that a hosted control plane leaves: they hold its data.</summary>
    [Parameter]
    public SwitchParameter IncludeVolumes { get; set; }

    /// <summary>Includes secrets that the clusters' objects own, if they are left.</summary>
    [Parameter]
    public SwitchParameter IncludeSecrets { get; set; }

    /// <summary>Includes containers that are the clusters' Machines, if they are left.</summary>
    [Parameter]
    public SwitchParameter IncludeContainers { get; set; }

    /// <summary>Includes objects that belong to the clusters by their label only.</summary>
    [Parameter]
    public SwitchParameter IncludeOrphans { get; set; }

    /// <summary>What destroys goes where it was sent, and nowhere by default; so does its plan.</summary>
    private protected override bool MayFallBack => false;

    /// <summary>All kinds are looked at, deprecated ones too: nobody asked for these.</summary>
    private protected override bool TellsServerWarnings => false;

    /// <summary>Whether clusters were named in any way; else it is everything of the namespace.</summary>
    private protected bool IsNarrowed => Name is not null || LabelSelector is not null || _clusters.Count > 0;

    private protected sealed override void Process() => _clusters.AddRange(Cluster ?? []);

    private protected sealed override void Finish()
    {
        // A pipeline that brought nothing means nothing; without this it would mean everything.
        if (MyInvocation.ExpectingInput && _clusters.Count == 0)
        {
            WriteWarning("No cluster came from the pipeline: nothing is removed.");
            return;
        }

        ManagementCluster management = ManagementCluster;
        CapiRemovalPlan? plan = null;
        RunToEnd(async (_, token) => plan = await PlanAsync(management, token).ConfigureAwait(false));
        if (plan is not null)
        {
            Take(plan); // else it was stopped, or the failure has been told
        }
    }

    /// <summary>Does something with the plan.</summary>
    private protected abstract void Take(CapiRemovalPlan plan);

    private protected virtual async Task<CapiRemovalPlan> PlanAsync(ManagementCluster management, CancellationToken cancellationToken)
    {
        foreach (CapiClusterReference reference in _clusters)
        {
            await reference.EnsureBelongsToAsync(management, cancellationToken).ConfigureAwait(false);
        }

        // A bare string in the pipeline is a name like any other.
        RemovalRequest request = new()
        {
            Scope = Scope with { Names = [.. Name ?? [], .. _clusters.Where(reference => reference.ManagementClusterId is null).Select(reference => reference.Name)], LabelSelector = LabelSelector },
            Targets = [.. _clusters.Where(reference => reference.ManagementClusterId is not null).Select(reference => new RemovalTarget(reference.Namespace, reference.Name, reference.Uid))],
            IncludeProtected = IncludeProtected,
            Unpause = Unpause,
            IncludeVolumes = IncludeVolumes,
            IncludeSecrets = IncludeSecrets,
            IncludeContainers = IncludeContainers,
            IncludeOrphans = IncludeOrphans,
        };
        return await management.PlanRemovalAsync(request, EngineOpener, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells what was asked for and is not there.</summary>
    private protected void TellProblems(CapiRemovalPlan plan)
    {
        foreach (CapiProblem problem in plan.Problems)
        {
            WriteError(ToErrorRecord(problem));
        }
    }
}
