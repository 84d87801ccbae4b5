using System.Globalization;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Operations.Wire;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Removal;

/// <summary>What a removal does with plans that hold more than deletions, and with worlds that do not do what they should.</summary>
public sealed class RemovalRunTests
{
    private const string Protected = "capiworkshop.io/protected";
    private static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(30);

    private static readonly ObjectJson SharedCluster = ObjectJson.Cluster("dev").Finalizer("cluster.cluster.x-k8s.io").Label("apps", "nginx");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_shared_application_leaves_a_Cluster_by_its_label_and_is_waited_for()
    {
        using RemovalWorld world = Shared();
        CapiRemovalPlan plan = await SharedPlanAsync(world);
        TaskCompletionSource unlabelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        world.Api.Patched = _ => unlabelled.SetResult();
        world.Api.Deleted = world.Release;

        Task<List<Outcome<CapiRemovalResult>>> run = world.RunAsync(plan);
        await unlabelled.Task.InTime();
        world.Deletions.ShouldBeEmpty("its release is still there");
        world.Api.Remove(ObjectJson.HelmReleaseProxy("nginx", "dev"));
        List<Outcome<CapiRemovalResult>> outcomes = await run.InTime();

        outcomes.ShouldAllBe(outcome => outcome.Problem == null);
        world.Deletions.ShouldBe(["Cluster default/dev"]);
        FakeRequest patch = world.Api.Made("patch").ShouldHaveSingleItem();
        patch.Body.ShouldBe("""[{"op":"test","path":"/metadata/uid","value":"uid-of-dev"},{"op":"test","path":"/metadata/labels/apps","value":"nginx"},{"op":"remove","path":"/metadata/labels/apps"}]""");
        world.Api.Of("HelmChartProxy").Count.ShouldBe(1);
        world.Api.Of("HelmReleaseProxy").ShouldHaveSingleItem().Name.ShouldBe("nginx-k0s");
    }

    [Fact]
    public async Task A_label_that_an_earlier_run_has_taken_off_is_not_asked_for_again()
    {
        using RemovalWorld world = Shared();
        CapiRemovalPlan plan = await SharedPlanAsync(world);
        world.Api.Update(RemovalWorld.Dev);
        world.Api.Remove(ObjectJson.HelmReleaseProxy("nginx", "dev"));
        world.PlayControllers();

        await world.RunAsync(plan).InTime();

        world.Api.Made("patch").ShouldBeEmpty();
        world.Deletions.ShouldBe(["Cluster default/dev"]);
    }

    [Fact]
    public async Task What_installs_once_is_not_waited_for()
    {
        using RemovalWorld world = new();
        world.Api.Update(RemovalWorld.Proxy.Copy().Spec("reconcileStrategy", "InstallOnce"));
        CapiRemovalPlan plan = await world.PlanAsync();
        world.Api.Deleted = deleted =>
        {
            if (deleted.Json["kind"]!.GetValue<string>() == "Cluster")
            {
                world.Release(deleted);
            }
        };

        Task<List<Outcome<CapiRemovalResult>>> run = world.RunAsync(plan);
        await world.ReachAsync(progress => progress.Clusters == 0);
        world.Release(RemovalWorld.Proxy);

        (await run.InTime()).ShouldAllBe(outcome => outcome.Problem == null && outcome.Value!.IsRemoved != false);
    }

    [Fact]
    public async Task What_is_paused_is_resumed_before_anything_else_where_the_plan_says_so()
    {
        using RemovalWorld world = new();
        world.Api.Update(RemovalWorld.Dev.Copy().Spec("paused", true));
        world.PlayControllers();

        await world.RunAsync(await world.PlanOfAsync(new() { Unpause = true })).InTime();

        world.Api.Requests.Where(request => request.Verb is "patch" or "delete").Select(request => $"{request.Verb} {request.Name}").ShouldBe(["patch dev", "delete nginx", "delete dev", "delete k0s"]);
        world.Api.Made("patch")[0].Body.ShouldBe("""{"metadata":{"uid":"uid-of-dev","annotations":{"cluster.x-k8s.io/paused":null}},"spec":{"paused":false}}""");
    }

