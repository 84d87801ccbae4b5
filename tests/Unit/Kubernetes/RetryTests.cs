using System.Globalization;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Time.Testing;

namespace CapiWorkshop.Tests.Unit.Kubernetes;

/// <summary>What is repeated, how often and after how long; and how a request is given up.</summary>
public sealed class RetryTests
{
    private static readonly ResourcePath A = new(Thing.Type, "default", "a");
    private static readonly Patch Red = Patch.Merge("{\"spec\":{\"color\":\"red\"}}"u8.ToArray());

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task A_read_is_repeated_where_the_server_cannot_answer_now(int status)
    {
        await using ScriptedServer server = await FailingFirstAsync(2, exchange => exchange.StatusAsync(status, "Busy", "wait", ("Retry-After", "0")));
        using KubernetesApi api = server.Connect();
        Recorder recorder = new();

        Thing thing = await api.Observe(recorder).GetAsync(A, Thing.Read, Cancelled);

        thing.Name.ShouldBe("a");
        server.Seen.Count.ShouldBe(3);
        server.Seen.ShouldAllBe(request => request.Headers["Authorization"] == "Bearer " + ScriptedServer.Token);
        recorder.Requests.ShouldHaveSingleItem().Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_closed_connection_ends_the_pause_that_the_server_asks_for()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        KubernetesApi api = server.Connect(clock: new FakeTimeProvider());
        Task<Thing> got = api.GetAsync(A, Thing.Read, Cancelled);
        await (await server.NextAsync()).StatusAsync(429, "TooManyRequests", headers: ("Retry-After", "30"));

        api.Dispose();

        (await Problems.OfAsync(() => got.WaitAsync(ScriptedServer.Limit, Cancelled))).Id.ShouldBe(ProblemId.NotConnected);
    }

