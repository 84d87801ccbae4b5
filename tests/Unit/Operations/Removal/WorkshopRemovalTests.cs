using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Removal;

public sealed class WorkshopRemovalTests
{
    private static readonly string[] AllDeletions = ["HelmChartProxy default/nginx", "Cluster default/dev", "Cluster default/k0s"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Applications_go_first_then_all_Clusters_then_the_proof()
    {
        using RemovalWorld world = new();
        Task<List<Outcome<CapiRemovalResult>>> run = world.RunAsync();

        RemovalProgress waiting = await world.ReachAsync(progress => progress.HelmChartProxies == 1);
        (waiting.Stage, waiting.HelmReleaseProxies, waiting.Clusters, waiting.Machines).ShouldBe(("Uninstalling applications", 2, 2, 3));
        world.Deletions.ShouldBe(AllDeletions[..1]);
        world.Api.Remove(ObjectJson.HelmReleaseProxy("nginx", "dev"));
        world.Api.Remove(ObjectJson.HelmReleaseProxy("nginx", "k0s"));
        await world.ReachAsync(progress => progress.HelmReleaseProxies == 0);
        world.Deletions.ShouldBe(AllDeletions[..1], "the HelmChartProxy itself is still there");
        world.Api.Remove(RemovalWorld.Proxy);
        await world.ReachAsync(progress => progress.Stage == "Removing clusters");
        world.Deletions.ShouldBe(AllDeletions);
        world.Release(RemovalWorld.K0s);
        await world.ReachAsync(progress => progress is { Clusters: 1, Machines: 2 });
        world.Clock.Advance(TimeSpan.FromSeconds(90));
        world.Release(RemovalWorld.Dev);

        List<Outcome<CapiRemovalResult>> outcomes = await run.InTime();
        outcomes.ShouldAllBe(outcome => outcome.Problem == null);
        outcomes.Select(outcome => $"{outcome.Value!.Subject} {outcome.Value} {outcome.Value.IsRemoved} {outcome.Value.IsIntact}")
            .ShouldBe(["Cluster default/k0s True ", "Cluster default/dev True ", $"ManagementCluster {outcomes[2].Value} {""} True"]);
        outcomes[1].Value!.Removed.ShouldBe(new Dictionary<string, int> { ["Cluster"] = 1, ["HelmReleaseProxy"] = 1, ["Machine"] = 2, ["MachineDeployment"] = 1 }, ignoreOrder: true);
        outcomes.ShouldAllBe(outcome => outcome.Value!.Remaining.Count == 0 && outcome.Value.StartedAt == world.Clock.Start);
        outcomes[1].Value!.Duration.ShouldBe(TimeSpan.FromSeconds(90));
        world.Api.OpenWatches.ShouldBe(0);
    }

    [Fact]
    public async Task Every_deletion_names_the_identity_and_nothing_else_is_written()
    {
        using RemovalWorld world = new();
        world.PlayControllers();

        await world.RunAsync().InTime();

        world.Api.Made("delete").Select(request => request.Uid).ShouldBe(["uid-of-nginx", "uid-of-dev", "uid-of-k0s"]);
        world.Api.Made("delete").ShouldAllBe(request => !request.DryRun);
        world.Api.Requests.Where(request => request.Type?.Plural != "selfsubjectaccessreviews").Select(request => request.Verb).Distinct().Order(StringComparer.Ordinal).ShouldBe(["delete", "discover", "get", "list", "version", "watch"]);
    }

    [Fact]
    public async Task Nothing_is_deleted_before_all_watches_have_told_what_is_there()
    {
        using RemovalWorld world = new();
        CapiRemovalPlan plan = await world.PlanAsync();
        Task held = world.Api.Hold("watch", "machines");

        Task<List<Outcome<CapiRemovalResult>>> run = world.RunAsync(plan, TimeSpan.FromSeconds(30));
        await held.InTime();
        world.Clock.Advance(TimeSpan.FromSeconds(30));
        List<Outcome<CapiRemovalResult>> outcomes = await run.InTime();

        world.Deletions.ShouldBeEmpty();
        outcomes.Where(outcome => outcome.Problem is not null).ShouldAllBe(outcome => outcome.Problem!.Id == ProblemId.RemovalTimeout && outcome.Problem.Message.Contains("not told"));
        CapiRemovalResult[] results = [.. outcomes.Select(outcome => outcome.Value).OfType<CapiRemovalResult>()];
        results.Select(result => result.IsRemoved).ShouldBe([false, false, null], "what nobody has seen is not gone");
        Names(results[0].Remaining).ShouldContain("Cluster default/dev");
        Names(results[0].Remaining).ShouldContain("Machine default/dev-cp");
    }

    [Fact]
    public async Task One_that_takes_the_name_at_the_last_moment_stays()
    {
        using RemovalWorld world = new();
        world.PlayControllers();
        world.Api.Asked = request =>
        {
            if (request is { Verb: "delete", Name: "dev" })
            {
                world.Release(RemovalWorld.Dev);
                world.Api.Add(RemovalWorld.Dev.Copy().Metadata("uid", "uid-of-another"));
            }
        };

        List<Outcome<CapiRemovalResult>> outcomes = await world.RunAsync().InTime();

        outcomes.Select(outcome => outcome.Value.ShouldNotBeNull().IsRemoved).ShouldBe([true, true, null], "the one that was meant is gone");
        world.Api.Of("Cluster").ShouldHaveSingleItem().Uid.ShouldBe("uid-of-another");
    }

    [Fact]
    public async Task A_Cluster_that_is_refused_keeps_no_other_and_has_its_result()
    {
        using RemovalWorld world = new();
        world.PlayControllers();
        world.Api.Refuse("delete", "clusters", 403, times: 1);

        List<Outcome<CapiRemovalResult>> outcomes = await world.RunAsync().InTime();

        CapiProblem problem = outcomes.Select(outcome => outcome.Problem).OfType<CapiProblem>().ShouldHaveSingleItem();
        (problem.Id, problem.Target).ShouldBe((ProblemId.ApiForbidden, "default/dev"));
        outcomes.Select(outcome => outcome.Value).OfType<CapiRemovalResult>().Select(result => $"{result.Namespace}/{result.Name} {result.IsRemoved}")
            .ShouldBe(["default/dev False", "default/k0s True", $"/{outcomes[^1].Value!.Name} "]);
        Names(outcomes[1].Value!.Remaining).ShouldBe(["Cluster default/dev", "MachineDeployment default/dev-md", "Machine default/dev-cp", "Machine default/dev-md-1"], ignoreOrder: true);
    }

    [Fact]
    public async Task An_application_that_is_refused_ends_it_before_any_Cluster_goes()
    {
        using RemovalWorld world = new();
        world.Api.Refuse("delete", "helmchartproxies", 403);

        (await Should.ThrowAsync<CapiProblemException>(() => world.RunAsync().InTime())).Problem.Id.ShouldBe(ProblemId.ApiForbidden);

        world.Deletions.ShouldBe(AllDeletions[..1]);
        world.Api.OpenWatches.ShouldBe(0);
    }

    [Fact]
    public async Task A_plan_of_another_management_cluster_is_refused_before_anything_is_written()
    {
        using RemovalWorld world = new();
        CapiRemovalPlan plan = await world.PlanAsync();

        CapiProblem problem = (await Should.ThrowAsync<CapiProblemException>(() => world.RunAsync(plan with { ManagementClusterId = "another" }))).Problem;

        problem.Id.ShouldBe(ProblemId.WrongManagementCluster);
        world.Deletions.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_time_out_while_applications_go_leaves_the_Clusters_alone_and_lists_what_is_left()
    {
        using RemovalWorld world = new();
        Task<List<Outcome<CapiRemovalResult>>> run = world.RunAsync(timeout: TimeSpan.FromSeconds(60));
        await world.ReachAsync(progress => progress.HelmChartProxies == 1);
        world.Api.Update(ObjectJson.HelmReleaseProxy("nginx", "dev").Condition("Ready", "False", "GetKubeconfigFailed", "no kubeconfig\nfor dev"));
        (await world.ReachAsync(progress => progress.Waiting is not null)).Waiting.ShouldBe("default/nginx-dev: no kubeconfig for dev");

        world.Clock.Advance(TimeSpan.FromSeconds(60));
        List<Outcome<CapiRemovalResult>> outcomes = await run.InTime();

        world.Deletions.ShouldBe(AllDeletions[..1]);
        CapiProblem[] problems = [.. outcomes.Select(outcome => outcome.Problem).OfType<CapiProblem>()];
        problems.Select(problem => (problem.Id, problem.Category, problem.Target))
            .ShouldBe([(ProblemId.RemovalTimeout, CapiProblemCategory.OperationTimeout, "default/dev"), (ProblemId.RemovalTimeout, CapiProblemCategory.OperationTimeout, "default/k0s")]);
        foreach (string left in (string[])["60 s", "HelmChartProxy default/nginx", "HelmReleaseProxy default/nginx-dev", "HelmReleaseProxy default/nginx-k0s", "no kubeconfig for dev"])
        {
            problems[0].Message.ShouldContain(left);
        }

        outcomes.Select(outcome => outcome.Value).OfType<CapiRemovalResult>().Select(result => result.IsRemoved).ShouldBe([false, false, null]);
    }

    [Fact]
    public async Task A_time_out_where_only_applications_were_to_go_is_a_problem_too()
    {
        using RemovalWorld world = new();
        world.Release(RemovalWorld.Dev);
        world.Release(RemovalWorld.K0s);
        Task<List<Outcome<CapiRemovalResult>>> run = world.RunAsync(timeout: TimeSpan.FromSeconds(60));
        await world.ReachAsync(progress => progress is { HelmChartProxies: 1, Clusters: 0 });

        world.Clock.Advance(TimeSpan.FromSeconds(60));
        List<Outcome<CapiRemovalResult>> outcomes = await run.InTime();

        CapiProblem problem = outcomes[0].Problem.ShouldNotBeNull();
        (problem.Id, problem.Target).ShouldBe((ProblemId.RemovalTimeout, "default/nginx"));
        problem.Message.ShouldContain("HelmReleaseProxy default/nginx-dev");
        outcomes[^1].Value.ShouldNotBeNull().Subject.ShouldBe(CapiRemovalSubject.ManagementCluster);
    }

    [Fact]
    public async Task A_time_out_of_one_Cluster_does_not_hide_that_another_went()
    {
        using RemovalWorld world = new();
        world.Api.Deleted = deleted =>
        {
            if (deleted.Name != "dev")
            {
                world.Release(deleted);
            }
        };
        Task<List<Outcome<CapiRemovalResult>>> run = world.RunAsync(timeout: TimeSpan.FromSeconds(60));
        await world.ReachAsync(progress => progress is { Stage: "Removing clusters", Clusters: 1 });
        world.Api.Remove(ObjectJson.Machine("dev-md-1", "dev"));
        world.Api.Update(RemovalWorld.Dev.Copy().Metadata("deletionTimestamp", ObjectJson.CreatedAt).Condition("Deleting", "True", "WaitingForControlPlaneDeletion", "* Control plane: dev-cp"));
        await world.ReachAsync(progress => progress.Machines == 1 && progress.Waiting is not null);
        await world.ReachResultAsync("k0s");

        world.Clock.Advance(TimeSpan.FromSeconds(60));
        List<Outcome<CapiRemovalResult>> outcomes = await run.InTime();

        CapiProblem problem = outcomes.Select(outcome => outcome.Problem).OfType<CapiProblem>().ShouldHaveSingleItem();
        problem.Target.ShouldBe("default/dev");
        problem.Message.ShouldContain("Machine default/dev-cp");
        problem.Message.ShouldContain("* Control plane: dev-cp");
        CapiRemovalResult[] results = [.. outcomes.Select(outcome => outcome.Value).OfType<CapiRemovalResult>()];
        results[..2].Select(result => $"{result.Name} {result.IsRemoved}").ShouldBe(["k0s True", "dev False"]);
        results[1].Removed["Machine"].ShouldBe(1);
        Names(results[1].Remaining).ShouldBe(["Cluster default/dev", "MachineDeployment default/dev-md", "Machine default/dev-cp"], ignoreOrder: true);
    }

    [Fact]
    public async Task Cancelling_before_any_answer_writes_no_more_and_the_next_run_ends_it()
    {
        int requests = await CountRequestsAsync();
        for (int cancelAt = 1; cancelAt <= requests; cancelAt++)
        {
            using RemovalWorld world = new();
            CapiRemovalPlan plan = await world.PlanAsync();
            world.PlayControllers();
            using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
            int asked = 0;
            int written = 0;
            int last = cancelAt;
            world.Api.Asked = request =>
            {
                if (Interlocked.Increment(ref asked) == last)
                {
                    written = world.Deletions.Count();
                    cancel.Cancel();
                }
            };

            await Should.ThrowAsync<OperationCanceledException>(() => world.RunAsync(plan, token: cancel.Token).InTime(), $"cancelled at request {cancelAt}");
            world.Deletions.Count().ShouldBe(written, $"cancelled at request {cancelAt}");
            world.Api.OpenWatches.ShouldBe(0);
            world.Api.Asked = null;
            List<Outcome<CapiRemovalResult>> outcomes = await world.RunAsync().InTime();

            outcomes.ShouldAllBe(outcome => outcome.Problem == null && outcome.Value!.IsRemoved != false);
            world.Api.Of("Cluster").ShouldBeEmpty();
            world.Deletions.Distinct().ShouldBe(AllDeletions);
        }
    }

    [Fact]
    public async Task A_second_run_asks_for_nothing_twice_and_goes_on_with_the_wait()
    {
        using RemovalWorld world = new();
        using (CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(Token))
        {
            Task<List<Outcome<CapiRemovalResult>>> first = world.RunAsync(token: cancel.Token);
            await world.ReachAsync(progress => progress.HelmChartProxies == 1);
            await cancel.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => first.InTime());
        }

        CapiRemovalPlan plan = await world.PlanAsync();
        plan.Items.Where(item => item.IsDeleting).Select(item => item.ToString()).ShouldBe(["HelmChartProxy default/nginx"]);
        Task<List<Outcome<CapiRemovalResult>>> second = world.RunAsync(plan);
        await world.ReachAsync(progress => progress.HelmChartProxies == 1);
        world.Deletions.ShouldBe(AllDeletions[..1]);
        world.PlayControllers();
        world.Release(RemovalWorld.Proxy);

        (await second.InTime()).ShouldAllBe(outcome => outcome.Problem == null);
        world.Deletions.ShouldBe(AllDeletions);
    }

    [Fact]
    public async Task Two_runs_at_once_end_both()
    {
        using RemovalWorld world = new();
        CapiRemovalPlan plan = await world.PlanAsync();
        Task<List<Outcome<CapiRemovalResult>>>[] runs = [world.RunAsync(plan), world.RunAsync(plan)];
        await world.ReachAsync(progress => progress.HelmChartProxies == 1);
        world.PlayControllers();
        world.Release(RemovalWorld.Proxy);

        foreach (List<Outcome<CapiRemovalResult>> outcomes in await Task.WhenAll(runs).InTime())
        {
            outcomes.Count.ShouldBe(3);
            outcomes.ShouldAllBe(outcome => outcome.Problem == null && outcome.Value!.IsRemoved != false && outcome.Value.IsIntact != false);
        }

        world.Api.Made("delete").ShouldAllBe(request => request.Uid == "uid-of-" + request.Name);
    }

    [Fact]
    public async Task One_that_is_gone_when_its_deletion_arrives_is_gone()
    {
        using RemovalWorld world = new();
        world.PlayControllers();
        world.Api.Asked = request =>
        {
            if (request is { Verb: "delete", Name: "dev" })
            {
                world.Release(RemovalWorld.Dev);
            }
        };

        (await world.RunAsync().InTime()).ShouldAllBe(outcome => outcome.Problem == null && outcome.Value!.IsRemoved != false);
    }

    [Fact]
    public async Task A_watch_that_fails_in_the_middle_ends_it_with_its_problem()
    {
        using RemovalWorld world = new();
        Task<List<Outcome<CapiRemovalResult>>> run = world.RunAsync();
        await world.ReachAsync(progress => progress.HelmChartProxies == 1);

        CapiProblem expected = new(ProblemId.ApiForbidden, CapiProblemCategory.PermissionDenied, "the right was taken away", "ask for it");
        world.Api.BreakWatches(expected.ToException());

        (await Should.ThrowAsync<CapiProblemException>(() => run.InTime())).Problem.ShouldBe(expected);
        world.Api.OpenWatches.ShouldBe(0);
    }

    [Fact]
    public async Task An_empty_world_has_only_its_management_cluster_to_tell_of()
    {
        using RemovalWorld world = new();

        List<Outcome<CapiRemovalResult>> outcomes = await world.RunAsync(await world.PlanAsync(new() { Namespace = "empty" })).InTime();

        outcomes.ShouldHaveSingleItem().Value.ShouldNotBeNull().IsIntact.ShouldBe(true);
        world.Deletions.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true, "Container dev-lb")]
    [InlineData(false, "")]
    public async Task A_load_balancer_is_told_where_it_did_not_go_with_its_owner(bool isLeft, string left)
    {
        using RemovalWorld world = new(ObjectJson.Of("infrastructure.cluster.x-k8s.io/v1beta2", "DockerCluster", "dev").Label("cluster.x-k8s.io/cluster-name", "dev").Owner(RemovalWorld.Dev));
        FakeContainer balancer = world.Engine.Run("dev-lb", "dev", "external-load-balancer");
        world.Engine.Run("k0s-lb", "k0s", "external-load-balancer");
        world.Engine.Run("kind-control-plane", "kind", "control-plane");
        CapiRemovalPlan plan = await world.PlanOfAsync(new() { IncludeContainers = true });
        world.Api.Deleted = deleted =>
        {
            if (deleted.Json["kind"]!.GetValue<string>() == "Cluster" && deleted.Name == "dev")
            {
                foreach (ObjectJson infrastructure in world.Api.Of("DockerCluster"))
                {
                    world.Api.Remove(infrastructure);
                }

                if (!isLeft)
                {
                    world.Engine.Remove(balancer);
                }
            }

            world.Release(deleted);
        };
        List<Outcome<CapiRemovalResult>> outcomes = await world.RunAsync(plan).InTime();

        CapiRemovalItem item = plan.Items.Single(item => item.Kind == "Container");
        (item.Name, item.Id, item.Action, item.Owner).ShouldBe(("dev-lb", balancer.Id, CapiRemovalAction.FollowsOwner, "DockerCluster/dev"));
        CapiRemovalResult dev = outcomes.Single(outcome => outcome.Value!.Name == "dev").Value!;
        (dev.IsRemoved, string.Join(' ', Names(dev.Leftovers))).ShouldBe((!isLeft, left));
        outcomes.Single(outcome => outcome.Value!.Name == "k0s").Value!.IsRemoved.ShouldBe(true, "what bears its label alone is not its own");
        world.Engine.Removed.ShouldBeEmpty("a load balancer is its DockerCluster's to remove");
    }

