using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Management;

public sealed class GetTests
{
    private static FakeKubernetesApi Fleet => new FakeKubernetesApi().With(
        ObjectJson.Cluster("dev"), ObjectJson.Cluster("empty"), ObjectJson.Cluster("far", "team-b"),
        ObjectJson.Machine("dev-1", "dev"), ObjectJson.Machine("dev-2", "dev"), ObjectJson.Machine("other-1", "other"), ObjectJson.Machine("far-1", "far", "team-b"));

    [Fact]
    public async Task A_known_name_is_asked_for_alone()
    {
        using World world = new(Fleet);

        List<Outcome<CapiMachine>> outcomes = await world.GetAsync(CapiKinds.Machine, new() { Names = ["dev-2"] });

        Shown(outcomes).ShouldBe(["default/dev-2"]);
        world.Api.Made("list").ShouldBeEmpty();
        FakeRequest request = world.Api.Made("get", "machines").ShouldHaveSingleItem();
        (request.Namespace, request.Name, request.Type!.ApiVersion).ShouldBe(("default", "dev-2", "cluster.x-k8s.io/v1beta2"));
    }

    [Fact]
    public async Task Names_come_in_the_order_they_were_asked_for_and_a_problem_stands_in_the_place_of_the_unknown()
    {
        using World world = new(Fleet);

        List<Outcome<CapiMachine>> outcomes = await world.GetAsync(CapiKinds.Machine, new() { Names = ["other-1", "nobody", "dev-1"] });

        Shown(outcomes).ShouldBe(["default/other-1", "MachineNotFound default/nobody", "default/dev-1"]);
    }

    [Fact]
    public async Task Many_names_are_asked_for_eight_at_a_time()
    {
        string[] names = [.. Enumerable.Range(0, 30).Select(i => $"m-{i}")];
        using World world = new(new FakeKubernetesApi().With(names.Select(name => ObjectJson.Machine(name, "dev"))));
        Task held = world.Api.Hold("get", "machines");
        using CancellationTokenSource stop = new();
        await using IAsyncEnumerator<Outcome<CapiMachine>> outcomes = world.Cluster.GetAsync(CapiKinds.Machine, new() { Names = names }, stop.Token).GetAsyncEnumerator(stop.Token);

        Task<bool> first = outcomes.MoveNextAsync().AsTask();
        await held;

        world.Api.Made("get", "machines").Count.ShouldBe(8);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
    }

    [Fact]
    public async Task Many_names_come_in_their_order()
    {
        string[] names = [.. Enumerable.Range(0, 30).Select(i => $"m-{i}")];
        using World world = new(new FakeKubernetesApi().With(names.Select(name => ObjectJson.Machine(name, "dev"))));

        Shown(await world.GetAsync(CapiKinds.Machine, new() { Names = names })).ShouldBe(names.Select(name => "default/" + name));
    }

    [Theory]
    [InlineData("m-1")]
    [InlineData("m-*")]
    public async Task A_version_that_is_served_no_longer_is_looked_for_anew(string name)
    {
        using World world = new(new FakeKubernetesApi().Serve(FakeKubernetesApi.Core("v1beta1")).With(ObjectJson.Machine("m-1", "dev")));
        Shown(await world.GetAsync(CapiKinds.Machine, new() { Names = [name] })).ShouldBe(["default/m-1"]);

        world.Api.Serve(FakeKubernetesApi.Core("v1beta2")); // Cluster API is upgraded
        Shown(await world.GetAsync(CapiKinds.Machine, new() { Names = [name] })).ShouldBe(["default/m-1"]);

        world.Api.Made("discover").Count.ShouldBe(2);
        world.Api.Requests.Where(request => request.Type?.Plural == "machines").Select(request => request.Type!.Version).ShouldBe(["v1beta1", "v1beta1", "v1beta2"]);
    }

    [Fact]
    public async Task A_kind_that_has_gone_is_said_to_have_gone()
    {
        using World world = new(new FakeKubernetesApi().With(ObjectJson.Machine("m-1", "dev")));
        await world.GetAsync(CapiKinds.Machine, new());

        world.Api.Serve();

        CapiProblemException problem = await Should.ThrowAsync<CapiProblemException>(() => world.GetAsync(CapiKinds.Machine, new()));
        problem.Problem.Id.ShouldBe(ProblemId.CapiNotInstalled);
    }

    [Fact]
    public async Task One_refused_name_does_not_stop_the_others()
    {
        using World world = new(Fleet.Refuse("get", "machines", 403, "Forbidden", times: 1));

        List<Outcome<CapiMachine>> outcomes = await world.GetAsync(CapiKinds.Machine, new() { Names = ["dev-1", "dev-2"] });

        Shown(outcomes).ShouldBe(["ApiForbidden default/dev-1", "default/dev-2"]);
    }

