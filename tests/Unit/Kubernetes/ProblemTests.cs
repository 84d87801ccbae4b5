using System.Text;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;
using CapiWorkshop.Tests.Unit.Support;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CapiWorkshop.Tests.Unit.Kubernetes;

/// <summary>What is made of answers that are no success, and of such that cannot be understood.</summary>
public sealed class ProblemTests
{
    private const string Html = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";

    private static readonly ResourcePath A = new(Thing.Type, "default", "a");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(ProblemRows.Answers), MemberType = typeof(ProblemRows))]
    public async Task Every_refusal_is_a_problem_with_an_id_of_its_own(int status, string? reason, string id, CapiProblemCategory category, string wayOut, bool quotes)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => reason is null
            ? exchange.AnswerAsync(status, """{"message":"what the server says"}""", ("Retry-After", "0"))
            : exchange.StatusAsync(status, reason, "what the server says", ("Retry-After", "0")));
        using KubernetesApi api = server.Connect();

        foreach (Func<Task> attempt in (Func<Task>[])[() => api.GetAsync(A, Thing.Read, Cancelled), () => api.PatchAsync(A, Patch.Merge("{}"u8.ToArray()), Thing.Read, false, Cancelled), () => api.DeleteAsync(A, new(), Cancelled)])
        {
            CapiProblemException refusal = await Should.ThrowAsync<CapiProblemException>(attempt);
            CapiProblem problem = refusal.Problem;
            problem.Id.ShouldBe(id.Replace("*", "Thing", StringComparison.Ordinal));
            problem.Category.ShouldBe(category);
            problem.HttpStatus.ShouldBe(status);
            problem.Target.ShouldBe("default/a");
            problem.Action.ShouldContain(wayOut);
            problem.Message.Contains("what the server says", StringComparison.Ordinal).ShouldBe(quotes, problem.Message);
            (problem.Message.Contains(server.Address, StringComparison.Ordinal) || problem.Message.Contains("hing", StringComparison.Ordinal)).ShouldBeTrue(problem.Message);
            Problems.Shown(refusal).ShouldNotContain(ScriptedServer.Token);
        }
    }

    [Theory]
    [MemberData(nameof(ProblemRows.Connections), MemberType = typeof(ProblemRows))]
    public async Task Every_failure_without_an_answer_is_a_problem_with_an_id_of_its_own(string id, CapiProblemCategory category, string wayOut)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(async exchange =>
        {
            switch (id)
            {
                case ProblemId.ApiAnswerInvalid:
                    await exchange.JsonAsync(Html);
                    break;
                case ProblemId.ConnectionLost:
                    exchange.Cut();
                    break;
            }
        });
        using TestAuthority stranger = new();
        HastyClock clock = new();
        string address = id == ProblemId.HostNotFound ? "https://nowhere.invalid" : server.Address;
        using KubernetesApi api = server.Connect(address: address, authority: id == ProblemId.CertificateNotTrusted ? stranger.Pem : null, clock: clock);
        using IDisposable? silence = id == ProblemId.ApiTimeout ? clock.LetTimeOut() : null;
        if (id == ProblemId.ConnectionRefused)
        {
            await server.StopAsync();
        }

        CapiProblemException failure = await Should.ThrowAsync<CapiProblemException>(() => api.GetAsync(A, Thing.Read, Cancelled));

        CapiProblem problem = failure.Problem;
        (problem.Id, problem.Category, problem.HttpStatus, problem.Target).ShouldBe((id, category, null, address));
        problem.Message.ShouldContain(address);
        problem.Action.ShouldContain(wayOut);
        Problems.Shown(failure).ShouldNotContain(ScriptedServer.Token);
    }

    [Fact]
    public async Task An_object_that_is_not_there_is_told_from_a_resource_that_is_not_served()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.StatusAsync(404, "NotFound", "the server could not find the requested resource"));
        using KubernetesApi api = server.Connect();

        CapiProblem named = await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled));
        CapiProblem listed = await Problems.OfAsync(() => ListAsync(api));

        named.Message.ShouldBe("There is no Thing 'a' in namespace 'default'.");
        listed.Id.ShouldBe("ThingNotFound");
        listed.Message.ShouldContain("does not serve things.tests.example.com");
        listed.Target.ShouldBe("things.tests.example.com");
    }

    [Fact]
    public async Task A_missing_right_is_named_with_its_verb_its_resource_and_its_subresource()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.StatusAsync(403, "Forbidden"));
        using KubernetesApi api = server.Connect();

        (await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled))).Message.ShouldContain("get things.tests.example.com in namespace 'default'");
        (await Problems.OfAsync(() => ListAsync(api))).Message.ShouldContain("list things.tests.example.com");
        (await Problems.OfAsync(() => api.PatchAsync(A with { Subresource = "scale" }, Patch.Merge("{}"u8.ToArray()), Thing.Read, false, Cancelled))).Message.ShouldContain("patch things.tests.example.com/scale");
        (await Problems.OfAsync(() => api.DiscoverAsync(Cancelled))).Id.ShouldBe(ProblemId.ApiForbidden);
    }

    [Theory]
    [InlineData(401, ProblemId.ApiUnauthorized)]
    [InlineData(403, ProblemId.ApiForbidden)]
    [InlineData(502, ProblemId.ApiUnavailable)]
    [InlineData(503, ProblemId.ApiUnavailable)]
    [InlineData(504, ProblemId.ApiTimeout)]
    public async Task A_proxys_page_is_judged_by_its_status_and_not_shown(int status, string id)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.AnswerAsync(status, Html, ("Retry-After", "0")));
        using KubernetesApi api = server.Connect();

        CapiProblem problem = await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled));

        problem.Id.ShouldBe(id);
        problem.Message.ShouldNotContain("<");
    }

    [Fact]
    public async Task A_refusal_whose_body_is_cut_off_is_judged_by_its_status()
    {
        await using RawServer server = new("HTTP/1.1 403 Forbidden\r\nContent-Length: 1000\r\n\r\n{\"kind\":");
        using KubernetesApi api = server.Connect();

        (await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled))).Id.ShouldBe(ProblemId.ApiForbidden);
    }

    [Theory]
    [InlineData("")]
    [InlineData(Html)]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("{\"metadata\":{\"name\":\"a\"}")]
    [InlineData("{\"metadata\":{}}")] // what the reader itself does not accept
    public async Task An_object_that_cannot_be_understood_is_said_so(string body)
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(body);
        using KubernetesApi api = server.Connect();

        CapiProblem get = await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled));
        CapiProblem patch = await Problems.OfAsync(() => api.PatchAsync(A, Patch.Merge("{}"u8.ToArray()), Thing.Read, false, Cancelled));

        get.Id.ShouldBe(ProblemId.ApiAnswerInvalid);
        get.Message.ShouldContain(server.Address);
        patch.Id.ShouldBe(ProblemId.ApiAnswerInvalid);
    }

    [Theory]
    [InlineData(Html)]
    [InlineData("[]")]
    [InlineData("{\"items\":[1]}")]
    [InlineData("{\"items\":[{\"metadata\":{}}]}")]
    [InlineData("{\"items\":[{]}")]
    public async Task A_list_that_cannot_be_understood_is_said_so(string body)
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(body);
        using KubernetesApi api = server.Connect();

        (await Problems.OfAsync(() => ListAsync(api))).Id.ShouldBe(ProblemId.ApiAnswerInvalid);
    }

    [Theory]
    [InlineData("")]
    [InlineData(Html)]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"gitVersion\":1}")]
    [InlineData("{\"gitVersion\":null}")]
    public async Task A_version_that_cannot_be_understood_is_said_so(string body)
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(body);
        using KubernetesApi api = server.Connect();

        (await Problems.OfAsync(() => api.GetServerVersionAsync(Cancelled))).Id.ShouldBe(ProblemId.ApiAnswerInvalid);
    }

    [Theory]
    [InlineData("")]
    [InlineData(Html)]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"kind\":1}")]
    [InlineData("{\"kind\":\"APIGroupDiscoveryList\",\"items\":[1]}")]
    [InlineData("{\"kind\":\"APIGroupList\",\"groups\":[\"a\"]}")]
    public async Task A_discovery_that_cannot_be_understood_is_said_so(string body)
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(body);
        using KubernetesApi api = server.Connect();

        (await Problems.OfAsync(() => api.DiscoverAsync(Cancelled))).Id.ShouldBe(ProblemId.ApiAnswerInvalid);
    }

    [Fact]
    public async Task A_damaged_compression_is_said_so_and_does_not_hide_a_refusal()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange =>
            exchange.AnswerAsync(exchange.Path.EndsWith("/b", StringComparison.Ordinal) ? 403 : 200, "this is not gzip at all", ("Content-Encoding", "gzip")));
        using KubernetesApi api = server.Connect();

        (await Problems.OfAsync(() => ListAsync(api))).Id.ShouldBe(ProblemId.ApiAnswerInvalid);
        (await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled))).Id.ShouldBe(ProblemId.ApiAnswerInvalid);
        (await Problems.OfAsync(() => api.GetAsync(A with { Name = "b" }, Thing.Read, Cancelled))).Id.ShouldBe(ProblemId.ApiForbidden);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1, true)]
    [InlineData(HttpProtocols.Http1AndHttp2, true)]
    [InlineData(HttpProtocols.Http1AndHttp2, false)]
    public async Task A_list_whose_connection_breaks_is_a_lost_connection_and_never_a_shorter_list(HttpProtocols protocols, bool cut)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(options: new() { Protocols = protocols });
        using KubernetesApi api = server.Connect();
        await using IAsyncEnumerator<Thing> list = api.ListAsync(new(Thing.Type), Thing.Read, Cancelled).GetAsyncEnumerator(Cancelled);
        Task<bool> first = list.MoveNextAsync().AsTask();
        Exchange request = await server.NextAsync();
        await request.SendAsync($$"""{"metadata":{"resourceVersion":"7"},"items":[{{Thing.Of("a", 1).ToJson()}},{"metadata":""");
        (await first.WaitAsync(ScriptedServer.Limit, Cancelled)).ShouldBeTrue();

        if (cut)
        {
            request.Cut();
        }
        else
        {
            request.BreakOff();
        }

        (await Problems.OfAsync(() => list.MoveNextAsync().AsTask().WaitAsync(ScriptedServer.Limit, Cancelled))).Id.ShouldBe(ProblemId.ConnectionLost);
        server.Seen.Count.ShouldBe(1); // what was handed on already cannot be taken back: no second try
    }

    [Theory]
    [InlineData("""{"metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"a"}},{"metadata":""")]
    [InlineData("""{"metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"a"}},""")]
    [InlineData("""{"metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"a"}}""")]
    [InlineData("""{"metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"a"}}]""")]
    [InlineData("""{"metadata":{"reso""")]
    public async Task A_list_that_ends_too_early_in_good_order_is_a_lost_connection_too(string body)
    {
        // so it looks where a proxy ends the answer whose server has died
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(body);
        using KubernetesApi api = server.Connect();

        (await Problems.OfAsync(() => ListAsync(api))).Id.ShouldBe(ProblemId.ConnectionLost);
    }

    [Fact]
    public async Task An_object_whose_connection_breaks_is_a_lost_connection()
    {
        await using RawServer server = new("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"metadata\":");
        using KubernetesApi api = server.Connect();

        (await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled))).Id.ShouldBe(ProblemId.ConnectionLost);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task No_redirect_is_followed_with_credentials(int status)
    {
        await using ScriptedServer other = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.AnswerAsync(status, "", ("Location", other.Address + exchange.PathAndQuery)));
        using KubernetesApi api = server.Connect(authority: server.Authority.Pem + "\n" + other.Authority.Pem);

        CapiProblem problem = await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled));

        problem.HttpStatus.ShouldBe(status);
        other.Seen.ShouldBeEmpty();
        server.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_huge_refusal_is_read()
    {
        string message = new StringBuilder().Insert(0, "0123456789", 100_000).ToString();
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.StatusAsync(422, "Invalid", message));
        using KubernetesApi api = server.Connect();

        (await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled))).Message.ShouldContain("0123456789");
    }

    private static Task<List<Thing>> ListAsync(KubernetesApi api) =>
        api.ListAsync(new(Thing.Type), Thing.Read, Cancelled).ToListAsync(Cancelled).AsTask();
}
