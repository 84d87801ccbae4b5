using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CapiWorkshop.Containers;
using CapiWorkshop.Containers.Configuration;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Sandbox.Engine;
using CapiWorkshop.Tests.Integration.Containers;
using CapiWorkshop.Tests.Integration.Harness;
using ContainerState = CapiWorkshop.Operations.Ports.ContainerState;
using ContainerUsage = CapiWorkshop.Operations.ContainerUsage;

namespace CapiWorkshop.Tests.Integration.Sandbox;

/// <summary>The real docker CLI, and our own client, on the sandbox's engine; beside a real engine where it matters what that one says.</summary>
[Collection<OnRealEngine>]
public sealed partial class DockerCliTests(RealEngine real) : IAsyncLifetime
{
    private const string Cluster = "io.x-k8s.kind.cluster", Role = "io.x-k8s.kind.role";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("engine-");
    private readonly ContainerHost _containers = new(TimeProvider.System, new Random(5));
    private EngineServer _server = null!;

    public static TheoryData<string> Commands => ["stats --no-stream nope", "inspect nope", "stop nope", "start nope", "kill nope", "pause nope", "rm nope", "logs nope", "stats nope"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the sandbox's engine is tested on Linux only");
        Assert.SkipUnless(RealParts.HasTool("docker"), "docker is not installed");
        Run("capi-management-control-plane", "capi-management", "control-plane", 150, 380);
        Run("dev-cluster-lb", "dev-cluster", "external-load-balancer", 4, 18);
        Run("dev-cluster-md-0-x7k2p-9ftzd", "dev-cluster", "worker", 25, 80);
        _server = await EngineServer.StartAsync(_containers, Path.Combine(_folder.FullName, "docker.sock"), cancellation: Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_containers_of_a_cluster_are_listed()
    {
        string list = await OutputAsync("ps", "--filter", "label=io.x-k8s.kind.cluster=dev-cluster", "--format", "{{.Names}} {{.Label \"io.x-k8s.kind.role\"}} {{.State}}");

        list.Split('\n').Order(StringComparer.Ordinal).ShouldBe(["dev-cluster-lb external-load-balancer running", "dev-cluster-md-0-x7k2p-9ftzd worker running"]);
        (await OutputAsync("ps", "--quiet", "--no-trunc", "--filter", "name=-lb")).ShouldBe(_containers.Get("dev-cluster-lb").Id);
    }

    [Fact]
    public async Task The_table_is_that_of_a_real_engine()
    {
        Assert.SkipWhen(real.Missing is not null, $"needs a real Docker engine: {real.Missing}");
        string id = await real.DockerAsync("run", "--detach", "--network", "none", "kindest/node:v1.31.0", "sleep", "infinity");
        try
        {
            foreach (string command in (string[])["ps", "ps --all --no-trunc", "stats --no-stream"])
                Titles(await OutputAsync(command.Split(' '))).ShouldBe(Titles(await real.DockerAsync(command.Split(' '))), command);
        }
        finally
        {
            await real.DockerAsync("rm", "--force", id);
        }
    }

    [Fact]
    public async Task Usage_is_what_the_load_says()
    {
        string[] lines = (await OutputAsync("stats", "--no-stream", "--format", "{{.Name}} {{.CPUPerc}} {{.MemUsage}}")).Split('\n');

        lines.Length.ShouldBe(3);
        foreach (Match line in lines.Select(line => UsageLine().Match(line)))
        {
            ContainerLoad load = _containers.Get(line.Groups["name"].Value).Load;
            Number(line, "cpu").ShouldBe(load.CpuMillicores / 10.0, load.CpuMillicores / 100.0 + 0.02);
            Number(line, "memory").ShouldBe(load.MemoryBytes / (double)(1 << 20), load.MemoryBytes / (double)(1 << 20) * 0.03);
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_container_that_is_unknown_is_unknown_in_the_words_of_a_real_engine(string command)
    {
        Assert.SkipWhen(real.Missing is not null, $"needs a real Docker engine: {real.Missing}");

        ProgramResult ours = await DockerAsync(_server.Address, command.Split(' ')), theirs = await DockerAsync(real.Address, command.Split(' '));

        // Engines from 23 on begin with a small letter.
        (ours.ExitCode, ours.Output, ours.Error.ToLowerInvariant()).ShouldBe((theirs.ExitCode, theirs.Output, theirs.Error.ToLowerInvariant()));
        ours.ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task A_container_is_inspected()
    {
        SandboxContainer container = _containers.Get("dev-cluster-lb");
        JsonNode inspected = JsonNode.Parse(await OutputAsync("inspect", container.Id[..12]))!.AsArray().ShouldHaveSingleItem()!;

        inspected["Id"]!.ToString().ShouldBe(container.Id);
        inspected["Config"]!["Labels"]![Cluster]!.ToString().ShouldBe("dev-cluster");
        (await OutputAsync("inspect", "--format", "{{.State.Status}} {{.NetworkSettings.Networks.kind.IPAddress}}", container.Name)).ShouldBe($"running {container.Address}");
    }

    [Fact]
    public async Task The_engine_tells_what_it_is()
    {
        (await OutputAsync("version", "--format", "{{.Server.Version}} {{.Server.APIVersion}} {{.Server.MinAPIVersion}}")).ShouldBe("28.3.3 1.51 1.24");
        ProgramResult info = await DockerAsync(_server.Address, "info", "--format", "{{.ContainersRunning}} {{.NCPU}} {{.CgroupVersion}}");
        (info.Output.Trim(), info.Error).ShouldBe(("3 4 2", ""));
    }

    [Fact]
    public async Task Containers_are_stopped_started_and_removed()
    {
        (await OutputAsync("stop", "dev-cluster-lb")).ShouldBe("dev-cluster-lb");
        (await OutputAsync("ps", "--all", "--filter", "status=exited", "--format", "{{.Names}}")).ShouldBe("dev-cluster-lb");
        await OutputAsync("start", "dev-cluster-lb");
        await OutputAsync("pause", "dev-cluster-lb");
        (await OutputAsync("ps", "--filter", "status=paused", "--format", "{{.Names}}")).ShouldBe("dev-cluster-lb");
        (await DockerAsync(_server.Address, "rm", "dev-cluster-lb")).ExitCode.ShouldBe(1);
        await OutputAsync("rm", "--force", "dev-cluster-lb");
        (await OutputAsync("ps", "--all", "--quiet", "--filter", "name=dev-cluster-lb")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Our_own_client_lists_and_samples()
    {
        using DockerEngine engine = new(EngineTarget.At(_server.Address));
        EngineVersion version = await engine.GetVersionAsync(Token);
        IReadOnlyList<EngineContainer> containers = await engine.ListAsync([new(Cluster, "dev-cluster"), new(Role, "worker")], Token);
        EngineContainer worker = containers.ShouldHaveSingleItem();
        SandboxContainer expected = _containers.Get("dev-cluster-md-0-x7k2p-9ftzd");

        ContainerSample first = (await engine.SampleAsync(worker.Id, Token)).ShouldNotBeNull();
        ContainerSample second = first;
        while (second.ReadAt - first.ReadAt < TimeSpan.FromMilliseconds(500))
            second = (await engine.SampleAsync(worker.Id, Token)).ShouldNotBeNull();

        (version.ApiVersion, worker.Id, worker.Name, worker.State).ShouldBe(("1.51", expected.Id, expected.Name, ContainerState.Running));
        worker.Labels.ShouldBe(expected.Labels, ignoreOrder: true);
        ContainerUsage.CpuPercent(first, second).ShouldNotBeNull().ShouldBe(2.5, 0.25);
        (second.MemoryBytes.ShouldNotBeNull() / (double)(1 << 20)).ShouldBe(80, 2);
        second.MemoryLimitBytes.ShouldBe(EngineMachine.MemoryBytes);
        _containers.Stop(expected.Name);
        (await engine.SampleAsync(worker.Id, Token)).ShouldBeNull();
        _containers.Remove(expected.Name);
        (await Should.ThrowAsync<CapiProblemException>(() => engine.SampleAsync(worker.Id, Token))).Problem.Id.ShouldBe("ContainerNotFound");
    }

    private void Run(string name, string cluster, string role, int millicores, long mebibytes) =>
        _containers.Run(name, "kindest/node:v1.33.2", new Dictionary<string, string> { [Cluster] = cluster, [Role] = role }, new(millicores, mebibytes << 20));

    private static Task<ProgramResult> DockerAsync(string address, params string[] arguments) => RealParts.RunAsync("docker", ["--host", address, .. arguments], Limit);

    private async Task<string> OutputAsync(params string[] arguments) => (await DockerAsync(_server.Address, arguments)).EnsureSuccess().Trim();

    /// <summary>The titles of a table's columns, whose widths depend on what is below them.</summary>
    private static string[] Titles(string table) => Gap().Split(table.Split('\n')[0].Trim());

    private static double Number(Match line, string group) => double.Parse(line.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(" {2,}")]
    private static partial Regex Gap();

    [GeneratedRegex("^(?<name>\\S+) (?<cpu>[0-9.]+)% (?<memory>[0-9.]+)MiB / ")]
    private static partial Regex UsageLine();
}