    [Fact]
    public async Task Containers_of_a_namesake_elsewhere_are_not_told()
    {
        using RemovalWorld world = new(ObjectJson.Cluster("dev", "team-a").Metadata("uid", "uid-of-another"), ObjectJson.Cluster("dev", "team-b").Metadata("uid", "uid-of-a-third").Finalizer("mine"));
        world.Engine.Run("dev-md-1", "dev", "worker");
        CapiRemovalPlan plan = await world.PlanAsync(new() { AllNamespaces = true });
        world.Api.Deleted = deleted =>
        {
            if (deleted.Namespace == "default")
            {
                world.Release(deleted);
            }
        };
        Task<List<Outcome<CapiRemovalResult>>> run = world.RunAsync(plan, TimeSpan.FromSeconds(60));
        await world.ReachAsync(progress => progress is { Stage: "Removing clusters", Clusters: 1 });
        world.Clock.Advance(TimeSpan.FromSeconds(60));

        List<Outcome<CapiRemovalResult>> outcomes = await run.InTime();

        outcomes.Select(outcome => outcome.Value).OfType<CapiRemovalResult>().Single(result => result.ToString() == "default/dev").IsRemoved.ShouldBe(true);
    }

    [Fact]
    public async Task An_engine_that_cannot_be_opened_leaves_the_objects_as_the_proof()
    {
        using RemovalWorld world = new();
        world.PlayControllers();
        CapiProblem closed = new(ProblemId.EngineNotFound, CapiProblemCategory.ConnectionError, "no engine", "start one");
        List<Outcome<CapiRemovalResult>> outcomes = [];
        await foreach (Outcome<CapiRemovalResult> outcome in world.Cluster.CreateRemoval(await world.PlanAsync(), () => throw closed.ToException()).RunAsync(RemovalWorld.Patience, null, Token))
        {
            outcomes.Add(outcome);
        }

        outcomes.Select(outcome => outcome.Value.ShouldNotBeNull().IsRemoved).ShouldBe([true, true, null]);
    }

