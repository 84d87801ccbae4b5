using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Integration.Harness;

namespace CapiWorkshop.Tests.Integration;

[Collection<OnRealApiServer>]
public sealed class RemovalTests(RealApiServer fixture) : ServerTest(fixture)
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    private static ResourceType Clusters { get; } = new("cluster.x-k8s.io", "v1beta2", "clusters", "Cluster");

    [Fact]
    public async Task A_deletion_is_done_only_to_the_identity_that_it_names()
    {
        PlayedWorkshop workshop = await PlayedWorkshop.CreateAsync(Server, Token);
        KubernetesApi api = ConnectApi(Server.Admin);
        ResourcePath path = new(Clusters, workshop.Namespace, "dev-cluster");
        CapiCluster cluster = await GetOneAsync(Connect(Server.Admin), CapiKinds.Cluster, workshop.Namespace, "dev-cluster");

        CapiProblem problem = await FailsAsync(() => api.DeleteAsync(path, new("00000000-0000-4000-8000-000000000000"), Token));

        (problem.Id, problem.HttpStatus, problem.Target).ShouldBe((ProblemId.ApiConflict, 409, $"{workshop.Namespace}/dev-cluster"));
        (await workshop.IsDeletingAsync(workshop.Cluster)).ShouldBeFalse();
        await api.DeleteAsync(path, new(cluster.Uid, DryRun: true), Token);
        (await workshop.IsDeletingAsync(workshop.Cluster)).ShouldBeFalse();
        await api.DeleteAsync(path, new(cluster.Uid, DeletePropagation.Background), Token);
        (await workshop.IsDeletingAsync(workshop.Cluster)).ShouldBeTrue();
        await api.DeleteAsync(path, new(cluster.Uid), Token); // asked for twice is asked for
        await workshop.TearDownAsync();
        (await FailsAsync(() => api.DeleteAsync(path, new(cluster.Uid), Token))).Id.ShouldBe("ClusterNotFound");
    }

    [Fact]
    public async Task A_workshop_is_removed_with_two_deletions_and_nothing_else_is_written()
    {
        PlayedWorkshop workshop = await PlayedWorkshop.CreateAsync(Server, Token);
        ManagementCluster cluster = Connect(Server.Admin);
        long mark = Server.Audit.Mark();
        Task<List<Outcome<CapiRemovalResult>>> removal = RunAsync(cluster, workshop, Token);

        await workshop.DeletionAskedAsync(workshop.Proxy);
        (await workshop.IsDeletingAsync(workshop.Cluster)).ShouldBeFalse();
        await workshop.UninstallAsync();
        await workshop.DeletionAskedAsync(workshop.Cluster);
        removal.IsCompleted.ShouldBeFalse();
        await workshop.TearDownAsync();
        List<Outcome<CapiRemovalResult>> outcomes = await removal;

        outcomes.ShouldAllBe(outcome => outcome.Problem == null);
        CapiRemovalResult result = outcomes[0].Value!;
        (result.ToString(), result.IsRemoved, result.Remaining.Count).ShouldBe(($"{workshop.Namespace}/dev-cluster", true, 0));
        result.Removed.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{count.Value} {count.Key}").ShouldBe(["1 Cluster", "1 HelmReleaseProxy", "2 Machine", "1 MachineDeployment"]);
        outcomes[1].Value!.Subject.ShouldBe(CapiRemovalSubject.ManagementCluster);
        outcomes.Count.ShouldBe(2);
        await ShouldHaveDeletedAsync(workshop, mark);
    }

    [Fact]
    public async Task A_removal_that_was_interrupted_goes_on_where_it_was()
    {
        PlayedWorkshop workshop = await PlayedWorkshop.CreateAsync(Server, Token);
        long mark = Server.Audit.Mark();
        await InterruptAsync(workshop, workshop.Proxy);
        await workshop.UninstallAsync();
        await InterruptAsync(workshop, workshop.Cluster);
        Task<List<Outcome<CapiRemovalResult>>> last = RunAsync(Connect(Server.Admin), workshop, Token);
        await workshop.TearDownAsync();

        List<Outcome<CapiRemovalResult>> outcomes = await last;

        // The tear-down may have been over before the last plan was made: then there was nothing left to remove.
        outcomes.ShouldAllBe(outcome => outcome.Problem == null && outcome.Value!.IsRemoved != false);
        (await workshop.ExistsAsync(workshop.Cluster)).ShouldBeFalse();
        await ShouldHaveDeletedAsync(workshop, mark);
    }

    [Fact]
    public async Task A_plan_of_real_kinds_asks_for_rights_and_writes_nothing()
    {
        PlayedWorkshop workshop = await PlayedWorkshop.CreateAsync(Server, Token);
        long mark = Server.Audit.Mark();

        CapiRemovalPlan plan = await Connect(Server.Admin).PlanRemovalAsync(new() { Scope = new() { Namespace = workshop.Namespace, Names = ["dev-*"] } }, cancellationToken: Token);

        plan.CanRun.ShouldBeTrue(string.Join(" ", plan.Blockers));
        plan.Items.Select(item => $"{item.Stage} {item.Action} {item.Kind}").Distinct().ShouldBe(
        [
            "Applications Delete HelmChartProxy", "Applications FollowsOwner HelmReleaseProxy", "Workers FollowsOwner MachineDeployment", "Workers FollowsOwner Machine",
            "ControlPlane FollowsOwner Machine", "Cluster Delete Cluster",
        ], ignoreOrder: true);
        (await Server.Audit.SinceAsync(mark, Token)).Where(request => request.Verb is not ("get" or "list")).ShouldAllBe(request => !Removals.IsWrite(request) && request.Code == 201);
    }

    [Fact]
    public async Task A_paused_Cluster_is_left_alone()
    {
        PlayedWorkshop workshop = await PlayedWorkshop.CreateAsync(Server, Token);
        await Server.Raw.MergePatchAsync(workshop.Cluster, new() { ["spec"] = new JsonObject { ["paused"] = true } }, Token);
        long mark = Server.Audit.Mark();

        CapiProblem problem = await FailsAsync(() => RunAsync(Connect(Server.Admin), workshop, Token));

        problem.Id.ShouldBe(ProblemId.RemovalBlocked);
        await Removals.ShouldHaveWrittenAsync(Server, mark, Token);
    }

    [Fact]
    public async Task A_paused_Cluster_is_resumed_and_removed_where_that_is_asked_for()
    {
        PlayedWorkshop workshop = await PlayedWorkshop.CreateAsync(Server, Token);
        await Server.Raw.MergePatchAsync(workshop.Cluster, new() { ["spec"] = new JsonObject { ["paused"] = true }, ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { ["cluster.x-k8s.io/paused"] = "" } } }, Token);
        long mark = Server.Audit.Mark();
        Task<List<Outcome<CapiRemovalResult>>> removal = Removals.RunAsync(Connect(Server.Admin), new() { Scope = new() { Namespace = workshop.Namespace }, Unpause = true }, Long, Token);

        await workshop.DeletionAskedAsync(workshop.Proxy);
        JsonObject resumed = await Server.Raw.GetAsync(workshop.Cluster, Token);
        await workshop.UninstallAsync();
        await workshop.DeletionAskedAsync(workshop.Cluster);
        await workshop.TearDownAsync();

        resumed["spec"]!["paused"]!.GetValue<bool>().ShouldBeFalse();
        resumed["metadata"]!["annotations"]?["cluster.x-k8s.io/paused"].ShouldBeNull();
        (await removal).ShouldAllBe(outcome => outcome.Problem == null && outcome.Value!.IsRemoved != false);
        await Removals.ShouldHaveWrittenAsync(Server, mark, Token, $"patch {workshop.Cluster}", $"delete {workshop.Proxy}", $"delete {workshop.Cluster}");
    }

    [Fact]
    public async Task What_a_finalizer_of_somebody_else_holds_is_told_by_that_finalizer_and_waited_for()
    {
        const string Finalizer = "backup.example.com/hold";
        PlayedWorkshop workshop = await PlayedWorkshop.CreateAsync(Server, Token);
        await Server.Raw.MergePatchAsync(workshop.Worker, new() { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray(Finalizer) } }, Token);
        ConcurrentQueue<CapiStuckReason> told = new();
        long mark = Server.Audit.Mark();
        Task<List<Outcome<CapiRemovalResult>>> removal = Removals.RunAsync(Connect(Server.Admin), new() { Scope = new() { Namespace = workshop.Namespace } }, Long, Token,
            stuckAfter: TimeSpan.FromMilliseconds(500), progress: progress => progress.StuckReasons.ToList().ForEach(told.Enqueue));
        await workshop.DeletionAskedAsync(workshop.Proxy);
        await workshop.UninstallAsync();
        await workshop.DeletionAskedAsync(workshop.Cluster);
        await workshop.DeleteAsync(workshop.Worker);

        await Eventually.TrueAsync(() => told.Any(reason => reason.Id == StuckReasonId.ForeignFinalizer), Token);
        removal.IsCompleted.ShouldBeFalse();
        await workshop.TearDownAsync();

        CapiStuckReason reason = told.First(reason => reason.Id == StuckReasonId.ForeignFinalizer);
        reason.Subject.ShouldBe($"Machine {workshop.Namespace}/{workshop.Worker.Split('/')[^1]}");
        reason.Message.ShouldContain(Finalizer);
        (await removal).ShouldAllBe(outcome => outcome.Problem == null && outcome.Value!.IsRemoved != false);
        await ShouldHaveDeletedAsync(workshop, mark);
    }

    [Fact]
    public async Task Whoever_may_only_read_removes_nothing()
    {
        PlayedWorkshop workshop = await PlayedWorkshop.CreateAsync(Server, Token);

        (await FailsAsync(() => RunAsync(Connect(Server.Reader), workshop, Token))).Id.ShouldBe(ProblemId.RemovalBlocked);

        (await workshop.IsDeletingAsync(workshop.Proxy)).ShouldBeFalse();
        (await workshop.IsDeletingAsync(workshop.Cluster)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_scaling_is_rehearsed_without_a_trace()
    {
        PlayedWorkshop workshop = await PlayedWorkshop.CreateAsync(Server, Token);
        ManagementCluster cluster = Connect(Server.Admin);
        CapiMachineDeployment before = await GetOneAsync(cluster, CapiKinds.MachineDeployment, workshop.Namespace, "dev-cluster-md-0");
        long mark = Server.Audit.Mark();

        await cluster.ValidateScaleAsync(new(before, 7), Token);

        AuditEntry request = (await Server.Audit.SinceAsync(mark, Token)).ShouldHaveSingleItem();
        (request.Verb, request.Code).ShouldBe(("patch", 200));
        request.Uri.ShouldEndWith("/machinedeployments/dev-cluster-md-0/scale?fieldManager=capiworkshop&dryRun=All");
        CapiMachineDeployment after = await GetOneAsync(cluster, CapiKinds.MachineDeployment, workshop.Namespace, "dev-cluster-md-0");
        (after.ResourceVersion, after.DesiredReplicas).ShouldBe((before.ResourceVersion, before.DesiredReplicas));
    }

    [Fact]
    public async Task A_MachineDeployment_is_rehearsed_where_there_is_none()
    {
        string ns = await Server.CreateNamespaceAsync(Token);

        await Rehearsal.PassesAsync(Server, Connect(Server.Admin), ns, "v1beta2", Token);
    }

    [Fact]
    public async Task A_rehearsal_finds_out_who_may_not()
    {
        string ns = await Server.CreateNamespaceAsync(Token);

        CapiCheckResult scaling = await Rehearsal.CheckAsync(Connect(Server.Reader), ns, Token);

        scaling.Status.ShouldBe(CapiCheckStatus.Failed);
        scaling.Message.ShouldContain("may not create");
    }

    private static Task<List<Outcome<CapiRemovalResult>>> RunAsync(ManagementCluster cluster, PlayedWorkshop workshop, CancellationToken token) =>
        Removals.RunAsync(cluster, new() { Scope = new() { Namespace = workshop.Namespace } }, Long, token);

    /// <summary>Runs a removal until it has asked for one deletion, and stops it there.</summary>
    private async Task InterruptAsync(PlayedWorkshop workshop, string deletion)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<List<Outcome<CapiRemovalResult>>> removal = RunAsync(Connect(Server.Admin), workshop, stop.Token);
        await workshop.DeletionAskedAsync(deletion);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => removal);
    }

    /// <summary>All that was written: one deletion of the application, then one of the Cluster.</summary>
    private Task ShouldHaveDeletedAsync(PlayedWorkshop workshop, long mark) => Removals.ShouldHaveWrittenAsync(Server, mark, Token, $"delete {workshop.Proxy}", $"delete {workshop.Cluster}");
}

