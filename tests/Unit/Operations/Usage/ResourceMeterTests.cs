using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Usage;

public sealed class ResourceMeterTests
{
    private const double Exact = 1e-6;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_cluster_is_measured_and_100_per_cent_are_one_core()
    {
        using UsageWorld world = new();

        CapiResourceUsage[] rows = [.. (await world.ReadAsync().InTime()).Select(row => row.Value.ShouldNotBeNull())];

        rows.Select(row => $"{row.Scope} {row} {row.ControlPlaneKind}").ShouldBe(["ManagementCluster kind-capi ", "WorkloadCluster default/dev KubeadmControlPlane", "WorkloadCluster default/k0s K0smotronControlPlane"]);
        rows.Select(row => (row.Nodes, row.NodesReady, row.Pods)).ShouldBe([(1, 1, 4), (3, 2, 2), (1, 1, 1)]);
        rows.Select(row => (row.ControlPlaneContainers, row.WorkerContainers, row.Containers, row.LoadBalancers, row.ControlPlanePods)).ShouldBe([(1, 0, 1, 0, 0), (1, 2, 3, 1, 0), (0, 1, 1, 0, 2)]);
        rows.Select(row => row.MemoryBytes).ShouldBe([1000, 610, 100]);
        rows[0].CpuPercent.ShouldNotBeNull().ShouldBe(25, Exact);
        rows[1].CpuPercent.ShouldNotBeNull().ShouldBe(75, Exact);
        rows[2].CpuPercent.ShouldNotBeNull().ShouldBe(20, Exact);
        rows.ShouldAllBe(row => row.Interval == TimeSpan.FromSeconds(1) && row.SampledAt == world.Clock.GetUtcNow());
        rows.ShouldAllBe(row => row.IsComplete && row.Problems.Count == 0 && row.ManagementClusterId == FakeKubernetesApi.KubeSystemUid && row.Context == "kind-capi");
    }

    [Fact]
    public async Task A_second_reading_takes_one_round_over_the_time_since_the_first()
    {
        using UsageWorld world = new();
        await world.ReadAsync().InTime();
        int first = world.Engine.Sampled.Count;
        world.Clock.Advance(TimeSpan.FromSeconds(5));

        CapiResourceUsage dev = await world.RowAsync("dev");

        (first, world.Engine.Sampled.Count).ShouldBe((12, 18));
        dev.Interval.ShouldBe(TimeSpan.FromSeconds(5));
        dev.CpuPercent.ShouldNotBeNull().ShouldBe(75, Exact);
        world.Opened.Order(StringComparer.Ordinal).ShouldBe(["secret default/dev-kubeconfig", "secret default/k0s-kubeconfig"]);
    }

    [Fact]
    public async Task A_container_that_is_new_has_no_rate_and_so_has_none_its_cluster()
    {
        using UsageWorld world = new();
        await world.ReadAsync().InTime();
        world.Engine.Run("dev-md-3", "dev", "worker");
        world.Clock.Advance(TimeSpan.FromSeconds(5));

        CapiResourceUsage dev = await world.RowAsync("dev");

        (dev.WorkerContainers, dev.CpuPercent, dev.MemoryBytes).ShouldBe((3, null, 710));
        dev.Missing.ShouldBe([nameof(CapiResourceUsage.CpuPercent)]);
    }

    [Theory]
    [InlineData(ContainerState.Exited)]
    [InlineData(ContainerState.Created)]
    [InlineData(ContainerState.Dead)]
    public async Task A_container_that_does_not_run_is_not_counted(ContainerState state)
    {
        using UsageWorld world = new();
        world.DevContainers[1].State = state;

        CapiResourceUsage dev = await world.RowAsync("dev");

        (dev.ControlPlaneContainers, dev.WorkerContainers, dev.MemoryBytes).ShouldBe((1, 1, 560));
        world.Engine.Sampled.ShouldNotContain(world.DevContainers[1].Id);
    }

