using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Management;

public sealed class WatchMachinesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_watch_tells_what_is_there_and_then_every_change_with_the_phase_before()
    {
        using World world = new(new FakeKubernetesApi().With(Machine("m-1", "Provisioning"), Machine("m-2", "Running")));
        await using IAsyncEnumerator<CapiMachineChange> changes = world.Cluster.WatchMachinesAsync(new(), cancellationToken: Token).GetAsyncEnumerator(Token);

        (await NextAsync(changes)).ShouldBe("Initial m-1 Provisioning (before: )");
        (await NextAsync(changes)).ShouldBe("Initial m-2 Running (before: )");
        world.Api.Update(Machine("m-1", "Running"));
        (await NextAsync(changes)).ShouldBe("Modified m-1 Running (before: Provisioning)");
        world.Api.Update(Machine("m-1", "Running"));
        (await NextAsync(changes)).ShouldBe("Modified m-1 Running (before: Running)");
        world.Api.Add(Machine("m-3", "Pending"));
        (await NextAsync(changes)).ShouldBe("Added m-3 Pending (before: )");
        world.Api.Remove(Machine("m-2", "Deleting"));
        (await NextAsync(changes)).ShouldBe("Deleted m-2 Deleting (before: Running)");
    }

    [Fact]
    public async Task Without_what_is_there_the_phase_before_is_known_all_the_same()
    {
        using World world = new(new FakeKubernetesApi().With(Machine("m-1", "Provisioning")));
        await using IAsyncEnumerator<CapiMachineChange> changes = world.Cluster.WatchMachinesAsync(new(), initial: false, Token).GetAsyncEnumerator(Token);
        Task<string> next = NextAsync(changes);
        await world.Api.Watched.InTime();
        next.IsCompleted.ShouldBeFalse();

        world.Api.Update(Machine("m-1", "Running"));

        (await next).ShouldBe("Modified m-1 Running (before: Provisioning)");
    }

    [Fact]
    public async Task A_new_machine_of_an_old_name_has_no_phase_before()
    {
        using World world = new(new FakeKubernetesApi().With(Machine("m-1", "Running")));
        await using IAsyncEnumerator<CapiMachineChange> changes = world.Cluster.WatchMachinesAsync(new(), cancellationToken: Token).GetAsyncEnumerator(Token);
        await NextAsync(changes);
        world.Api.Remove(Machine("m-1", "Deleting"));
        await NextAsync(changes);

        world.Api.Add(Machine("m-1", "Pending").Metadata("uid", "another"));

        (await NextAsync(changes)).ShouldBe("Added m-1 Pending (before: )");
    }

    [Fact]
    public async Task A_change_carries_what_its_machine_does()
    {
        using World world = new(new FakeKubernetesApi().With(Machine("m-1", "Running")));
        await using IAsyncEnumerator<CapiMachineChange> changes = world.Cluster.WatchMachinesAsync(new(), cancellationToken: Token).GetAsyncEnumerator(Token);
        (await changes.MoveNextAsync().InTime()).ShouldBeTrue();

        CapiMachineChange change = changes.Current;

        (change.Name, change.Namespace, change.Cluster, change.Context, change.ManagementClusterId, change.Phase, change.At)
            .ShouldBe(("m-1", "default", "dev-cluster", "kind-capi", FakeKubernetesApi.KubeSystemUid, CapiMachinePhase.Running, world.Clock.GetUtcNow()));
        change.ToString().ShouldBe("Initial default/m-1");
    }

    [Fact]
    public async Task Only_the_machines_that_are_asked_for_are_told()
    {
        using World world = new(new FakeKubernetesApi().With(
            Machine("dev-1", "Running"), Machine("prod-1", "Running"), ObjectJson.Machine("dev-2", "other"), ObjectJson.Machine("dev-3", ns: "team-b")));
        ResourceFilter filter = new() { Names = ["dev-*"], Cluster = "DEV-c*", LabelSelector = "cluster.x-k8s.io/cluster-name" };
        await using IAsyncEnumerator<CapiMachineChange> changes = world.Cluster.WatchMachinesAsync(filter, cancellationToken: Token).GetAsyncEnumerator(Token);

        (await NextAsync(changes)).ShouldStartWith("Initial dev-1");
        world.Api.Add(Machine("prod-2", "Pending"));
        world.Api.Add(Machine("dev-4", "Pending"));
        (await NextAsync(changes)).ShouldStartWith("Added dev-4");

        FakeRequest request = world.Api.Made("watch").ShouldHaveSingleItem();
        (request.Namespace, request.LabelSelector, request.FieldSelector).ShouldBe(("default", "cluster.x-k8s.io/cluster-name", null));
    }

    [Fact]
    public async Task One_name_and_one_cluster_are_selected_by_the_server()
    {
        using World world = new(new FakeKubernetesApi().With(Machine("dev-1", "Running"), Machine("dev-2", "Running")));
        ResourceFilter filter = new() { Names = ["dev-2"], Cluster = "dev-cluster", AllNamespaces = true };
        await using IAsyncEnumerator<CapiMachineChange> changes = world.Cluster.WatchMachinesAsync(filter, cancellationToken: Token).GetAsyncEnumerator(Token);

        (await NextAsync(changes)).ShouldStartWith("Initial dev-2");

        FakeRequest request = world.Api.Made("watch").ShouldHaveSingleItem();
        (request.Namespace, request.LabelSelector, request.FieldSelector).ShouldBe((null, "cluster.x-k8s.io/cluster-name=dev-cluster", "metadata.name=dev-2"));
    }

    [Fact]
    public async Task A_cancelled_watch_ends_and_lets_the_server_go()
    {
        using World world = new(new FakeKubernetesApi().With(Machine("m-1", "Running")));
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        IAsyncEnumerator<CapiMachineChange> changes = world.Cluster.WatchMachinesAsync(new(), cancellationToken: stop.Token).GetAsyncEnumerator(CancellationToken.None);
        await NextAsync(changes);
        Task<string> next = NextAsync(changes);
        await world.Api.Watched.InTime();

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(next.InTime);
        await changes.DisposeAsync();
        world.Api.OpenWatches.ShouldBe(0);
    }

    [Fact]
    public async Task A_watch_that_fails_throws_its_problem()
    {
        using World world = new(new FakeKubernetesApi().With(Machine("m-1", "Running")));
        await using IAsyncEnumerator<CapiMachineChange> changes = world.Cluster.WatchMachinesAsync(new(), cancellationToken: Token).GetAsyncEnumerator(Token);
        await NextAsync(changes);
        Task<string> next = NextAsync(changes);
        await world.Api.Watched.InTime();

        world.Api.BreakWatches(ProblemTable.Connection(ProblemId.ConnectionLost, world.Api.Endpoint.Server, null, "reset").ToException());

        (await Should.ThrowAsync<CapiProblemException>(next.InTime)).Problem.Id.ShouldBe(ProblemId.ConnectionLost);
    }

    private static ObjectJson Machine(string name, string phase) => ObjectJson.Machine(name).Status("phase", phase);

    private static async Task<string> NextAsync(IAsyncEnumerator<CapiMachineChange> changes)
    {
        (await changes.MoveNextAsync().InTime()).ShouldBeTrue();
        CapiMachineChange change = changes.Current;
        return $"{change.Type} {change.Name} {change.Phase} (before: {change.PreviousPhase})";
    }
}
