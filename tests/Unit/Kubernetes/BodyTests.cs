using System.Text;
using System.Text.Json.Nodes;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;
using CapiWorkshop.Tests.Unit.Operations.Wire;
using FsCheck;
using FsCheck.Fluent;

namespace CapiWorkshop.Tests.Unit.Kubernetes;

/// <summary>The bodies that an observer is told who wants them, and what is not in them.</summary>
public sealed class BodyTests
{
    private const string Secret = "S3cr3t-5o5o5o";

    private static readonly ResourceType Secrets = new("", "v1", "secrets", "Secret");
    private static readonly ResourceType ServiceAccounts = new("", "v1", "serviceaccounts", "ServiceAccount");
    private static readonly ResourceType TokenReviews = new("authentication.k8s.io", "v1", "tokenreviews", "TokenReview");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_bodies_are_told_to_whom_wants_them_and_to_nobody_else()
    {
        string thing = Thing.Of("a", 7).ToJson();
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(thing);
        using KubernetesApi api = server.Connect();
        Recorder curious = new() { WantsBodies = true }, other = new();

        foreach (Recorder recorder in (Recorder[])[curious, other])
        {
            await api.Observe(recorder).PatchAsync(new(Thing.Type, "default", "a"), Patch.Merge("""{"spec":{"color":"red"}}"""u8.ToArray()), Thing.Read, false, Cancelled);
        }

        curious.Requests.Select(request => (request.Sent, request.Received, request.Bytes)).ShouldBe([("""{"spec":{"color":"red"}}""", thing, thing.Length)]);
        other.Requests.Select(request => (request.Sent, request.Received)).ShouldBe([(null, null)]);
    }