    [Theory]
    [InlineData("replaced", "another one of the same name")]
    [InlineData("protected", "is protected now")]
    [InlineData("paused", "Cluster default/dev is paused now")]
    [InlineData("machine paused", "Machine default/dev-cp is paused now")]
    [InlineData("controller", "in namespace 'capi-system' is not available now")]
    [InlineData("newcomer", "HelmChartProxy default/nginx serves Cluster default/new now")]
    [InlineData("application", "HelmChartProxy default/later serves Cluster default/dev now")]
    public async Task A_plan_that_was_overtaken_is_refused_before_anything_is_written(string change, string told)
    {
        using RemovalWorld world = new();
        world.Api.Update(RemovalWorld.Proxy.Copy().Spec("clusterSelector", System.Text.Json.Nodes.JsonNode.Parse("{}")));
        CapiRemovalPlan plan = await world.PlanAsync();
        switch (change)
        {
            case "replaced":
                world.Api.Remove(RemovalWorld.Dev);
                world.Api.Add(RemovalWorld.Dev.Copy().Metadata("uid", "uid-of-another"));
                break;
            case "protected": world.Api.Update(RemovalWorld.Dev.Copy().Label(Protected, "true")); break;
            case "paused": world.Api.Update(RemovalWorld.Dev.Copy().Spec("paused", true)); break;
            case "machine paused": world.Api.Update(ObjectJson.Machine("dev-cp", "dev").Annotation("cluster.x-k8s.io/paused", "")); break;
            case "controller": world.Api.Update(ObjectJson.Deployment("capi-controller-manager", "capi-system", "cluster-api", "controller:v1.14.0", "False")); break;
            case "application": world.Api.Add(ObjectJson.HelmChartProxy("later").Spec("clusterSelector", System.Text.Json.Nodes.JsonNode.Parse("{}"))); break;
            default: world.Api.Add(ObjectJson.Cluster("new")); break;
        }

        (await world.Cluster.CreateRemoval(plan).FindChangesAsync(Token).InTime()).ShouldContain(sentence => sentence.Contains(told, StringComparison.Ordinal));
        CapiProblem problem = (await Should.ThrowAsync<CapiProblemException>(() => world.RunAsync(plan).InTime())).Problem;

        (problem.Id, problem.Category).ShouldBe((ProblemId.PlanOutdated, CapiProblemCategory.InvalidOperation));
        problem.Message.ShouldContain(told);
        world.Api.Requests.ShouldNotContain(request => request.Verb == "delete" || request.Verb == "patch");
        world.Api.OpenWatches.ShouldBe(0);
    }

    [Fact]
    public async Task A_label_with_another_value_than_was_planned_is_left_alone()
    {
        using RemovalWorld world = Shared();
        CapiRemovalPlan plan = await SharedPlanAsync(world);
        world.Api.Update(SharedCluster.Copy().Label("apps", "other"));

        (await Should.ThrowAsync<CapiProblemException>(() => world.RunAsync(plan).InTime())).Problem.Message.ShouldContain("has the label apps=other now");

        world.Api.Made("patch").ShouldBeEmpty();
    }

    [Fact]
    public async Task What_comes_to_a_planned_Cluster_meanwhile_overtakes_no_plan_and_is_waited_for()
    {
        using RemovalWorld world = new();
        CapiRemovalPlan plan = await world.PlanAsync();
        world.Api.Add(ObjectJson.Machine("dev-md-2", "dev"));
        world.PlayControllers();

        List<Outcome<CapiRemovalResult>> outcomes = await world.RunAsync(plan).InTime();

        outcomes.Single(outcome => outcome.Value!.Name == "dev").Value!.Removed["Machine"].ShouldBe(3);
    }

