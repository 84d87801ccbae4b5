using CapiWorkshop.Containers;
using CapiWorkshop.Containers.Configuration;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Integration.Harness;

namespace CapiWorkshop.Tests.Integration.Containers;

/// <summary>What runs on a real engine, and how the engine is reached.</summary>
[Collection<OnRealEngine>]
public sealed class ContainerListTests(RealEngine real) : EngineTest(real)
{
    private const string Cluster = "io.x-k8s.kind.cluster", Role = "io.x-k8s.kind.role";

    [Fact]
    public async Task The_engine_tells_what_it_is()
    {
        string[] cli = (await Real.DockerAsync("version", "--format", "{{.Server.Version}} {{.Server.APIVersion}}")).Split(' ');

        EngineVersion version = await Engine.GetVersionAsync(Token);

        (version.Version, version.ApiVersion).ShouldBe((cli[0], cli[1]));
        Version.Parse(version.NegotiatedApiVersion).ShouldBeLessThanOrEqualTo(Version.Parse(version.ApiVersion));
    }

    [Fact]
    public async Task Containers_are_found_by_their_labels_whatever_they_are_doing()
    {
        DateTimeOffset before = DateTimeOffset.UtcNow.AddSeconds(-1);
        string cluster = "cluster-" + Guid.NewGuid().ToString("N"), created = "created-" + cluster;
        string[] Labels(string role) => ["--label", $"{Cluster}={cluster}", "--label", $"{Role}={role}"];
        string control = await RunAsync(Labels("control-plane"));
        string paused = await RunAsync(Labels("worker"));
        string exited = await RunAsync(Labels("worker"));
        await CreateAsync(["--name", created, .. Labels("external-load-balancer")]);
        string other = await RunAsync(["--label", $"{Cluster}={cluster}-2"]);
        await PauseAsync(paused);
        await Real.DockerAsync("stop", "--time", "0", exited);

        IReadOnlyList<EngineContainer> containers = await Engine.ListAsync([new(Cluster, cluster)], Token);
        IReadOnlyList<EngineContainer> workers = await Engine.ListAsync([new(Cluster, cluster), new(Role, "worker")], Token);
        IReadOnlyList<EngineContainer> labelled = await Engine.ListAsync([new(Cluster)], Token);

        containers.Select(container => container.State).ShouldBe([ContainerState.Running, ContainerState.Paused, ContainerState.Exited, ContainerState.Created], ignoreOrder: true);
        containers.Single(container => container.State == ContainerState.Created).Name.ShouldBe(created);
        containers.Single(container => container.Id == control).Labels.ShouldBe(new Dictionary<string, string> { [Cluster] = cluster, [Role] = "control-plane" }, ignoreOrder: true);
        containers.ShouldAllBe(container => container.Image == "kindest/node:v1.31.0" && container.CreatedAt >= before && container.CreatedAt <= DateTimeOffset.UtcNow.AddSeconds(1));
        workers.Select(container => container.Id).ShouldBe([paused, exited], ignoreOrder: true);
        labelled.Select(container => container.Id).ShouldContain(other);
    }

    [Fact]
    public async Task A_label_that_nobody_has_finds_nothing() => (await Engine.ListAsync([new(Cluster, "nobody & \"nothing\"=x")], Token)).ShouldBeEmpty();

    [Fact]
    public async Task An_engine_that_is_not_there_is_not_found()
    {
        using DockerEngine nowhere = new(EngineTarget.At(Real.Address + ".not"));

        (await FailsAsync(() => nowhere.ListAsync([], Token))).Id.ShouldBe(ProblemId.EngineNotFound);
    }

    [Fact]
    public async Task Without_permission_on_the_socket_one_is_told_so()
    {
        // Nothing is forbidden to root, and only root can start an engine: somebody else has to try.
        string[] nobody = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
        string assembly = typeof(NobodyTests).Assembly.Location;
        Assert.SkipUnless(RealParts.HasTool("setpriv"), "setpriv is not installed");
        ProgramResult readable = await RealParts.RunAsync("setpriv", [.. nobody, "test", "-r", assembly], TimeSpan.FromSeconds(20));
        Assert.SkipUnless(readable.ExitCode == 0, "another user cannot read these tests here");

        ProgramResult run = await RealParts.RunAsync(
            "setpriv",
            [.. nobody, .. ChildTest.CommandOf(typeof(NobodyTests))],
            TimeSpan.FromMinutes(2),
            new Dictionary<string, string> { [NobodyTests.Variable] = Real.Address, ["HOME"] = "/nonexistent", ["DOTNET_CLI_HOME"] = "/nonexistent" });

        ChildTest.HasPassed(run.EnsureSuccess()).ShouldBeTrue(run.Output);
    }
}

/// <summary>Is run by a user who has no right to the socket that the variable names.</summary>
public sealed class NobodyTests
{
    public const string Variable = "CAPIWORKSHOP_TEST_ENGINE";

    [Fact(Explicit = true)]
    public async Task The_engine_is_forbidden()
    {
        string address = Environment.GetEnvironmentVariable(Variable)!;
        using DockerEngine engine = new(EngineTarget.At(address));

        CapiProblem problem = (await Should.ThrowAsync<CapiProblemException>(() => engine.ListAsync([], TestContext.Current.CancellationToken))).Problem;

        (problem.Id, problem.Category, problem.Target).ShouldBe((ProblemId.EngineForbidden, CapiProblemCategory.PermissionDenied, address));
    }
}
