using System.Text.Json.Nodes;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Integration.Harness;

namespace CapiWorkshop.Tests.Integration;

[Collection<OnRealApiServer>]
public sealed class WatchTests(RealApiServer fixture) : ServerTest(fixture)
{
    [Fact]
    public async Task A_watch_tells_what_is_there_then_that_it_is_in_step_then_each_change()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller controller = await Controller.DeployAsync(Server, ns, "workers", 2, Token);
        IReadOnlyList<string> first = await controller.MachinesAsync();
        await using WatchLog<CapiMachine> watch = Watch(Server.Admin, ns);

        await watch.SyncedAsync(Token);
        watch.Events.Select(change => $"{change.Type} {change.Item?.Name}").ShouldBe([$"Initial {first[0]}", $"Initial {first[1]}", "Synced "]);

        await controller.JoinMachineAsync(first[0], ready: false);
        await watch.ChangedAsync(1, Token);
        string added = await controller.CreateMachineAsync();
        await watch.ChangedAsync(3, Token); // created, then its first status
        await controller.BeginMachineDeletionAsync(first[1]);
        await controller.FinishMachineDeletionAsync(first[1]);
        await watch.ChangedAsync(6, Token);

        watch.Changes.ShouldBe([
            $"Modified {first[0]}",
            $"Added {added}", $"Modified {added}",
            $"Modified {first[1]}", $"Modified {first[1]}", $"Deleted {first[1]}",
        ]);
        CapiMachine[] told = [.. watch.Events.Where(change => change.Item is not null).Select(change => change.Item!)];
        told[2].Ready.ShouldBe(false);
        told[2].Blocker!.ToString().ShouldBe("NodeHealthy=False (NodeNotReady)");
        told[4].Phase.ShouldBe(CapiMachinePhase.Pending);
        told[5].DeletionRequestedAt.ShouldNotBeNull();
        told[6].Phase.ShouldBe(CapiMachinePhase.Deleting);
        told.Select(machine => machine.ResourceVersion).ShouldBeUnique();
    }

    [Fact]
    public async Task A_watch_is_one_list_and_one_request_that_asks_for_bookmarks()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        long mark = Server.Audit.Mark();
        await using WatchLog<CapiMachine> watch = Watch(Server.Admin, ns);
        await watch.SyncedAsync(Token);
        await Controller.DeployAsync(Server, ns, "workers", 1, Token);
        await watch.ChangedAsync(1, Token);

        AuditEntry[] requests = [.. (await Server.Audit.SinceAsync(mark, Token)).Where(request => request.Uri.Contains("/machines", StringComparison.Ordinal))];

        requests.Select(request => request.Verb).ShouldBe(["list", "watch"]);
        requests[0].Asked.ShouldEndWith($"/namespaces/{ns}/machines");
        requests[1].Asked.ShouldContain("allowWatchBookmarks=true");
        requests[1].Asked.ShouldContain("resourceVersion=");
    }

    [Fact]
    public async Task Changes_of_machines_carry_the_phase_before()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller controller = await Controller.DeployAsync(Server, ns, "workers", 1, Token);
        ManagementCluster cluster = Connect(Server.Admin);
        List<CapiMachineChange> changes = [];
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task reading = Task.Run(
            async () =>
            {
                await foreach (CapiMachineChange change in cluster.WatchMachinesAsync(new() { Namespace = ns }, initial: true, stop.Token))
                {
                    lock (changes)
                    {
                        changes.Add(change);
                    }
                }
            },
            Token);

        await Eventually.TrueAsync(() => reading.IsCompleted || Snapshot().Length == 1, Token);
        string machine = await controller.CreateMachineAsync();
        await controller.RunMachineAsync(machine);
        await controller.BeginMachineDeletionAsync(machine);
        await controller.FinishMachineDeletionAsync(machine);
        await Eventually.TrueAsync(() => reading.IsCompleted || Snapshot().Any(change => change.Type == CapiChangeType.Deleted), Token);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(reading);

        Snapshot()[0].Type.ShouldBe(CapiChangeType.Initial);
        CapiMachineChange[] seen = Snapshot()[1..];
        seen.ShouldAllBe(change => change.Name == machine);
        seen[0].Type.ShouldBe(CapiChangeType.Added);
        seen[0].PreviousPhase.ShouldBeNull();
        for (int i = 1; i < seen.Length; i++)
        {
            seen[i].PreviousPhase.ShouldBe(seen[i - 1].Phase);
        }

        seen.Where(change => change.Phase != change.PreviousPhase).Select(change => change.Phase).ShouldBe([
            CapiMachinePhase.Unknown, CapiMachinePhase.Pending, CapiMachinePhase.Provisioning, CapiMachinePhase.Provisioned, CapiMachinePhase.Running, CapiMachinePhase.Deleting]);

        CapiMachineChange[] Snapshot()
        {
            lock (changes)
            {
                return [.. changes];
            }
        }
    }

    [Fact]
    public async Task A_watch_of_one_name_and_of_a_label_tells_of_nothing_else()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller one = await Controller.DeployAsync(Server, ns, "one", 1, Token);
        Controller two = await Controller.DeployAsync(Server, ns, "two", 1, Token);
        ManagementCluster cluster = Connect(Server.Admin);
        string name = (await one.MachinesAsync()).ShouldHaveSingleItem();
        await using WatchLog<CapiMachine> byName = new(token => cluster.WatchAsync(CapiKinds.Machine, new() { Namespace = ns, Names = [name] }, token));
        await using WatchLog<CapiMachine> byLabel = new(token => cluster.WatchAsync(CapiKinds.Machine, new() { Namespace = ns, LabelSelector = "cluster.x-k8s.io/deployment-name=two" }, token));
        await byName.SyncedAsync(Token);
        await byLabel.SyncedAsync(Token);

        string other = (await two.MachinesAsync()).ShouldHaveSingleItem();
        await two.JoinMachineAsync(other, ready: false);
        await one.JoinMachineAsync(name, ready: false);
        await Server.Raw.MergePatchAsync(
            $"/apis/cluster.x-k8s.io/v1beta2/namespaces/{ns}/machines/{other}",
            new() { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["cluster.x-k8s.io/deployment-name"] = "three" } } }, Token);
        await byName.ChangedAsync(1, Token);
        await byLabel.ChangedAsync(2, Token);

        byName.Changes.ShouldBe([$"Modified {name}"]);
        byLabel.Changes.ShouldBe([$"Modified {other}", $"Deleted {other}"]); // what loses the label is gone for this watch
    }

    [Fact]
    public async Task A_watch_that_may_not_be_read_fails_at_once()
    {
        ManagementCluster cluster = Connect(Server.Nobody);

        CapiProblem problem = await FailsAsync(async () =>
        {
            await foreach (ResourceEvent<CapiMachine> _ in cluster.WatchAsync(CapiKinds.Machine, new(), Token))
            {
                Assert.Fail("There is nothing to tell.");
            }
        });

        problem.Id.ShouldBe("ApiForbidden");
    }

    private WatchLog<CapiMachine> Watch(string kubeconfig, string ns)
    {
        ManagementCluster cluster = Connect(kubeconfig);
        return new(token => cluster.WatchAsync(CapiKinds.Machine, new() { Namespace = ns }, token));
    }
}
