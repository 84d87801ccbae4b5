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

    /// <summary>Asks the server whether it would take the number, and writes nothing. Emits the MachineDeployment as it would be; with -WhatIf, only says what would happen.</summary>
    [Parameter]
    public SwitchParameter Validate { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (!Wait && MyInvocation.BoundParameters.ContainsKey(nameof(Timeout)))
        {
            WriteWarning("-Timeout has no effect without -Wait.");
        }

        if (Validate && Wait)
        {
            WriteWarning("-Wait has no effect with -Validate: nothing is written that could be waited for.");
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

            bool isWanted = (Validate && !IsRehearsal) || ShouldProcess($"MachineDeployment {deployment} in {cluster.Endpoint}", plan.Action); // nobody is asked about what writes nothing
            if (Validate)
            {
                Start((output, token) => ValidateAsync(cluster, plan, emits: isWanted, output, token));
            }
            else if (isWanted)
            {
                Start((output, token) => ScaleAsync(cluster, waits, plan, output, token));
            }
        }
    }

    private async Task ValidateAsync(ManagementCluster cluster, MachineDeploymentScalePlan plan, bool emits, Output output, CancellationToken cancellationToken)
    {
        CapiMachineDeployment? rehearsed = null;
        await LimitAsync(async () => rehearsed = await cluster.ValidateScaleAsync(plan, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        if (emits)
        {
            await output.WriteAsync((object)rehearsed!).ConfigureAwait(false);
        }
    }

    private async Task LimitAsync(Func<Task> request, CancellationToken cancellationToken)
    {
        await _writes.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await request().ConfigureAwait(false);
        }
        finally
        {
            _writes.Release();
        }
    }

    private async Task ScaleAsync(ManagementCluster cluster, MachineDeploymentWaits waits, MachineDeploymentScalePlan plan, Output output, CancellationToken cancellationToken)
    {
        CapiMachineDeployment deployment = plan.Deployment;
        await LimitAsync(() => cluster.ScaleAsync(plan, cancellationToken), cancellationToken).ConfigureAwait(false);
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