    [Fact]
    public async Task A_Cluster_that_makes_no_step_is_told_with_its_reasons_and_keeps_no_other()
    {
        using RemovalWorld world = new();
        world.Api.Update(ObjectJson.Machine("dev-md-1", "dev").Metadata("deletionTimestamp", ObjectJson.CreatedAt).Finalizer("machine.cluster.x-k8s.io").Condition("Deleting", "True", "DrainingNode", "Pods web: PDB"));
        world.Api.Deleted = deleted =>
        {
            if (deleted.Name == "dev")
            {
                world.Api.Update(deleted.Copy().Condition("Deleting", "True", "WaitingForWorkersDeletion", "dev-md-1"));
            }
            else
            {
                world.Release(deleted);
            }
        };
        Task<List<Outcome<CapiRemovalResult>>> run = world.RunAsync(timeout: TimeSpan.FromMinutes(5), stuckAfter: StuckAfter);
        await world.ReachAsync(progress => progress is { Stage: "Removing clusters", Clusters: 1, Machines: 2, Waiting: not null });
        int before = world.Api.Requests.Count;

        world.Clock.Advance(StuckAfter);
        RemovalProgress stuck = await world.ReachAsync(progress => progress.StuckReasons.Count > 0);
        int asked = world.Api.Requests.Count;
        CapiStuckReason reason = stuck.StuckReasons.ShouldHaveSingleItem();
        (reason.Id, reason.Subject).ShouldBe((StuckReasonId.Draining, "Machine default/dev-md-1"));
        reason.Message.ShouldContain("Pods web: PDB");
        (asked - before).ShouldBeInRange(1, 10);
        world.Clock.Advance(TimeSpan.FromMinutes(2));
        world.Api.Requests.Count.ShouldBe(asked, "nobody asks the same again while nothing changes");

        // A step makes it a Cluster like any other.
        world.Api.Remove(ObjectJson.Machine("dev-md-1", "dev"));
        (await world.ReachAsync(progress => progress.Machines == 1)).StuckReasons.ShouldBeEmpty();
        world.Clock.Advance(TimeSpan.FromMinutes(3));
        CapiRemovalResult[] results = [.. (await run.InTime()).Select(outcome => outcome.Value).OfType<CapiRemovalResult>()];
        results[..2].Select(result => $"{result.Name} {result.IsRemoved}").ShouldBe(["k0s True", "dev False"]);
        results[1].StuckReasons.ShouldHaveSingleItem().Subject.ShouldBe("Cluster default/dev");
    }

    [Fact]
    public async Task An_application_that_does_not_leave_one_Cluster_keeps_no_other_for_long()
    {
        using RemovalWorld world = new();
        CapiRemovalPlan plan = await world.PlanAsync();
        world.Api.Remove(ObjectJson.KubeConfig("dev", null));
        world.Api.Deleted = deleted =>
        {
            if (deleted.Json["kind"]!.GetValue<string>() == "Cluster")
            {
                world.Release(deleted);
            }
            else
            {
                world.Api.Remove(ObjectJson.HelmReleaseProxy("nginx", "k0s"));
                world.Api.Update(ObjectJson.HelmReleaseProxy("nginx", "dev").Metadata("deletionTimestamp", ObjectJson.CreatedAt).Finalizer("helmreleaseproxy.addons.cluster.x-k8s.io")
                    .Condition("ClusterAvailable", "False", "GetKubeconfigFailed", "secret not found"));
            }
        };
        Task<List<Outcome<CapiRemovalResult>>> run = world.RunAsync(plan, TimeSpan.FromMinutes(5), stuckAfter: StuckAfter);
        await world.ReachAsync(progress => progress.HelmReleaseProxies == 1);
        world.Deletions.ShouldBe(["HelmChartProxy default/nginx"]);

        world.Clock.Advance(StuckAfter);
        RemovalProgress stuck = await world.ReachAsync(progress => progress.Clusters == 1 && progress.StuckReasons.Count > 0);
        world.Deletions.ShouldBe(["HelmChartProxy default/nginx", "Cluster default/k0s"]);
        stuck.StuckReasons.ShouldHaveSingleItem().Id.ShouldBe(StuckReasonId.KubeConfigMissing);
        world.Clock.Advance(TimeSpan.FromMinutes(5));

        CapiRemovalResult dev = (await run.InTime()).Select(outcome => outcome.Value).OfType<CapiRemovalResult>().Single(result => result.Name == "dev");
        dev.Remaining.Select(item => item.ToString()).ShouldContain("HelmReleaseProxy default/nginx-dev");
        world.Deletions.ShouldNotContain("Cluster default/dev");
    }