    [Fact]
    public async Task What_the_server_says_to_a_refusal_is_told()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.StatusAsync(403, "Forbidden", "no, says the test"));
        using KubernetesApi api = server.Connect();
        Recorder recorder = new() { WantsBodies = true };

        await Problems.OfAsync(() => api.Observe(recorder).GetAsync(new(Thing.Type, "default", "a"), Thing.Read, Cancelled));
        await Problems.OfAsync(() => api.Observe(recorder).WatchAsync(new(Thing.Type), Thing.Read, Cancelled).FirstAsync(Cancelled).AsTask());

        recorder.Requests.Count.ShouldBe(2);
        recorder.Requests.ShouldAllBe(request => request.Received!.Contains("no, says the test"));
    }

    [Fact]
    public async Task Of_a_long_list_only_the_beginning_is_told()
    {
        string list = Thing.ListOf("7", Enumerable.Range(0, 20_000).Select(i => Thing.Of($"a-{i}", 1)));
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(list);
        using KubernetesApi api = server.Connect();
        Recorder recorder = new() { WantsBodies = true };

        (await api.Observe(recorder).ListAsync(new(Thing.Type), Thing.Read, Cancelled).CountAsync(Cancelled)).ShouldBe(20_000);

        string received = recorder.Requests.ShouldHaveSingleItem().Received.ShouldNotBeNull();
        received.ShouldStartWith("""{"kind":"ThingList","apiVersion":""");
        received.ShouldEndWith($"({list.Length} bytes in all)");
        received.Length.ShouldBeLessThan(5_000);
    }

    [Fact]
    public async Task Each_line_of_a_watch_is_told_and_the_watch_itself_at_its_end()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        Recorder recorder = new() { WantsBodies = true };
        string line = Thing.Line("ADDED", Thing.Of("b", 8));
        await using (Watching watching = Watching.Start(api.Observe(recorder)))
        {
            await (await server.NextAsync()).JsonAsync(Thing.ListOf("7", Thing.Of("a", 1)));
            Exchange watch = await server.NextAsync();
            await watch.SendAsync(line + Thing.Bookmark(9));
            await watching.NextAsync(3);
            await recorder.UntilAsync(told => told.Events.Count == 2);
        }

        recorder.Events[0].ShouldBe(line.TrimEnd());
        recorder.Events[1].ShouldContain("BOOKMARK");
        ApiRequest last = recorder.Requests[^1];
        (last.Status, last.Received, last.Bytes).ShouldBe((200, null, (line + Thing.Bookmark(9)).Length));
        last.PathAndQuery.ShouldContain("watch=1");
    }

    [Fact]
    public async Task Names_and_sizes_of_a_secret_are_told_and_nothing_else_of_it()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync($$$"""
            {"kind":"Secret","apiVersion":"v1","metadata":{"name":"a","namespace":"default","uid":"u","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"stringData\":{\"value\":\"{{{Secret}}}\"}}"}},"data":{"value":"{{{Secret}}}"},"type":"cluster.x-k8s.io/secret"}
            """);
        using KubernetesApi api = server.Connect();
        Recorder recorder = new() { WantsBodies = true };

        await api.Observe(recorder).GetAsync(new(Secrets, "default", "a"), Thing.Read, Cancelled);

        recorder.Requests.ShouldHaveSingleItem().Received.ShouldBe(
            """{"kind":"Secret","apiVersion":"v1","metadata":{"name":"a","namespace":"default","uid":"u","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"(46 bytes)"}},"data":{"value":"(13 bytes)"},"type":"cluster.x-k8s.io/secret"}""");
    }

    [Fact]
    public async Task No_token_is_told_that_a_server_issues_or_is_asked_about()
    {
        string answer = $$$"""{"kind":"TokenRequest","metadata":{"name":"a"},"spec":{"audiences":["x"],"token":"{{{Secret}}}"},"status":{"token":"{{{Secret}}}","expirationTimestamp":"2026-11-20T09:00:00Z"}}""";
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(answer);
        using KubernetesApi api = server.Connect();
        Recorder recorder = new() { WantsBodies = true };

        await api.Observe(recorder).GetAsync(new(ServiceAccounts, "default", "a", "token"), Thing.Read, Cancelled);
        await api.Observe(recorder).CreateAsync(TokenReviews, null, Encoding.UTF8.GetBytes(answer), Thing.Read, true, Cancelled);

        recorder.Everything.ShouldNotContain(Secret);
        recorder.Requests.ShouldAllBe(request => request.Received!.Contains("2026-11-20T09:00:00Z"));
    }

    [Fact]
    public async Task A_type_may_say_which_of_its_fields_is_confidential()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync($$$"""{"metadata":{"name":"a"},"spec":{"chartName":"nginx","values":"password: {{{Secret}}}"}}""");
        using KubernetesApi api = server.Connect();
        Recorder recorder = new() { WantsBodies = true };

        await api.Observe(recorder).GetAsync(new(Thing.Type with { ConfidentialField = "values" }, "default", "a"), Thing.Read, Cancelled);

        recorder.Requests.ShouldHaveSingleItem().Received.ShouldBe("""{"metadata":{"name":"a"},"spec":{"chartName":"nginx","values":"(23 bytes)"}}""");
    }

    /// <summary>Whatever a server answers to a question about secrets, whole, broken off or spoilt, and whatever is written to it.</summary>
    [Fact]
    public async Task What_stands_in_a_secret_is_told_nobody_whatever_happens()
    {
        string answer = "";
        int status = 200;
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.AnswerAsync(status, answer));
        using KubernetesApi connection = server.Connect();
        Prop.ForAll(Arb.From(JsonGenerators.AnyValue), Arb.From(JsonGenerators.Seed), (json, seed) =>
        {
            Random random = new(seed);
            string[] members =
            [
                $"\"metadata\":{{\"name\":\"a\",\"uid\":\"u\",\"annotations\":{{\"copy\":\"{Secret}\"}}}}",
                $"\"data\":{{\"value\":\"{Secret}\",\"other\":{json},\"third\":[\"{Secret}\"]}}",
                $"\"stringData\":{{\"value\":\"{Secret}\"}}",
            ];
            random.Shuffle(members);
            string whole = $"{{{string.Join(',', members)}}}";
            string item = random.Next(3) switch
            {
                0 => whole[..random.Next(whole.Length)],
                1 => whole.Insert(random.Next(whole.Length), "}"),
                _ => whole,
            };
            status = random.Next(3) == 0 ? 422 : 200;
            Recorder recorder = new() { WantsBodies = true };
            IKubernetesApi api = connection.Observe(recorder);
            StringBuilder errors = new();

            answer = item;
            Try(() => api.GetAsync(new(Secrets, "default", "a"), Thing.Read, Cancelled));
            Try(() => api.PatchAsync(new(Secrets, "default", "a"), Patch.Merge(Encoding.UTF8.GetBytes(whole)), Thing.Read, false, Cancelled));
            Try(() => api.CreateAsync(Secrets, "default", Encoding.UTF8.GetBytes(whole), Thing.Read, false, Cancelled));
            answer = $$$"""{"kind":"SecretList","metadata":{"resourceVersion":"7"},"items":[{{{whole}}},{{{item}}}]}""";
            Try(() => api.ListAsync(new(Secrets), Thing.Read, Cancelled).CountAsync(Cancelled).AsTask());

            recorder.Requests.Count.ShouldBe(4);
            $"{recorder.Everything} {errors}".ShouldNotContain(Secret);

            void Try<T>(Func<Task<T>> ask)
            {
                try
                {
                    ask().GetAwaiter().GetResult();
                }
                catch (CapiProblemException e)
                {
                    errors.Append(Problems.Shown(e));
                }
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public async Task What_stands_in_a_secret_is_not_told_by_its_watch()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        Recorder recorder = new() { WantsBodies = true };
        JsonObject secret = Thing.Of("b", 8).ToNode();
        secret["data"] = new JsonObject { ["value"] = Secret };
        await using Watching watching = Watching.Start(api.Observe(recorder), new(Secrets));
        await (await server.NextAsync()).JsonAsync(Thing.ListOf("7"));
        Exchange watch = await server.NextAsync();
        await watch.SendAsync(new JsonObject { ["type"] = "ADDED", ["object"] = secret }.ToJsonString() + "\n" + $$$"""{"type":"NONSENSE","object":{"data":"{{{Secret}}}"}}""" + "\n");

        await watching.NextAsync(2);
        await Should.ThrowAsync<CapiProblemException>(watching.Ended);

        recorder.Events.Count.ShouldBe(2);
        recorder.Events[0].ShouldContain("(13 bytes)");
        recorder.Everything.ShouldNotContain(Secret);
    }
}