    [Fact]
    public async Task A_list_is_repeated_too()
    {
        await using ScriptedServer server = await FailingFirstAsync(1, exchange => exchange.StatusAsync(503, "Busy", "wait", ("Retry-After", "0")), Thing.ListOf("7", Thing.Of("a", 1)));
        using KubernetesApi api = server.Connect();

        (await api.ListAsync(new(Thing.Type), Thing.Read, Cancelled).ToListAsync(Cancelled)).Count.ShouldBe(1);

        server.Seen.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(429, ProblemId.ApiTooManyRequests)]
    [InlineData(503, ProblemId.ApiUnavailable)]
    public async Task A_read_is_given_up_after_four_attempts(int status, string id)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.StatusAsync(status, "Busy", "wait", ("Retry-After", "0")));
        using KubernetesApi api = server.Connect();

        (await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled))).Id.ShouldBe(id);

        server.Seen.Count.ShouldBe(4);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(410)]
    [InlineData(500)]
    public async Task A_read_is_not_repeated_where_the_answer_would_be_the_same(int status)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.StatusAsync(status, "No", "no", ("Retry-After", "0")));
        using KubernetesApi api = server.Connect();

        (await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled))).HttpStatus.ShouldBe(status);

        server.Seen.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("0", null)]
    [InlineData("86400", 30)] // nobody waits for a day
    public async Task The_server_says_after_how_long(string retryAfter, int? expected)
    {
        HastyClock clock = new();
        await using ScriptedServer server = await FailingFirstAsync(1, exchange => exchange.StatusAsync(503, "Busy", "wait", ("Retry-After", retryAfter)));
        using KubernetesApi api = server.Connect(clock: clock);

        await api.GetAsync(A, Thing.Read, Cancelled);

        clock.Delays.ShouldBe(expected is int seconds ? [TimeSpan.FromSeconds(seconds)] : []);
        server.Seen.Count.ShouldBe(2);
    }

    [Fact]
    public async Task The_server_may_say_until_when()
    {
        HastyClock clock = new();
        await using ScriptedServer server = await FailingFirstAsync(
            1, exchange => exchange.StatusAsync(503, "Busy", "wait", ("Retry-After", DateTimeOffset.UtcNow.AddSeconds(20).ToString("R", CultureInfo.InvariantCulture))));
        using KubernetesApi api = server.Connect(clock: clock);

        await api.GetAsync(A, Thing.Read, Cancelled);

        clock.Delays.ShouldHaveSingleItem().ShouldBeInRange(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_moment_that_has_passed_is_not_waited_for()
    {
        HastyClock clock = new();
        await using ScriptedServer server = await FailingFirstAsync(1, exchange => exchange.StatusAsync(429, "Busy", "wait", ("Retry-After", "Thu, 01 Jan 2015 00:00:00 GMT")));
        using KubernetesApi api = server.Connect(clock: clock);

        await api.GetAsync(A, Thing.Read, Cancelled);

        clock.Delays.ShouldBeEmpty();
        server.Seen.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Where_the_server_says_nothing_there_is_a_pause_before_each_attempt()
    {
        HastyClock clock = new();
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.StatusAsync(503, "Busy"));
        using KubernetesApi api = server.Connect(clock: clock);

        await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled));

        clock.Delays.Count.ShouldBe(3);
        clock.Delays.ShouldAllBe(delay => delay < TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http1AndHttp2)]
    public async Task A_read_is_repeated_where_the_connection_broke_before_an_answer(HttpProtocols protocols)
    {
        await using ScriptedServer server = await FailingFirstAsync(1, Cut, options: new() { Protocols = protocols });
        using KubernetesApi api = server.Connect(clock: new HastyClock());

        (await api.GetAsync(A, Thing.Read, Cancelled)).Name.ShouldBe("a");

        server.Seen.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http1AndHttp2)]
    public async Task A_read_is_given_up_where_every_connection_breaks(HttpProtocols protocols)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(Cut, new() { Protocols = protocols });
        using KubernetesApi api = server.Connect(clock: new HastyClock());

        (await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled).WaitAsync(ScriptedServer.Limit, Cancelled))).Id.ShouldBe(ProblemId.ConnectionLost);

        server.Seen.Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_write_is_repeated_with_the_same_body_where_the_server_had_too_many_requests()
    {
        await using ScriptedServer server = await FailingFirstAsync(2, exchange => exchange.StatusAsync(429, "TooManyRequests", "wait", ("Retry-After", "0")));
        using KubernetesApi api = server.Connect();

        await api.PatchAsync(A, Red, Thing.Read, false, Cancelled);

        server.Seen.Count.ShouldBe(3);
        server.Seen.ShouldAllBe(request => request.Method == "PATCH" && request.Body == "{\"spec\":{\"color\":\"red\"}}" && request.Headers["Content-Type"] == "application/merge-patch+json");
    }

    [Theory]
    [InlineData(409)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task A_write_is_never_repeated_where_the_server_may_have_acted(int status)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.StatusAsync(status, "No", "no", ("Retry-After", "0")));
        using KubernetesApi api = server.Connect();

        (await Problems.OfAsync(() => api.PatchAsync(A, Red, Thing.Read, false, Cancelled))).HttpStatus.ShouldBe(status);

        server.Seen.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1, false)]
    [InlineData(HttpProtocols.Http1, true)]
    [InlineData(HttpProtocols.Http1AndHttp2, false)]
    [InlineData(HttpProtocols.Http1AndHttp2, true)]
    public async Task A_write_is_never_repeated_where_the_connection_broke(HttpProtocols protocols, bool afterARead)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(
            exchange => exchange.Method == "GET" ? exchange.JsonAsync(Thing.Of("a", 7).ToJson()) : Cut(exchange), new() { Protocols = protocols });
        using KubernetesApi api = server.Connect(clock: new HastyClock());
        if (afterARead)
        {
            await api.GetAsync(A, Thing.Read, Cancelled); // the connection is there already, and is used again
        }

        (await Problems.OfAsync(() => api.PatchAsync(A, Red, Thing.Read, false, Cancelled))).Id.ShouldBe(ProblemId.ConnectionLost);

        server.Seen.Count(request => request.Method == "PATCH").ShouldBe(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 20")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"metadata\":")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{ \r\n")]
    public async Task A_write_is_never_repeated_wherever_its_answer_ends(string answer)
    {
        await using RawServer server = new(answer);
        using KubernetesApi api = server.Connect(new HastyClock());

        (await Problems.OfAsync(() => api.PatchAsync(A, Red, Thing.Read, false, Cancelled))).Id.ShouldBe(ProblemId.ConnectionLost);

        server.Requests.ShouldBe(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 20")]
    public async Task A_read_whose_connection_is_closed_before_an_answer_is_repeated_and_given_up(string answer)
    {
        await using RawServer server = new(answer);
        using KubernetesApi api = server.Connect(new HastyClock());

        (await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled))).Id.ShouldBe(ProblemId.ConnectionLost);

        server.Requests.ShouldBeInRange(4, 16); // .NET's own handler repeats what ended before its first byte
    }

    [Fact]
    public async Task Cancelling_ends_a_request_that_is_not_answered_at_once()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        Task get = api.GetAsync(A, Thing.Read, cancel.Token);
        await server.NextAsync();

        await cancel.CancelAsync();

        await ShouldEndAtOnceAsync(get);
    }

    [Fact]
    public async Task Cancelling_ends_a_write_that_is_not_answered_at_once()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        Task patch = api.PatchAsync(A, Red, Thing.Read, false, cancel.Token);
        await server.NextAsync();

        await cancel.CancelAsync();

        await ShouldEndAtOnceAsync(patch);
    }

    [Fact]
    public async Task Cancelling_ends_an_answer_that_does_not_go_on_at_once()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        await using IAsyncEnumerator<Thing> list = api.ListAsync(new(Thing.Type), Thing.Read, cancel.Token).GetAsyncEnumerator(cancel.Token);
        Task<bool> first = list.MoveNextAsync().AsTask();
        await (await server.NextAsync()).SendAsync($$"""{"items":[{{Thing.Of("a", 1).ToJson()}},""");
        (await first.WaitAsync(ScriptedServer.Limit, Cancelled)).ShouldBeTrue();
        Task<bool> second = list.MoveNextAsync().AsTask();

        await cancel.CancelAsync();

        await ShouldEndAtOnceAsync(second);
    }

    [Fact]
    public async Task Cancelling_ends_the_pause_before_another_attempt_at_once()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        Task get = api.GetAsync(A, Thing.Read, cancel.Token);
        await (await server.NextAsync()).StatusAsync(503, "Busy", "wait", ("Retry-After", "30"));

        await cancel.CancelAsync();

        await ShouldEndAtOnceAsync(get);
    }

    [Fact]
    public async Task A_request_that_is_cancelled_before_it_begins_never_reaches_the_server()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        using KubernetesApi api = server.Connect();

        await ShouldEndAtOnceAsync(api.GetAsync(A, Thing.Read, new CancellationToken(canceled: true)));

        server.Seen.ShouldBeEmpty();
    }

    /// <summary>The time-outs of the client are longer than this, so that it was the cancelling that ended it.</summary>
    private static async Task ShouldEndAtOnceAsync(Task task) =>
        await Should.ThrowAsync<OperationCanceledException>(() => task.WaitAsync(TimeSpan.FromSeconds(9), CancellationToken.None));

    private static Task Cut(Exchange exchange)
    {
        exchange.Cut();
        return Task.CompletedTask;
    }

    private static async Task<ScriptedServer> FailingFirstAsync(int times, Func<Exchange, Task> fail, string? success = null, ScriptedServer.Options? options = null)
    {
        int count = 0;
        return await ScriptedServer.StartAsync(
            exchange => Interlocked.Increment(ref count) <= times ? fail(exchange) : exchange.JsonAsync(success ?? Thing.Of("a", 7).ToJson()), options);
    }
}