    [Fact]
    public async Task Releases_of_a_Cluster_that_goes_already_keep_no_other()
    {
        using RemovalWorld world = new();
        world.Api.Update(RemovalWorld.Dev.Copy().Metadata("deletionTimestamp", ObjectJson.CreatedAt));
        world.Api.Deleted = deleted =>
        {
            if (deleted.Name == "k0s")
            {
                world.Release(deleted);
            }
            else
            {
                world.Api.Remove(ObjectJson.HelmReleaseProxy("nginx", "k0s"));
            }
        };
        Task<List<Outcome<CapiRemovalResult>>> run = world.RunAsync(stuckAfter: StuckAfter);

        await world.ReachAsync(progress => progress.HelmReleaseProxies == 1);
        world.Api.Remove(RemovalWorld.Proxy);
        await world.ReachAsync(progress => progress.Clusters == 1);
        world.Deletions.ShouldBe(["HelmChartProxy default/nginx", "Cluster default/k0s"]);
        world.Api.Remove(ObjectJson.HelmReleaseProxy("nginx", "dev"));
        world.Release(RemovalWorld.Dev);

        (await run.InTime()).ShouldAllBe(outcome => outcome.Problem == null && outcome.Value!.IsRemoved != false);
    }

    [Fact]
    public async Task Every_kind_of_the_plan_is_waited_for_and_one_that_may_not_be_watched_is_done_without()
    {
        ObjectJson container = ObjectJson.Of("infrastructure.cluster.x-k8s.io/v1beta2", "DockerMachine", "dev-md-1-infra").Label("cluster.x-k8s.io/cluster-name", "dev").Owner(ObjectJson.Machine("dev-md-1", "dev"));
        using RemovalWorld world = new(container);
        CapiRemovalPlan plan = await world.PlanAsync();
        world.PlayControllers();

        Task<List<Outcome<CapiRemovalResult>>> run = world.RunAsync(plan);
        await world.ReachAsync(progress => progress.Clusters == 0);
        run.IsCompleted.ShouldBeFalse("its infrastructure is still there");
        world.Api.Remove(container);
        CapiRemovalResult dev = (await run.InTime()).Select(outcome => outcome.Value).OfType<CapiRemovalResult>().Single(result => result.Name == "dev");
        dev.Removed["DockerMachine"].ShouldBe(1);
        dev.Stages.Select(stage => stage.Stage).ShouldBe([CapiRemovalStage.Applications, CapiRemovalStage.Workers, CapiRemovalStage.Cluster]);
        dev.Stages.ShouldAllBe(stage => stage.EndedAt >= stage.StartedAt);

        using RemovalWorld other = new(container);
        other.Api.Refuse("watch", "dockermachines", 403);
        other.PlayControllers();
        List<Outcome<CapiRemovalResult>> outcomes = await other.RunAsync().InTime();
        outcomes.ShouldAllBe(outcome => outcome.Problem == null);
        outcomes[^1].Value!.Warnings.ShouldHaveSingleItem().ShouldContain("dockermachines");
    }

    [Fact]
    public async Task What_was_left_by_Clusters_that_went_before_is_taken_or_told()
    {
        ObjectJson asked = Claim("asked"), kept = Claim("kept");
        using RemovalWorld world = new(asked, kept);
        CapiRemovalPlan plan = await world.PlanAsync();
        plan = plan with { Items = [.. plan.Items, Leftover(asked, CapiRemovalAction.DeleteIfLeft) with { Cluster = "former" }, Leftover(kept, CapiRemovalAction.Stays) with { Cluster = "earlier" }] };
        world.PlayControllers();

        List<Outcome<CapiRemovalResult>> outcomes = await world.RunAsync(plan).InTime();

        CapiRemovalResult former = outcomes.Single(outcome => outcome.Value!.Name == "former").Value!, earlier = outcomes.Single(outcome => outcome.Value!.Name == "earlier").Value!;
        (former.IsRemoved, former.Removed["PersistentVolumeClaim"], former.Leftovers.Count).ShouldBe((true, 1, 0));
        (earlier.Removed.Count, earlier.Leftovers.ShouldHaveSingleItem().Name).ShouldBe((0, "kept"));
        world.Api.Of("PersistentVolumeClaim").ShouldHaveSingleItem().Uid.ShouldBe("uid-of-kept");
        outcomes[^1].Value!.Removed["HelmChartProxy"].ShouldBe(1);
    }

