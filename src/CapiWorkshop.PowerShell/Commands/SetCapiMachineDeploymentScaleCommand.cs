using System.Management.Automation;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Sets how many machines a MachineDeployment has.</summary>
[Cmdlet(VerbsCommon.Set, "CapiMachineDeploymentScale", DefaultParameterSetName = ByName, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(CapiMachineDeployment))]
public sealed class SetCapiMachineDeploymentScaleCommand : MachineDeploymentCommand
{
    /// <summary>Requests at a time; the waits that follow them are not limited. Never disposed of: a write may outlive the command that was stopped.</summary>
    private readonly SemaphoreSlim _writes = new(8);

    /// <summary>As many machines as there shall be.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ByName)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByObject)]
    [ValidateRange(0, int.MaxValue)]
    public int Replicas { get; set; }

    /// <summary>Waits until the machines are really there (or gone), not only asked for.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>Emits the MachineDeployment after the change; with -Wait, after the wait.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (!Wait && MyInvocation.BoundParameters.ContainsKey(nameof(Timeout)))
        {
            WriteWarning("-Timeout has no effect without -Wait.");
        }
    }

    private protected override void Process()
    {
        ManagementCluster cluster = ManagementCluster;
        MachineDeploymentWaits waits = Waits;
        foreach (CapiMachineDeployment deployment in ReadTargets())
        {
            MachineDeploymentScalePlan? plan = null;
            RunToEnd(async (_, token) => plan = await cluster.PlanScaleAsync(deployment, Replicas, token).ConfigureAwait(false));
            if (plan is null)
            {
                continue;
            }

            foreach (string warning in plan.Warnings)
            {
                WriteWarning(warning);
            }

            if (ShouldProcess($"MachineDeployment {deployment} in {cluster.Endpoint}", plan.Action))
            {
                Start((output, token) => ScaleAsync(cluster, waits, plan, output, token));
            }
        }
    }

    private async Task ScaleAsync(ManagementCluster cluster, MachineDeploymentWaits waits, MachineDeploymentScalePlan plan, Output output, CancellationToken cancellationToken)
    {
        CapiMachineDeployment deployment = plan.Deployment;
        await _writes.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await cluster.ScaleAsync(plan, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writes.Release();
        }

        if (Wait)
        {
            ActivityProgress bar = new($"Scaling MachineDeployment {deployment}");
            try
            {
                MachineDeploymentWaitResult result = await waits.WaitForScaleAsync(
                    deployment.Namespace!, deployment.Name, plan.Replicas, Timeout, state => output.Progress(Show(bar, state)), cancellationToken).ConfigureAwait(false);
                await output.WriteAsync(result, PassThru).ConfigureAwait(false);
            }
            finally
            {
                output.Progress(bar.Completed());
            }
        }
        else if (PassThru)
        {
            ResourceFilter filter = new() { Names = [deployment.Name], Namespace = deployment.Namespace };
            await foreach (Outcome<CapiMachineDeployment> outcome in cluster.GetAsync(CapiKinds.MachineDeployment, filter, cancellationToken).ConfigureAwait(false))
            {
                await output.WriteAsync(outcome).ConfigureAwait(false);
            }
        }
    }
}
