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

    /// <summary>The stages to check.</summary>
    public IReadOnlyList<CapiWorkshopStage> Stages { get; init; } = [CapiWorkshopStage.All];

    /// <summary>The state before the cleanup; where none was saved, what was scaled and deployed is looked for in what is there now.</summary>
    public CapiWorkshopState? State { get; init; }

    /// <summary>The workers that were to be there: of <c>cluster</c>, <c>namespace/cluster</c> or <c>namespace/cluster/deployment</c>.</summary>
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
        Lazy<Task<CapiWorkshopState?>> state = new(() => request.State is null ? TakeStateAsync(request.Scope, cancellationToken) : Task.FromResult<CapiWorkshopState?>(request.State));
        List<(CapiWorkshopStage Stage, string Name, string Title, Func<Task<Finding>> Look)> checks =
        [
            .. request.ExpectedReplicas.OrderBy(expected => expected.Key, StringComparer.Ordinal).Select(expected => (
                CapiWorkshopStage.Scaling,
                $"Scaled:{expected.Key}",
                string.Create(CultureInfo.InvariantCulture, $"{expected.Key} was scaled to {expected.Value} workers"),
                (Func<Task<Finding>>)(async () => OfState(request, await state.Value.ConfigureAwait(false), id, known => WasScaled(known, expected.Key, expected.Value))))),
            (CapiWorkshopStage.Monitoring, "Monitoring", "Every cluster's usage can be measured", () => CanMeasureAsync(request.Scope, cancellationToken)),
            (CapiWorkshopStage.Scaling, "Scaling", "The server accepts scaling", () => CanScaleAsync(request.Scope, cancellationToken)),
            (CapiWorkshopStage.Automation, "Applications", "Applications were deployed", async () => OfState(request, await state.Value.ConfigureAwait(false), id, WasDeployed)),
            (CapiWorkshopStage.Cleanup, "Cleanup", "Nothing stands in the way of a cleanup", () => CanCleanUpAsync(request.Scope, cancellationToken)),
            (CapiWorkshopStage.Cleanup, "NoClusters", "No workload cluster is left", async () => IsGone(await cluster.ListAllAsync(CapiKinds.Cluster, request.Scope, cancellationToken).ConfigureAwait(false))),
            (CapiWorkshopStage.Cleanup, "NoMachines", "No Machine is left", async () => IsGone(await cluster.ListAllAsync(CapiKinds.Machine, request.Scope, cancellationToken).ConfigureAwait(false))),
            (CapiWorkshopStage.Cleanup, "NoHelmReleases", "No HelmReleaseProxy is left", async () => IsGone(await cluster.ListAddOnAsync(CapiKinds.HelmReleaseProxy, request.Scope, cancellationToken).ConfigureAwait(false))),
            (CapiWorkshopStage.Cleanup, "ManagementCluster", "The management cluster is operational", () => IsOperationalAsync(cancellationToken)),
        ];
        foreach ((CapiWorkshopStage stage, string name, string title, Func<Task<Finding>> look) in checks.Where(check => request.Stages.Contains(CapiWorkshopStage.All) || request.Stages.Contains(check.Stage)))
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

            yield return new(name, title, finding.Status, finding.Message, _clock.GetUtcNow()) { Stage = stage, Context = cluster.Endpoint.Context, ManagementClusterId = id };
        }
    }

    /// <summary>What there is now, as a state; null where there is no cluster: after a cleanup nobody can tell what was there.</summary>
    private async Task<CapiWorkshopState?> TakeStateAsync(ResourceFilter scope, CancellationToken cancellationToken)
    {
        CapiWorkshopState state = await cluster.TakeStateAsync(scope, null, cancellationToken).ConfigureAwait(false);
        return state.Clusters.Count == 0 ? null : state;
    }

    private static Finding OfState(WorkshopCheckRequest request, CapiWorkshopState? state, string id, Func<CapiWorkshopState, Finding> look)
    {
        if (state is null)
        {
            return new(CapiCheckStatus.Skipped, "There is no cluster any more, and no saved state was given: what was there before the cleanup is not known.");
        }

        if (state.ManagementCluster.Id != id)
        {
            return new(CapiCheckStatus.Failed, $"The saved state is of another management cluster ({state.ManagementCluster.Context ?? state.ManagementCluster.Server}).");
        }

        Finding finding = look(state);
        return finding with { Message = $"{finding.Message} {(request.State is null ? "So it is now." : "So it was when the state was saved.")}" };
    }

    private static Finding WasScaled(CapiWorkshopState state, string key, int expected)
    {
        (string? ns, string name, string? part) = key.Split('/') switch
        {
            [string only] => (null, only, null),
            [string itsNamespace, string its] => (itsNamespace, its, null),
            [string itsNamespace, string its, string deployment] => (itsNamespace, its, deployment),
            _ => ((string?)null, key, (string?)null),
        };
        CapiMachineDeploymentState[] deployments = [.. state.MachineDeployments.Where(deployment => deployment.Cluster == name && deployment.Namespace == (ns ?? deployment.Namespace) && deployment.Name == (part ?? deployment.Name))];
        if (deployments.Length == 0)
        {
            string[] known = [.. state.MachineDeployments.Select(deployment => $"{deployment.Namespace}/{deployment.Cluster}/{deployment.Name}")];
            return new(CapiCheckStatus.Failed, $"There is no MachineDeployment of {key}. {(known.Length == 0 ? "There is none at all." : $"There are: {string.Join(", ", known)}.")}");
        }

        string?[] namespaces = [.. deployments.Select(deployment => deployment.Namespace).Distinct()];
        if (namespaces.Length > 1)
        {
            return new(CapiCheckStatus.Failed, $"There are clusters {name} in {string.Join(", ", namespaces)}: name one as namespace/cluster.");
        }

        // Which Machine belongs to which MachineDeployment a state does not say; who asks for one gets its own count.
        int? desired = deployments.Aggregate((int?)0, (sum, deployment) => sum + deployment.DesiredReplicas);
        int? joined = part is not null
            ? deployments[0].ReadyReplicas
            : state.Machines.Count(machine => machine.Cluster == name && machine.Namespace == namespaces[0] && !machine.IsControlPlane && machine.NodeName is not null);
        return Finding.Of(desired == expected && joined == expected, $"{Number(desired)} workers were asked for and {Number(joined)} had joined.");
    }

    private static Finding WasDeployed(CapiWorkshopState state)
    {
        string[] unready = [.. state.HelmReleases.Where(release => release.Ready != true).Select(release => $"{release.Namespace}/{release.Name}")];
        return Finding.Of(
            unready.Length == 0 && state.HelmReleases.Count > 0,
            state.HelmReleases.Count == 0 ? "There is no release of any HelmChartProxy."
            : unready.Length > 0 ? $"Not ready: {string.Join(", ", unready)}."
            : string.Create(CultureInfo.InvariantCulture, $"{state.HelmReleases.Count} releases in {state.HelmReleases.Select(release => release.Cluster).Distinct().Count()} clusters were ready."));
    }

    private static string Number(int? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "?";

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

    private static Finding IsGone<T>(List<T> left)
        where T : CapiResource => Finding.Of(left.Count == 0, left.Count == 0 ? "There is none." : $"Left: {string.Join(", ", left)}.");

    private async Task<Finding> IsOperationalAsync(CancellationToken cancellationToken)
    {
        CapiManagementCluster description = await cluster.DescribeAsync(cancellationToken).ConfigureAwait(false);
        string[] down = [.. description.Providers?.Where(provider => provider.Available != true).Select(provider => provider.ToString()) ?? []];
        return Finding.Of(
            description.Ready == true,
            $"{Number(description.NodesReady)} of {Number(description.Nodes)} nodes are ready"
            + (description.Providers is null ? "; its providers may not be read." : down.Length > 0 ? $"; not available: {string.Join(", ", down)}." : $"; all {description.Providers.Count} providers are available."));
    }

    private readonly record struct Finding(CapiCheckStatus Status, string Message)
    {
        public static Finding Of(bool passed, string message) => new(passed ? CapiCheckStatus.Passed : CapiCheckStatus.Failed, message);
    }
}