    [Fact]
    public async Task A_paused_container_keeps_its_memory()
    {
        using UsageWorld world = new();
        (world.DevContainers[1].State, world.DevContainers[1].Cores) = (ContainerState.Paused, 0);

        CapiResourceUsage dev = await world.RowAsync("dev");

        (dev.WorkerContainers, dev.MemoryBytes).ShouldBe((2, 610));
        dev.CpuPercent.ShouldNotBeNull().ShouldBe(65, Exact);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_container_that_ends_between_two_samples_takes_nobody_with_it(bool vanishes)
    {
        using UsageWorld world = new();
        FakeContainer ending = world.DevContainers[1];
        int samples = 0;
        world.Engine.Sampling = container =>
        {
            if (container == ending && Interlocked.Increment(ref samples) == 2)
            {
                ending.State = ContainerState.Exited;
                if (vanishes)
                {
                    world.Engine.Remove(ending);
                }
            }
        };

        CapiResourceUsage dev = await world.RowAsync("dev");

        (dev.WorkerContainers, dev.MemoryBytes).ShouldBe((1, 560));
        dev.CpuPercent.ShouldNotBeNull().ShouldBe(65, Exact);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_sum_of_which_a_part_is_not_known_is_not_known(bool cpu)
    {
        using UsageWorld world = new();
        (world.DevContainers[0].Cores, world.DevContainers[0].Memory) = cpu ? ((double?)null, (long?)500) : (0.5, null);

        CapiResourceUsage dev = await world.RowAsync("dev");

        dev.Missing.ShouldBe([cpu ? nameof(dev.CpuPercent) : nameof(dev.MemoryBytes)]);
        (dev.CpuPercent is null, dev.MemoryBytes is null).ShouldBe((cpu, !cpu));
        dev.Containers.ShouldBe(3);
    }

    [Fact]
    public async Task Not_more_than_16_containers_are_asked_about_at_once()
    {
        using UsageWorld world = new();
        for (int i = 0; i < 40; i++)
        {
            world.Engine.Run($"many-{i}", "many", "worker");
        }

        world.Engine.Gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<List<Outcome<CapiResourceUsage>>> reading = world.ReadAsync();
        SpinWait.SpinUntil(() => world.Engine.MostAtOnce >= 16, TimeLimit.Generous).ShouldBeTrue();
        world.Engine.Gate.SetResult();
        await reading.InTime();

        world.Engine.MostAtOnce.ShouldBe(16);
    }

    [Fact]
    public async Task An_engine_that_cannot_be_opened_empties_its_columns_alone()
    {
        using UsageWorld world = new();
        CapiProblem closed = new(ProblemId.EngineNotFound, CapiProblemCategory.ConnectionError, "no engine", "start one");
        world.EngineOpener = () => throw closed.ToException();

        foreach (Outcome<CapiResourceUsage> row in await world.ReadAsync().InTime())
        {
            CapiResourceUsage usage = row.Value.ShouldNotBeNull();
            (usage.ControlPlaneContainers, usage.WorkerContainers, usage.LoadBalancers, usage.CpuPercent, usage.MemoryBytes, usage.Interval).ShouldBe((null, null, null, null, null, null));
            usage.Nodes.ShouldNotBeNull().ShouldBeGreaterThan(0);
            usage.Problems.ShouldBe([closed]);
        }

        world.EngineOpener = null;
        (await world.RowAsync("dev")).IsComplete.ShouldBeTrue("it was started in between");
    }

    [Fact]
    public async Task What_a_cluster_outside_of_the_engine_has_and_uses_nobody_knows()
    {
        using UsageWorld world = new(ObjectJson.Cluster("cloud"));

        CapiResourceUsage cloud = await world.RowAsync("cloud");

        (cloud.Containers, cloud.LoadBalancers, cloud.CpuPercent, cloud.MemoryBytes).ShouldBe((null, null, null, null));
        cloud.Problems.Select(problem => problem.Id).ShouldBe(["SecretNotFound", ProblemId.ContainersNotFound]);
    }

    [Fact]
    public async Task An_API_that_hangs_is_given_up_after_10_s_and_holds_nobody_back_for_longer()
    {
        using UsageWorld world = new();
        Task held = world.Dev.Hold("list", "pods");
        Task<List<Outcome<CapiResourceUsage>>> reading = world.ReadAsync();
        await held.InTime();

        world.Clock.Advance(TimeSpan.FromSeconds(8));
        reading.IsCompleted.ShouldBeFalse();
        world.Clock.Advance(TimeSpan.FromSeconds(2));
        List<Outcome<CapiResourceUsage>> rows = await reading.InTime();

        CapiResourceUsage dev = rows[1].Value.ShouldNotBeNull();
        (dev.Nodes, dev.NodesReady, dev.Pods, dev.Containers).ShouldBe((null, null, null, 3));
        CapiProblem problem = dev.Problems.ShouldHaveSingleItem();
        (problem.Id, problem.Category, problem.Target).ShouldBe((ProblemId.ApiTimeout, CapiProblemCategory.OperationTimeout, "default/dev"));
        rows[2].Value.ShouldNotBeNull().IsComplete.ShouldBeTrue();
    }

    [Theory]
    [InlineData("nodes")]
    [InlineData("pods")]
    public async Task What_may_not_be_read_of_a_cluster_is_null_and_named(string plural)
    {
        using UsageWorld world = new();
        world.Dev.Refuse("list", plural, 403);

        CapiResourceUsage dev = await world.RowAsync("dev");

        (dev.Nodes, dev.NodesReady, dev.Pods).ShouldBe(plural == "nodes" ? (null, null, 2) : (3, 2, null));
        dev.Problems.ShouldHaveSingleItem().Id.ShouldBe(ProblemId.ApiForbidden);
        dev.Containers.ShouldBe(3);
    }

    [Theory]
    [InlineData("nodes")]
    [InlineData("pods")]
    public async Task What_may_not_be_read_of_the_management_cluster_is_never_called_none(string plural)
    {
        using UsageWorld world = new();
        world.Api.Refuse("list", plural, 403);

        CapiResourceUsage[] rows = [.. (await world.ReadAsync().InTime()).Select(row => row.Value.ShouldNotBeNull())];

        if (plural == "nodes")
        {
            (rows[0].Nodes, rows[0].ControlPlaneContainers, rows[0].LoadBalancers, rows[0].CpuPercent).ShouldBe((null, null, null, null));
            rows[0].Problems.ShouldHaveSingleItem().Id.ShouldBe(ProblemId.ApiForbidden);
            rows[2].IsComplete.ShouldBeTrue();
        }
        else
        {
            rows[0].Missing.ShouldBe([nameof(CapiResourceUsage.Pods)]);
            rows[2].Missing.ShouldBe([nameof(CapiResourceUsage.ControlPlanePods)]);
            rows[2].Problems.ShouldHaveSingleItem().Id.ShouldBe(ProblemId.ApiForbidden);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task A_Cluster_without_a_kubeconfig_has_its_containers_for_all_that(string? kubeConfig)
    {
        using UsageWorld world = new();
        world.Api.Remove(ObjectJson.KubeConfig("dev", null));
        if (kubeConfig is not null)
        {
            world.Api.Add(ObjectJson.KubeConfig("dev", null));
        }

        CapiResourceUsage dev = await world.RowAsync("dev");

        (dev.Nodes, dev.Pods, dev.Containers).ShouldBe((null, null, 3));
        dev.Problems.ShouldHaveSingleItem().Id.ShouldBe(kubeConfig is null ? "SecretNotFound" : ProblemId.KubeConfigInvalid);
        world.Opened.ShouldBe(["secret default/k0s-kubeconfig"]);
    }

    [Fact]
    public async Task Credentials_that_are_not_accepted_any_more_are_read_anew_the_next_time()
    {
        using UsageWorld world = new();
        world.Dev.Refuse("list", "nodes", 401, times: 1);

        (await world.RowAsync("dev")).Problems.ShouldHaveSingleItem().Id.ShouldBe(ProblemId.ApiUnauthorized);
        world.Clock.Advance(TimeSpan.FromSeconds(5));
        (await world.RowAsync("dev")).IsComplete.ShouldBeTrue();

        world.Opened.Count(name => name == "secret default/dev-kubeconfig").ShouldBe(2);
        world.Api.Made("get", "secrets").Count(request => request.Name == "dev-kubeconfig").ShouldBe(2);
    }

    [Fact]
    public async Task Of_Clusters_of_one_name_each_has_its_own_API_and_nobody_has_the_containers()
    {
        using UsageWorld world = new(ObjectJson.Cluster("dev", "team-a").Metadata("uid", "uid-of-another"), ObjectJson.KubeConfig("dev", "to k0s", "team-a"));

        CapiResourceUsage[] rows = [.. (await world.ReadAsync(new() { Clusters = [new() { AllNamespaces = true }], IncludeManagementCluster = false }).InTime()).Select(row => row.Value.ShouldNotBeNull())];

        rows.Select(row => row.ToString()).ShouldBe(["default/dev", "default/k0s", "team-a/dev"]);
        rows.Select(row => row.Nodes).ShouldBe([3, 1, 1]);
        rows.Select(row => (row.Containers, row.CpuPercent is null)).ShouldBe([(null, true), (1, false), (null, true)]);
        rows[0].Problems.ShouldHaveSingleItem().Message.ShouldContain("'dev'");
    }

    [Fact]
    public async Task A_management_cluster_that_is_called_as_a_Cluster_keeps_its_containers()
    {
        using UsageWorld world = new(ObjectJson.Cluster("kind"), ObjectJson.KubeConfig("kind", "to k0s"));
        world.Engine.Run("kind-md-1", "kind", "worker", memory: 7);

        CapiResourceUsage kind = await world.RowAsync("kind");

        (kind.ControlPlaneContainers, kind.WorkerContainers, kind.MemoryBytes).ShouldBe((0, 1, 7));
    }

    [Fact]
    public async Task A_name_that_is_not_there_is_a_problem_in_its_place()
    {
        using UsageWorld world = new();

        List<Outcome<CapiResourceUsage>> rows = await world.ReadAsync(new() { IncludeManagementCluster = false, Clusters = [new() { Names = ["k0s", "none", "dev"] }] }).InTime();

        rows.Select(row => row.Value?.Name ?? row.Problem!.Id).ShouldBe(["k0s", "ClusterNotFound", "dev"]);
    }

    [Theory]
    [InlineData("get", "namespaces", false)]
    [InlineData("list", "nodes", false)]
    [InlineData("list", "clusters", false)]
    [InlineData("get", "secrets", false)]
    [InlineData("list", "pods", true)]
    public async Task Cancelling_ends_a_reading_wherever_it_is(string verb, string plural, bool atWorkload)
    {
        using UsageWorld world = new();
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task held = (atWorkload ? world.Dev : world.Api).Hold(verb, plural);
        Task<List<Outcome<CapiResourceUsage>>> reading = world.ReadAsync(token: cancel.Token);
        await held.InTime();

        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => reading.InTime());
    }

    [Fact]
    public async Task Cancelling_ends_a_reading_while_it_samples()
    {
        using UsageWorld world = new();
        world.Engine.Gate = new();
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<List<Outcome<CapiResourceUsage>>> reading = world.ReadAsync(token: cancel.Token);
        SpinWait.SpinUntil(() => !world.Engine.Sampled.IsEmpty, TimeLimit.Generous).ShouldBeTrue();

        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => reading.InTime());
    }
}
