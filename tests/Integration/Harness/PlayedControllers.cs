namespace CapiWorkshop.Tests.Integration.Harness;

/// <summary>How far a removal is, in Cluster API's order.</summary>
public enum Moment
{
    /// <summary>Nothing has been written.</summary>
    Planning,

    /// <summary>Applications are uninstalled.</summary>
    Applications,

    /// <summary>The workers go.</summary>
    Workers,

    /// <summary>The control plane goes.</summary>
    ControlPlane,

    /// <summary>What the cluster stands on goes.</summary>
    Infrastructure,

    /// <summary>Nothing is left but the Cluster.</summary>
    Cluster,

    /// <summary>The Cluster is gone, and what remains is to be told.</summary>
    Proof,
}

/// <summary>
/// The controllers of a shared workshop (<see cref="PlayedWorkshop.ShareAsync"/>), by themselves: what is asked for they do, one object after the other. Each
/// runs until its work is done.
/// </summary>
/// <param name="workshop">The workshop.</param>
/// <param name="step">Is awaited before each write.</param>
public sealed class PlayedControllers(PlayedWorkshop workshop, Func<Moment, Task> step)
{
    /// <summary>Whether all applications had left when the Cluster's deletion was seen.</summary>
    public bool? WereApplicationsGone { get; private set; }

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(UnselectAsync(cancellationToken), UninstallAsync(cancellationToken), TearDownAsync(cancellationToken));

    /// <summary>The Helm add-on: a release leaves a Cluster that is not selected any more.</summary>
    private async Task UnselectAsync(CancellationToken cancellationToken)
    {
        await workshop.SeenAsync(workshop.Cluster, cluster => cluster["metadata"]!["labels"]?["environment"] is null, cancellationToken);
        await RemoveAsync(Moment.Applications, workshop.Release);
    }

    /// <summary>The Helm add-on: a proxy goes when its releases have gone.</summary>
    private async Task UninstallAsync(CancellationToken cancellationToken)
    {
        await workshop.SeenAsync(workshop.OwnProxy, PlayedWorkshop.IsDeleting, cancellationToken);
        await RemoveAsync(Moment.Applications, workshop.OwnRelease);
        await LetGoAsync(Moment.Applications, workshop.OwnProxy);
    }

    /// <summary>Cluster API and its providers.</summary>
    private async Task TearDownAsync(CancellationToken cancellationToken)
    {
        await workshop.SeenAsync(workshop.Cluster, PlayedWorkshop.IsDeleting, cancellationToken);
        WereApplicationsGone = !await workshop.ExistsAsync(workshop.Release) && !await workshop.ExistsAsync(workshop.OwnRelease) && !await workshop.ExistsAsync(workshop.OwnProxy);
        foreach ((Moment moment, string path) in ((Moment, string)[])
            [
                (Moment.Workers, workshop.WorkerInfrastructure), (Moment.Workers, workshop.Worker), (Moment.Workers, workshop.MachineSet), (Moment.Workers, workshop.Deployment),
                (Moment.ControlPlane, workshop.ControlPlaneInfrastructure), (Moment.ControlPlane, workshop.ControlPlaneMachine), (Moment.ControlPlane, workshop.ControlPlane),
                (Moment.Infrastructure, workshop.ClusterInfrastructure),
            ])
        {
            await RemoveAsync(moment, path);
        }

        await LetGoAsync(Moment.Cluster, workshop.Cluster);
        await step(Moment.Proof);
    }

    private async Task RemoveAsync(Moment moment, string path)
    {
        await step(moment);
        await workshop.DeleteAsync(path);
        await LetGoAsync(moment, path);
    }

    private async Task LetGoAsync(Moment moment, string path)
    {
        await step(moment);
        await workshop.LetGoAsync(path);
    }
}
