using CapiWorkshop.Kubernetes;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;

namespace CapiWorkshop.Tests.Unit.Kubernetes;

/// <summary>What a connection tells about itself.</summary>
public sealed class ObserverTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_request_is_told_once_with_the_bytes_that_were_read()
    {
        string one = Thing.Of("a", 7).ToJson(), list = Thing.ListOf("7", Thing.Of("a", 7));
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.JsonAsync(
            exchange.Path == "/version" ? """{"gitVersion":"v1.34.1"}""" : exchange.Path.EndsWith("/a", StringComparison.Ordinal) ? one : list));
        using KubernetesApi connection = server.Connect();
        Recorder recorder = new();
        IKubernetesApi api = connection.Observe(recorder);

        await api.GetAsync(new(Thing.Type, "default", "a"), Thing.Read, Cancelled);
        await api.PatchAsync(new(Thing.Type, "default", "a"), Patch.Merge("{}"u8.ToArray()), Thing.Read, false, Cancelled);
        await api.ListAsync(new(Thing.Type, LabelSelector: "a=b"), Thing.Read, Cancelled).ToListAsync(Cancelled);
        await api.GetServerVersionAsync(Cancelled);

        recorder.Requests.Select(request => (request.Method, request.PathAndQuery, request.Status, request.Bytes)).ShouldBe(
        [
            ("GET", "/apis/tests.example.com/v1/namespaces/default/things/a", 200, one.Length),
            ("PATCH", "/apis/tests.example.com/v1/namespaces/default/things/a?fieldManager=capiworkshop", 200, one.Length),
            ("GET", "/apis/tests.example.com/v1/things?labelSelector=a%3Db", 200, list.Length),
            ("GET", "/version", 200, 24),
        ]);
        recorder.Requests.ShouldAllBe(request => request.Elapsed > TimeSpan.Zero);
        recorder.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_refused_request_is_told_with_its_status()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.StatusAsync(403, "Forbidden"));
        using KubernetesApi api = server.Connect();
        Recorder recorder = new();

        await Problems.OfAsync(() => api.Observe(recorder).GetAsync(new(Thing.Type, "default", "a"), Thing.Read, Cancelled));

        ApiRequest request = recorder.Requests.ShouldHaveSingleItem();
        request.Status.ShouldBe(403);
        request.Bytes.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_request_without_an_answer_is_told_without_a_status()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        await server.StopAsync();
        Recorder recorder = new();

        await Problems.OfAsync(() => api.Observe(recorder).GetAsync(new(Thing.Type, "default", "a"), Thing.Read, Cancelled));

        ApiRequest request = recorder.Requests.ShouldHaveSingleItem();
        request.Status.ShouldBeNull();
        request.Bytes.ShouldBe(0);
    }

    [Fact]
    public async Task A_list_that_is_left_early_is_told_too()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.ListOf("7", Thing.Of("a", 1), Thing.Of("b", 2)));
        using KubernetesApi api = server.Connect();
        Recorder recorder = new();

        await api.Observe(recorder).ListAsync(new(Thing.Type), Thing.Read, Cancelled).FirstAsync(Cancelled);

        recorder.Requests.ShouldHaveSingleItem().Bytes.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_request_is_told_when_its_answer_has_been_let_go_of()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        Task<Thing> left = api.Observe(new Thrower()).ListAsync(new(Thing.Type), Thing.Read, Cancelled).FirstAsync(Cancelled).AsTask();
        Exchange list = await server.NextAsync();
        TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
        list.ClientGone.Register(gone.SetResult);

        await list.SendAsync(Thing.ListOf("7", Thing.Of("a", 1), Thing.Of("b", 2))[..^30]);

        await Should.ThrowAsync<NotSupportedException>(() => left);
        await gone.Task.WaitAsync(ScriptedServer.Limit, Cancelled);
    }

    [Fact]
    public async Task No_credential_is_ever_told()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.StatusAsync(401, "Unauthorized"));
        using KubernetesApi api = server.Connect();
        Recorder recorder = new();

        CapiProblemException exception = await Should.ThrowAsync<CapiProblemException>(() => api.Observe(recorder).GetAsync(new(Thing.Type, "default", "a"), Thing.Read, Cancelled));

        $"{recorder.Requests[0]} {Problems.Shown(exception)}".ShouldNotContain(ScriptedServer.Token);
    }

    [Fact]
    public async Task A_certificate_that_is_not_checked_is_told_once_to_the_whole_connection()
    {
        using TestAuthority other = new("somebody else");
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson(), new() { Certificate = other.IssueServer("elsewhere.example.com", DateTimeOffset.UtcNow.AddHours(-1)) });
        using KubernetesApi api = server.Connect(authority: "", cluster: "insecure-skip-tls-verify: true");
        Recorder first = new(), second = new();

        await api.GetAsync(new(Thing.Type, "default", "a"), Thing.Read, Cancelled); // nobody listens yet
        await api.Observe(first).GetAsync(new(Thing.Type, "default", "a"), Thing.Read, Cancelled);
        await api.Observe(first).GetAsync(new(Thing.Type, "default", "a"), Thing.Read, Cancelled);
        await api.Observe(second).GetAsync(new(Thing.Type, "default", "a"), Thing.Read, Cancelled);

        first.Warnings.ShouldHaveSingleItem().ShouldContain("insecure-skip-tls-verify");
        second.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_warning_of_the_server_is_told_once()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.JsonAsync(
            Thing.Of("a", 7).ToJson(),
            ("Warning", "299 - \"things v1 is deprecated; use v2\""), ("Warning", "299 - \"unknown field\", 199 - \"stale\", 110 cache \"old\"")));
        using KubernetesApi api = server.Connect();
        Recorder recorder = new();

        await api.Observe(recorder).GetAsync(new(Thing.Type, "default", "a"), Thing.Read, Cancelled);
        await api.Observe(recorder).GetAsync(new(Thing.Type, "default", "b"), Thing.Read, Cancelled);

        recorder.Warnings.ShouldBe(["things v1 is deprecated; use v2", "unknown field"]);
    }

    [Fact]
    public async Task What_one_connection_has_warned_of_another_does_not()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.JsonAsync(Thing.Of("a", 7).ToJson(), ("Warning", "299 - \"deprecated\"")));
        ToldWarnings told = new();
        Recorder recorder = new();
        for (int i = 0; i < 2; i++)
        {
            using KubernetesApi api = server.Connect(cluster: "insecure-skip-tls-verify: true", authority: "", told: told);
            await api.Observe(recorder).GetAsync(new(Thing.Type, "default", "a"), Thing.Read, Cancelled);
        }

        recorder.Warnings.Count.ShouldBe(2);
        recorder.Warnings[0].ShouldContain("insecure-skip-tls-verify");
        recorder.Warnings[1].ShouldBe("deprecated");
    }

    [Fact]
    public async Task Each_attempt_is_counted()
    {
        int asked = 0;
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => ++asked < 3 ? exchange.StatusAsync(429, "TooManyRequests") : exchange.JsonAsync(Thing.Of("a", 7).ToJson()));
        using KubernetesApi api = server.Connect(clock: new HastyClock());
        Recorder recorder = new();

        await api.Observe(recorder).GetAsync(new(Thing.Type, "default", "a"), Thing.Read, Cancelled);

        ApiRequest request = recorder.Requests.ShouldHaveSingleItem();
        (request.Status, request.Attempts).ShouldBe((200, 3));
    }

    [Fact]
    public async Task A_request_that_is_given_up_is_told_too()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        Recorder recorder = new();
        Task<Thing> asking = api.Observe(recorder).GetAsync(new(Thing.Type, "default", "a"), Thing.Read, stop.Token);
        await server.NextAsync();

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(asking);
        recorder.Requests.ShouldHaveSingleItem().Status.ShouldBeNull();
    }

    [Fact]
    public async Task A_warning_may_come_with_a_refusal()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.StatusAsync(422, "Invalid", "no", ("Warning", "299 - \"deprecated\"")));
        using KubernetesApi api = server.Connect();
        Recorder recorder = new();

        await Problems.OfAsync(() => api.Observe(recorder).GetAsync(new(Thing.Type, "default", "a"), Thing.Read, Cancelled));

        recorder.Warnings.ShouldBe(["deprecated"]);
    }

    [Theory]
    [InlineData("299 - \"use \\\"v2\\\"\"", "use \"v2\"")]
    [InlineData("299 - \"\\\"v1\\\" is deprecated\"", "\"v1\" is deprecated")]
    [InlineData("299 - \"a \\\\ b\"", "a \\ b")]
    [InlineData("299 - \"deprecated\" \"Sat, 01 Jan 2022 00:00:00 GMT\"", "deprecated")]
    public async Task A_warning_is_told_as_it_was_meant(string header, string expected)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.JsonAsync(Thing.Of("a", 7).ToJson(), ("Warning", header)));
        using KubernetesApi api = server.Connect();
        Recorder recorder = new();

        await api.Observe(recorder).GetAsync(new(Thing.Type, "default", "a"), Thing.Read, Cancelled);

        recorder.Warnings.ShouldBe([expected]);
    }

    [Fact]
    public async Task A_warning_that_cannot_be_understood_does_no_harm()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.JsonAsync(Thing.Of("a", 7).ToJson(), ("Warning", "nonsense")));
        using KubernetesApi api = server.Connect();
        Recorder recorder = new();

        Thing thing = await api.Observe(recorder).GetAsync(new(Thing.Type, "default", "a"), Thing.Read, Cancelled);

        thing.Name.ShouldBe("a");
        recorder.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public async Task Whoever_is_done_observing_does_not_end_the_connection()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        using KubernetesApi api = server.Connect();

        api.Observe(new Recorder()).Dispose();

        (await api.GetAsync(new(Thing.Type, "default", "a"), Thing.Read, Cancelled)).Name.ShouldBe("a");
        api.Observe(new Recorder()).Endpoint.ShouldBe(api.Endpoint);
    }

    [Fact]
    public async Task The_endpoint_tells_where_one_is_and_as_whom()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect($"{{ token: {ScriptedServer.Token}, as: somebody, as-groups: [ some ] }}");

        api.Endpoint.ImpersonatedUser.ShouldBe("somebody");
        api.Endpoint.Server.ShouldBe(new Uri(server.Address));
        api.Endpoint.Context.ShouldBe("scripted");
        api.Endpoint.Namespace.ShouldBe("default");
        api.Endpoint.User.ShouldBe("tester");
        api.Endpoint.Fingerprint.Length.ShouldBe(32);
    }

    /// <summary>An observer that fails.</summary>
    private sealed class Thrower : IApiObserver
    {
        public void RequestCompleted(ApiRequest request) => throw new NotSupportedException();

        public void Warning(string message)
        {
        }
    }
}
