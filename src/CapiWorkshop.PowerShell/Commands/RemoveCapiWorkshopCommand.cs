using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Removes a workshop in the right order: applications, then workload clusters, then the proof that nothing is left and the management cluster is as it was.</summary>
[Cmdlet(VerbsCommon.Remove, "CapiWorkshop", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(CapiRemovalResult))]
public sealed class RemoveCapiWorkshopCommand : ScopedCommand
{
    private const string Caption = "Remove the workshop";

    /// <summary>Skips the question.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>How long to wait for everything to be gone: seconds as a number, or a text such as 90s, 5m or 1h30m.</summary>
    [Parameter]
    [Duration]
    [Alias("TimeoutSec")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>What destroys goes where it was sent, and nowhere by default.</summary>
    private protected override bool MayFallBack => false;

    private protected override void Process()
    {
        ManagementCluster management = ManagementCluster;
        ResourceFilter scope = Scope;
        CapiRemovalPlan? plan = null;
        RunToEnd(async (_, token) => plan = await management.PlanRemovalAsync(new() { Scope = scope }, EngineOpener, token).ConfigureAwait(false));
        if (plan is null)
        {
            return; // stopped, or the failure has been told
        }

        foreach (CapiRemovalNotice warning in plan.Warnings)
        {
            WriteWarning(warning.ToString());
        }

        if (IsRehearsal)
        {
            Rehearse(plan);
        }
        else if (plan.Blockers.Count > 0 || plan.IsEmpty || IsAgreed(plan))
        {
            Run(management.CreateRemoval(plan, EngineOpener));
        }
    }

    /// <summary>Tells each object that would go, in the order of the plan, and writes nothing.</summary>
    private void Rehearse(CapiRemovalPlan plan)
    {
        foreach (CapiRemovalNotice blocker in plan.Blockers)
        {
            WriteWarning($"Nothing would be removed. {blocker}");
        }

        if (plan.IsEmpty)
        {
            WriteWarning(Nothing(plan));
        }

        foreach (CapiRemovalItem item in plan.Items)
        {
            ShouldProcess(item.IsRequested ? item.ToString() : $"{item}, by its owner's controller", "Remove");
        }
    }

    /// <summary>One question, not two: with -Force only PowerShell's own is asked, where somebody wants it.</summary>
    private bool IsAgreed(CapiRemovalPlan plan)
    {
        CapiRemovalItem[] clusters = [.. plan.In(CapiRemovalStage.Cluster)], proxies = [.. plan.Going(CapiKinds.HelmChartProxy)];
        string objects = string.Create(
            CultureInfo.InvariantCulture,
            $"{Count(clusters.Length, "Cluster")} ({List(clusters, plan.Namespace is null)}) with {Count(plan.Going(CapiKinds.Machine).Count(), "Machine")}, and {Count(proxies.Length, "HelmChartProxy")} ({List(proxies, plan.Namespace is null)})");
        return Force
            ? ShouldProcess($"Removes {objects} from {ManagementCluster.Endpoint}.", $"Remove {objects} from {ManagementCluster.Endpoint}?", Caption)
            : IsAffirmed($"This removes from {ManagementCluster.Endpoint}: {objects}. It cannot be undone. The management cluster stays. Go on?");
    }

    private bool IsAffirmed(string question)
    {
        // "To all" means nothing to one question, but only this form of it has No for its default.
        (bool yesToAll, bool noToAll) = (false, false);
        try
        {
            return ShouldContinue(question, Caption, hasSecurityImpact: true, ref yesToAll, ref noToAll);
        }
        catch (Exception e) when (e is HostException or InvalidOperationException or NotImplementedException)
        {
            // PowerShell only says that it cannot ask, and not what to do about it.
            throw new CapiProblem(ProblemId.ConfirmationRequired, CapiProblemCategory.InvalidOperation, "Nothing was removed: nobody can be asked here whether to go on.",
                "See what would go with -WhatIf, then use -Force.", ManagementCluster.Endpoint.Context).ToException(e);
        }
    }

    private void Run(WorkshopRemoval removal)
    {
        if (removal.Plan.IsEmpty)
        {
            WriteWarning(Nothing(removal.Plan));
        }

        ActivityProgress bar = new(Caption);
        Start(async (output, token) =>
        {
            try
            {
                await foreach (Outcome<CapiRemovalResult> result in removal.RunAsync(Timeout, progress => output.Progress(Show(bar, removal.Plan, progress)), token).ConfigureAwait(false))
                {
                    await output.WriteAsync(result).ConfigureAwait(false);
                }
            }
            finally
            {
                output.Progress(bar.Completed());
            }
        });
    }

    private static ProgressRecord Show(ActivityProgress bar, CapiRemovalPlan plan, RemovalProgress progress)
    {
        int left = progress.HelmChartProxies + progress.HelmReleaseProxies + progress.Clusters + progress.Machines;
        int all = plan.Items.Count(item => item.Kind != CapiKinds.MachineDeployment.Kind);
        return bar.Show(
            string.Create(CultureInfo.InvariantCulture, $"{progress.Stage}: {progress.HelmReleaseProxies} releases, {progress.Clusters} clusters, {progress.Machines} machines left"),
            all == 0 ? 100 : Math.Clamp((all - left) * 100 / all, 0, 100),
            progress.Waiting);
    }

    private static string Nothing(CapiRemovalPlan plan) =>
        $"There is nothing to remove in {(plan.Namespace is null ? "any namespace" : $"namespace '{plan.Namespace}'")} of {plan.ManagementCluster}: neither a Cluster nor a HelmChartProxy.";

    private static string Count(int count, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? what : what.EndsWith('y') ? what[..^1] + "ies" : what + "s")}");

    private static string List(CapiRemovalItem[] items, bool isEverywhere) => items.Length == 0 ? "none" : string.Join(", ", items.Select(item => isEverywhere ? $"{item.Namespace}/{item.Name}" : item.Name));
}