/// <summary>The check that rehearses a scaling, against any server.</summary>
internal static class Rehearsal
{
    public static async Task<CapiCheckResult> CheckAsync(ManagementCluster cluster, string ns, CancellationToken token)
    {
        CapiProblem none = new(ProblemId.EngineNotFound, CapiProblemCategory.ConnectionError, "There is no engine in this test.", "None is needed.");
        await foreach (CapiCheckResult result in cluster.CreateChecks(() => throw none.ToException()).RunAsync(new() { Scope = new() { Namespace = ns } }, token))
        {
            if (result.Name == "Scaling")
            {
                return result;
            }
        }

        throw new InvalidOperationException("There is no such check.");
    }

    public static async Task PassesAsync(ApiServer server, ManagementCluster cluster, string ns, string version, CancellationToken token)
    {
        long mark = server.Audit.Mark();

        CapiCheckResult scaling = await CheckAsync(cluster, ns, token);

        scaling.Status.ShouldBe(CapiCheckStatus.Passed, scaling.Message);
        string collection = $"/apis/cluster.x-k8s.io/{version}/namespaces/{ns}/machinedeployments";
        (await server.Audit.SinceAsync(mark, token)).Where(request => request.Verb is not ("get" or "list" or "watch")).Select(request => $"{request.Verb} {request.Uri} {request.Code}")
            .ShouldBe([$"create {collection}?fieldManager=capiworkshop&dryRun=All 201"]);
        (await server.Raw.GetAsync(collection, token))["items"]!.AsArray().ShouldBeEmpty();
    }
}