    [Fact]
    public async Task A_wildcard_is_matched_on_one_list()
    {
        using World world = new(Fleet);

        List<Outcome<CapiMachine>> outcomes = await world.GetAsync(CapiKinds.Machine, new() { Names = ["DEV-*"] });

        Shown(outcomes).ShouldBe(["default/dev-1", "default/dev-2"]);
        world.Api.Made("get", "machines").ShouldBeEmpty();
        FakeRequest request = world.Api.Made("list").ShouldHaveSingleItem();
        (request.Namespace, request.LabelSelector, request.FieldSelector).ShouldBe(("default", null, null));
    }

    [Fact]
    public async Task A_wildcard_that_matches_nothing_is_silent()
    {
        using World world = new(Fleet);

        (await world.GetAsync(CapiKinds.Machine, new() { Names = ["prod-*"] })).ShouldBeEmpty();
    }

    [Fact]
    public async Task Names_and_wildcards_mix_and_an_unknown_name_is_told_after_what_was_found()
    {
        using World world = new(Fleet);

        List<Outcome<CapiMachine>> outcomes = await world.GetAsync(CapiKinds.Machine, new() { Names = ["nobody", "dev-*", "dev-1", "prod-*"] });

        Shown(outcomes).ShouldBe(["default/dev-1", "default/dev-2", "MachineNotFound default/nobody"]);
    }

    [Fact]
    public async Task Without_names_everything_of_the_connections_namespace_comes()
    {
        using World world = new(Fleet);

        Shown(await world.GetAsync(CapiKinds.Machine, new())).ShouldBe(["default/dev-1", "default/dev-2", "default/other-1"]);
    }

    [Fact]
    public async Task Another_namespace_is_asked_for_by_name()
    {
        using World world = new(Fleet);

        Shown(await world.GetAsync(CapiKinds.Machine, new() { Namespace = "team-b" })).ShouldBe(["team-b/far-1"]);
        world.Api.Made("list").ShouldHaveSingleItem().Namespace.ShouldBe("team-b");
    }

    [Fact]
    public async Task All_namespaces_are_one_list()
    {
        using World world = new(Fleet);

        Shown(await world.GetAsync(CapiKinds.Machine, new() { AllNamespaces = true, Namespace = "ignored" })).ShouldBe(["default/dev-1", "default/dev-2", "default/other-1", "team-b/far-1"]);
        world.Api.Made("list").ShouldHaveSingleItem().Namespace.ShouldBeNull();
    }

    [Fact]
    public async Task One_name_in_all_namespaces_is_a_field_selector()
    {
        using World world = new(Fleet);

        Shown(await world.GetAsync(CapiKinds.Machine, new() { AllNamespaces = true, Names = ["far-1"] })).ShouldBe(["team-b/far-1"]);
        world.Api.Made("list").ShouldHaveSingleItem().FieldSelector.ShouldBe("metadata.name=far-1");
    }

    [Fact]
    public async Task An_unknown_name_in_all_namespaces_is_a_problem_without_a_namespace()
    {
        using World world = new(Fleet);

        Shown(await world.GetAsync(CapiKinds.Machine, new() { AllNamespaces = true, Names = ["nobody"] })).ShouldBe(["MachineNotFound nobody"]);
    }

    [Fact]
    public async Task A_clusters_machines_are_selected_by_the_server()
    {
        using World world = new(Fleet);

        Shown(await world.GetAsync(CapiKinds.Machine, new() { Cluster = "dev", LabelSelector = "cluster.x-k8s.io/cluster-name" })).ShouldBe(["default/dev-1", "default/dev-2"]);
        world.Api.Made("list").ShouldHaveSingleItem().LabelSelector.ShouldBe("cluster.x-k8s.io/cluster-name=dev,cluster.x-k8s.io/cluster-name");
    }

    [Fact]
    public async Task A_clusters_wildcard_is_matched_here()
    {
        using World world = new(Fleet);

        Shown(await world.GetAsync(CapiKinds.Machine, new() { Cluster = "o*" })).ShouldBe(["default/other-1"]);
        world.Api.Made("list").ShouldHaveSingleItem().LabelSelector.ShouldBeNull();
    }

    [Fact]
    public async Task A_name_of_another_cluster_is_not_found()
    {
        using World world = new(Fleet);

        Shown(await world.GetAsync(CapiKinds.Machine, new() { Names = ["other-1", "dev-1"], Cluster = "dev" })).ShouldBe(["MachineNotFound default/other-1", "default/dev-1"]);
    }

