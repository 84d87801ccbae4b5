using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Removes a workshop in the right order: applications, then workload clusters, then the proof that nothing is left and the management cluster is as it was.</summary>
[Cmdlet(VerbsCommon.Remove, "CapiWorkshop", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(CapiRemovalResult))]
public sealed class RemoveCapiWorkshopCommand : RemovalCommand
{
    private static readonly string[] Selecting =
    [
        nameof(Name), nameof(LabelSelector), nameof(Cluster), nameof(Namespace), nameof(AllNamespaces), nameof(IncludeProtected), nameof(Unpause), nameof(IncludeVolumes),
        nameof(IncludeSecrets), nameof(IncludeContainers), nameof(IncludeOrphans),
    ];

    private bool _isRehearsal;

    /// <summary>The plan to carry out, as Get-CapiRemovalPlan made it.</summary>
    [Parameter]
    [RemovalPlan]
    public CapiRemovalPlan? Plan { get; set; }

    private protected override string Caption => "Remove the workshop";

    private protected override bool IsNamed => IsNarrowed || Plan is not null;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _isRehearsal = IsRehearsal; // asked here: the plan is made on another thread
        if (Plan is not null && (MyInvocation.ExpectingInput || Array.Exists(Selecting, MyInvocation.BoundParameters.ContainsKey)))
        {
            Throw(new(ProblemId.AmbiguousScope, CapiProblemCategory.InvalidArgument, "Both a plan and what to plan were given.", "Use -Plan alone: it says what goes."));
        }
    }

    private protected override async Task<CapiRemovalPlan> PlanAsync(ManagementCluster management, CancellationToken cancellationToken)
    {
        if (Plan is null)
        {
            return await base.PlanAsync(management, cancellationToken).ConfigureAwait(false);
        }

        // Before anybody is asked: a question about another cluster would be answered wrongly.
        await management.EnsureOwnsAsync(Plan.ManagementClusterId, Plan.Context, "The removal plan", cancellationToken).ConfigureAwait(false);
        if (_isRehearsal)
        {
            Changes = await management.CreateRemoval(Plan, EngineOpener).FindChangesAsync(cancellationToken).ConfigureAwait(false);
        }

        return Plan;
    }
}