    [Fact]
    public async Task What_another_Cluster_of_the_name_may_use_by_now_stays()
    {
        ObjectJson claim = Claim("data");
        using RemovalWorld world = new(claim, ObjectJson.Cluster("former", "elsewhere"));
        CapiRemovalPlan plan = await world.PlanAsync();
        plan = plan with { Items = [.. plan.Items, Leftover(claim, CapiRemovalAction.DeleteIfLeft) with { Cluster = "former" }] };
        world.Api.Add(ObjectJson.Cluster("former"));
        world.PlayControllers();

        List<Outcome<CapiRemovalResult>> outcomes = await world.RunAsync(plan).InTime();

        outcomes.Single(outcome => outcome.Value!.Name == "former").Value!.Leftovers.ShouldHaveSingleItem().Reason!.ShouldContain("Another Cluster");
        world.Deletions.ShouldNotContain("PersistentVolumeClaim default/data");
    }

    [Fact]
    public async Task A_leftover_whose_finalizer_nobody_serves_is_told_and_not_counted()
    {
        ObjectJson claim = Claim("data").Finalizer("infrastructure.example/held"), used = Claim("used").Finalizer("kubernetes.io/pvc-protection");
        using RemovalWorld world = new(claim, used);
        CapiRemovalPlan plan = await world.PlanAsync();
        plan = plan with { Items = [.. plan.Items, Leftover(claim, CapiRemovalAction.DeleteIfLeft), Leftover(used, CapiRemovalAction.DeleteIfLeft)] };
        world.PlayControllers();

        CapiRemovalResult dev = (await world.RunAsync(plan).InTime()).Single(outcome => outcome.Value!.Name == "dev").Value!;

        CapiRemainingObject left = dev.Leftovers.ShouldHaveSingleItem();
        (left.Name, left.IsDeleting, left.Finalizers.ShouldHaveSingleItem()).ShouldBe(("data", true, "infrastructure.example/held"));
        dev.Removed["PersistentVolumeClaim"].ShouldBe(1);
    }

    [Fact]
    public async Task Containers_of_a_namesake_in_another_namespace_are_not_touched()
    {
        using RemovalWorld world = new();
        FakeContainer foreign = world.Engine.Run("dev-md-9", "dev", "worker");
        CapiRemovalPlan plan = await world.PlanAsync();
        plan = plan with
        {
            Items =
            [
                .. plan.Items,
                new() { Stage = CapiRemovalStage.Leftovers, Action = CapiRemovalAction.DeleteIfLeft, Kind = "Container", Name = "dev-md-9", Cluster = "dev", OwnerNamespace = "elsewhere", Id = foreign.Id, Engine = world.Engine.Endpoint.Address },
            ],
        };
        world.PlayControllers();

        await world.RunAsync(plan).InTime();

        world.Engine.Removed.ShouldBeEmpty();
    }

    [Fact]
    public async Task Leftovers_that_went_with_their_owner_are_not_asked_for()
    {
        ObjectJson claim = Claim("data");
        using RemovalWorld world = new(claim);
        CapiRemovalPlan plan = await world.PlanAsync();
        plan = plan with { Items = [.. plan.Items, Leftover(claim, CapiRemovalAction.DeleteIfLeft)] };
        world.Api.Remove(claim);
        world.PlayControllers();

        (await world.RunAsync(plan).InTime()).ShouldAllBe(outcome => outcome.Problem == null && outcome.Value!.Warnings.Count == 0);

        world.Deletions.ShouldNotContain("PersistentVolumeClaim default/data");
    }

