using System.Diagnostics;
using System.Globalization;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Integration.Harness;
using CapiWorkshop.Tests.Support;

namespace CapiWorkshop.Tests.Integration;

/// <summary>Whoever kills a removal, wherever it is, can run it again: the server's own log tells what each of the two wrote.</summary>
[Collection<OnRealApiServer>]
public sealed class KilledRemovalTests(RealApiServer fixture) : ServerTest(fixture, TimeSpan.FromMinutes(10))
{
    /// <summary>Repeats the points of an earlier run.</summary>
    private const string SeedVariable = "CAPIWORKSHOP_TEST_SEED";

    private const int Points = 50, AtOnce = 6;

    [Fact]
    public async Task A_removal_that_is_killed_anywhere_is_ended_by_the_next_and_writes_nothing_else()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable(SeedVariable), CultureInfo.InvariantCulture, out int given) ? given : Random.Shared.Next();
        Attempt undisturbed = new(null);
        await CheckAsync(undisturbed);
        undisturbed.KilledAt.ShouldBeNull();

        // Most of its requests are reads before the first write: drawn from all of them alike, hardly a point would hit the short moments.
#pragma warning disable CA5394 // These are points in time, no secrets.
        Random random = new(seed);
        Attempt[] attempts = [.. Enumerable.Range(0, Points).Select(i => (Moment)(i % Enum.GetValues<Moment>().Length)).Select(moment => new Attempt((moment, random.Next(1, undisturbed.EventsIn(moment) + 1))))];
#pragma warning restore CA5394
        await Parallel.ForEachAsync(attempts, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Token }, async (attempt, _) =>
        {
            try
            {
                await CheckAsync(attempt);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                throw new InvalidOperationException($"It was to be killed at {attempt.Point}, and was at {attempt.KilledAt}; {SeedVariable}={seed}.", e);
            }
        });

        Enum.GetValues<Moment>().ShouldAllBe(moment => attempts.Any(attempt => attempt.KilledAt == moment), $"{SeedVariable}={seed}");
    }

    /// <summary>One removal that is killed, then another one to its end.</summary>
    private async Task CheckAsync(Attempt attempt)
    {
        PlayedWorkshop workshop = await PlayedWorkshop.CreateAsync(Server, Token);
        await workshop.ShareAsync();
        string[] bystanders = await VersionsAsync(workshop);
        long mark = Server.Audit.Mark();
        PlayedControllers controllers = new(workshop, attempt.StepAsync);
        Task control = controllers.RunAsync(Token);
        string output = await RunChildAsync(attempt, workshop.Namespace);
        if (attempt.KilledAt is null)
        {
            ChildTest.HasPassed(output).ShouldBeTrue(output);
        }

        string[] done = await DoneAsync(workshop);
        ManagementCluster cluster = Connect(Server.Admin);
        CapiRemovalPlan plan = await RemovalOfDevCluster.PlanAsync(cluster, workshop.Namespace, Token);
        attempt.Resume(); // the controllers stood still, so that this one begins where the other was
        await RemovalOfDevCluster.RunAsync(cluster, plan, Token);
        await control;

        controllers.WereApplicationsGone.ShouldBe(true);
        foreach (string path in (string[])
            [
                workshop.OwnProxy, workshop.OwnRelease, workshop.Release, workshop.Cluster, workshop.Deployment, workshop.MachineSet, workshop.Worker, workshop.ControlPlaneMachine,
                workshop.ControlPlane, workshop.WorkerInfrastructure, workshop.ControlPlaneInfrastructure, workshop.ClusterInfrastructure,
            ])
        {
            (await workshop.ExistsAsync(path)).ShouldBeFalse(path);
        }

        (await VersionsAsync(workshop)).ShouldBe(bystanders);
        AuditEntry[] written = [.. (await Server.Audit.SinceAsync(mark, Token)).Where(request => Removals.IsWrite(request) && request.Uri.Contains(workshop.Namespace, StringComparison.Ordinal))];
        string[] planned = [$"delete {workshop.OwnProxy}", $"patch {workshop.Cluster}", $"delete {workshop.Cluster}"];
        string[] asked = [.. written.Select(Removals.NameOf).Distinct()];
        asked.ShouldBe(planned, ignoreOrder: true, string.Join('\n', written));
        asked[^1].ShouldBe(planned[^1]);
        written.Where(request => request.User == "admin").Select(Removals.NameOf).Intersect(done).ShouldBeEmpty(string.Join('\n', written));
    }

    /// <summary>Which of the planned writes must not be made any more.</summary>
    private async Task<string[]> DoneAsync(PlayedWorkshop workshop)
    {
        List<string> done = [];
        foreach (string path in (string[])[workshop.OwnProxy, workshop.Cluster])
        {
            if (!await workshop.ExistsAsync(path) || await workshop.IsDeletingAsync(path))
            {
                done.Add($"delete {path}");
            }
        }

        if (!await workshop.ExistsAsync(workshop.Cluster) || (await Server.Raw.GetAsync(workshop.Cluster, Token))["metadata"]!["labels"]!["environment"] is null)
        {
            done.Add($"patch {workshop.Cluster}");
        }

        return [.. done];
    }

    /// <summary>What stays, each with its version: whoever writes it changes that.</summary>
    private async Task<string[]> VersionsAsync(PlayedWorkshop workshop)
    {
        List<string> versions = [];
        foreach (string path in workshop.Bystanders)
        {
            versions.Add($"{path} {(await Server.Raw.GetAsync(path, Token))["metadata"]!["resourceVersion"]}");
        }

        return [.. versions];
    }

    /// <summary>Runs a removal in a process of its own until that ends or is killed, and returns what it said.</summary>
    private async Task<string> RunChildAsync(Attempt attempt, string ns)
    {
        await using FaultProxy wire = new(end => FaultProxy.ConnectTlsAsync(Server.Port, end), attempt.Choose);
        string[] command = ChildTest.CommandOf(typeof(RemovalOfDevCluster));
        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardOutput = true };
        start.Environment[RemovalOfDevCluster.KubeConfigVariable] = Server.Redirect(Server.AdminToken, wire.Address);
        start.Environment[RemovalOfDevCluster.NamespaceVariable] = ns;
        try
        {
            Process process = attempt.Start(start);
            string output = await process.StandardOutput.ReadToEndAsync(Token);
            await process.WaitForExitAsync(Token);
            return output;
        }
        finally
        {
            attempt.End();
        }
    }

    /// <summary>One removal, and when it is killed: at the so-many-th event of a moment, which is a request of its own or a step of the controllers.</summary>
    private sealed class Attempt((Moment Moment, int Event)? point)
    {
        private readonly Lock _lock = new();
        private readonly int[] _events = new int[Enum.GetValues<Moment>().Length];
        private readonly TaskCompletionSource _resumed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Moment _now;
        private Process? _process;

        public (Moment Moment, int Event)? Point => point;

        /// <summary>How far it was when it was killed; null where it was not.</summary>
        public Moment? KilledAt { get; private set; }

        public int EventsIn(Moment moment) => _events[(int)moment];

        public Process Start(ProcessStartInfo start)
        {
            lock (_lock)
            {
                return _process = Process.Start(start)!;
            }
        }

        /// <summary>Sees to it that the process has ended.</summary>
        public void End()
        {
            lock (_lock)
            {
                _process?.Kill();
                _process?.Dispose();
                _process = null;
            }
        }

        /// <summary>A request: the first write begins the removal. What the server was sent before the end it may do.</summary>
        public Fault Choose(string line)
        {
            Happen(line.StartsWith("DELETE ", StringComparison.Ordinal) || line.StartsWith("PATCH ", StringComparison.Ordinal) ? Moment.Applications : Moment.Planning);
            return Faults.None;
        }

        public Task StepAsync(Moment moment)
        {
            Happen(moment);
            return KilledAt is null ? Task.CompletedTask : _resumed.Task;
        }

        public void Resume() => _resumed.TrySetResult();

        private void Happen(Moment moment)
        {
            lock (_lock)
            {
                _now = moment > _now ? moment : _now;
                int happened = ++_events[(int)_now];
                if (KilledAt is null && _process is not null && point is (Moment last, int number) && (_now > last || (_now == last && happened >= number)))
                {
                    _process.Kill();
                    KilledAt = _now;
                }
            }
        }
    }
}

