using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Connections;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Takes finalizers off objects whose deletion was asked for and will not go on, and tells what is left behind.</summary>
[Cmdlet(VerbsDiagnostic.Repair, "CapiStuckResource", DefaultParameterSetName = ByName, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(CapiRepairResult))]
public sealed class RepairCapiStuckResourceCommand : CapiConnectedCmdlet
{
    private const string ByName = "ByName";
    private const string ByObject = "ByObject";
    private const string Caption = "Let go of a stuck object";

    private bool _yesToAll;
    private bool _noToAll;

    /// <summary>The kind, such as <c>Machine</c>; with its group where there are several, such as <c>Cluster.k0smotron.io</c>.</summary>
    [Parameter(Position = 0, Mandatory = true, ParameterSetName = ByName)]
    [ValidateNotNullOrEmpty]
    public string Kind { get; set; } = "";

    /// <summary>The names, without wildcards.</summary>
    [Parameter(Position = 1, Mandatory = true, ParameterSetName = ByName)]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>The namespace; the connection's where it is not given.</summary>
    [Parameter(ParameterSetName = ByName)]
    [Alias("Ns")]
    [ValidateNotNullOrEmpty]
    public string? Namespace { get; set; }

    /// <summary>What a removal left, or objects of Cluster API, from the pipeline.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [StuckReference]
    [AllowEmptyCollection]
    public StuckReference[] InputObject { get; set; } = [];

    /// <summary>The finalizers to take off; those of Cluster API and its providers where none is given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Finalizer { get; set; } = [];

    /// <summary>Skips the questions; only for objects that are named.</summary>
    [Parameter(ParameterSetName = ByName)]
    public SwitchParameter Force { get; set; }

    /// <summary>What destroys goes where it was sent, and nowhere by default.</summary>
    private protected override bool MayFallBack => false;

    private protected override void Process()
    {
        ManagementCluster management = ManagementCluster;
        foreach ((StuckObject target, StuckReference? reference) in Targets())
        {
            RepairPlan? plan = null;
            RunToEnd(async (_, token) =>
            {
                if (reference is not null)
                {
                    await management.EnsureOwnsAsync(reference.ManagementClusterId, reference.Context, reference.ToString(), token).ConfigureAwait(false);
                }

                plan = await management.PlanRepairAsync(target, Finalizer, token).ConfigureAwait(false);
            });

            // Where there is no plan, the failure has been told; the others go on.
            if (plan is not null && IsAgreed(plan))
            {
                Start(async (output, token) => await output.WriteAsync(await management.RepairAsync(plan, token).ConfigureAwait(false)).ConfigureAwait(false));
            }
        }
    }

    private IEnumerable<(StuckObject Target, StuckReference? Reference)> Targets()
    {
        if (ParameterSetName == ByObject)
        {
            return InputObject.Select(reference => (reference.Target, (StuckReference?)reference));
        }

        return Array.Find(Name, ResourceFilter.IsPattern) is string pattern
            ? throw new CapiProblem(ProblemId.InvalidPattern, CapiProblemCategory.InvalidArgument, $"What is let go must be named: '{pattern}' has wildcards.", "Name each object.", pattern).ToException()
            : Name.Select(name => (new StuckObject(Kind, name, Namespace), (StuckReference?)null));
    }

    private bool IsAgreed(RepairPlan plan)
    {
        string action = $"Remove finalizer {string.Join(", ", plan.Finalizers)}";
        if (IsRehearsal || Force)
        {
            // With -Force only PowerShell's own question is asked, where somebody wants it.
            return (Force && !IsRehearsal && !MyInvocation.BoundParameters.ContainsKey("Confirm")) || ShouldProcess($"{plan} in {ManagementCluster.Endpoint}. {string.Join(" ", plan.Leaks)}", action);
        }

        try
        {
            return ShouldContinue($"{action} of {plan} in {ManagementCluster.Endpoint}? {string.Join(" ", plan.Leaks)} It cannot be undone.", Caption, hasSecurityImpact: true, ref _yesToAll, ref _noToAll);
        }
        catch (Exception e) when (IsUnableToAsk(e))
        {
            throw new CapiProblem(ProblemId.ConfirmationRequired, CapiProblemCategory.InvalidOperation, "Nothing was let go: nobody can be asked here whether to go on.",
                "See what would be done with -WhatIf, then name the objects with -Kind and -Name and use -Force.", ManagementCluster.Endpoint.Context).ToException(e);
        }
    }
}
