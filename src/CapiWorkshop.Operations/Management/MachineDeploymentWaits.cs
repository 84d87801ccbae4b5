using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations;

/// <summary>What a MachineDeployment can be waited for.</summary>
public enum CapiMachineDeploymentGoal
{
    /// <summary>Its <c>Available</c> condition is True for its newest specification: enough machines are available.</summary>
    Available,

    /// <summary>As many machines exist and are ready as are asked for, no more and no fewer.</summary>
    Ready,

    /// <summary>As many machines exist and have the newest specification as are asked for: a rollout is over.</summary>
    UpToDate,

    /// <summary>It is gone.</summary>
    Deleted,
}

/// <summary>What a wait tells while it waits.</summary>
/// <param name="Deployment">The newest state.</param>
/// <param name="Desired">As many machines as are waited for; null where the deployment does not say.</param>
/// <param name="Ready">As many as are ready.</param>
public sealed record MachineDeploymentProgress(CapiMachineDeployment Deployment, int? Desired, int? Ready)
{
    /// <summary>Such as <c>3/4 Ready</c>.</summary>
    public string Status => $"{Ready ?? 0}/{(Desired is int desired ? desired.ToString(System.Globalization.CultureInfo.InvariantCulture) : "?")} Ready";

    /// <summary>From 0 to 100; null where it cannot be said. Machines that are too many count as undone.</summary>
    public int? Percent => Desired switch
    {
        null => null,
        0 => Deployment.Replicas is int left and > 0 ? Math.Max(0, 100 - (10 * left)) : 100,
        int desired => Math.Clamp(100 * Math.Min(Ready ?? 0, desired) / Math.Max(desired, Deployment.Replicas ?? desired), 0, 100),
    };
}

/// <summary>How a wait ended.</summary>
/// <param name="Deployment">The last state that was seen; null where there was none.</param>
/// <param name="Problem">Why the goal was not reached; null where it was.</param>
public sealed record MachineDeploymentWaitResult(CapiMachineDeployment? Deployment, CapiProblem? Problem);

/// <summary>
/// Waits for MachineDeployments, however many, on one watch per namespace and never by polling. Thread-safe; the watches end with its disposal.
/// </summary>
public sealed class MachineDeploymentWaits : IAsyncDisposable
{
    private readonly ManagementCluster _cluster;
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ResourceFollower<CapiMachineDeployment>> _followers = new(StringComparer.Ordinal);
    private bool _disposed;

    internal MachineDeploymentWaits(ManagementCluster cluster, TimeProvider clock)
    {
        _cluster = cluster;
        _clock = clock;
    }

    /// <summary>Waits until a goal is reached.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="name">The name.</param>
    /// <param name="goal">What to wait for.</param>
    /// <param name="timeout">How long; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes.</param>
    /// <param name="progress">Is told of each state; called on any thread.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="known">A state that the caller has seen: older ones, which a running watch may still hold, do not count.</param>
    public Task<MachineDeploymentWaitResult> WaitForAsync(
        string ns, string name, CapiMachineDeploymentGoal goal, TimeSpan timeout, Action<MachineDeploymentProgress>? progress, CancellationToken cancellationToken, CapiMachineDeployment? known = null) =>
        WaitAsync(
            ns,
            name,
            new Goal(goal.ToString(), goal == CapiMachineDeploymentGoal.Deleted, deployment => ValueTask.FromResult(IsReached(deployment, goal) && !IsOlder(deployment, known))) { Known = known },
            timeout,
            progress,
            cancellationToken);

