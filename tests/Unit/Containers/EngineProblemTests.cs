using System.Net;
using System.Net.Sockets;
using CapiWorkshop.Containers;
using CapiWorkshop.Containers.Configuration;
using CapiWorkshop.Containers.Http;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Containers.Support;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;
using CapiWorkshop.Tests.Unit.Support;
using Microsoft.Extensions.Time.Testing;

namespace CapiWorkshop.Tests.Unit.Containers;

/// <summary>Everything that can go wrong between here and an engine has an id, a category, a target and a way out.</summary>
public sealed class EngineProblemTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(400, """{"message":"client version 1.24 is too old. Minimum supported API version is 1.60"}""", ProblemId.EngineVersionNotSupported, CapiProblemCategory.NotInstalled)]
    [InlineData(400, "client version 1.50 is too old. Minimum supported API version is 1.60, please upgrade\n", ProblemId.EngineVersionNotSupported, CapiProblemCategory.NotInstalled)]
    [InlineData(400, """{"message":"bad filter."}""", ProblemId.ApiInvalid, CapiProblemCategory.InvalidArgument)]
    [InlineData(401, "", ProblemId.EngineForbidden, CapiProblemCategory.PermissionDenied)]
    [InlineData(403, """{"message":"authorization denied by plugin"}""", ProblemId.EngineForbidden, CapiProblemCategory.PermissionDenied)]
    [InlineData(404, """{"message":"page not found"}""", ProblemId.ApiAnswerInvalid, CapiProblemCategory.InvalidData)]
    [InlineData(500, """{"message":"database is locked"}""", ProblemId.EngineUnavailable, CapiProblemCategory.ResourceUnavailable)]
    [InlineData(502, "<html>Bad Gateway</html>", ProblemId.EngineUnavailable, CapiProblemCategory.ResourceUnavailable)]
    [InlineData(302, "", ProblemId.ApiInvalid, CapiProblemCategory.InvalidArgument)]
    public async Task A_refusal_says_what_the_engine_says(int status, string body, string id, CapiProblemCategory category)
    {
        await using ScriptedEngine server = await ScriptedEngine.AnsweringAsync(body, status);
        using DockerEngine engine = server.Connect();

        CapiProblem problem = await FailAsync(engine, server.Address);

        (problem.Id, problem.Category, problem.HttpStatus).ShouldBe((id, category, status));
        problem.Message.ShouldNotContain("<");
        problem.Message.ShouldNotContain("..");
    }

    [Fact]
    public async Task A_container_that_has_gone_is_not_found()
    {
        await using ScriptedEngine server = await ScriptedEngine.AnsweringAsync("""{"message":"No such container: aa"}""", 404);
        using DockerEngine engine = server.Connect();

        CapiProblem problem = await Problems.OfAsync(() => engine.SampleAsync("aa", Token));

        (problem.Id, problem.Category, problem.Target).ShouldBe(("ContainerNotFound", CapiProblemCategory.ObjectNotFound, "aa"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("newest")]
    public async Task What_does_not_tell_its_version_is_no_engine(string? version)
    {
        await using ScriptedEngine server = await ScriptedEngine.StartAsync(
            exchange => version is null ? exchange.AnswerAsync(200, "<html>") : exchange.AnswerAsync(200, "OK", ("Api-Version", version)), apiVersion: null);
        using DockerEngine engine = server.Connect();

        (await FailAsync(engine, server.Address)).Id.ShouldBe(ProblemId.ApiAnswerInvalid);
    }

    [Fact]
    public async Task An_engine_that_is_too_old_is_told_what_is_needed()
    {
        await using ScriptedEngine server = await ScriptedEngine.AnsweringAsync("[]", apiVersion: "1.9");
        using DockerEngine engine = server.Connect();

        CapiProblem problem = await FailAsync(engine, server.Address);

        problem.Id.ShouldBe(ProblemId.EngineVersionNotSupported);
        problem.Message.ShouldContain("1.9");
        problem.Message.ShouldContain("1.24");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("<html>a proxy</html>")]
    [InlineData("""[{"Id":"aa","Names":["/a"]""")]
    [InlineData("""[{"Names":["/a"]}]""")]
    public async Task An_answer_that_is_none_is_a_problem_and_no_empty_list(string body)
    {
        await using ScriptedEngine server = await ScriptedEngine.AnsweringAsync(body);
        using DockerEngine engine = server.Connect();

        (await FailAsync(engine, server.Address)).Id.ShouldBe(ProblemId.ApiAnswerInvalid);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_a_lost_connection()
    {
        await using ScriptedEngine server = await ScriptedEngine.StartAsync(async exchange =>
        {
            await exchange.SendAsync("""[{"Id":"aa"}""");
            exchange.Cut();
        });
        using DockerEngine engine = server.Connect();

        (await FailAsync(engine, server.Address)).Id.ShouldBe(ProblemId.ConnectionLost);
    }

    [Fact]
    public async Task A_socket_that_does_not_exist_is_no_engine()
    {
        using TempFolder folder = new();
        string address = "unix://" + folder.PathOf("nope.sock");
        using DockerEngine engine = new(EngineTarget.At(address));

        CapiProblem problem = await FailAsync(engine, address);

        (problem.Id, problem.Category).ShouldBe((ProblemId.EngineNotFound, CapiProblemCategory.ObjectNotFound));
        problem.Action.ShouldContain("DOCKER_HOST");
    }

    [Fact]
    public async Task A_socket_in_what_is_no_folder_is_no_engine()
    {
        using TempFolder folder = new();
        string address = $"unix://{folder.Write("file", "")}/docker.sock";
        using DockerEngine engine = new(EngineTarget.At(address));

        (await FailAsync(engine, address)).Id.ShouldBe(OperatingSystem.IsWindows() ? ProblemId.ConnectionRefused : ProblemId.EngineNotFound);
    }

    [Fact]
    public async Task A_socket_that_its_engine_left_behind_refuses()
    {
        using TempFolder folder = new();
        string path = folder.PathOf("left.sock");
        using Socket left = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        left.Bind(new UnixDomainSocketEndPoint(path));
        using DockerEngine engine = new(EngineTarget.At("unix://" + path));

        (await FailAsync(engine, "unix://" + path)).Id.ShouldBe(ProblemId.ConnectionRefused);
    }

    [Fact]
    public async Task A_pipe_that_does_not_exist_is_no_engine()
    {
        string address = "npipe:////./pipe/capiworkshop-" + Guid.NewGuid().ToString("N");
        using DockerEngine engine = new(EngineTarget.At(address));

        (await FailAsync(engine, address)).Id.ShouldBe(ProblemId.EngineNotFound);
    }

    [Fact]
    public async Task A_port_that_nobody_listens_at_refuses()
    {
        using Socket taken = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // bound, so that nobody else gets it; not listening
        string address = $"tcp://127.0.0.1:{((IPEndPoint)taken.LocalEndPoint!).Port}";
        using DockerEngine engine = new(EngineTarget.At(address, "the test", _ => null));

        (await FailAsync(engine, address)).Id.ShouldBe(ProblemId.ConnectionRefused);
    }

    [Theory]
    [InlineData("unix:///var/run/docker.sock", "group")]
    [InlineData("npipe:////./pipe/docker_engine", "docker-users")]
    [InlineData("tcp://10.0.0.5:2375", "firewall")]
    public void No_permission_names_whom_to_join(string address, string way)
    {
        EngineTarget target = EngineTarget.At(address, "the test", _ => null);
        EngineProblems problems = new(target.ToEndpoint(), target.Address);
        HttpRequestException denied = new(HttpRequestError.ConnectionError, "no", new SocketException((int)SocketError.AccessDenied));
        HttpRequestException pipe = new(HttpRequestError.ConnectionError, "no", new UnauthorizedAccessException());

        foreach (CapiProblem problem in new[] { problems.FromException(denied)!, problems.FromException(pipe)! })
        {
            (problem.Id, problem.Category, problem.Target).ShouldBe((ProblemId.EngineForbidden, CapiProblemCategory.PermissionDenied, address));
            problem.Action.ShouldContain(way);
        }
    }

    [Fact]
    public void A_host_that_nobody_knows_is_named()
    {
        EngineTarget target = EngineTarget.At("tcp://engine.invalid:2375", "the test", _ => null);
        CapiProblem problem = new EngineProblems(target.ToEndpoint(), target.Address).FromException(new HttpRequestException(HttpRequestError.NameResolutionError))!;

        (problem.Id, problem.Target).ShouldBe((ProblemId.HostNotFound, "tcp://engine.invalid:2375"));
    }

    [Fact]
    public void What_is_not_the_networks_is_left_alone()
    {
        EngineTarget target = EngineTarget.At("unix:///a.sock");

        new EngineProblems(target.ToEndpoint(), target.Address).FromException(new InvalidOperationException()).ShouldBeNull();
    }

    [Fact]
    public async Task An_engine_that_hangs_is_given_up()
    {
        FakeTimeProvider clock = new();
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedEngine server = await ScriptedEngine.StartAsync(_ =>
        {
            asked.TrySetResult();
            return Task.CompletedTask;
        });
        using DockerEngine engine = server.Connect(clock);
        Recorder recorder = new();
        Task<ContainerSample?> sample = engine.Observe(recorder).SampleAsync("aa", Token);
        await asked.Task.InTime();
        sample.IsCompleted.ShouldBeFalse();

        clock.Advance(TimeSpan.FromSeconds(31));

        CapiProblem problem = await Problems.OfAsync(() => sample.InTime());
        (problem.Id, problem.Category, problem.Target).ShouldBe((ProblemId.EngineTimeout, CapiProblemCategory.OperationTimeout, server.Address));
        recorder.Requests[^1].Status.ShouldBeNull();
    }

    [Fact]
    public async Task A_cancelled_request_ends_at_once_and_the_engine_notices()
    {
        TaskCompletionSource<Exchange> asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedEngine server = await ScriptedEngine.StartAsync(exchange =>
        {
            asked.TrySetResult(exchange);
            return Task.CompletedTask;
        });
        using DockerEngine engine = server.Connect();
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<IReadOnlyList<EngineContainer>> list = engine.ListAsync([], stop.Token);
        Exchange exchange = await asked.Task.InTime();
        TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = exchange.ClientGone.Register(gone.SetResult);

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => list.InTime());
        await gone.Task.InTime();
    }

    [Fact]
    public async Task Who_is_cancelled_before_does_not_ask()
    {
        await using ScriptedEngine server = await ScriptedEngine.AnsweringAsync("[]");
        using DockerEngine engine = server.Connect();

        await Should.ThrowAsync<OperationCanceledException>(() => engine.ListAsync([], new CancellationToken(canceled: true)));
        server.Asked.ShouldBeEmpty();
    }

    private static async Task<CapiProblem> FailAsync(DockerEngine engine, string address)
    {
        CapiProblem problem = await Problems.OfAsync(() => engine.ListAsync([], Token).InTime());
        problem.Target.ShouldBe(address);
        problem.Message.ShouldContain(address);
        problem.Action.ShouldNotBeNullOrWhiteSpace();
        return problem;
    }
}