    [Fact]
    public async Task A_cluster_that_does_not_exist_is_a_problem()
    {
        using World world = new(Fleet);

        Shown(await world.GetAsync(CapiKinds.Machine, new() { Cluster = "dve" })).ShouldBe(["ClusterNotFound default/dve"]);
        world.Api.Made("get", "clusters").ShouldHaveSingleItem().Type!.Group.ShouldBe("cluster.x-k8s.io", "k0smotron has clusters of its own");
    }

    [Fact]
    public async Task A_cluster_without_machines_is_no_problem()
    {
        using World world = new(Fleet);

        (await world.GetAsync(CapiKinds.Machine, new() { Cluster = "empty" })).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_wildcard_for_clusters_that_matches_none_is_silent()
    {
        using World world = new(Fleet);

        (await world.GetAsync(CapiKinds.Machine, new() { Cluster = "dve*" })).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_label_selector_goes_to_the_server_even_with_names()
    {
        using World world = new(Fleet.With(ObjectJson.Machine("gpu-1", "dev").Label("gpu", "yes")));

        Shown(await world.GetAsync(CapiKinds.Machine, new() { Names = ["gpu-1", "dev-1"], LabelSelector = "gpu=yes" })).ShouldBe(["default/gpu-1", "MachineNotFound default/dev-1"]);
        world.Api.Made("list").ShouldHaveSingleItem().LabelSelector.ShouldBe("gpu=yes");
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public async Task A_blank_label_selector_is_none(string selector)
    {
        using World world = new(Fleet);

        await world.GetAsync(CapiKinds.Machine, new() { LabelSelector = selector });

        world.Api.Made("list").ShouldHaveSingleItem().LabelSelector.ShouldBeNull();
    }

    [Fact]
    public async Task A_server_without_Cluster_API_says_so_and_is_asked_nothing_else()
    {
        using World world = new(new FakeKubernetesApi().Serve(FakeKubernetesApi.K0smotronCluster));

        CapiProblemException thrown = await Should.ThrowAsync<CapiProblemException>(() => world.GetAsync(CapiKinds.Cluster, new()));

        (thrown.Problem.Id, thrown.Problem.Category).ShouldBe((ProblemId.CapiNotInstalled, CapiProblemCategory.NotInstalled));
        thrown.Problem.Action.ShouldContain("clusterctl init");
        world.Api.Made("list").ShouldBeEmpty();
    }

    [Fact]
    public async Task An_old_server_is_asked_in_v1beta1_and_its_objects_say_so()
    {
        using World world = new(new FakeKubernetesApi().Serve(FakeKubernetesApi.Core("v1beta1"))
            .With(ObjectJson.MachineDeployment("md", version: "v1beta1").Status("replicas", 3).Status("updatedReplicas", 2)));

        CapiMachineDeployment deployment = (await world.GetAsync(CapiKinds.MachineDeployment, new())).ShouldHaveSingleItem().Value.ShouldNotBeNull();

        deployment.ApiVersion.ShouldBe("cluster.x-k8s.io/v1beta1");
        deployment.CounterSemantics.ShouldBe(CapiCounterSemantics.NodeReadiness);
        deployment.UpToDateReplicas.ShouldBe(2);
        world.Api.Made("list").ShouldHaveSingleItem().Type!.ApiVersion.ShouldBe("cluster.x-k8s.io/v1beta1");
    }

    [Fact]
    public async Task Objects_carry_where_and_when_they_were_read()
    {
        using World world = new(Fleet);

        CapiMachine machine = (await world.GetAsync(CapiKinds.Machine, new() { Names = ["dev-1"] })).ShouldHaveSingleItem().Value.ShouldNotBeNull();

        (machine.Context, machine.ManagementClusterId, machine.ObservedAt).ShouldBe(("kind-capi", FakeKubernetesApi.KubeSystemUid, world.Clock.GetUtcNow()));
    }

    [Fact]
    public async Task A_refused_list_is_thrown_whole()
    {
        using World world = new(Fleet.Refuse("list", "machines", 403, "Forbidden"));

        (await Should.ThrowAsync<CapiProblemException>(() => world.GetAsync(CapiKinds.Machine, new()))).Problem.Id.ShouldBe(ProblemId.ApiForbidden);
    }

    [Fact]
    public async Task A_cancelled_request_ends_as_one()
    {
        using World world = new(Fleet);
        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(async () => await world.Cluster.GetAsync(CapiKinds.Machine, new(), cancelled.Token).GetAsyncEnumerator(CancellationToken.None).MoveNextAsync());
    }

    private static IEnumerable<string> Shown<T>(IEnumerable<Outcome<T>> outcomes)
        where T : class => outcomes.Select(outcome => outcome.Problem is { } problem ? $"{problem.Id} {problem.Target}" : outcome.Value!.ToString()!);
}