    /// <summary>Waits until a condition of the caller's own holds.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="name">The name.</param>
    /// <param name="condition">Is asked of each state, one after the other.</param>
    /// <param name="timeout">How long; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes.</param>
    /// <param name="progress">Is told of each state; called on any thread.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<MachineDeploymentWaitResult> WaitUntilAsync(
        string ns, string name, Func<CapiMachineDeployment, ValueTask<bool>> condition, TimeSpan timeout, Action<MachineDeploymentProgress>? progress, CancellationToken cancellationToken) =>
        WaitAsync(ns, name, new Goal("as the -Until condition asks", false, condition), timeout, progress, cancellationToken);

    /// <summary>Waits until a scaling is really there: observed by the controller, as many machines as asked for, all ready, available and up to date.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="name">The name.</param>
    /// <param name="replicas">As many as were asked for.</param>
    /// <param name="timeout">How long; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes.</param>
    /// <param name="progress">Is told of each state; called on any thread.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A problem <c>ScaleOverridden</c> where somebody else set another number meanwhile.</returns>
    public Task<MachineDeploymentWaitResult> WaitForScaleAsync(
        string ns, string name, int replicas, TimeSpan timeout, Action<MachineDeploymentProgress>? progress, CancellationToken cancellationToken) =>
        WaitAsync(ns, name, new Goal($"at {replicas} replicas", false, deployment => ValueTask.FromResult(IsScaled(deployment, replicas))) { Replicas = replicas }, timeout, progress, cancellationToken);

    /// <summary>Whether a state has reached a goal. Counts that the server does not tell never count as reached.</summary>
    /// <param name="deployment">The state.</param>
    /// <param name="goal">The goal.</param>
    public static bool IsReached(CapiMachineDeployment deployment, CapiMachineDeploymentGoal goal)
    {
        ArgumentNullException.ThrowIfNull(deployment);
        if (!deployment.IsObserved || deployment.DeletionRequestedAt is not null)
        {
            return false;
        }

        // Zero counts are left out of the JSON by v1beta1 servers: next to a total that is given, absent is zero.
        int? desired = deployment.DesiredReplicas;
        return goal switch
        {
            CapiMachineDeploymentGoal.Available => deployment.Available == true && deployment.GetCondition("Available") is { } condition
                && (condition.ObservedGeneration is null || deployment.Generation is null || condition.ObservedGeneration >= deployment.Generation),
            CapiMachineDeploymentGoal.Ready => desired is not null && (deployment.Replicas ?? 0) == desired && (deployment.ReadyReplicas ?? 0) == desired,
            CapiMachineDeploymentGoal.UpToDate => desired is not null && (deployment.Replicas ?? 0) == desired && (deployment.UpToDateReplicas ?? 0) == desired,
            _ => false,
        };
    }

    /// <summary>Whether a state is from before one that is known, as far as the specification tells.</summary>
    private static bool IsOlder(CapiMachineDeployment state, CapiMachineDeployment? known) => known is not null && state.Uid == known.Uid && state.Generation < known.Generation;

    /// <summary>Whether a state is a finished scaling to a number of replicas.</summary>
    /// <param name="deployment">The state.</param>
    /// <param name="replicas">The number.</param>
    public static bool IsScaled(CapiMachineDeployment deployment, int replicas)
    {
        ArgumentNullException.ThrowIfNull(deployment);
        return deployment.DesiredReplicas == replicas
            && IsReached(deployment, CapiMachineDeploymentGoal.Ready)
            && IsReached(deployment, CapiMachineDeploymentGoal.UpToDate)
            && (deployment.AvailableReplicas ?? 0) == replicas;
    }

    /// <summary>Ends the watches.</summary>
    public async ValueTask DisposeAsync()
    {
        ResourceFollower<CapiMachineDeployment>[] followers;
        lock (_lock)
        {
            _disposed = true;
            followers = [.. _followers.Values];
        }

        foreach (ResourceFollower<CapiMachineDeployment> follower in followers)
        {
            await follower.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<MachineDeploymentWaitResult> WaitAsync(
        string ns, string name, Goal goal, TimeSpan timeout, Action<MachineDeploymentProgress>? progress, CancellationToken cancellationToken)
    {
        name = name.ToLowerInvariant(); // as all names of Kubernetes are
        CapiMachineDeployment? last = goal.Known;
        using CancellationTokenSource deadline = new(timeout, _clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            bool wanted = false;
            await foreach (CapiMachineDeployment? state in FollowerOf(ns).FollowAsync(name, either.Token).ConfigureAwait(false))
            {
                // The states of a slow watcher coalesce: another one of the same name means that ours went in between.
                if (state is null || (last is not null && state.Uid != last.Uid))
                {
                    return goal.IsDeletion ? new(last, null) : new(last, last is null ? ProblemTable.NotFound(CapiKinds.MachineDeployment.Kind, name, ns) : Vanished(last, goal));
                }

                last = state;
                progress?.Invoke(new(state, goal.Replicas ?? state.DesiredReplicas, state.ReadyReplicas));
                if (await goal.IsReached(state).ConfigureAwait(false))
                {
                    return new(state, null);
                }

                // States from before the write may still come in; only once ours has been seen is another one somebody else's.
                wanted |= state.DesiredReplicas == goal.Replicas;
                if (wanted && goal.Replicas is int asked && state.DesiredReplicas != asked)
                {
                    return new(state, Overridden(state, asked));
                }
            }

            throw new InvalidOperationException("A follower does not end by itself.");
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new(last, await TimedOutAsync(ns, name, goal, timeout, last, cancellationToken).ConfigureAwait(false));
        }
        catch (CapiProblemException e)
        {
            return new(last, e.Problem);
        }
    }

    private ResourceFollower<CapiMachineDeployment> FollowerOf(string ns)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_followers.TryGetValue(ns, out ResourceFollower<CapiMachineDeployment>? follower))
            {
                _followers[ns] = follower = new(token => _cluster.WatchAsync(CapiKinds.MachineDeployment, new() { Namespace = ns }, token));
            }

            return follower;
        }
    }

    private static CapiProblem Vanished(CapiMachineDeployment last, Goal goal) =>
        new(ProblemId.Deleted("MachineDeployment"), CapiProblemCategory.ObjectNotFound,
            $"MachineDeployment {last} was deleted before it was {goal.Name}.", "Check who deleted it; with -For Deleted that is what is waited for.", last.ToString());

    private static CapiProblem Overridden(CapiMachineDeployment state, int asked) =>
        new(ProblemId.ScaleOverridden, CapiProblemCategory.InvalidOperation,
            $"MachineDeployment {state} was set to {state.DesiredReplicas} replicas by somebody else while it was being scaled to {asked}.",
            state.IsTopologyOwned
                ? $"Its ClusterClass topology sets it back: change spec.topology of Cluster {state.Cluster} instead."
                : "See who set it with: kubectl get machinedeployment " + state.Name + " -o yaml --show-managed-fields", state.ToString());

    private async Task<CapiProblem> TimedOutAsync(string ns, string name, Goal goal, TimeSpan timeout, CapiMachineDeployment? last, CancellationToken cancellationToken)
    {
        string counts = last is null
            ? "it was never seen"
            : string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"{last.ReadyReplicas ?? 0}/{goal.Replicas ?? last.DesiredReplicas} ready, {last.AvailableReplicas ?? 0} available, {last.UpToDateReplicas ?? 0} up to date, {last.Replicas ?? 0} exist");
        string observed = last is { IsObserved: false } ? "; the controller has not seen the newest specification" : "";
        string machines = last is null ? "" : await DescribeMissingAsync(ns, name, cancellationToken).ConfigureAwait(false);
        string action = last switch
        {
            { IsObserved: false } => "Check the controllers with: Get-CapiManagementCluster | Select-Object -ExpandProperty Providers",
            { IsPaused: true } => $"It or Cluster {last.Cluster} is paused: nothing happens until it is resumed.",
            _ when goal.IsDeletion => $"See what keeps it with: Get-CapiMachineDeployment {name} -Namespace {ns} | Format-List DeletionRequestedAt, Finalizers, Conditions",
            _ => $"See what its machines wait for with: Get-CapiMachine -Namespace {ns} -LabelSelector {CapiNames.DeploymentNameLabel}={name} | Format-List Name, Phase, Blocker",
        };
        return new(ProblemId.Timeout("MachineDeployment"), CapiProblemCategory.OperationTimeout,
            $"MachineDeployment {ns}/{name} is not {goal.Name} after {timeout.TotalSeconds:0.###} s: {counts}{observed}.{machines}",
            action, $"{ns}/{name}");
    }

    /// <summary>The machines that are not ready and what each waits for; at most five, so that a message stays a message.</summary>
    private async Task<string> DescribeMissingAsync(string ns, string name, CancellationToken cancellationToken)
    {
        const int most = 5;
        List<string> waiting = [];
        try
        {
            ResourceFilter filter = new() { Namespace = ns, LabelSelector = $"{CapiNames.DeploymentNameLabel}={name}" };
            await foreach (Outcome<CapiMachine> outcome in _cluster.GetAsync(CapiKinds.Machine, filter, cancellationToken).ConfigureAwait(false))
            {
                if (outcome.Value is { Ready: not true } machine)
                {
                    waiting.Add($"{machine.Name} ({machine.RawPhase ?? "no phase"}{(machine.Blocker is { } blocker ? $", {blocker}" : "")})");
                }
            }
        }
        catch (CapiProblemException)
        {
            return ""; // the time-out is the news; why its explanation could not be read is not
        }

        return waiting.Count == 0 ? "" : $" Not ready: {string.Join(", ", waiting.Take(most))}{(waiting.Count > most ? $" and {waiting.Count - most} more" : "")}.";
    }

    private sealed record Goal(string Name, bool IsDeletion, Func<CapiMachineDeployment, ValueTask<bool>> IsReached)
    {
        /// <summary>As many as were asked for, where that is the goal.</summary>
        public int? Replicas { get; init; }

        /// <summary>A state that the caller has seen.</summary>
        public CapiMachineDeployment? Known { get; init; }
    }
}
