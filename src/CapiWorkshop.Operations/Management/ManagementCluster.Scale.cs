using System.Globalization;
using System.Text;
using System.Text.Json;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Operations;

/// <summary>What a scaling will do, before it does it.</summary>
/// <param name="Deployment">The MachineDeployment as it was when the plan was made.</param>
/// <param name="Replicas">As many machines as there shall be.</param>
public sealed record MachineDeploymentScalePlan(CapiMachineDeployment Deployment, int Replicas)
{
    /// <summary>Such as <c>Scale from 2 to 4 replicas</c>.</summary>
    public string Action => string.Create(CultureInfo.InvariantCulture, $"Scale from {Deployment.DesiredReplicas?.ToString(CultureInfo.InvariantCulture) ?? "?"} to {Replicas} replicas");

    /// <summary>What may undo it.</summary>
    public IEnumerable<string> Warnings
    {
        get
        {
            if (Deployment.IsTopologyOwned)
            {
                yield return $"MachineDeployment {Deployment} belongs to the topology of Cluster {Deployment.Cluster}: if that sets its replicas, this scaling is undone within seconds. Change spec.topology of the Cluster instead.";
            }

            if (Deployment.AutoscalerMinimum is int minimum && Deployment.AutoscalerMaximum is int maximum)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"MachineDeployment {Deployment} is managed by the cluster autoscaler (from {minimum} to {maximum} replicas), which may change it again.");
            }

            if (Deployment.IsPaused)
            {
                yield return $"MachineDeployment {Deployment} or its Cluster is paused: nothing happens until it is resumed.";
            }
        }
    }
}

public sealed partial class ManagementCluster
{
    /// <summary>What a scaling would do. Fails where the object belongs to another management cluster, so that not even a plan is made for the wrong one.</summary>
    /// <param name="deployment">The MachineDeployment.</param>
    /// <param name="replicas">As many machines as there shall be.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="CapiProblemException"><c>WrongManagementCluster</c> or <c>InvalidReplicas</c>.</exception>
    public async ValueTask<MachineDeploymentScalePlan> PlanScaleAsync(CapiMachineDeployment deployment, int replicas, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(deployment);
        if (replicas < 0)
        {
            throw new CapiProblem(ProblemId.InvalidReplicas, CapiProblemCategory.InvalidArgument, $"{replicas} is not a number of replicas.", "Ask for 0 or more.", deployment.ToString()).ToException();
        }

        await EnsureOwnsAsync(deployment.ManagementClusterId, deployment.Context, deployment.ToString(), cancellationToken).ConfigureAwait(false);
        return new(deployment, replicas);
    }

    /// <summary>Sets the replicas of a MachineDeployment through its scale subresource.</summary>
    /// <param name="plan">What to do.</param>
    /// <param name="cancellationToken">Ends the request; the server may have acted already.</param>
    /// <exception cref="CapiProblemException">What the server answered, or <c>WrongManagementCluster</c>.</exception>
    public Task ScaleAsync(MachineDeploymentScalePlan plan, CancellationToken cancellationToken = default) => ScaleAsync(plan, dryRun: false, cancellationToken);

    /// <summary>Asks the server whether it would accept a scaling: rights, admission and validation are checked, nothing is written.</summary>
    /// <param name="plan">What would be done.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The MachineDeployment of the plan with the number that the server would store, before any controller has seen it.</returns>
    /// <exception cref="CapiProblemException">What the server answered to this, and would to the scaling; or <c>WrongManagementCluster</c>.</exception>
    public async Task<CapiMachineDeployment> ValidateScaleAsync(MachineDeploymentScalePlan plan, CancellationToken cancellationToken = default)
    {
        int? replicas = await ScaleAsync(plan, dryRun: true, cancellationToken).ConfigureAwait(false);
        CapiMachineDeployment deployment = plan.Deployment;
        return replicas == deployment.DesiredReplicas ? deployment : deployment with { DesiredReplicas = replicas, Generation = deployment.Generation + 1 };
    }

    /// <summary>Asks the server whether it would accept a MachineDeployment of no machines, where there is none to rehearse on. Nothing is written.</summary>
    internal async Task RehearseMachineDeploymentAsync(string ns, CancellationToken cancellationToken)
    {
        ResourceType type = await ResolveAsync(CapiKinds.MachineDeployment, cancellationToken).ConfigureAwait(false);
        await _api.CreateAsync(type, ns, MachineDeploymentManifest.Write(type, "capiworkshop-rehearsal"), static (ref Utf8JsonReader reader) => { reader.Skip(); return true; }, dryRun: true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the number that the server stores, or would store.</summary>
    private async Task<int?> ScaleAsync(MachineDeploymentScalePlan plan, bool dryRun, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        await PlanScaleAsync(plan.Deployment, plan.Replicas, cancellationToken).ConfigureAwait(false); // a plan may come from anywhere
        Patch patch = Patch.Merge(Encoding.UTF8.GetBytes("{\"spec\":{\"replicas\":" + plan.Replicas.ToString(CultureInfo.InvariantCulture) + "}}"));
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await InServedVersionAsync(
                    CapiKinds.MachineDeployment,
                    type => _api.PatchAsync(new(type, plan.Deployment.Namespace, plan.Deployment.Name, "scale"), patch, ScaleReader.DesiredReplicas, dryRun, cancellationToken),
                    cancellationToken).ConfigureAwait(false);
            }
            catch (CapiProblemException e) when (e.Problem.Id == ProblemId.ApiConflict && attempt == 1)
            {
                // The patch carries no resourceVersion, so a conflict is a race inside the server that the next attempt wins.
            }
        }
    }
}
