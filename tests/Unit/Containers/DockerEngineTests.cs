using System.IO.Pipes;
using CapiWorkshop.Containers;
using CapiWorkshop.Containers.Configuration;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Containers.Support;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Containers;

/// <summary>What is asked of an engine, over every kind of wire.</summary>
public sealed class DockerEngineTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1.24", "1.24")]
    [InlineData("1.41", "1.41")]
    [InlineData("1.50", "1.50")]
    [InlineData("1.99", "1.50")]
    [InlineData("2.0", "1.50")]
    public async Task The_newest_version_that_both_sides_know_is_spoken(string newest, string spoken)
    {
        await using ScriptedEngine server = await ScriptedEngine.AnsweringAsync("""{"Platform":{"Name":""},"Components":[{"Version":"no"}],"Version":"20.10.24","ApiVersion":"1.41"}""", apiVersion: newest);
        using DockerEngine engine = server.Connect();

        EngineVersion version = await engine.GetVersionAsync(Token).InTime();

        version.ShouldBe(new("20.10.24", newest, spoken));
        server.Asked.ShouldBe(["/_ping", $"/v{spoken}/version"]);
        server.Seen.ShouldAllBe(exchange => exchange.Headers["User-Agent"].StartsWith("CapiWorkshop/"));
    }

    [Fact]
    public async Task The_version_is_negotiated_once_however_many_ask_at_once()
    {
        await using ScriptedEngine server = await ScriptedEngine.AnsweringAsync("[]");
        using DockerEngine engine = server.Connect();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => engine.ListAsync([], Token))).InTime();

        server.Asked.Count(path => path == "/_ping").ShouldBe(1);
        server.Asked.Count.ShouldBe(21);
    }

    [Fact]
    public async Task A_negotiation_that_failed_is_tried_again()
    {
        int pings = 0;
        await using ScriptedEngine server = await ScriptedEngine.StartAsync(
            exchange => exchange.Path != "/_ping" ? exchange.JsonAsync("[]")
                : Interlocked.Increment(ref pings) == 1 ? exchange.AnswerAsync(503, """{"message":"starting"}""")
                : exchange.AnswerAsync(200, "OK", ("Api-Version", "1.41")),
            apiVersion: null);
        using DockerEngine engine = server.Connect();

        (await Problems.OfAsync(() => engine.ListAsync([], Token))).Id.ShouldBe(ProblemId.EngineUnavailable);
        (await engine.ListAsync([], Token).InTime()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Containers_are_asked_for_by_their_labels_whatever_they_are_doing()
    {
        await using ScriptedEngine server = await ScriptedEngine.AnsweringAsync("""[{"Id":"aa","Names":["/a"],"State":"exited"}]""");
        using DockerEngine engine = server.Connect();

        IReadOnlyList<EngineContainer> containers = await engine.ListAsync([new("io.x-k8s.kind.cluster", "dev & \"cluster\""), new("io.x-k8s.kind.role")], Token).InTime();
        await engine.ListAsync([], Token).InTime();

        containers.ShouldHaveSingleItem().State.ShouldBe(ContainerState.Exited);
        server.Asked[1].ShouldBe("""/v1.41/containers/json?all=true&filters={"label":["io.x-k8s.kind.cluster=dev \u0026 \u0022cluster\u0022","io.x-k8s.kind.role"]}""");
        server.Asked[2].ShouldBe("/v1.41/containers/json?all=true");
    }

    [Fact]
    public async Task A_sample_is_one_reading_and_not_a_pair()
    {
        await using ScriptedEngine server = await ScriptedEngine.AnsweringAsync(Stats.CgroupV2);
        using DockerEngine engine = server.Connect();

        ContainerSample? sample = await engine.SampleAsync("a/b", Token).InTime();

        sample.ShouldBe(Stats.Read(Stats.CgroupV2));
        server.Seen[1].PathAndQuery.ShouldBe("/v1.41/containers/a%2Fb/stats?stream=false&one-shot=true");
    }

    [Theory]
    [InlineData(200, Stats.Stopped)]
    [InlineData(200, "")]
    [InlineData(409, """{"cause":"container is stopped","message":"container is not running","response":409}""")]
    public async Task A_container_that_does_not_run_has_no_sample_however_its_engine_says_so(int status, string body)
    {
        await using ScriptedEngine server = await ScriptedEngine.AnsweringAsync(body, status);
        using DockerEngine engine = server.Connect();

        (await engine.SampleAsync("aa", Token).InTime()).ShouldBeNull();
    }

    [Fact]
    public async Task Many_samples_are_under_way_at_once()
    {
        const int Many = 50;
        int waiting = 0;
        TaskCompletionSource all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedEngine server = await ScriptedEngine.StartAsync(async exchange =>
        {
            if (Interlocked.Increment(ref waiting) == Many)
            {
                all.SetResult();
            }

            await all.Task; // nobody is answered before all have asked
            await exchange.JsonAsync(Stats.CgroupV1);
        });
        using DockerEngine engine = server.Connect();

        ContainerSample?[] samples = await Task.WhenAll(Enumerable.Range(0, Many).Select(i => engine.SampleAsync($"c{i}", Token))).InTime();

        samples.ShouldAllBe(sample => sample != null);
    }

    [Fact]
    public async Task A_container_is_removed_by_its_whole_id_with_force_and_without_its_volumes()
    {
        string id = new('a', 64);
        await using ScriptedEngine server = await ScriptedEngine.AnsweringAsync("", 204);
        using DockerEngine engine = server.Connect();
        Recorder recorder = new();

        await engine.Observe(recorder).RemoveAsync(id, Token).InTime();

        (server.Seen[1].Method, server.Seen[1].PathAndQuery).ShouldBe(("DELETE", $"/v1.41/containers/{id}?force=true&v=false"));
        recorder.Requests[^1].Method.ShouldBe("DELETE");
    }

    [Theory]
    [InlineData("dev-cluster-lb")]
    [InlineData("4bd0a3c87e57")]
    [InlineData("../networks/kind?aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task What_is_no_whole_id_removes_nothing(string id)
    {
        await using ScriptedEngine server = await ScriptedEngine.AnsweringAsync("", 204);
        using DockerEngine engine = server.Connect();

        await Should.ThrowAsync<ArgumentException>(() => engine.RemoveAsync(id, Token).InTime());

        server.Asked.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(404, "ContainerNotFound", CapiProblemCategory.ObjectNotFound)]
    [InlineData(403, ProblemId.EngineForbidden, CapiProblemCategory.PermissionDenied)]
    [InlineData(500, ProblemId.EngineUnavailable, CapiProblemCategory.ResourceUnavailable)]
    public async Task A_removal_that_is_refused_is_a_problem(int status, string id, CapiProblemCategory category)
    {
        await using ScriptedEngine server = await ScriptedEngine.AnsweringAsync("""{"message":"no"}""", status);
        using DockerEngine engine = server.Connect();

        CapiProblem problem = await Problems.OfAsync(() => engine.RemoveAsync(new('b', 64), Token));

        (problem.Id, problem.Category).ShouldBe((id, category));
    }

    [Fact]
    public async Task An_observer_is_told_of_every_request()
    {
        await using ScriptedEngine server = await ScriptedEngine.StartAsync(exchange => exchange.AnswerAsync(exchange.Path.Contains("gone") ? 404 : 200, "[]"));
        using DockerEngine engine = server.Connect();
        Recorder recorder = new();
        using (IContainerEngine observed = engine.Observe(recorder))
        {
            observed.Endpoint.ShouldBe(engine.Endpoint);
            await observed.ListAsync([], Token).InTime();
            await Problems.OfAsync(() => observed.SampleAsync("gone", Token));
        }

        await engine.ListAsync([], Token).InTime(); // disposing of the observed one ended nothing
        recorder.Requests.Select(request => (request.Method, request.PathAndQuery, request.Status, request.Bytes)).ShouldBe(
        [
            ("GET", "/_ping", 200, 2),
            ("GET", "/v1.41/containers/json?all=true", 200, 2),
            ("GET", "/v1.41/containers/gone/stats?stream=false&one-shot=true", 404, 2),
        ]);
        recorder.Requests.ShouldAllBe(request => request.Received == null);
        recorder.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_observer_that_wants_bodies_is_told_them()
    {
        await using ScriptedEngine server = await ScriptedEngine.StartAsync(exchange => exchange.AnswerAsync(200, "[]"));
        using DockerEngine engine = server.Connect();
        Recorder recorder = new() { WantsBodies = true };

        await engine.Observe(recorder).ListAsync([], Token).InTime();

        recorder.Requests[^1].Received.ShouldBe("[]");
    }

    [Fact]
    public async Task An_engine_is_reached_over_tcp()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(AnswerAsync, new() { Https = false });
        using DockerEngine engine = new(EngineTarget.At($"tcp://127.0.0.1:{server.Port}/behind/a/proxy", "the test", _ => null));

        (await engine.ListAsync([], Token).InTime()).ShouldBeEmpty();
        server.Seen.Select(exchange => exchange.Path).ShouldBe(["/behind/a/proxy/_ping", "/behind/a/proxy/v1.41/containers/json"]);
    }

    [Fact]
    public async Task An_engine_is_reached_over_tls_by_certificates_of_both_sides()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(AnswerAsync, new() { AskForClientCertificate = true });
        using TempFolder certificates = new();
        (string certificate, string key, string thumbprint) = server.Authority.IssueClient("me");
        certificates.Write("ca.pem", server.Authority.Pem);
        certificates.Write("cert.pem", certificate);
        certificates.Write("key.pem", key);
        using DockerEngine engine = new(Tls(server, certificates, "DOCKER_TLS_VERIFY"));

        (await engine.ListAsync([], Token).InTime()).ShouldBeEmpty();
        server.Seen.ShouldAllBe(exchange => exchange.ClientThumbprint == thumbprint);
    }

    [Fact]
    public async Task A_certificate_of_somebody_else_is_not_trusted()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(AnswerAsync);
        using TestAuthority other = new("another authority");
        using TempFolder certificates = new();
        certificates.Write("ca.pem", other.Pem);
        using DockerEngine engine = new(Tls(server, certificates, "DOCKER_TLS_VERIFY"));

        CapiProblem problem = await Problems.OfAsync(() => engine.ListAsync([], Token));

        (problem.Id, problem.Category, problem.Target).ShouldBe((ProblemId.CertificateNotTrusted, CapiProblemCategory.SecurityError, $"tcp://127.0.0.1:{server.Port}"));
        problem.Action.ShouldContain("DOCKER_CERT_PATH");
        server.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Not_to_check_a_certificate_takes_an_order_and_is_warned_about_once()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(AnswerAsync);
        using TempFolder certificates = new();
        ToldWarnings told = new();
        using DockerEngine first = new(Tls(server, certificates, "DOCKER_TLS"), told: told), second = new(Tls(server, certificates, "DOCKER_TLS"), told: told);
        Recorder recorder = new();

        foreach (DockerEngine engine in (DockerEngine[])[first, second])
        {
            (await engine.Observe(recorder).ListAsync([], Token).InTime()).ShouldBeEmpty();
        }

        recorder.Warnings.ShouldHaveSingleItem().ShouldContain("not checked");
    }

    [Fact]
    public async Task An_engine_is_reached_over_a_named_pipe()
    {
        string name = "capiworkshop-" + Guid.NewGuid().ToString("N");
        await using NamedPipeServerStream pipe = new(name, PipeDirection.InOut, 1, PipeTransmissionMode.Byte, PipeOptions.Asynchronous);
        Task serving = ServeAsync(pipe);
        using DockerEngine engine = new(EngineTarget.At($"npipe:////./pipe/{name}", "the test", _ => null));

        (await engine.ListAsync([], Token).InTime()).ShouldBeEmpty();
        await serving.InTime();
    }

    private static Task AnswerAsync(Exchange exchange) => exchange.Path.EndsWith("/_ping", StringComparison.Ordinal)
        ? exchange.AnswerAsync(200, "OK", ("Api-Version", "1.41"))
        : exchange.JsonAsync("[]");

    private static EngineTarget Tls(ScriptedServer server, TempFolder certificates, string how) => EngineTarget.At(
        $"tcp://127.0.0.1:{server.Port}", "the test", name => name == how ? "1" : name == "DOCKER_CERT_PATH" ? certificates.Path : null);

    /// <summary>Just enough HTTP for two questions.</summary>
    private static async Task ServeAsync(NamedPipeServerStream pipe)
    {
        await pipe.WaitForConnectionAsync(Token);
        using StreamReader reader = new(pipe, leaveOpen: true);
        foreach (string body in (string[])["OK", "[]"])
        {
            while (await reader.ReadLineAsync(Token) is { Length: > 0 })
            {
                // the head ends with an empty line, and there is no body
            }

            await pipe.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: {body.Length}\r\n\r\n{body}"), Token);
        }
    }
}
