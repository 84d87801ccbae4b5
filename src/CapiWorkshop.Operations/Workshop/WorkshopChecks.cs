using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations;

/// <summary>What is to be checked.</summary>
public sealed record WorkshopCheckRequest
{
    /// <summary>The namespace, or all of them.</summary>
    public ResourceFilter Scope { get; init; } = new();

    /// <summary>The state before the cleanup; null where none was saved: what was scaled cannot be checked then.</summary>
    public CapiWorkshopState? State { get; init; }

    /// <summary>The workers that each cluster was to be scaled to, by the cluster's name.</summary>
    public IReadOnlyDictionary<string, int> ExpectedReplicas { get; init; } = new Dictionary<string, int> { ["dev-cluster"] = 4, ["k0s-demo-cluster"] = 3 };
}

/// <summary>The checks at the workshop's end: what was done, that the tools work, and that nothing is left. Each looks; none takes anything for granted.</summary>
/// <param name="cluster">The management cluster.</param>
/// <param name="openEngine">Opens the engine on which clusters may have their containers.</param>
/// <param name="clock">The clock; the system's where it is null.</param>
public sealed class WorkshopChecks(ManagementCluster cluster, Func<IContainerEngine> openEngine, TimeProvider? clock = null)
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;

    /// <summary>Checks everything, one after the other. A check that cannot be made has failed, and says why.</summary>
    /// <param name="request">What to check.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <exception cref="CapiProblemException">Only where the management cluster cannot be reached at all.</exception>
    public async IAsyncEnumerable<CapiCheckResult> RunAsync(WorkshopCheckRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        string id = await cluster.GetIdAsync(cancellationToken).ConfigureAwait(false);
        List<(string Name, string Title, Func<Task<Finding>> Look)> checks =
        [
            .. request.ExpectedReplicas.OrderBy(expected => expected.Key, StringComparer.Ordinal).Select(expected => (
                $"Scaled:{expected.Key}",
                string.Create(CultureInfo.InvariantCulture, $"{expected.Key} was scaled to {expected.Value} workers"),
                (Func<Task<Finding>>)(() => Task.FromResult(WasScaled(request.State, id, expected.Key, expected.Value))))),
            ("Monitoring", "Every cluster's usage can be measured", () => CanMeasureAsync(request.Scope, cancellationToken)),
            ("Scaling", "The server accepts scaling", () => CanScaleAsync(request.Scope, cancellationToken)),
            ("Cleanup", "Nothing stands in the way of a cleanup", () => CanCleanUpAsync(request.Scope, cancellationToken)),
            ("NoClusters", "No workload cluster is left", () => IsGoneAsync(CapiKinds.Cluster, request.Scope, cancellationToken)),
            ("NoMachines", "No Machine is left", () => IsGoneAsync(CapiKinds.Machine, request.Scope, cancellationToken)),
            ("ManagementCluster", "The management cluster is operational", () => IsOperationalAsync(cancellationToken)),
        ];
        foreach ((string name, string title, Func<Task<Finding>> look) in checks)
        {
            Finding finding;
            try
            {
                finding = await look().ConfigureAwait(false);
            }
            catch (CapiProblemException e)
            {
                finding = new(CapiCheckStatus.Failed, e.Problem.Message);
            }

            yield return new(name, title, finding.Status, finding.Message, _clock.GetUtcNow()) { Context = cluster.Endpoint.Context, ManagementClusterId = id };
        }
    }

    private static Finding WasScaled(CapiWorkshopState? state, string id, string name, int expected)
    {
        if (state is null)
        {
            return new(CapiCheckStatus.Skipped, "No saved state was given: what was scaled before the cleanup is not known.");
        }

        if (state.ManagementCluster.Id != id)
        {
            return new(CapiCheckStatus.Failed, $"The saved state is of another management cluster ({state.ManagementCluster.Context ?? state.ManagementCluster.Server}).");
        }

        CapiMachineDeploymentState[] deployments = [.. state.MachineDeployments.Where(deployment => deployment.Cluster == name)];
        if (deployments.Length == 0)
        {
            return new(CapiCheckStatus.Failed, $"The saved state has no MachineDeployment of {name}.");
        }

        int? desired = deployments.Aggregate((int?)0, (sum, deployment) => sum + deployment.DesiredReplicas);
        int machines = state.Machines.Count(machine => machine.Cluster == name && !machine.IsControlPlane && machine.NodeName is not null);
        return Finding.Of(
            desired == expected && machines == expected,
            string.Create(CultureInfo.InvariantCulture, $"{desired?.ToString(CultureInfo.InvariantCulture) ?? "?"} workers were asked for and {machines} had joined when the state was saved."));
    }

    private async Task<Finding> CanMeasureAsync(ResourceFilter scope, CancellationToken cancellationToken)
    {
        List<CapiResourceUsage> rows = [];
        await foreach (Outcome<CapiResourceUsage> row in new ResourceMeter(cluster, openEngine, _clock).ReadAsync(new() { Clusters = [scope] }, cancellationToken).ConfigureAwait(false))
        {
            rows.Add(row.Value ?? throw row.Problem!.ToException());
        }

        string[] incomplete = [.. rows.Where(row => !row.IsComplete).Select(row => $"{row} lacks {string.Join(", ", row.Missing)}{row.Problems.Select(problem => $" ({problem.Message})").FirstOrDefault()}.")];
        return Finding.Of(incomplete.Length == 0, incomplete.Length == 0 ? $"Measured: {string.Join(", ", rows)}." : string.Join(" ", incomplete));
    }

    /// <summary>Rehearses it on the server: on what there is, or on a MachineDeployment that would be new.</summary>
    private async Task<Finding> CanScaleAsync(ResourceFilter scope, CancellationToken cancellationToken)
    {
        List<CapiMachineDeployment> deployments = await cluster.ListAllAsync(CapiKinds.MachineDeployment, scope, cancellationToken).ConfigureAwait(false);
        foreach (CapiMachineDeployment deployment in deployments)
        {
            await cluster.ValidateScaleAsync(await cluster.PlanScaleAsync(deployment, (deployment.DesiredReplicas ?? 0) + 1, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }

        if (deployments.Count > 0)
        {
            return Finding.Of(true, $"The server would scale {string.Join(", ", deployments)}.");
        }

        string ns = scope.Namespace ?? cluster.Endpoint.Namespace;
        await cluster.RehearseMachineDeploymentAsync(ns, cancellationToken).ConfigureAwait(false);
        return Finding.Of(true, $"There is no MachineDeployment; the server would accept a new one in namespace '{ns}'.");
    }

    private async Task<Finding> CanCleanUpAsync(ResourceFilter scope, CancellationToken cancellationToken)
    {
        CapiRemovalPlan plan = await cluster.PlanRemovalAsync(new() { Scope = scope }, cancellationToken: cancellationToken).ConfigureAwait(false);
        return Finding.Of(
            plan.CanRun,
            plan.Blockers.Count > 0 ? string.Join(" ", plan.Blockers)
            : plan.IsEmpty ? "There is nothing to remove."
            : string.Create(CultureInfo.InvariantCulture, $"{plan.Items.Count(item => item.Action != CapiRemovalAction.Stays)} objects would go."));
    }

    private async Task<Finding> IsGoneAsync<T>(CapiKind<T> kind, ResourceFilter scope, CancellationToken cancellationToken)
        where T : CapiResource
    {
        List<T> left = await cluster.ListAllAsync(kind, scope, cancellationToken).ConfigureAwait(false);
        return Finding.Of(left.Count == 0, left.Count == 0 ? "There is none." : $"Left: {string.Join(", ", left)}.");
    }

    private async Task<Finding> IsOperationalAsync(CancellationToken cancellationToken)
    {
        CapiManagementCluster description = await cluster.DescribeAsync(cancellationToken).ConfigureAwait(false);
        string[] down = [.. description.Providers?.Where(provider => provider.Available != true).Select(provider => provider.ToString()) ?? []];
        return Finding.Of(
            description.Ready == true,
            string.Create(CultureInfo.InvariantCulture, $"{description.NodesReady?.ToString(CultureInfo.InvariantCulture) ?? "?"} of {description.Nodes?.ToString(CultureInfo.InvariantCulture) ?? "?"} nodes are ready")
            + (description.Providers is null ? "; its providers may not be read." : down.Length > 0 ? $"; not available: {string.Join(", ", down)}." : $"; all {description.Providers.Count} providers are available."));
    }

    private readonly record struct Finding(CapiCheckStatus Status, string Message)
    {
        public static Finding Of(bool passed, string message) => new(passed ? CapiCheckStatus.Passed : CapiCheckStatus.Failed, message);
    }
}
