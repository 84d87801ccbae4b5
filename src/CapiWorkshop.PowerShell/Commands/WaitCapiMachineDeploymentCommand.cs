using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Pipeline;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Waits until MachineDeployments have reached a state; any number of them on one watch.</summary>
[Cmdlet(VerbsLifecycle.Wait, "CapiMachineDeployment", DefaultParameterSetName = ByName)]
[OutputType(typeof(CapiMachineDeployment))]
public sealed class WaitCapiMachineDeploymentCommand : MachineDeploymentCommand
{
    /// <summary>What to wait for.</summary>
    [Parameter]
    public CapiMachineDeploymentGoal For { get; set; } = CapiMachineDeploymentGoal.Available;

    /// <summary>A condition of your own: is asked of each state as <c>$_</c> and ends the wait when it says true.</summary>
    [Parameter]
    public ScriptBlock? Until { get; set; }

    /// <summary>Emits each MachineDeployment in its last state.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (Until is not null && MyInvocation.BoundParameters.ContainsKey(nameof(For)))
        {
            Throw(new(ProblemId.AmbiguousGoal, CapiProblemCategory.InvalidArgument, "Both a goal and a condition were given.", "Use either -For or -Until.", nameof(Until)));
        }
    }

    private protected override void Process()
    {
        ManagementCluster cluster = ManagementCluster;
        MachineDeploymentWaits waits = Waits;
        if (Until is null && For == CapiMachineDeploymentGoal.Deleted && ParameterSetName == ByName && !Array.Exists(Name, ResourceFilter.IsPattern))
        {
            // What is gone already has been waited for long enough: it need not be there to be named.
            foreach (string name in Name)
            {
                Start((output, token) => WaitAsync(waits, Namespace ?? cluster.Endpoint.Namespace, name, null, output, token));
            }

            return;
        }

        foreach (CapiMachineDeployment deployment in ReadTargets())
        {
            Start(async (output, token) =>
            {
                await cluster.EnsureOwnsAsync(deployment.ManagementClusterId, deployment.Context, deployment.ToString(), token).ConfigureAwait(false);
                await WaitAsync(waits, deployment.Namespace!, deployment.Name, deployment, output, token).ConfigureAwait(false);
            });
        }
    }

    private async Task WaitAsync(MachineDeploymentWaits waits, string ns, string name, CapiMachineDeployment? known, Output output, CancellationToken cancellationToken)
    {
        ActivityProgress bar = new($"Waiting for MachineDeployment {ns}/{name}");
        try
        {
            MachineDeploymentWaitResult result = Until is null
                ? await waits.WaitForAsync(ns, name, For, Timeout, state => output.Progress(Show(bar, state)), cancellationToken, known).ConfigureAwait(false)
                : await waits.WaitUntilAsync(
                    ns, name, async state => await output.AskAsync(() => Until.IsTrueFor(state)).ConfigureAwait(false), Timeout, state => output.Progress(Show(bar, state)), cancellationToken).ConfigureAwait(false);
            await output.WriteAsync(result, PassThru && result.Deployment is not null).ConfigureAwait(false);
        }
        finally
        {
            output.Progress(bar.Completed());
        }
    }
}