    [Fact]
    public async Task Leftovers_are_told_and_those_that_were_asked_for_go_by_their_identity()
    {
        ObjectJson kept = Claim("kept"), asked = Claim("asked"), renewed = Claim("renewed");
        using RemovalWorld world = new(kept, asked, renewed);
        FakeContainer machine = world.Engine.Run("dev-md-1", "dev", "worker"), foreign = world.Engine.Run("dev-control-plane", "dev", "control-plane");
        CapiRemovalPlan plan = await world.PlanAsync();
        plan = plan with
        {
            Items =
            [
                .. plan.Items,
                Leftover(kept, CapiRemovalAction.Stays), Leftover(asked, CapiRemovalAction.DeleteIfLeft), Leftover(renewed, CapiRemovalAction.DeleteIfLeft),
                new() { Stage = CapiRemovalStage.Leftovers, Action = CapiRemovalAction.DeleteIfLeft, Kind = "Container", Name = "dev-md-1", Cluster = "dev", Id = machine.Id, Engine = world.Engine.Endpoint.Address },
            ],
        };
        world.Api.Update(renewed.Copy().Metadata("uid", "uid-of-another"));
        world.PlayControllers();

        List<Outcome<CapiRemovalResult>> outcomes = await world.RunAsync(plan).InTime();

        CapiRemovalResult dev = outcomes.Single(outcome => outcome.Value!.Name == "dev").Value!;
        dev.Leftovers.Select(item => item.ToString()).ShouldBe(["PersistentVolumeClaim default/kept"]);
        (dev.IsRemoved, dev.Removed["PersistentVolumeClaim"], dev.Removed["Container"]).ShouldBe((true, 1, 1));
        world.Api.Of("PersistentVolumeClaim").Select(claim => claim.Uid).ShouldBe(["uid-of-kept", "uid-of-another"], ignoreOrder: true);
        world.Engine.Removed.ShouldBe([machine.Id]);
        (await world.Engine.ListAsync([], Token)).ShouldHaveSingleItem().Id.ShouldBe(foreign.Id);
    }

    [Fact]
    public async Task A_container_of_another_engine_is_not_removed()
    {
        using RemovalWorld world = new();
        FakeContainer machine = world.Engine.Run("dev-md-1", "dev", "worker");
        CapiRemovalPlan plan = await world.PlanAsync();
        plan = plan with { Items = [.. plan.Items, new() { Stage = CapiRemovalStage.Leftovers, Action = CapiRemovalAction.DeleteIfLeft, Kind = "Container", Name = "dev-md-1", Cluster = "dev", Id = machine.Id, Engine = "unix:///another.sock" }] };
        world.PlayControllers();

        List<Outcome<CapiRemovalResult>> outcomes = await world.RunAsync(plan).InTime();

        CapiRemovalResult dev = outcomes.Single(outcome => outcome.Value!.Name == "dev").Value!;
        (dev.IsRemoved, dev.Leftovers.ShouldHaveSingleItem().Id).ShouldBe((false, machine.Id));
        world.Engine.Removed.ShouldBeEmpty();
    }

    [Fact]
    public async Task Interrupted_before_any_answer_the_next_run_of_the_same_plan_does_the_rest_and_nothing_twice()
    {
        int requests = await RunFullAsync(0);
        requests.ShouldBeGreaterThan(20);
        for (int cancelAt = 1; cancelAt <= requests; cancelAt++)
        {
            await RunFullAsync(cancelAt);
        }
    }

    [Fact]
    public async Task Requests_grow_with_what_is_removed_and_not_with_how_long_it_takes()
    {
        List<int> made = [];
        foreach ((int clusters, int changes) in ((int, int)[])[(1, 0), (1, 200), (20, 0)])
        {
            using RemovalWorld world = new([.. Fleet(clusters)]);
            CapiRemovalPlan plan = await world.PlanAsync(new() { Namespace = "fleet" });
            int before = world.Api.Requests.Count;
            world.Api.Deleted = deleted =>
            {
                foreach (int change in Enumerable.Range(0, deleted.Name == "fleet-0" ? changes : 0))
                {
                    world.Api.Update(ObjectJson.Machine("fleet-0-0", "fleet-0", "fleet").Condition("Ready", "False", "Step" + change.ToString(CultureInfo.InvariantCulture)));
                }

                world.Release(deleted);
            };

            (await world.RunAsync(plan).InTime()).Count.ShouldBe(clusters + 1);
            made.Add(world.Api.Requests.Count - before);
        }

        made[1].ShouldBe(made[0]);
        (made[2] - made[0]).ShouldBe(19, "one deletion for each more");
    }

