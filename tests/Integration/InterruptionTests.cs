using System.Text.Json;
using System.Text.Json.Nodes;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Integration.Harness;
using CapiWorkshop.Tests.Support;

namespace CapiWorkshop.Tests.Integration;

[Collection<OnRestartedServer>]
public sealed class InterruptionTests(RestartedServer fixture) : ServerTest(fixture)
{
    [Fact]
    public async Task A_watch_goes_on_behind_the_last_change_when_its_connection_was_cut()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller controller = await Controller.DeployAsync(Server, ns, "workers", 2, Token);
        IReadOnlyList<string> first = await controller.MachinesAsync();
        await using FaultProxy wire = FaultProxy.Opaque(Server.Port);
        long mark = Server.Audit.Mark();
        await using WatchLog<CapiMachine> watch = Watch(Server.Redirect(Server.Admin, wire.Address), ns);
        await watch.SyncedAsync(Token);
        await controller.JoinMachineAsync(first[0], ready: false);
        await watch.ChangedAsync(1, Token); // only now is it certain that the watch itself has its connection

        wire.Cut();
        await Eventually.TrueAsync(() => wire.Refused > 0, Token); // the watch has noticed, and tries
        await controller.JoinMachineAsync(first[0], ready: true);
        await controller.BeginMachineDeletionAsync(first[1]);
        await controller.FinishMachineDeletionAsync(first[1]);
        string added = await controller.CreateMachineAsync();
        wire.Mend();
        await watch.ChangedAsync(7, Token);
        await controller.JoinMachineAsync(first[0], ready: false);
        await watch.ChangedAsync(8, Token);

