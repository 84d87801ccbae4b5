using System.Globalization;
using System.Text;
using System.Text.Json;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Integration.Harness;
using CapiWorkshop.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace CapiWorkshop.Tests.Integration;

[Collection<OnRealApiServer>]
public sealed class ScalingTests(RealApiServer fixture) : ServerTest(fixture)
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    private static ResourceType Type { get; } = new("cluster.x-k8s.io", "v1beta2", "machinedeployments", "MachineDeployment");

    [Fact]
    public async Task Scaling_is_one_patch_of_the_scale_subresource_and_writes_nothing_else()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        await Controller.DeployAsync(Server, ns, "workers", 2, Token);
        ManagementCluster cluster = Connect(Server.Admin);
        CapiMachineDeployment before = await GetOneAsync(cluster, CapiKinds.MachineDeployment, ns, "workers");
        long mark = Server.Audit.Mark();

        await cluster.ScaleAsync(new(before, 4), Token);

        AuditEntry request = (await Server.Audit.SinceAsync(mark, Token)).ShouldHaveSingleItem();
        (request.Verb, request.Uri, request.Code).ShouldBe(("patch", $"/apis/cluster.x-k8s.io/v1beta2/namespaces/{ns}/machinedeployments/workers/scale?fieldManager=capiworkshop", 200));
        CapiMachineDeployment after = await GetOneAsync(cluster, CapiKinds.MachineDeployment, ns, "workers");
        after.DesiredReplicas.ShouldBe(4);
        after.Generation.ShouldBe(before.Generation + 1);
        after.IsObserved.ShouldBeFalse();
        after.Replicas.ShouldBe(2);
        (after.Uid, after.Version, after.Cluster, after.Labels.Count, after.Conditions.Count).ShouldBe((before.Uid, before.Version, before.Cluster, before.Labels.Count, before.Conditions.Count));
    }

    [Fact]
    public async Task Scaling_to_the_number_that_is_there_changes_no_specification()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        await Controller.DeployAsync(Server, ns, "workers", 1, Token);
        ManagementCluster cluster = Connect(Server.Admin);
        CapiMachineDeployment before = await GetOneAsync(cluster, CapiKinds.MachineDeployment, ns, "workers");

        await cluster.ScaleAsync(new(before, 1), Token);

        (await GetOneAsync(cluster, CapiKinds.MachineDeployment, ns, "workers")).Generation.ShouldBe(before.Generation);
        await using MachineDeploymentWaits waits = cluster.CreateMachineDeploymentWaits();
        (await waits.WaitForScaleAsync(ns, "workers", 1, Long, null, Token)).Problem.ShouldBeNull();
    }

    [Fact]
    public async Task Waiting_for_more_ends_when_the_last_machine_is_available_and_not_before()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller controller = await Controller.DeployAsync(Server, ns, "workers", 1, Token);
        ManagementCluster cluster = Connect(Server.Admin);
        await cluster.ScaleAsync(new(await GetOneAsync(cluster, CapiKinds.MachineDeployment, ns, "workers"), 3), Token);
        await using MachineDeploymentWaits waits = cluster.CreateMachineDeploymentWaits();
        Progress progress = new();
        Task<MachineDeploymentWaitResult> wait = waits.WaitForScaleAsync(ns, "workers", 3, Long, progress.Report, Token);
        await progress.SeenAsync(state => state.DesiredReplicas == 3 && !state.IsObserved, wait, Token);

        await StepAsync(); // observed: the counts of before, of the new specification
        string first = await controller.CreateMachineAsync();
        string second = await controller.CreateMachineAsync();
        await StepAsync();
        await controller.ProvisionMachineAsync(first);
        await controller.FinishMachineInfrastructureAsync(first);
        await StepAsync();
        await controller.JoinMachineAsync(first, ready: false); // Running, but its Node is not ready
        await StepAsync();
        await controller.JoinMachineAsync(first, ready: true);
        await StepAsync();
        await controller.RunMachineAsync(second);
        string last = await controller.ReportAsync();
        MachineDeploymentWaitResult result = await wait;

        result.Problem.ShouldBeNull();
        result.Deployment!.ResourceVersion.ShouldBe(last);
        (result.Deployment.Replicas, result.Deployment.ReadyReplicas, result.Deployment.AvailableReplicas, result.Deployment.UpToDateReplicas).ShouldBe((3, 3, 3, 3));
        string[] seen = [.. progress.Seen.Select(p => $"{p.Status} {p.Percent}").Distinct()];
        seen.ShouldBe(["1/3 Ready 33", "2/3 Ready 66", "3/3 Ready 100"]);

        async Task StepAsync()
        {
            string version = await controller.ReportAsync();
            await progress.SeenAsync(state => state.ResourceVersion == version, wait, Token);
            wait.IsCompleted.ShouldBeFalse();
        }
    }

    [Fact]
    public async Task Waiting_for_fewer_ends_when_the_last_surplus_machine_is_gone()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller controller = await Controller.DeployAsync(Server, ns, "workers", 3, Token);
        ManagementCluster cluster = Connect(Server.Admin);
        await cluster.ScaleAsync(new(await GetOneAsync(cluster, CapiKinds.MachineDeployment, ns, "workers"), 1), Token);
        await using MachineDeploymentWaits waits = cluster.CreateMachineDeploymentWaits();
        Progress progress = new();
        Task<MachineDeploymentWaitResult> wait = waits.WaitForScaleAsync(ns, "workers", 1, Long, progress.Report, Token);
        string[] machines = [.. await controller.MachinesAsync()];

        await StepAsync();
        await controller.BeginMachineDeletionAsync(machines[1]);
        await controller.BeginMachineDeletionAsync(machines[2]);
        await StepAsync(); // 1 ready of 1, but 3 exist
        await controller.FinishMachineDeletionAsync(machines[1]);
        await StepAsync();
        await controller.FinishMachineDeletionAsync(machines[2]);
        string last = await controller.ReportAsync();
        MachineDeploymentWaitResult result = await wait;

        result.Problem.ShouldBeNull();
        result.Deployment!.ResourceVersion.ShouldBe(last);
        (await controller.MachinesAsync()).ShouldBe([machines[0]]);

        async Task StepAsync()
        {
            string version = await controller.ReportAsync();
            await progress.SeenAsync(state => state.ResourceVersion == version, wait, Token);
            wait.IsCompleted.ShouldBeFalse();
        }
    }

    [Fact]
    public async Task Scaling_to_none_and_back_is_waited_for_like_any_other()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller controller = await Controller.DeployAsync(Server, ns, "workers", 2, Token);
        ManagementCluster cluster = Connect(Server.Admin);
        await using MachineDeploymentWaits waits = cluster.CreateMachineDeploymentWaits();
        foreach (int replicas in (int[])[0, 1])
        {
            await cluster.ScaleAsync(new(await GetOneAsync(cluster, CapiKinds.MachineDeployment, ns, "workers"), replicas), Token);
            Task<MachineDeploymentWaitResult> wait = waits.WaitForScaleAsync(ns, "workers", replicas, Long, null, Token);
            await controller.ReconcileAsync();

            MachineDeploymentWaitResult result = await wait;

            result.Problem.ShouldBeNull();
            result.Deployment!.Replicas.ShouldBe(replicas);
            (await controller.MachinesAsync()).Count.ShouldBe(replicas);
        }
    }

    [Fact]
    public async Task Waiting_too_long_names_the_machine_that_hangs_and_why()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller controller = await Controller.DeployAsync(Server, ns, "workers", 1, Token);
        FakeTimeProvider clock = new(DateTimeOffset.UtcNow);
        ManagementCluster cluster = Connect(Server.Admin, clock);
        await cluster.ScaleAsync(new(await GetOneAsync(cluster, CapiKinds.MachineDeployment, ns, "workers"), 2), Token);
        await using MachineDeploymentWaits waits = cluster.CreateMachineDeploymentWaits();
        Progress progress = new();
        Task<MachineDeploymentWaitResult> wait = waits.WaitForScaleAsync(ns, "workers", 2, TimeSpan.FromMinutes(10), progress.Report, Token);
        string hanging = await controller.CreateMachineAsync();
        await controller.ProvisionMachineAsync(hanging, "ContainerProvisionFailed", "no space left on device");
        string version = await controller.ReportAsync();
        await progress.SeenAsync(state => state.ResourceVersion == version, wait, Token);

        clock.Advance(TimeSpan.FromMinutes(9));
        wait.IsCompleted.ShouldBeFalse();
        clock.Advance(TimeSpan.FromMinutes(2));
        MachineDeploymentWaitResult result = await wait;

        CapiProblem problem = result.Problem.ShouldNotBeNull();
        problem.Id.ShouldBe("MachineDeploymentTimeout");
        problem.Category.ShouldBe(CapiProblemCategory.OperationTimeout);
        problem.Target.ShouldBe($"{ns}/workers");
        problem.Message.ShouldContain("1/2 ready");
        problem.Message.ShouldContain("600 s");
        problem.Message.ShouldContain(hanging);
        problem.Message.ShouldContain("InfrastructureReady=False (ContainerProvisionFailed)");
        problem.Message.ShouldNotContain((await controller.MachinesAsync()).Single(machine => machine != hanging));
        result.Deployment!.ResourceVersion.ShouldBe(version);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_scaling_that_somebody_else_changes_is_told_as_such(bool topology)
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller controller = await Controller.DeployAsync(Server, ns, "workers", 1, Token);
        if (topology)
        {
            await Server.Raw.MergePatchAsync(controller.Path, new() { ["metadata"] = new System.Text.Json.Nodes.JsonObject { ["labels"] = new System.Text.Json.Nodes.JsonObject { ["topology.cluster.x-k8s.io/owned"] = "" } } }, Token);
        }

        ManagementCluster cluster = Connect(Server.Admin);
        MachineDeploymentScalePlan plan = new(await GetOneAsync(cluster, CapiKinds.MachineDeployment, ns, "workers"), 4);
        plan.Warnings.Count().ShouldBe(topology ? 1 : 0);
        await cluster.ScaleAsync(plan, Token);
        await using MachineDeploymentWaits waits = cluster.CreateMachineDeploymentWaits();
        Progress progress = new();
        Task<MachineDeploymentWaitResult> wait = waits.WaitForScaleAsync(ns, "workers", 4, Long, progress.Report, Token);
        await progress.SeenAsync(state => state.DesiredReplicas == 4, wait, Token);

        await controller.SetReplicasAsync(1);
        MachineDeploymentWaitResult result = await wait;

        result.Problem!.Id.ShouldBe("ScaleOverridden");
        result.Problem.Message.ShouldContain("1 replicas");
        result.Problem.Action.Contains("spec.topology of Cluster dev-cluster", StringComparison.Ordinal).ShouldBe(topology);
        result.Deployment!.DesiredReplicas.ShouldBe(1);
    }

    [Fact]
    public async Task A_negative_number_is_refused_here_and_by_the_server()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        await Controller.DeployAsync(Server, ns, "workers", 1, Token);
        KubernetesApi api = ConnectApi(Server.Admin);
        ManagementCluster cluster = Connect(Server.Admin);
        CapiMachineDeployment deployment = await GetOneAsync(cluster, CapiKinds.MachineDeployment, ns, "workers");

        (await FailsAsync(() => cluster.ScaleAsync(new(deployment, -1), Token))).Id.ShouldBe("InvalidReplicas");
        CapiProblem problem = await FailsAsync(() => PatchAsync(api, ns, "workers", "scale", """{"spec":{"replicas":-1}}"""));

        problem.Id.ShouldBe("ApiInvalid");
        problem.HttpStatus.ShouldBe(422);
        problem.Message.ShouldContain("spec.replicas: Invalid value: -1");
        (await GetOneAsync(cluster, CapiKinds.MachineDeployment, ns, "workers")).DesiredReplicas.ShouldBe(1);
    }

    [Fact]
    public async Task A_write_on_an_old_state_is_a_conflict()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller controller = await Controller.DeployAsync(Server, ns, "workers", 1, Token);
        KubernetesApi api = ConnectApi(Server.Admin);
        string version = (await GetOneAsync(Connect(Server.Admin), CapiKinds.MachineDeployment, ns, "workers")).ResourceVersion;
        await controller.SetReplicasAsync(2);
        long mark = Server.Audit.Mark();

        CapiProblem problem = await FailsAsync(() => PatchAsync(api, ns, "workers", "scale", $$$"""{"metadata":{"resourceVersion":"{{{version}}}"},"spec":{"replicas":5}}"""));

        problem.Id.ShouldBe("ApiConflict");
        problem.HttpStatus.ShouldBe(409);
        (await Server.Audit.SinceAsync(mark, Token)).Count(request => request.Verb == "patch").ShouldBe(1); // never tried again unasked
    }

    [Fact]
    public async Task An_object_of_another_management_cluster_is_not_scaled()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        await Controller.DeployAsync(Server, ns, "workers", 1, Token);
        ManagementCluster cluster = Connect(Server.Admin);
        CapiMachineDeployment foreign = await GetOneAsync(cluster, CapiKinds.MachineDeployment, ns, "workers");
        await using ApiServer other = await ApiServer.StartAsync();
        long mark = other.Audit.Mark();

        CapiProblem problem = await FailsAsync(() => Connect(other.Admin).ScaleAsync(new(foreign, 2), Token));

        problem.Id.ShouldBe("WrongManagementCluster");
        (await other.Audit.SinceAsync(mark, Token)).ShouldNotContain(request => request.Verb == "patch");
    }

    [Fact]
    public async Task Each_goal_ends_a_wait_when_it_is_reached_and_not_before()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller controller = await Controller.DeployAsync(Server, ns, "workers", 1, Token);
        ManagementCluster cluster = Connect(Server.Admin);
        await using MachineDeploymentWaits before = cluster.CreateMachineDeploymentWaits();
        foreach (CapiMachineDeploymentGoal goal in (CapiMachineDeploymentGoal[])[CapiMachineDeploymentGoal.Available, CapiMachineDeploymentGoal.Ready, CapiMachineDeploymentGoal.UpToDate])
        {
            (await before.WaitForAsync(ns, "workers", goal, Long, null, Token)).Problem.ShouldBeNull(); // is reached already
        }

        await controller.SetReplicasAsync(2);
        await using MachineDeploymentWaits waits = cluster.CreateMachineDeploymentWaits(); // starts from a list that knows of the write
        Progress progress = new();
        Task<MachineDeploymentWaitResult> available = waits.WaitForAsync(ns, "workers", CapiMachineDeploymentGoal.Available, Long, progress.Report, Token);
        Task<MachineDeploymentWaitResult> ready = waits.WaitForAsync(ns, "workers", CapiMachineDeploymentGoal.Ready, Long, progress.Report, Token);
        Task<MachineDeploymentWaitResult> upToDate = waits.WaitForAsync(ns, "workers", CapiMachineDeploymentGoal.UpToDate, Long, null, Token);
        string machine = await controller.CreateMachineAsync();
        string created = await controller.ReportAsync();

        (await upToDate).Deployment!.ResourceVersion.ShouldBe(created);
        await Eventually.TrueAsync(() => progress.Seen.Count(p => p.Deployment.ResourceVersion == created) == 2, Token);
        available.IsCompleted.ShouldBeFalse();
        ready.IsCompleted.ShouldBeFalse();
        await controller.RunMachineAsync(machine);
        string running = await controller.ReportAsync();
        (await available).Deployment!.ResourceVersion.ShouldBe(running);
        (await ready).Deployment!.ResourceVersion.ShouldBe(running);
    }

    [Fact]
    public async Task Waiting_for_a_deletion_ends_when_the_object_is_gone_and_not_when_it_is_asked_for()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller controller = await Controller.DeployAsync(Server, ns, "workers", 0, Token);
        ManagementCluster cluster = Connect(Server.Admin);
        await using MachineDeploymentWaits waits = cluster.CreateMachineDeploymentWaits();
        Progress progress = new();
        Task<MachineDeploymentWaitResult> deleted = waits.WaitForAsync(ns, "workers", CapiMachineDeploymentGoal.Deleted, Long, progress.Report, Token);
        Task<MachineDeploymentWaitResult> scaled = waits.WaitForScaleAsync(ns, "workers", 1, Long, null, Token);
        await controller.BeginDeletionAsync();
        await progress.SeenAsync(state => state.DeletionRequestedAt is not null, deleted, Token);
        deleted.IsCompleted.ShouldBeFalse();

        await controller.FinishDeletionAsync();

        (await deleted).Problem.ShouldBeNull();
        (await deleted).Deployment!.Name.ShouldBe("workers");
        (await scaled).Problem!.Id.ShouldBe("MachineDeploymentDeleted");
        (await waits.WaitForAsync(ns, "workers", CapiMachineDeploymentGoal.Deleted, Long, null, Token)).Problem.ShouldBeNull(); // is gone already
        (await waits.WaitForAsync(ns, "workers", CapiMachineDeploymentGoal.Ready, Long, null, Token)).Problem!.Id.ShouldBe("MachineDeploymentNotFound");
    }

    [Fact]
    public async Task Waiting_for_a_deletion_ends_though_another_of_the_name_comes_at_once()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller controller = await Controller.DeployAsync(Server, ns, "workers", 0, Token);
        ManagementCluster cluster = Connect(Server.Admin);
        string uid = (await GetOneAsync(cluster, CapiKinds.MachineDeployment, ns, "workers")).Uid;
        await using MachineDeploymentWaits waits = cluster.CreateMachineDeploymentWaits();
        using ManualResetEventSlim busy = new();
        Progress progress = new();
        Task<MachineDeploymentWaitResult> wait = Task.Run(
            () => waits.WaitForAsync(
                ns, "workers", CapiMachineDeploymentGoal.Deleted, Long,
                state =>
                {
                    progress.Report(state);
                    busy.Wait(Token); // whoever is told is slow, and misses what happens meanwhile
                },
                Token),
            Token);
        await progress.SeenAsync(_ => true, wait, Token);
        await controller.BeginDeletionAsync();
        await controller.FinishDeletionAsync();
        await Server.Raw.DeleteAsync($"/apis/cluster.x-k8s.io/v1beta2/namespaces/{ns}/machinesets/workers-x7k2p", Token);
        await Server.Raw.MergePatchAsync($"/apis/cluster.x-k8s.io/v1beta2/namespaces/{ns}/machinesets/workers-x7k2p", new() { ["metadata"] = new System.Text.Json.Nodes.JsonObject { ["finalizers"] = null } }, Token);
        await Controller.DeployAsync(Server, ns, "workers", 0, Token);
        (await waits.WaitUntilAsync(ns, "workers", state => ValueTask.FromResult(state.Uid != uid), Long, null, Token)).Problem.ShouldBeNull(); // the watch has told of the new one
        busy.Set();

        await Eventually.TrueAsync(() => wait.IsCompleted, Token, "the wait ends: what it waited for is gone");
        (await wait).Problem.ShouldBeNull();
    }

    [Fact]
    public async Task A_condition_of_ones_own_is_asked_of_every_state_and_its_failure_is_handed_on()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller controller = await Controller.DeployAsync(Server, ns, "workers", 0, Token);
        ManagementCluster cluster = Connect(Server.Admin);
        await using MachineDeploymentWaits waits = cluster.CreateMachineDeploymentWaits();
        Progress progress = new();
        Task<MachineDeploymentWaitResult> wait = waits.WaitUntilAsync(ns, "workers", state => ValueTask.FromResult(state.DesiredReplicas == 7), Long, progress.Report, Token);
        await progress.SeenAsync(_ => true, wait, Token);
        wait.IsCompleted.ShouldBeFalse();

        await controller.SetReplicasAsync(7);

        (await wait).Deployment!.DesiredReplicas.ShouldBe(7);
        await Should.ThrowAsync<NotSupportedException>(() => waits.WaitUntilAsync(ns, "workers", _ => throw new NotSupportedException(), Long, null, Token));
    }

    [Fact]
    public async Task Many_waits_share_one_list_and_one_watch()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        string[] names = [.. Enumerable.Range(0, 8).Select(i => "workers-" + i.ToString(CultureInfo.InvariantCulture))];
        List<Controller> controllers = [];
        foreach (string name in names)
        {
            controllers.Add(await Controller.DeployAsync(Server, ns, name, 0, Token));
        }

        ManagementCluster cluster = Connect(Server.Admin);
        long mark = Server.Audit.Mark();
        await using MachineDeploymentWaits waits = cluster.CreateMachineDeploymentWaits();
        Dictionary<string, Progress> progress = names.ToDictionary(name => name, _ => new Progress());
        Task<MachineDeploymentWaitResult>[] all = [.. names.Select(name => waits.WaitForScaleAsync(ns, name, 1, Long, progress[name].Report, Token))];
        foreach (Controller controller in controllers)
        {
            await controller.SetReplicasAsync(1);
            await controller.ReconcileAsync();
        }

        MachineDeploymentWaitResult[] results = await Task.WhenAll(all);

        results.ShouldAllBe(result => result.Problem == null);
        results.Select(result => result.Deployment!.Name).ShouldBe(names);
        names.ShouldAllBe(name => progress[name].Seen.All(seen => seen.Deployment.Name == name));
        IReadOnlyList<AuditEntry> requests = [.. (await Server.Audit.SinceAsync(mark, Token)).Where(request => request.Uri.Contains("/machinedeployments", StringComparison.Ordinal))];
        requests.Select(request => request.Verb).ShouldBe(["list", "watch"]);
    }

    [Fact]
    public async Task A_wait_that_is_cancelled_ends_at_once_and_harms_no_other()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller controller = await Controller.DeployAsync(Server, ns, "workers", 0, Token);
        ManagementCluster cluster = Connect(Server.Admin);
        await using MachineDeploymentWaits waits = cluster.CreateMachineDeploymentWaits();
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Progress progress = new();
        Task<MachineDeploymentWaitResult> stopped = waits.WaitForScaleAsync(ns, "workers", 1, Long, progress.Report, stop.Token);
        Task<MachineDeploymentWaitResult> other = waits.WaitForScaleAsync(ns, "workers", 1, Timeout.InfiniteTimeSpan, null, Token);
        await progress.SeenAsync(_ => true, stopped, Token);

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(stopped);
        await controller.SetReplicasAsync(1);
        await controller.ReconcileAsync();
        (await other).Problem.ShouldBeNull();
    }

    [Fact]
    public async Task A_wait_outlives_a_cut_connection()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller controller = await Controller.DeployAsync(Server, ns, "workers", 1, Token);
        await using FaultProxy wire = FaultProxy.Opaque(Server.Port);
        ManagementCluster cluster = Connect(Server.Redirect(Server.Admin, wire.Address));
        await cluster.ScaleAsync(new(await GetOneAsync(cluster, CapiKinds.MachineDeployment, ns, "workers"), 2), Token);
        await using MachineDeploymentWaits waits = cluster.CreateMachineDeploymentWaits();
        Progress progress = new();
        Task<MachineDeploymentWaitResult> wait = waits.WaitForScaleAsync(ns, "workers", 2, Long, progress.Report, Token);
        await progress.SeenAsync(_ => true, wait, Token);
        wire.Cut();
        await Eventually.TrueAsync(() => wire.Refused > 0, Token);
        await controller.ReconcileAsync();
        wait.IsCompleted.ShouldBeFalse();

        wire.Mend();

        (await wait).Problem.ShouldBeNull();
        (await wait).Deployment!.ReadyReplicas.ShouldBe(2);
    }

    private Task<bool> PatchAsync(KubernetesApi api, string ns, string name, string? subresource, string patch) =>
        api.PatchAsync(new(Type, ns, name, subresource), Patch.Merge(Encoding.UTF8.GetBytes(patch)), Skip, false, Token);

    private static bool Skip(ref Utf8JsonReader reader)
    {
        reader.Skip();
        return true;
    }
}