    [Theory]
    [InlineData("node", "Nodes: 1 before, 0 now")]
    [InlineData("provider", "not available now")]
    [InlineData("version", "version v1.15.0 now")]
    [InlineData("kind", "DockerMachine (infrastructure.cluster.x-k8s.io/v1beta2) is not served any more")]
    [InlineData("webhook", "ValidatingWebhookConfiguration capi-validating is missing")]
    public async Task A_management_cluster_that_changed_is_not_intact(string what, string told)
    {
        ObjectJson webhook = ObjectJson.Of("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "capi-validating", null).Label("cluster.x-k8s.io/provider", "cluster-api");
        using RemovalWorld world = new(webhook);
        CapiRemovalPlan plan = await world.PlanAsync();
        world.Api.Deleted = deleted =>
        {
            world.Release(deleted);
            switch (what)
            {
                case "node": world.Api.Remove(ObjectJson.Node("cp")); break;
                case "provider": world.Api.Update(ObjectJson.Deployment("capi-controller-manager", "capi-system", "cluster-api", "controller:v1.14.0", "False")); break;
                case "kind": world.Api.Serve([.. FakeKubernetesApi.Core("v1beta2", "v1beta1"), .. FakeKubernetesApi.Addons, FakeKubernetesApi.Inventory, FakeKubernetesApi.K0smotronCluster]); break;
                case "webhook": world.Api.Remove(webhook); break;
                default: world.Api.Update(ObjectJson.Provider("cluster-api", "capi-system", "cluster-api", "CoreProvider", "v1.15.0")); break;
            }
        };

        CapiRemovalResult management = (await world.RunAsync(plan).InTime())[^1].Value.ShouldNotBeNull();

        management.IsIntact.ShouldBe(false);
        management.Differences.ShouldContain(difference => difference.EndsWith(told, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Names(IEnumerable<CapiRemainingObject> items) => items.Select(item => item.ToString());

    private static async Task<int> CountRequestsAsync()
    {
        using RemovalWorld world = new();
        CapiRemovalPlan plan = await world.PlanAsync();
        int before = world.Api.Requests.Count;
        world.PlayControllers();
        await world.RunAsync(plan).InTime();
        return world.Api.Requests.Count - before;
    }
}