/// <summary>The removal of a shared workshop's dev-cluster. As a test it is run in a process of its own, which is killed.</summary>
public sealed class RemovalOfDevCluster
{
    public const string KubeConfigVariable = "CAPIWORKSHOP_TEST_KUBECONFIG";
    public const string NamespaceVariable = "CAPIWORKSHOP_TEST_NAMESPACE";

    internal static Task<CapiRemovalPlan> PlanAsync(ManagementCluster cluster, string ns, CancellationToken token) =>
        cluster.PlanRemovalAsync(new() { Scope = new() { Namespace = ns, Names = ["dev-cluster"] } }, cancellationToken: token);

    internal static async Task RunAsync(ManagementCluster cluster, CapiRemovalPlan plan, CancellationToken token)
    {
        await foreach (Outcome<CapiRemovalResult> outcome in cluster.CreateRemoval(plan).RunAsync(TimeSpan.FromMinutes(4), null, token))
        {
            outcome.Problem.ShouldBeNull();
            outcome.Value!.IsRemoved.ShouldNotBe(false);
            outcome.Value.IsIntact.ShouldNotBe(false);
        }
    }

    [Fact(Explicit = true)]
    public async Task It_runs_to_its_end()
    {
        KubeConfig config = KubeConfig.Read([Environment.GetEnvironmentVariable(KubeConfigVariable)!]);
        using ManagementCluster cluster = new(new KubernetesApi(config.Resolve(null)));
        CancellationToken token = TestContext.Current.CancellationToken;

        await RunAsync(cluster, await PlanAsync(cluster, Environment.GetEnvironmentVariable(NamespaceVariable)!, token), token);
    }
}
