using System.IO.Compression;
using System.Text;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Kubernetes.Http;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Time.Testing;

namespace CapiWorkshop.Tests.Unit.Kubernetes;

/// <summary>Lists in pages, and lists that do not come to their end.</summary>
public sealed class PagingTests
{
    private static readonly ResourceQuery Paged = new(Thing.Type, "default", PageSize: 2);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_list_is_asked_for_in_pages_and_each_page_is_handed_on_before_the_next_is_asked_for()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        await using IAsyncEnumerator<Thing> things = api.ListAsync(Paged with { LabelSelector = "a=b" }, Thing.Read, Cancelled).GetAsyncEnumerator(Cancelled);

        Task<bool> moved = things.MoveNextAsync().AsTask();
        Exchange first = await server.NextAsync();
        first.PathAndQuery.ShouldBe("/apis/tests.example.com/v1/namespaces/default/things?labelSelector=a%3Db&limit=2");
        await first.JsonAsync(Thing.Page("10", "go+on/=", Thing.Of("a", 1), Thing.Of("b", 2)));
        (await moved).ShouldBeTrue();
        (await things.MoveNextAsync()).ShouldBeTrue();
        things.Current.Name.ShouldBe("b");
        server.Seen.Count.ShouldBe(1);
        moved = things.MoveNextAsync().AsTask();
        Exchange second = await server.NextAsync();
        (second.Query("limit"), second.Query("continue"), second.Query("labelSelector")).ShouldBe(("2", "go+on/=", "a=b"));
        await second.JsonAsync(Thing.Page("10", null, Thing.Of("c", 3)));

        (await moved).ShouldBeTrue();
        things.Current.Name.ShouldBe("c");
        (await things.MoveNextAsync()).ShouldBeFalse();
        server.Seen.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_page_may_be_empty_and_not_the_last()
    {
        await using ScriptedServer server = await PagesAsync((200, Thing.Page("10", "x")), (200, Thing.Page("10", null, Thing.Of("a", 1))));
        using KubernetesApi api = server.Connect();

        (await NamesAsync(api, Paged)).ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_list_that_expires_between_two_pages_is_begun_again_once_and_tells_nothing_twice()
    {
        await using ScriptedServer server = await PagesAsync(
            (200, Thing.Page("10", "x", Thing.Of("a", 1), Thing.Of("b", 2))),
            (410, Thing.Status(410, "Expired", "The provided continue parameter is too old")),
            (200, Thing.Page("20", "y", Thing.Of("a", 15), Thing.Of("b", 2, uid: "another"))),
            (200, Thing.Page("20", null, Thing.Of("c", 3))));
        using KubernetesApi api = server.Connect();
        Recorder recorder = new();

        (await NamesAsync(api.Observe(recorder), Paged)).ShouldBe(["a", "b", "b", "c"]); // a new one of the same name is another

        server.Seen.Select(request => request.Query("continue")).ShouldBe([null, "x", null, "y"]);
        recorder.Notes.ShouldHaveSingleItem().ShouldContain("begun again");
        recorder.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_list_that_expires_twice_is_given_up()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.Query("continue") is null
            ? exchange.JsonAsync(Thing.Page("10", "x", Thing.Of("a", 1)))
            : exchange.StatusAsync(410, "Expired"));
        using KubernetesApi api = server.Connect();

        (await Problems.OfAsync(() => NamesAsync(api, Paged))).HttpStatus.ShouldBe(410);

        server.Seen.Count.ShouldBe(4);
    }

    [Theory]
    [InlineData(413, "RequestEntityTooLarge")]
    [InlineData(504, "Timeout")]
    public async Task A_server_that_cannot_list_at_once_is_asked_for_pages(int status, string reason)
    {
        await using ScriptedServer server = await PagesAsync(
            (status, Thing.Status(status, reason, "too much")), (200, Thing.Page("10", "x", Thing.Of("a", 1))), (200, Thing.Page("10", null, Thing.Of("b", 2))));
        using KubernetesApi api = server.Connect();
        Recorder recorder = new();

        (await NamesAsync(api.Observe(recorder), Paged with { PageSize = null })).ShouldBe(["a", "b"]);

        server.Seen.Select(request => request.Query("limit")).ShouldBe([null, "500", "500"]);
        recorder.Notes.ShouldHaveSingleItem().ShouldContain("too much");
    }