    private static IEnumerable<ObjectJson> Fleet(int clusters) =>
        from cluster in Enumerable.Range(0, clusters).Select(i => $"fleet-{i}")
        from item in Enumerable.Range(0, 20).Select(i => ObjectJson.Machine($"{cluster}-{i}", cluster, "fleet")).Prepend(ObjectJson.Cluster(cluster, "fleet").Finalizer("cluster.cluster.x-k8s.io"))
        select item;

    /// <summary>Everything a run can do, stopped before the answer to a request; then run again to its end. Returns how many requests the run took that was not stopped.</summary>
    private static async Task<int> RunFullAsync(int cancelAt)
    {
        ObjectJson claim = Claim("data");
        using RemovalWorld world = Shared(claim);
        FakeContainer machine = world.Engine.Run("dev-md-1", "dev", "worker");
        CapiRemovalPlan plan = await SharedPlanAsync(world);
        plan = plan with
        {
            Items =
            [
                .. plan.Items, Leftover(claim, CapiRemovalAction.DeleteIfLeft),
                new() { Stage = CapiRemovalStage.Leftovers, Action = CapiRemovalAction.DeleteIfLeft, Kind = "Container", Name = "dev-md-1", Cluster = "dev", Id = machine.Id, Engine = world.Engine.Endpoint.Address },
            ],
        };
        world.Api.Patched = _ => world.Api.Remove(ObjectJson.HelmReleaseProxy("nginx", "dev"));
        world.PlayControllers();
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        int before = world.Api.Requests.Count, asked = 0;
        world.Api.Asked = _ =>
        {
            if (Interlocked.Increment(ref asked) == cancelAt)
            {
                cancel.Cancel();
            }
        };
        if (cancelAt > 0)
        {
            await Should.ThrowAsync<OperationCanceledException>(() => world.RunAsync(plan, token: cancel.Token).InTime(), $"cancelled at request {cancelAt}");
            world.Api.OpenWatches.ShouldBe(0);
        }

        world.Api.Asked = null;
        (await world.RunAsync(plan).InTime()).ShouldAllBe(outcome => outcome.Problem == null && outcome.Value!.IsRemoved != false && outcome.Value.IsIntact != false, $"cancelled at request {cancelAt}");
        world.Api.Of("Cluster").ShouldHaveSingleItem().Name.ShouldBe("k0s");
        world.Api.Of("HelmReleaseProxy").ShouldHaveSingleItem().Name.ShouldBe("nginx-k0s");
        world.Api.Of("PersistentVolumeClaim").ShouldBeEmpty();
        (await world.Engine.ListAsync([], Token)).ShouldBeEmpty();
        return world.Api.Requests.Count - before;
    }

    private static RemovalWorld Shared(params ObjectJson[] more)
    {
        RemovalWorld world = new(more);
        world.Api.Update(SharedCluster);
        world.Api.Update(RemovalWorld.K0s.Copy().Label("apps", "nginx"));
        world.Api.Update(RemovalWorld.Proxy.Copy().Spec("clusterSelector", System.Text.Json.Nodes.JsonNode.Parse("""{"matchLabels":{"apps":"nginx"}}""")));
        return world;
    }

    /// <summary>Only dev goes; nginx serves k0s, too, and leaves dev by its label.</summary>
    private static Task<CapiRemovalPlan> SharedPlanAsync(RemovalWorld world) => world.PlanOfAsync(new() { Scope = new() { Names = ["dev"] } });

    private static ObjectJson Claim(string name) => ObjectJson.Of("v1", "PersistentVolumeClaim", name);

    private static CapiRemovalItem Leftover(ObjectJson claim, CapiRemovalAction action) => new()
    {
        Stage = CapiRemovalStage.Leftovers, Action = action, Kind = "PersistentVolumeClaim", Type = CoreTypes.VolumeClaim, Name = claim.Name, Namespace = "default", Cluster = "dev", Uid = claim.Uid,
    };
}
