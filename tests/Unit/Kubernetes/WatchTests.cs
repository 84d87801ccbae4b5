using System.Globalization;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Kubernetes.Http;
using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Support;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;
using Microsoft.Extensions.Time.Testing;

namespace CapiWorkshop.Tests.Unit.Kubernetes;

public sealed class WatchTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_there_is_told_first_and_then_every_change()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        await using Watching watching = Watching.Start(api, new(Thing.Type, "default", LabelSelector: "a=b", FieldSelector: "c=d"));

        Exchange list = await server.NextAsync();
        list.PathAndQuery.ShouldBe("/apis/tests.example.com/v1/namespaces/default/things?labelSelector=a%3Db&fieldSelector=c%3Dd");
        await list.JsonAsync(Thing.ListOf("10", Thing.Of("a", 1), Thing.Of("b", 2)));
        (await watching.NextAsync(3)).ShouldBe(["Initial a@1", "Initial b@2", "Synced"]);

        Exchange watch = await server.NextAsync();
        watch.Path.ShouldBe(list.Path);
        watch.Query("labelSelector").ShouldBe("a=b");
        watch.Query("fieldSelector").ShouldBe("c=d");
        watch.Query("watch").ShouldBe("1");
        watch.Query("allowWatchBookmarks").ShouldBe("true");
        watch.Query("resourceVersion").ShouldBe("10");
        int.Parse(watch.Query("timeoutSeconds")!, CultureInfo.InvariantCulture).ShouldBeInRange(300, 600);
        await watch.SendAsync(Thing.Line("ADDED", Thing.Of("c", 11)));
        (await watching.NextAsync()).ShouldBe("Added c@11");
        await watch.SendAsync(Thing.Line("MODIFIED", Thing.Of("a", 12)) + Thing.Line("DELETED", Thing.Of("b", 13)));
        (await watching.NextAsync(2)).ShouldBe(["Modified a@12", "Deleted b@13"]);
    }

    [Fact]
    public async Task An_event_is_told_although_it_arrives_in_pieces()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        await using Watching watching = Watching.Start(api);
        Exchange watch = await BeginAsync(server, watching, "10");

        string line = Thing.Line("ADDED", Thing.Of("c", 11));
        foreach (string piece in (string[])[line[..20], line[20..100], line[100..^1], line[^1..] + Thing.Line("ADDED", Thing.Of("d", 12))[..50]])
        {
            await watch.SendAsync(piece);
        }

        (await watching.NextAsync()).ShouldBe("Added c@11");
        watching.Left().ShouldBeEmpty();
    }

    [Fact]
    public async Task An_empty_list_is_followed_too()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        await using Watching watching = Watching.Start(api);

        Exchange watch = await BeginAsync(server, watching, "10");

        watch.Query("resourceVersion").ShouldBe("10");
        await watch.SendAsync(Thing.Line("ADDED", Thing.Of("a", 11)));
        (await watching.NextAsync()).ShouldBe("Added a@11");
    }

    [Fact]
    public async Task A_connection_that_ends_is_made_again_behind_the_last_version_and_nothing_is_told_twice()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        Recorder recorder = new();
        await using Watching watching = Watching.Start(api.Observe(recorder));
        Exchange watch = await BeginAsync(server, watching, "10", Thing.Of("a", 1));

        await watch.SendAsync(Thing.Line("ADDED", Thing.Of("b", 11)));
        (await watching.NextAsync()).ShouldBe("Added b@11");
        watch.End();
        Exchange resumed = await server.NextAsync();
        resumed.IsWatch.ShouldBeTrue();
        resumed.Query("resourceVersion").ShouldBe("11");
        await resumed.SendAsync(Thing.Line("ADDED", Thing.Of("b", 11)) + Thing.Line("MODIFIED", Thing.Of("a", 1)) + Thing.Line("ADDED", Thing.Of("c", 12)));

        (await watching.NextAsync()).ShouldBe("Added c@12");
        recorder.Warnings.ShouldBeEmpty(); // a server ends every watch now and then
    }

    [Fact]
    public async Task A_bookmark_moves_the_version_behind_which_a_watch_is_resumed_and_is_not_told()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        await using Watching watching = Watching.Start(api);
        Exchange watch = await BeginAsync(server, watching, "10", Thing.Of("a", 1));

        await watch.SendAsync(Thing.Line("ADDED", Thing.Of("b", 11)) + Thing.Bookmark(99));
        watch.End();
        Exchange resumed = await server.NextAsync();

        resumed.Query("resourceVersion").ShouldBe("99");
        await resumed.SendAsync(Thing.Line("MODIFIED", Thing.Of("a", 100)));
        (await watching.NextAsync(2)).ShouldBe(["Added b@11", "Modified a@100"]);
    }

    [Fact]
    public async Task A_connection_that_is_cut_within_an_event_is_made_again_and_the_event_told_once()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        Recorder recorder = new();
        await using Watching watching = Watching.Start(api.Observe(recorder));
        Exchange watch = await BeginAsync(server, watching, "10");

        await watch.SendAsync(Thing.Line("ADDED", Thing.Of("a", 11)) + Thing.Line("ADDED", Thing.Of("b", 12))[..40]);
        (await watching.NextAsync()).ShouldBe("Added a@11");
        watch.Cut();
        Exchange resumed = await server.NextAsync();
        resumed.Query("resourceVersion").ShouldBe("11");
        await resumed.SendAsync(Thing.Line("ADDED", Thing.Of("b", 12)));

        (await watching.NextAsync()).ShouldBe("Added b@12");
        watching.Left().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("in the stream")]
    [InlineData("as the answer")]
    public async Task After_410_it_is_listed_anew_and_only_what_differs_is_told(string how)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        Recorder recorder = new();
        await using Watching watching = Watching.Start(api.Observe(recorder));
        Exchange watch = await BeginAsync(server, watching, "10", Thing.Of("same", 1), Thing.Of("changed", 2), Thing.Of("deleted", 3), Thing.Of("recreated", 4));

        if (how == "in the stream")
        {
            await watch.SendAsync(Thing.Error(410, "Expired", "too old resource version: 10 (50)"));
            watch.End();
        }
        else
        {
            await watch.StatusAsync(410, "Expired", "too old resource version: 10 (50)");
        }

        Exchange list = await RefuseStreamedListAsync(server);
        list.IsWatch.ShouldBeFalse();
        await list.JsonAsync(Thing.ListOf("50", Thing.Of("same", 1), Thing.Of("changed", 20), Thing.Of("recreated", 40, uid: "another"), Thing.Of("added", 45)));

        (await watching.NextAsync(5)).ShouldBe(["Modified changed@20", "Deleted recreated@4", "Added recreated@40", "Added added@45", "Deleted deleted@3"]);
        Exchange resumed = await server.NextAsync();
        resumed.Query("resourceVersion").ShouldBe("50");
        await resumed.SendAsync(Thing.Line("MODIFIED", Thing.Of("same", 51)));
        (await watching.NextAsync()).ShouldBe("Modified same@51");
        recorder.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_deleted_and_made_again_in_one_moment_is_told_as_both()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        await using Watching watching = Watching.Start(api);
        Exchange watch = await BeginAsync(server, watching, "10", Thing.Of("a", 1));

        await watch.SendAsync(Thing.Line("DELETED", Thing.Of("a", 11)) + Thing.Line("ADDED", Thing.Of("a", 12, uid: "another")) + Thing.Line("DELETED", Thing.Of("never-seen", 13)) + Thing.Line("DELETED", Thing.Of("a", 14, uid: "another")));

        (await watching.NextAsync(3)).ShouldBe(["Deleted a@11", "Added a@12", "Deleted a@14"]);
        watching.Left().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_new_list_that_breaks_off_is_begun_again_and_nothing_is_told_twice_or_taken_for_deleted()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        Recorder recorder = new();
        await using Watching watching = Watching.Start(api.Observe(recorder));
        Exchange watch = await BeginAsync(server, watching, "10", Thing.Of("a", 1), Thing.Of("b", 2));
        await watch.SendAsync(Thing.Error(410, "Gone"));

        Exchange broken = await RefuseStreamedListAsync(server);
        broken.IsWatch.ShouldBeFalse();
        await broken.SendAsync($$"""{"metadata":{"resourceVersion":"50"},"items":[{{Thing.Of("a", 20).ToJson()}},""");
        (await watching.NextAsync()).ShouldBe("Modified a@20");
        broken.Cut();
        Exchange list = await server.NextAsync();
        list.IsWatch.ShouldBeFalse();
        await list.JsonAsync(Thing.ListOf("60", Thing.Of("a", 20), Thing.Of("b", 2), Thing.Of("c", 55)));

        (await watching.NextAsync()).ShouldBe("Added c@55");
        (await server.NextAsync()).Query("resourceVersion").ShouldBe("60");
        watching.Left().ShouldBeEmpty();
        recorder.Warnings.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_server_that_is_down_for_a_while_gives_one_warning_and_is_followed_again()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        Recorder recorder = new();
        await using Watching watching = Watching.Start(api.Observe(recorder));
        Exchange watch = await BeginAsync(server, watching, "10", Thing.Of("a", 1));
        await watch.SendAsync(Thing.Line("MODIFIED", Thing.Of("a", 11)));
        (await watching.NextAsync()).ShouldBe("Modified a@11");

        await server.StopAsync();
        await recorder.UntilAsync(told => told.Requests.Count(request => request.Status is null) >= 3); // attempts that found nobody
        await server.RestartAsync();
        Exchange resumed = await server.NextAsync();
        resumed.Query("resourceVersion").ShouldBe("11");
        await resumed.SendAsync(Thing.Line("MODIFIED", Thing.Of("a", 12)));

        (await watching.NextAsync()).ShouldBe("Modified a@12");
        recorder.Warnings.ShouldHaveSingleItem().ShouldContain("things.tests.example.com");
    }

    [Fact]
    public async Task A_second_outage_gives_a_second_warning()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        Recorder recorder = new();
        await using Watching watching = Watching.Start(api.Observe(recorder));
        Exchange watch = await BeginAsync(server, watching, "10");

        for (int outage = 1; outage <= 2; outage++)
        {
            await watch.SendAsync(Thing.Line("ADDED", Thing.Of($"thing-{outage}", 10 + outage)));
            await watching.NextAsync();
            watch.Cut();
            watch = await server.NextAsync();
        }

        recorder.Warnings.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(503, "ServiceUnavailable")]
    [InlineData(404, "NotFound")] // as of custom resources while the server starts
    public async Task A_server_that_cannot_answer_now_is_asked_again(int status, string reason)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect(clock: new HastyClock());
        Recorder recorder = new();
        await using Watching watching = Watching.Start(api.Observe(recorder));
        Exchange watch = await BeginAsync(server, watching, "10");

        await watch.SendAsync(Thing.Error(500, "InternalError", "etcd has no leader"));
        for (int attempt = 0; attempt < 5; attempt++)
        {
            await (await server.NextAsync()).StatusAsync(status, reason);
        }

        Exchange resumed = await server.NextAsync();
        resumed.Query("resourceVersion").ShouldBe("10");
        await resumed.SendAsync(Thing.Line("ADDED", Thing.Of("a", 11)));
        (await watching.NextAsync()).ShouldBe("Added a@11");
        recorder.Warnings.ShouldHaveSingleItem().ShouldContain("etcd has no leader");
    }

    [Fact]
    public async Task A_server_that_forgets_every_version_at_once_is_not_asked_without_a_pause()
    {
        HastyClock clock = new();
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect(clock: clock);
        await using Watching watching = Watching.Start(api);
        Exchange watch = await BeginAsync(server, watching, "10");

        for (int round = 0; round < 5; round++)
        {
            await watch.StatusAsync(410, "Expired");
            Exchange list = round == 0 ? await RefuseStreamedListAsync(server) : await server.NextAsync(); // it is asked once
            list.IsWatch.ShouldBeFalse();
            await list.JsonAsync(Thing.ListOf($"{20 + round}"));
            watch = await server.NextAsync();
            watch.IsWatch.ShouldBeTrue();
        }

        clock.Delays.Count.ShouldBeGreaterThanOrEqualTo(5);
    }

    [Fact]
    public async Task A_server_that_ends_every_watch_at_once_is_not_asked_without_a_pause()
    {
        HastyClock clock = new();
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect(clock: clock);
        await using Watching watching = Watching.Start(api);
        Exchange watch = await BeginAsync(server, watching, "10");

        for (int round = 0; round < 5; round++)
        {
            await watch.JsonAsync("");
            watch = await server.NextAsync();
            watch.Query("resourceVersion").ShouldBe("10");
        }

        clock.Delays.Count.ShouldBe(5);
        clock.Delays[^1].ShouldBeGreaterThan(clock.Delays[0]);
        clock.Delays.ShouldAllBe(delay => delay <= TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData(401, "Unauthorized", ProblemId.ApiUnauthorized)]
    [InlineData(403, "Forbidden", ProblemId.ApiForbidden)]
    public async Task A_refusal_when_connecting_again_ends_the_watch(int status, string reason, string id)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        await using Watching watching = Watching.Start(api);
        Exchange watch = await BeginAsync(server, watching, "10", Thing.Of("a", 1));

        watch.End();
        await (await server.NextAsync()).StatusAsync(status, reason);

        CapiProblem problem = await Problems.OfAsync(() => watching.Ended.WaitAsync(ScriptedServer.Limit, Cancelled));
        problem.Id.ShouldBe(id);
        problem.HttpStatus.ShouldBe(status);
    }

    [Fact]
    public async Task A_refusal_within_the_stream_ends_the_watch()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        await using Watching watching = Watching.Start(api);
        Exchange watch = await BeginAsync(server, watching, "10");

        await watch.SendAsync(Thing.Error(403, "Forbidden", "no longer"));

        CapiProblem problem = await Problems.OfAsync(() => watching.Ended.WaitAsync(ScriptedServer.Limit, Cancelled));
        problem.Id.ShouldBe(ProblemId.ApiForbidden);
        problem.Message.ShouldContain("watch things.tests.example.com");
    }

    [Fact]
    public async Task A_refusal_when_listing_anew_ends_the_watch()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        await using Watching watching = Watching.Start(api);
        Exchange watch = await BeginAsync(server, watching, "10");

        await watch.StatusAsync(410, "Gone");
        await (await RefuseStreamedListAsync(server)).StatusAsync(403, "Forbidden");

        (await Problems.OfAsync(() => watching.Ended.WaitAsync(ScriptedServer.Limit, Cancelled))).Id.ShouldBe(ProblemId.ApiForbidden);
    }

    [Theory]
    [InlineData(403, "Forbidden", ProblemId.ApiForbidden)]
    [InlineData(404, "NotFound", "ThingNotFound")]
    [InlineData(500, "InternalError", ProblemId.ApiUnavailable)]
    public async Task A_first_list_that_fails_ends_the_watch_before_it_begins(int status, string reason, string id)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        await using Watching watching = Watching.Start(api);

        await (await server.NextAsync()).StatusAsync(status, reason);

        (await Problems.OfAsync(() => watching.Ended.WaitAsync(ScriptedServer.Limit, Cancelled))).Id.ShouldBe(id);
    }

    [Theory]
    [InlineData("nonsense\n")]
    [InlineData("\n")]
    [InlineData("{\"type\":\"ADDED\",\"object\":null}\n")]
    [InlineData("{\"type\":\"EXPLODED\",\"object\":{\"metadata\":{\"name\":\"a\"}}}\n")]
    [InlineData("{\"type\":5,\"object\":{\"metadata\":{\"name\":\"a\"}}}\n")]
    [InlineData("{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"11\",\"annotations\":{\"k8s.io/initial-events-end\":true}}}}\n")]
    public async Task A_line_that_cannot_be_understood_ends_the_watch(string line)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        await using Watching watching = Watching.Start(api);
        Exchange watch = await BeginAsync(server, watching, "10");

        await watch.SendAsync(line);

        (await Problems.OfAsync(() => watching.Ended.WaitAsync(ScriptedServer.Limit, Cancelled))).Id.ShouldBe(ProblemId.ApiAnswerInvalid);
    }

    [Theory]
    [InlineData("during the list")]
    [InlineData("before the watch is answered")]
    [InlineData("while nothing happens")]
    [InlineData("while the server is down")]
    public async Task Cancelling_ends_a_watch_at_once(string when)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        Recorder recorder = new();
        await using Watching watching = Watching.Start(api.Observe(recorder));
        Exchange list = await server.NextAsync();
        if (when != "during the list")
        {
            await list.JsonAsync(Thing.ListOf("10"));
            Exchange watch = await server.NextAsync();
            if (when == "while nothing happens")
            {
                await watch.SendAsync(Thing.Line("ADDED", Thing.Of("a", 11)));
                (await watching.NextAsync(2)).ShouldBe(["Synced", "Added a@11"]);
            }
            else if (when == "while the server is down")
            {
                await server.StopAsync();
                await recorder.UntilAsync(told => told.Warnings.Count > 0);
            }
        }

        await watching.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => watching.Ended.WaitAsync(TimeSpan.FromSeconds(9), Cancelled));
    }

    [Fact]
    public async Task Whoever_leaves_a_watch_lets_go_of_its_request()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        Recorder recorder = new();
        TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (Watching watching = Watching.Start(api.Observe(recorder)))
        {
            Exchange watch = await BeginAsync(server, watching, "10");
            watch.ClientGone.Register(gone.SetResult);
            await watch.SendAsync(Thing.Line("ADDED", Thing.Of("a", 11)));
            await watching.NextAsync();
        }

        await gone.Task.WaitAsync(ScriptedServer.Limit, Cancelled);
        recorder.Requests.Count.ShouldBe(2);
        recorder.Requests.ShouldAllBe(request => request.Status == 200 && request.Bytes > 0);
    }

    [Fact]
    public async Task Two_things_of_one_name_in_two_namespaces_are_two()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        await using Watching watching = Watching.Start(api);
        Exchange watch = await BeginAsync(server, watching, "10", Thing.Of("a", 1), Thing.Of("a", 2) with { Namespace = "other" });

        await watch.SendAsync(Thing.Line("DELETED", Thing.Of("a", 11) with { Namespace = "other" }) + Thing.Line("MODIFIED", Thing.Of("a", 12)));

        (await watching.NextAsync(2)).ShouldBe(["Deleted a@11", "Modified a@12"]);
    }

    [Fact]
    public async Task After_410_what_is_there_is_asked_for_as_the_beginning_of_a_watch_where_the_server_knows_that()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        Recorder recorder = new();
        await using Watching watching = Watching.Start(api.Observe(recorder));
        Exchange watch = await BeginAsync(server, watching, "10", Thing.Of("same", 1), Thing.Of("changed", 2), Thing.Of("deleted", 3), Thing.Of("recreated", 4));
        await watch.StatusAsync(410, "Expired");

        Exchange anew = await server.NextAsync();
        (anew.Query("sendInitialEvents"), anew.Query("resourceVersionMatch"), anew.Query("allowWatchBookmarks"), anew.Query("resourceVersion")).ShouldBe(("true", "NotOlderThan", "true", null));
        await anew.SendAsync(
            Thing.Line("ADDED", Thing.Of("same", 1)) + Thing.Line("ADDED", Thing.Of("changed", 20)) + Thing.Line("ADDED", Thing.Of("recreated", 40, uid: "another"))
            + Thing.Line("ADDED", Thing.Of("short", 41)) + Thing.Line("DELETED", Thing.Of("short", 42)));
        (await watching.NextAsync(5)).ShouldBe(["Modified changed@20", "Deleted recreated@4", "Added recreated@40", "Added short@41", "Deleted short@42"]);
        watching.Left().ShouldBeEmpty(); // nothing is taken for deleted before all has been told
        await anew.SendAsync(Thing.InitialEnd(50) + Thing.Line("MODIFIED", Thing.Of("same", 51)));
        (await watching.NextAsync(2)).ShouldBe(["Deleted deleted@3", "Modified same@51"]);

        anew.End();
        (await server.NextAsync()).Query("resourceVersion").ShouldBe("51");
        recorder.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_streamed_list_that_breaks_off_is_begun_again_and_takes_nothing_for_deleted()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect(clock: new HastyClock());
        await using Watching watching = Watching.Start(api);
        Exchange watch = await BeginAsync(server, watching, "10", Thing.Of("a", 1), Thing.Of("b", 2));
        await watch.StatusAsync(410, "Expired");

        Exchange broken = await server.NextAsync();
        await broken.SendAsync(Thing.Line("ADDED", Thing.Of("a", 20)));
        (await watching.NextAsync()).ShouldBe("Modified a@20");
        broken.Cut();
        Exchange anew = await server.NextAsync();
        anew.Query("sendInitialEvents").ShouldBe("true");
        anew.Query("resourceVersion").ShouldBeNull();
        await anew.SendAsync(Thing.Line("ADDED", Thing.Of("a", 20)) + Thing.Line("ADDED", Thing.Of("b", 2)) + Thing.InitialEnd(30) + Thing.Line("ADDED", Thing.Of("c", 31)));

        (await watching.NextAsync()).ShouldBe("Added c@31");
        watching.Left().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_server_that_has_not_understood_the_question_for_a_streamed_list_is_asked_for_a_list()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect(clock: new HastyClock());
        await using Watching watching = Watching.Start(api);
        Exchange watch = await BeginAsync(server, watching, "10", Thing.Of("a", 1), Thing.Of("b", 2));
        await watch.StatusAsync(410, "Expired");

        await (await server.NextAsync()).SendAsync(Thing.Line("ADDED", Thing.Of("a", 1)) + Thing.Bookmark(40));
        Exchange list = await server.NextAsync();
        list.IsWatch.ShouldBeFalse();
        await list.JsonAsync(Thing.ListOf("50", Thing.Of("a", 1)));

        (await watching.NextAsync()).ShouldBe("Deleted b@2");
        (await server.NextAsync()).Query("resourceVersion").ShouldBe("50");
    }

    [Fact]
    public async Task A_server_that_never_says_that_all_has_been_told_is_asked_for_a_list_after_a_while()
    {
        FakeTimeProvider clock = new();
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect(clock: clock);
        await using Watching watching = Watching.Start(api);
        Exchange watch = await BeginAsync(server, watching, "10", Thing.Of("a", 1));
        await watch.StatusAsync(410, "Expired");
        await (await NextAsync(server, clock, TimeSpan.FromSeconds(1))).SendAsync(Thing.Line("ADDED", Thing.Of("a", 20)));
        (await watching.NextAsync()).ShouldBe("Modified a@20");

        Exchange list = await NextAsync(server, clock, KubernetesTransport.AnswerTimeout);

        list.IsWatch.ShouldBeFalse();
    }

    [Fact]
    public async Task A_watch_that_hears_nothing_for_long_is_resumed_without_a_word()
    {
        FakeTimeProvider clock = new();
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect(clock: clock);
        Recorder recorder = new();
        await using Watching watching = Watching.Start(api.Observe(recorder));
        Exchange watch = await BeginAsync(server, watching, "10");
        await watch.SendAsync(Thing.Line("ADDED", Thing.Of("a", 11)));
        (await watching.NextAsync()).ShouldBe("Added a@11");

        Exchange resumed = await NextAsync(server, clock, TimeSpan.FromSeconds(1));

        resumed.Query("resourceVersion").ShouldBe("11");
        await resumed.SendAsync(Thing.Line("ADDED", Thing.Of("b", 12)));
        (await watching.NextAsync()).ShouldBe("Added b@12");
        recorder.Warnings.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("v2", false)]
    [InlineData("v1", true)]
    public async Task A_404_that_lasts_ends_the_watch_where_discovery_does_not_know_the_version_any_more(string served, bool goesOn)
    {
        FakeTimeProvider clock = new();
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect(clock: clock);
        await using Watching watching = Watching.Start(api);
        Exchange asked = await BeginAsync(server, watching, "10", Thing.Of("a", 1));
        DateTimeOffset begin = clock.GetUtcNow();

        for (; asked.IsWatch; asked = await NextAsync(server, clock, TimeSpan.FromSeconds(1)))
        {
            await asked.StatusAsync(404, "NotFound");
        }

        (clock.GetUtcNow() - begin).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMinutes(1));
        asked.Path.ShouldBe("/apis");
        await asked.JsonAsync($$$"""{"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"tests.example.com"},"versions":[{"version":"{{{served}}}","resources":[{"resource":"things","responseKind":{"kind":"Thing"}}]}]}]}""");
        if (goesOn)
        {
            Exchange resumed = await NextAsync(server, clock, TimeSpan.FromSeconds(1));
            resumed.Query("resourceVersion").ShouldBe("10");
            await resumed.SendAsync(Thing.Line("ADDED", Thing.Of("b", 11)));
            (await watching.NextAsync()).ShouldBe("Added b@11");
        }
        else
        {
            CapiProblem problem = await Problems.OfAsync(() => watching.Ended.WaitAsync(ScriptedServer.Limit, Cancelled));
            problem.Id.ShouldBe("ThingNotFound");
            problem.HttpStatus.ShouldBe(404);
        }
    }

    [Fact]
    public async Task A_streamed_list_that_breaks_off_again_and_again_is_not_asked_for_without_a_pause()
    {
        HastyClock clock = new();
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect(clock: clock);
        Recorder recorder = new();
        await using Watching watching = Watching.Start(api.Observe(recorder));
        Exchange watch = await BeginAsync(server, watching, "10", Thing.Of("a", 1));
        await watch.StatusAsync(410, "Expired");

        for (int round = 0; round < 8; round++)
        {
            Exchange streamed = await server.NextAsync();
            streamed.Query("sendInitialEvents").ShouldBe("true");
            clock.Delays.Count.ShouldBeGreaterThan(round);
            await streamed.SendAsync(Thing.Line("ADDED", Thing.Of("a", 20 + round)));
            (await watching.NextAsync()).ShouldBe($"Modified a@{20 + round}");
            streamed.Cut();
        }

        await server.NextAsync();
        clock.Delays[^1].ShouldBeGreaterThan(TimeSpan.FromSeconds(4)); // the longest, and at most half of it off
        clock.Delays.ShouldAllBe(delay => delay <= TimeSpan.FromSeconds(10));
        recorder.Warnings.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_closed_connection_ends_a_watch_that_waits_to_ask_again()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        KubernetesApi api = server.Connect(clock: new FakeTimeProvider());
        Recorder recorder = new();
        await using Watching watching = Watching.Start(api.Observe(recorder));
        Exchange watch = await BeginAsync(server, watching, "10");
        await watch.SendAsync(Thing.Error(500, "InternalError"));
        await recorder.UntilAsync(told => told.Warnings.Count > 0);

        api.Dispose();

        (await Problems.OfAsync(() => watching.Ended.WaitAsync(ScriptedServer.Limit, Cancelled))).Id.ShouldBe(ProblemId.NotConnected);
    }

    /// <summary>The next request, for which time has to pass, once or more often: what waits may only be about to.</summary>
    private static Task<Exchange> NextAsync(ScriptedServer server, FakeTimeProvider clock, TimeSpan step) =>
        Eventually.ResultAsync(server.NextAsync(), () => clock.Advance(step), Cancelled);

    /// <summary>Refuses to tell a list as the beginning of a watch, as servers do that do not know it; returns the next request.</summary>
    private static async Task<Exchange> RefuseStreamedListAsync(ScriptedServer server)
    {
        Exchange streamed = await server.NextAsync();
        streamed.Query("sendInitialEvents").ShouldBe("true");
        await streamed.StatusAsync(422, "Invalid", "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled");
        return await server.NextAsync();
    }

    /// <summary>Answers the first list and takes what is told of it; returns the request for the watch.</summary>
    private static async Task<Exchange> BeginAsync(ScriptedServer server, Watching watching, string version, params Thing[] things)
    {
        await (await server.NextAsync()).JsonAsync(Thing.ListOf(version, things));
        string[] expected = [.. things.Select(thing => $"Initial {thing.Name}@{thing.ResourceVersion}"), "Synced"];
        (await watching.NextAsync(expected.Length)).ShouldBe(expected);
        return await server.NextAsync();
    }
}