    [Theory]
    [InlineData(413, "RequestEntityTooLarge")]
    [InlineData(403, "Forbidden")]
    public async Task A_page_that_is_refused_is_an_error(int status, string reason)
    {
        await using ScriptedServer server = await PagesAsync((200, Thing.Page("10", "x", Thing.Of("a", 1))), (status, Thing.Status(status, reason, "no")));
        using KubernetesApi api = server.Connect();

        (await Problems.OfAsync(() => NamesAsync(api, Paged))).HttpStatus.ShouldBe(status);

        server.Seen.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http1AndHttp2)]
    public async Task A_page_that_is_cut_off_is_an_error_and_no_shorter_list(HttpProtocols protocols)
    {
        string page = Thing.Page("10", null, Thing.Of("b", 2), Thing.Of("c", 3));
        await using ScriptedServer server = await ScriptedServer.StartAsync(
            async exchange =>
            {
                if (exchange.Query("continue") is null)
                {
                    await exchange.JsonAsync(Thing.Page("10", "x", Thing.Of("a", 1)));
                    return;
                }

                await exchange.SendAsync(page[..^20]);
                exchange.BreakOff();
            },
            new() { Protocols = protocols });
        using KubernetesApi api = server.Connect();

        (await Problems.OfAsync(() => NamesAsync(api, Paged))).Id.ShouldBe(ProblemId.ConnectionLost);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http1AndHttp2)]
    public async Task A_compressed_list_is_read_and_a_damaged_or_truncated_one_is_an_error(HttpProtocols protocols)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(Thing.ListOf("10", Enumerable.Range(0, 200).Select(i => Thing.Of($"thing-{i}-{i * 7919:x}", i + 1)))));
        }

        byte[] whole = packed.ToArray();
        byte[] damaged = [.. whole];
        damaged[whole.Length / 2] ^= 0x55;
        byte[] mismatched = [.. whole];
        mismatched[^6]++; // the check sum
        byte[][] bodies = [whole, whole[..(whole.Length / 2)], damaged, mismatched];
        int answers = 0;
        await using ScriptedServer server = await ScriptedServer.StartAsync(
            exchange => exchange.AnswerAsync(200, bodies[Interlocked.Increment(ref answers) - 1], ("Content-Encoding", "gzip")), new() { Protocols = protocols });
        using KubernetesApi api = server.Connect();

        (await NamesAsync(api, new(Thing.Type))).Count.ShouldBe(200);
        for (int i = 1; i < bodies.Length; i++)
        {
            (await Problems.OfAsync(() => NamesAsync(api, new(Thing.Type)))).Id.ShouldBeOneOf(ProblemId.ApiAnswerInvalid, ProblemId.ConnectionLost);
        }
    }

    [Fact]
    public async Task A_list_that_stalls_is_given_up_and_what_came_is_not_taken_for_all()
    {
        FakeTimeProvider clock = new();
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect(clock: clock);
        await using IAsyncEnumerator<Thing> things = api.ListAsync(new(Thing.Type), Thing.Read, Cancelled).GetAsyncEnumerator(Cancelled);
        Task<bool> moved = things.MoveNextAsync().AsTask();
        string list = Thing.ListOf("10", Thing.Of("a", 1), Thing.Of("b", 2));
        await (await server.NextAsync()).SendAsync(list[..^30]);
        (await moved).ShouldBeTrue();

        clock.Advance(KubernetesTransport.AnswerTimeout * 2); // whoever reads may take any time
        moved = things.MoveNextAsync().AsTask();
        moved.IsCompleted.ShouldBeFalse();
        clock.Advance(KubernetesTransport.AnswerTimeout);

        (await Problems.OfAsync(() => moved)).Id.ShouldBe(ProblemId.ApiTimeout);
    }

    [Fact]
    public async Task A_watch_whose_first_list_expires_tells_what_changed_meanwhile_behind_what_is_there()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        await using Watching watching = Watching.Start(api, Paged);

        await (await server.NextAsync()).JsonAsync(Thing.Page("10", "x", Thing.Of("a", 1), Thing.Of("b", 2)));
        await (await server.NextAsync()).StatusAsync(410, "Expired");
        await (await server.NextAsync()).JsonAsync(Thing.Page("20", null, Thing.Of("a", 15), Thing.Of("c", 3)));

        (await watching.NextAsync(6)).ShouldBe(["Initial a@1", "Initial b@2", "Initial c@3", "Synced", "Modified a@15", "Deleted b@2"]);
        (await server.NextAsync()).Query("resourceVersion").ShouldBe("20");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_watch_whose_list_expires_again_and_again_lists_anew_after_a_pause(bool isLater)
    {
        HastyClock clock = new();
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect(clock: clock);
        await using Watching watching = Watching.Start(api, Paged);
        Exchange asked = await server.NextAsync();
        if (isLater)
        {
            await asked.JsonAsync(Thing.ListOf("5"));
            (await watching.NextAsync()).ShouldBe("Synced");
            await (await server.NextAsync()).StatusAsync(410, "Expired");
            await (await server.NextAsync()).StatusAsync(422, "Invalid"); // it streams no lists
            asked = await server.NextAsync();
        }

        for (int i = 0; i < 6; i++)
        {
            asked.Query("continue").ShouldBeNull();
            await asked.JsonAsync(Thing.Page("10", "x", Thing.Of("a", 1)));
            await (await server.NextAsync()).StatusAsync(410, "Expired");
            asked = await server.NextAsync();
        }

        await asked.JsonAsync(Thing.Page("20", null, Thing.Of("a", 1), Thing.Of("b", 2)));

        (await watching.NextAsync(2)).ShouldBe(isLater ? ["Added a@1", "Added b@2"] : ["Initial a@1", "Initial b@2"]);
        (await server.NextAsync()).Query("resourceVersion").ShouldBe("20");
        clock.Delays.Count.ShouldBeGreaterThanOrEqualTo(3);
    }

    [Fact]
    public async Task A_compressed_list_is_read_behind_its_last_line_end_where_the_check_sum_stands()
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(Thing.ListOf("10", Thing.Of("a", 1))));
            gzip.Flush();
            gzip.Write("\n"u8);
        }

        byte[] whole = packed.ToArray(), mismatched = [.. whole];
        mismatched[^6]++;
        byte[][] bodies = [whole, whole, mismatched];
        int answers = 0;
        await using ScriptedServer server = await ScriptedServer.StartAsync(
            exchange => exchange.AnswerAsync(200, bodies[Interlocked.Increment(ref answers) - 1], ("Content-Encoding", "gzip")), new() { Protocols = HttpProtocols.Http1 });
        using KubernetesApi api = server.Connect();

        (await NamesAsync(api, new(Thing.Type))).ShouldBe(["a"]);
        (await NamesAsync(api, new(Thing.Type))).ShouldBe(["a"]);
        server.Seen.Select(request => request.Connection).Distinct().ShouldHaveSingleItem();
        (await Problems.OfAsync(() => NamesAsync(api, new(Thing.Type)))).Id.ShouldBe(ProblemId.ApiAnswerInvalid);
    }

    [Fact]
    public async Task An_identity_that_is_no_text_is_an_answer_that_cannot_be_understood()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync("""{"metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"a","uid":5}}]}""");
        using KubernetesApi api = server.Connect();

        (await Problems.OfAsync(() => NamesAsync(api, Paged))).Id.ShouldBe(ProblemId.ApiAnswerInvalid);
    }

    private static async Task<List<string>> NamesAsync(IKubernetesApi api, ResourceQuery query) =>
        await api.ListAsync(query, Thing.Read, Cancelled).Select(thing => thing.Name).ToListAsync(Cancelled);

    /// <summary>A server that gives these answers, one after the other.</summary>
    private static Task<ScriptedServer> PagesAsync(params (int Status, string Body)[] answers)
    {
        int given = 0;
        return ScriptedServer.StartAsync(exchange =>
        {
            (int status, string body) = answers[Interlocked.Increment(ref given) - 1];
            return exchange.AnswerAsync(status, body);
        });
    }
}