        watch.Changes.ShouldBe([
            $"Modified {first[0]}",
            $"Modified {first[0]}",
            $"Modified {first[1]}", $"Modified {first[1]}", $"Deleted {first[1]}",
            $"Added {added}", $"Modified {added}",
            $"Modified {first[0]}",
        ]);
        watch.Events.Count(change => change.Type == ResourceEventType.Synced).ShouldBe(1);
        (await Server.Audit.SinceAsync(mark, Token)).Count(request => request.Verb == "list" && request.Uri.Contains("/machines", StringComparison.Ordinal)).ShouldBe(1);
        Told.Warnings.ShouldHaveSingleItem().ShouldContain("interrupted");
    }

    [Theory]
    [InlineData("KILL")] // a crash: connections are reset
    [InlineData("TERM")] // an upgrade: the server takes leave of its clients
    public async Task A_watch_outlives_a_restart_of_the_server(string signal)
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller controller = await Controller.DeployAsync(Server, ns, "workers", 2, Token);
        IReadOnlyList<string> first = await controller.MachinesAsync();
        await using WatchLog<CapiMachine> watch = Watch(Server.Admin, ns);
        await watch.SyncedAsync(Token);

        await Server.StopServerAsync(signal, Token);
        await Server.StartServerAsync(Token);
        await controller.JoinMachineAsync(first[0], ready: false);
        await watch.ChangedAsync(1, Token);
        await controller.JoinMachineAsync(first[1], ready: false);
        await watch.ChangedAsync(2, Token);

        watch.Changes.ShouldBe([$"Modified {first[0]}", $"Modified {first[1]}"]);
        watch.Events.Count(change => change.Type == ResourceEventType.Synced).ShouldBe(1);
    }

    [Fact]
    public async Task When_the_server_has_forgotten_a_watch_tells_what_differs_each_object_once_and_deletions_too()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller controller = await Controller.DeployAsync(Server, ns, "workers", 4, Token);
        string[] first = [.. await controller.MachinesAsync()];
        await using FaultProxy wire = FaultProxy.Opaque(Server.Port);
        await using WatchLog<CapiMachine> watch = Watch(Server.Redirect(Server.Admin, wire.Address), ns);
        await watch.SyncedAsync(Token);
        string version = (await Server.Raw.GetAsync($"/apis/cluster.x-k8s.io/v1beta2/namespaces/{ns}/machines", Token))["metadata"]!["resourceVersion"]!.GetValue<string>();
        wire.Cut();
        await Eventually.TrueAsync(() => wire.Refused > 0, Token);

        // 0 changes twice, 1 goes, 2 goes and another of its name comes, 3 stays, one is new.
        await controller.JoinMachineAsync(first[0], ready: false);
        await controller.JoinMachineAsync(first[0], ready: true);
        await controller.BeginMachineDeletionAsync(first[1]);
        await controller.FinishMachineDeletionAsync(first[1]);
        JsonObject again = await Server.Raw.GetAsync($"/apis/cluster.x-k8s.io/v1beta2/namespaces/{ns}/machines/{first[2]}", Token);
        await controller.BeginMachineDeletionAsync(first[2]);
        await controller.FinishMachineDeletionAsync(first[2]);
        foreach (string field in (string[])["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"])
        {
            again["metadata"]!.AsObject().Remove(field);
        }

        await Server.Raw.CreateAsync($"/apis/cluster.x-k8s.io/v1beta2/namespaces/{ns}/machines", again, Token);
        string added = await controller.CreateMachineAsync();
        await Server.CompactAsync(Token);
        await Server.StopServerAsync("KILL", Token); // its cache remembers what etcd has forgotten
        await Server.StartServerAsync(Token);
        (int status, string answer) = (0, "");
        while (status is 0 or 404 or 429) // it is ready before it has read its custom resources again
        {
            (status, answer) = await Server.Raw.SendAsync(HttpMethod.Get, $"/apis/cluster.x-k8s.io/v1beta2/namespaces/{ns}/machines?watch=1&timeoutSeconds=1&resourceVersion={version}", cancellationToken: Token);
        }

        answer.ShouldContain("\"code\":410");
        long mark = Server.Audit.Mark();
        wire.Mend();
        await watch.ChangedAsync(5, Token);

        watch.Changes.ShouldBe([$"Modified {first[0]}", $"Deleted {first[1]}", $"Deleted {first[2]}", $"Added {first[2]}", $"Added {added}"], ignoreOrder: true);
        watch.Changes.ToList().IndexOf($"Deleted {first[2]}").ShouldBeLessThan(watch.Changes.ToList().IndexOf($"Added {first[2]}"));
        watch.Events.Last(change => change.Item?.Name == first[0]).Item!.Ready.ShouldBe(true); // the newest state
        watch.Events.Count(change => change.Type == ResourceEventType.Synced).ShouldBe(1);
        AuditEntry[] asked = [.. (await Server.Audit.SinceAsync(mark, Token)).Where(request => request.Uri.Contains("/machines", StringComparison.Ordinal))];
        asked.ShouldAllBe(request => request.Verb == "watch"); // this server tells what is there as the beginning of a watch
        asked.ShouldContain(request => request.Asked.Contains("sendInitialEvents=true", StringComparison.Ordinal));

        await controller.JoinMachineAsync(first[3], ready: false);
        await watch.ChangedAsync(6, Token);
        watch.Changes[5].ShouldBe($"Modified {first[3]}");
    }

    [Fact]
    public async Task A_list_that_the_server_has_forgotten_between_two_pages_is_begun_again_and_tells_nothing_twice()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        foreach (string name in (string[])["a", "b", "c", "d", "e"])
        {
            await Server.Raw.CreateAsync($"/api/v1/namespaces/{ns}/configmaps", ConfigMap(name), Token);
        }

        ResourceQuery query = new(new("", "v1", "configmaps", "ConfigMap"), ns, PageSize: 2);
        long mark = Server.Audit.Mark();
        await using IAsyncEnumerator<string> names = ConnectApi(Server.Admin).ListAsync(query, ReadName, Token).GetAsyncEnumerator(Token);
        List<string> told = [];
        while (told.Count < 2 && await names.MoveNextAsync())
        {
            told.Add(names.Current);
        }

        await Server.Raw.CreateAsync($"/api/v1/namespaces/{ns}/configmaps", ConfigMap("f"), Token);
        await Server.CompactAsync(Token);
        await Server.StopServerAsync("KILL", Token);
        await Server.StartServerAsync(Token);
        while (await names.MoveNextAsync())
        {
            told.Add(names.Current);
        }

        told.ShouldBe(["a", "b", "c", "d", "e", "f"]);
        (await Server.Audit.SinceAsync(mark, Token)).Where(request => request.Verb == "list" && request.Uri.Contains(ns, StringComparison.Ordinal))
            .Select(request => (request.Code, request.Asked.Contains("continue=", StringComparison.Ordinal)))
            .ShouldBe([(200, false), (410, true), (200, false), (200, true), (200, true)]);

        static JsonObject ConfigMap(string name) => new() { ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = name } };
    }

    private static string ReadName(ref Utf8JsonReader reader)
    {
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        return document.RootElement.GetProperty("metadata").GetProperty("name").GetString()!;
    }

    private WatchLog<CapiMachine> Watch(string kubeconfig, string ns)
    {
        ManagementCluster cluster = Connect(kubeconfig);
        return new(token => cluster.WatchAsync(CapiKinds.Machine, new() { Namespace = ns }, token));
    }
}
