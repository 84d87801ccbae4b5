using System.Globalization;
using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>What the cmdlets have in common that remove: they plan, ask once, do what the plan says, and tell what came of it.</summary>
public abstract class RemovalCommand : SelectRemovalCommand
{
    /// <summary>Skips the question.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>How long to wait for everything to be gone: seconds as a number, or a text such as 90s, 5m or 1h30m.</summary>
    [Parameter]
    [Duration]
    [Alias("TimeoutSec")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a cluster may make no step before it is told why: seconds as a number, or a text such as 90s, 5m or 1h30m.</summary>
    [Parameter]
    [Duration]
    public TimeSpan StuckAfter { get; set; } = TimeSpan.FromMinutes(2);

    private protected abstract string Caption { get; }

    /// <summary>Whether what goes was named, so that nobody need be asked.</summary>
    private protected virtual bool IsNamed => IsNarrowed;

    /// <summary>What has overtaken a plan that was made before; looked for here only when it is rehearsed, since a removal looks by itself.</summary>
    private protected IReadOnlyList<string> Changes { get; set; } = [];

    private protected sealed override void Take(CapiRemovalPlan plan)
    {
        TellProblems(plan);
        foreach (CapiRemovalNotice warning in plan.Warnings)
        {
            WriteWarning(warning.ToString());
        }

        if (IsRehearsal)
        {
            Rehearse(plan);
        }
        else if (plan.IsEmpty && plan.Problems.Count > 0)
        {
            return; // that nothing of it is there has been told
        }
        else if (!plan.CanRun || plan.IsEmpty || IsAgreed(plan))
        {
            Run(ManagementCluster.CreateRemoval(plan, EngineOpener, StuckAfter));
        }
    }

    /// <summary>Tells each object that would go, in the order of the plan, and writes nothing.</summary>
    private void Rehearse(CapiRemovalPlan plan)
    {
        foreach (CapiRemovalNotice blocker in plan.Blockers)
        {
            WriteWarning($"Nothing would be removed. {blocker}");
        }

        if (Changes.Count > 0)
        {
            WriteWarning($"Nothing would be removed: the plan was overtaken by what happened since. {string.Join(" ", Changes)}");
        }

        if (plan.IsEmpty && plan.Problems.Count == 0)
        {
            WriteWarning(Nothing(plan));
        }

        foreach (CapiRemovalItem item in plan.Items)
        {
            (string target, string action) = item.Action switch
            {
                CapiRemovalAction.FollowsOwner => ($"{item}, by its owner's controller", "Remove"),
                CapiRemovalAction.DeleteIfLeft => ($"{item}, if it is left", "Remove"),
                CapiRemovalAction.Unlabel => ($"{item}, its label {item.Edit!.Key}={item.Edit.Before}", "Take off"),
                CapiRemovalAction.Unpause => (item.ToString(), "Resume"),
                CapiRemovalAction.Stays => ($"{item}: {item.Reason}", "Keep"),
                _ => (item.ToString(), "Remove"),
            };
            ShouldProcess(target, action);
        }
    }

    /// <summary>One question, not two: with -Force only PowerShell's own is asked, where somebody wants it.</summary>
    private bool IsAgreed(CapiRemovalPlan plan)
    {
        int edits = plan.Items.Count(item => item.Action == CapiRemovalAction.Unlabel);
        string labels = edits == 0 ? "" : $" It takes off {Count(edits, "label")} so that shared applications leave them.";
        string question = $"This removes from {ManagementCluster.Endpoint}: {Describe(plan)}.{labels} It cannot be undone. The management cluster stays.";
        if (Force)
        {
            EnsureForceIsEnough(plan);
        }

        bool isAgreed = Force ? ShouldProcess(question, $"{question} Go on?", Caption) : IsAffirmed(plan, question);
        if (!isAgreed)
        {
            WriteWarning(AllNamespaces && !Force ? "Nothing was removed: something else was typed." : "Nothing was removed: the answer was no.");
        }

        return isAgreed;
    }

    /// <summary>Names what goes at once, and counts what goes if it is left: data is among that.</summary>
    private static string Describe(CapiRemovalPlan plan)
    {
        CapiRemovalItem[] clusters = [.. plan.In(CapiRemovalStage.Cluster)], proxies = [.. plan.Going(CapiKinds.HelmChartProxy)];
        List<string> going = [];
        if (clusters.Length > 0)
        {
            going.Add($"{Count(clusters.Length, "Cluster")} ({List(clusters, plan.Namespace is null)}) with {Count(plan.Going(CapiKinds.Machine).Count(), "Machine")}");
        }

        if (proxies.Length > 0)
        {
            going.Add($"{Count(proxies.Length, "HelmChartProxy")} ({List(proxies, plan.Namespace is null)})");
        }

        string[] ifLeft =
        [
            .. plan.Items.Where(item => item.Action == CapiRemovalAction.DeleteIfLeft).GroupBy(item => item.Kind).OrderByDescending(HoldsData)
                .Select(kind => Count(kind.Count(), kind.Key) + (HoldsData(kind) ? " with the data of hosted control planes" : "")),
        ];
        if (ifLeft.Length > 0)
        {
            going.Add($"if they are left, {(ifLeft is [.. { Length: > 0 } others, string last] ? $"{string.Join(", ", others)} and {last}" : ifLeft[0])}");
        }

        return string.Join(", and ", going);
    }

    private static bool HoldsData(IGrouping<string, CapiRemovalItem> kind) => kind.Key == "PersistentVolumeClaim";

    /// <summary>On a real management cluster -Force says that nobody need be asked, and not what shall go.</summary>
    private void EnsureForceIsEnough(CapiRemovalPlan plan)
    {
        bool isUncertain = plan.Warnings.Any(warning => warning.Id == RemovalNoticeId.MayBeManagementCluster);
        if (!IsNamed && (isUncertain || !IsSandbox))
        {
            throw new CapiProblem(ProblemId.ConfirmationRequired, CapiProblemCategory.InvalidOperation, $"Nothing was removed: -Force alone does not say what shall go from {ManagementCluster.Endpoint}.",
                "Name it with -Name, -LabelSelector, objects or -Plan.", ManagementCluster.Endpoint.Context).ToException();
        }
    }

    private bool IsAffirmed(CapiRemovalPlan plan, string question)
    {
        if (plan.Warnings.Any(warning => warning.Id == RemovalNoticeId.MayBeManagementCluster))
        {
            throw new CapiProblem(ProblemId.ConfirmationRequired, CapiProblemCategory.InvalidOperation, "Nothing was removed: whether one of the clusters is the management cluster itself cannot be told.",
                "Where you know that none is, name them with -Name and use -Force.", ManagementCluster.Endpoint.Context).ToException();
        }

        // "To all" means nothing to one question, but only this form of it has No for its default.
        (bool yesToAll, bool noToAll) = (false, false);
        try
        {
            return AllNamespaces ? IsTyped(question) : ShouldContinue($"{question} Go on?", Caption, hasSecurityImpact: true, ref yesToAll, ref noToAll);
        }
        catch (Exception e) when (IsUnableToAsk(e))
        {
            // PowerShell only says that it cannot ask, and not what to do about it.
            throw new CapiProblem(ProblemId.ConfirmationRequired, CapiProblemCategory.InvalidOperation, "Nothing was removed: nobody can be asked here whether to go on.",
                "See what would go with -WhatIf, then use -Force.", ManagementCluster.Endpoint.Context).ToException(e);
        }
    }

    /// <summary>All namespaces are a lot: whoever means them can say where he is.</summary>
    private bool IsTyped(string question)
    {
        string expected = ManagementCluster.Endpoint.Context ?? ManagementCluster.Endpoint.Server.Host;
        Host.UI.WriteLine(Caption);
        Host.UI.WriteLine($"{question} To go on, type {expected}:");
        return Host.UI.ReadLine()?.Trim() == expected;
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
        int all = plan.Going(CapiKinds.HelmChartProxy).Count() + plan.Going(CapiKinds.HelmReleaseProxy).Count() + plan.Going(CapiKinds.Cluster).Count() + plan.Going(CapiKinds.Machine).Count();
        return bar.Show(
            string.Create(CultureInfo.InvariantCulture, $"{progress.Stage}: {progress.HelmReleaseProxies} releases, {progress.Clusters} clusters, {progress.Machines} machines left"),
            all == 0 ? 100 : Math.Clamp((all - left) * 100 / all, 0, 100),
            progress.StuckReasons is [CapiStuckReason reason, ..] ? reason.ToString() : progress.Waiting);
    }

    private string Nothing(CapiRemovalPlan plan) =>
        $"There is nothing to remove in {(plan.Namespace is null ? "any namespace" : $"namespace '{plan.Namespace}'")} of {plan.ManagementCluster}: {(IsNarrowed ? "no Cluster matches" : "neither a Cluster nor a HelmChartProxy")}.";

    private static string Count(int count, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? what : what.EndsWith('y') ? what[..^1] + "ies" : what + "s")}");

    private static string List(CapiRemovalItem[] items, bool isEverywhere) => string.Join(", ", items.Select(item => isEverywhere ? $"{item.Namespace}/{item.Name}" : item.Name));
}
