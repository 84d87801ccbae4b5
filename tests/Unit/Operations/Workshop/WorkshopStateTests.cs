using System.Text;
using System.Text.Json.Nodes;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;
using CapiWorkshop.Tests.Unit.Operations.Management;
using CapiWorkshop.Tests.Unit.Support;
using FsCheck.Fluent;

namespace CapiWorkshop.Tests.Unit.Operations.Workshop;

public sealed class WorkshopStateTests : IDisposable
{
    private const string Secret = "S3CRETs3cretS3CRETs3cret";

    private static readonly ObjectJson[] Things =
    [
        ObjectJson.Node("kind"),
        ObjectJson.Provider("cluster-api", "capi-system", "cluster-api", "CoreProvider", "v1.14.0"),
        ObjectJson.Provider("infrastructure-docker", "capd-system", "docker", "InfrastructureProvider", "v1.14.0"),
        ObjectJson.Deployment("capi-controller-manager", "capi-system", "cluster-api"), ObjectJson.Deployment("capd-controller-manager", "capd-system", "infrastructure-docker"),
        ObjectJson.Cluster("k0s").Spec("controlPlaneRef", new JsonObject { ["kind"] = "K0smotronControlPlane", ["name"] = "cp" }).Annotation("note", Secret),
        ObjectJson.Cluster("dev").Status("phase", "Provisioned").Condition("Available", "True"),
        ObjectJson.MachineDeployment("k0s-md", "k0s").Scaled(2), ObjectJson.MachineDeployment("dev-md", "dev"),
        ObjectJson.Machine("dev-md-1", "dev").Status("phase", "Running").Status("nodeRef", new JsonObject { ["name"] = "dev-md-1" }), ObjectJson.Machine("dev-cp", "dev").Label("cluster.x-k8s.io/control-plane", ""),
        ObjectJson.HelmReleaseProxy("nginx", "dev").Spec("chartName", "nginx").Spec("values", "password: " + Secret).Status("revision", 1).Condition("Ready", "True"),
        ObjectJson.KubeConfig("dev", Secret),
    ];

    private readonly TempFolder _folder = new();
    private readonly World _world = new(new FakeKubernetesApi { Endpoint = new(new("https://me:" + Secret + "@capi.example:6443/?token=" + Secret), "kind-capi", "default", "admin", "fingerprint") }.With(Things));
    private readonly FakeContainerEngine _engine = new(TimeProvider.System);

    public WorkshopStateTests()
    {
        _engine.Run("k0s-md-1", "k0s", "worker");
        _engine.Run("dev-cp", "dev", "control-plane").State = ContainerState.Exited;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _world.Dispose();
        _folder.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public async Task A_state_holds_what_there_is_in_order()
    {
        CapiWorkshopState state = await TakeAsync();

        state.Clusters.Select(cluster => $"{cluster.Name} {cluster.Phase} {cluster.Available} {cluster.ControlPlaneKind}").ShouldBe(["dev Provisioned True ", "k0s   K0smotronControlPlane"]);
        state.MachineDeployments.Select(deployment => (deployment.Name, deployment.DesiredReplicas, deployment.ReadyReplicas)).ShouldBe([("dev-md", null, null), ("k0s-md", 2, 2)]);
        state.Machines.Select(machine => (machine.Name, machine.IsControlPlane, machine.NodeName)).ShouldBe([("dev-cp", true, null), ("dev-md-1", false, "dev-md-1")]);
        state.HelmReleases.Select(release => (release.Name, release.Cluster, release.HelmChartProxy, release.Revision, release.Ready)).ShouldBe([("nginx-dev", "dev", "nginx", 1, true)]);
        state.Containers.ShouldNotBeNull().Select(container => $"{container.Name} {container.Cluster} {container.Role} {container.State}").ShouldBe(["dev-cp dev control-plane exited", "k0s-md-1 k0s worker running"]);
        (state.SchemaVersion, state.TakenAt, state.Namespace, state.ManagementCluster.Id).ShouldBe((2, World.Start, "default", FakeKubernetesApi.KubeSystemUid));
        state.ManagementCluster.Providers.ShouldNotBeNull().Count.ShouldBe(2);
        state.ToString().ShouldBe("2 clusters, 2 machines, 1 releases at 2026-11-20 10:00:00Z");
    }

    [Fact]
    public async Task A_state_never_holds_a_secret()
    {
        string text = await WriteAsync(await TakeAsync());

        text.ShouldNotContain(Secret);
        text.ShouldContain("\"server\": \"https://capi.example:6443\"");
    }

    [Fact]
    public async Task The_same_world_gives_the_same_bytes_but_for_the_time()
    {
        string first = await WriteAsync(await TakeAsync());
        using World other = new(new FakeKubernetesApi { Endpoint = _world.Api.Endpoint }.With(Things.Reverse()));
        string same = await WriteAsync(await other.Cluster.TakeStateAsync(new(), () => _engine, Token));
        other.Clock.Advance(TimeSpan.FromMinutes(1));
        string later = await WriteAsync(await other.Cluster.TakeStateAsync(new(), () => _engine, Token));

        same.ShouldBe(first);
        later.ShouldBe(first.Replace("10:00:00", "10:01:00", StringComparison.Ordinal));
        later.ShouldNotBe(first);
    }

    [Fact]
    public async Task A_state_goes_to_a_file_and_comes_back()
    {
        CapiWorkshopState state = await TakeAsync();
        string path = _folder.PathOf("state.json");
        await WorkshopStateFile.WriteAsync(path, state, cancellationToken: Token);

        CapiWorkshopState read = await WorkshopStateFile.ReadAsync(path, Token);

        byte[] bytes = await File.ReadAllBytesAsync(path, Token);
        (bytes[0], bytes[^1]).ShouldBe(((byte)'{', (byte)'\n'));
        Encoding.UTF8.GetString(bytes).ShouldNotContain('\r');
        string again = await WriteAsync(read);
        again.ShouldBe(Encoding.UTF8.GetString(bytes));
        read.ToString().ShouldBe(state.ToString());
        Directory.GetFiles(Path.GetDirectoryName(path)!, "*.tmp").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_state_and_its_schema_do_not_drift_apart()
    {
        JsonNode schema = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(ArchitectureTests.Root.FullName, "docs", "schemas", "workshop-state.v2.json"), Token))!;
        using World bare = new(new FakeKubernetesApi(null).Refuse("list", "providers", 403).Refuse("list", "deployments", 403).With(ObjectJson.Cluster("c"), ObjectJson.HelmReleaseProxy("n", "c"), ObjectJson.Machine("m", "c"), ObjectJson.MachineDeployment("md", "c")));

        foreach (CapiWorkshopState state in (CapiWorkshopState[])[await TakeAsync(), await bare.Cluster.TakeStateAsync(new() { AllNamespaces = true }, null, Token)])
        {
            HashSet<string> visited = [];
            JsonSchema.Faults(schema, JsonNode.Parse(await WriteAsync(state)), visited).ShouldBeEmpty();
            visited.Count.ShouldBe(state.Containers is null ? 5 : 6, "every definition was looked at");
        }

        JsonNode broken = JsonNode.Parse(await WriteAsync(await TakeAsync()))!;
        broken["clusters"]![0]!.AsObject().Remove("uid");
        broken["machines"]![0]!["isControlPlane"] = "yes";
        broken["secret"] = "x";
        JsonSchema.Faults(schema, broken).ShouldBe(["$ has no secret", "$.clusters[0] lacks uid", "$.machines[0].isControlPlane is no boolean"], ignoreOrder: true);
    }

    [Fact]
    public async Task Where_no_engine_can_be_asked_nobody_knows_the_containers()
    {
        (await _world.Cluster.TakeStateAsync(new(), null, Token)).Containers.ShouldBeNull();
        (await _world.Cluster.TakeStateAsync(new(), () => throw new CapiProblem(ProblemId.EngineNotFound, CapiProblemCategory.ConnectionError, "no engine", "start one").ToException(), Token)).Containers.ShouldBeNull();
    }

    [Fact]
    public async Task An_empty_world_has_a_state_too()
    {
        using World empty = new(new FakeKubernetesApi().Serve(FakeKubernetesApi.Core("v1beta2")));

        CapiWorkshopState state = await empty.Cluster.TakeStateAsync(new(), () => new FakeContainerEngine(empty.Clock), Token);

        (state.Clusters.Count, state.Machines.Count, state.HelmReleases.Count, state.Containers.ShouldNotBeNull().Count).ShouldBe((0, 0, 0, 0));
    }

    [Fact]
    public async Task A_file_that_exists_is_replaced_only_where_it_may_be()
    {
        string path = _folder.Write("state.json", "mine");
        CapiWorkshopState state = await TakeAsync();

        (await Kubernetes.Support.Problems.OfAsync(() => WorkshopStateFile.WriteAsync(path, state, replace: false, Token))).Id.ShouldBe(ProblemId.StateExists);
        (await File.ReadAllTextAsync(path, Token)).ShouldBe("mine");
        await WorkshopStateFile.WriteAsync(path, state, cancellationToken: Token);
        (await WorkshopStateFile.ReadAsync(path, Token)).TakenAt.ShouldBe(state.TakenAt);
        await WorkshopStateFile.WriteAsync(_folder.PathOf("new.json"), state, replace: false, Token);
        Directory.GetFiles(Path.GetDirectoryName(path)!).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(["new.json", "state.json"]);
    }

    [Fact]
    public async Task A_writing_that_is_cancelled_leaves_the_file_as_it_was()
    {
        string path = _folder.Write("state.json", "mine");
        CapiWorkshopState state = await TakeAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => WorkshopStateFile.WriteAsync(path, state, cancellationToken: new(canceled: true)));

        Directory.GetFiles(Path.GetDirectoryName(path)!).ShouldHaveSingleItem();
        (await File.ReadAllTextAsync(path, Token)).ShouldBe("mine");
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_to_is_a_problem_that_names_it()
    {
        CapiWorkshopState state = await TakeAsync();
        string folder = Path.GetDirectoryName(_folder.Write("x", ""))!;

        foreach (string path in (string[])[Path.Combine(folder, "none", "state.json"), folder])
        {
            CapiProblem problem = await Kubernetes.Support.Problems.OfAsync(() => WorkshopStateFile.WriteAsync(path, state, cancellationToken: Token));
            (problem.Id, problem.Target).ShouldBe((ProblemId.StateNotWritten, path));
        }
    }

    [Theory]
    [InlineData("", "line 1")]
    [InlineData("null", "no schemaVersion")]
    [InlineData("[]", "no schemaVersion")]
    [InlineData("{\n}", "no schemaVersion")]
    [InlineData("{ \"schemaVersion\": 3, \"fleet\": {} }", "schemaVersion is 3")]
    [InlineData("{ \"schemaVersion\": 0 }", "schemaVersion is 0")]
    [InlineData("{\n  \"schemaVersion\": 1\n}", "line 3")]
    [InlineData("{\n  \"schemaVersion\": 1,\n  \"takenAt\": \"yesterday\"\n}", "$.takenAt")]
    public async Task What_is_no_state_is_a_problem_that_says_where(string text, string where)
    {
        string path = _folder.Write("state.json", text);

        CapiProblem problem = await Kubernetes.Support.Problems.OfAsync(() => WorkshopStateFile.ReadAsync(path, Token));

        (problem.Id, problem.Target).ShouldBe((ProblemId.StateInvalid, path));
        problem.Message.ShouldContain(path);
        problem.Message.ShouldContain(where);
    }

    [Fact]
    public async Task A_state_of_a_newer_schema_is_refused_and_what_reads_it_is_named()
    {
        string path = _folder.Write("state.json", (await WriteAsync(await TakeAsync())).Replace("\"schemaVersion\": 2", "\"schemaVersion\": 3", StringComparison.Ordinal));

        CapiProblem problem = await Kubernetes.Support.Problems.OfAsync(() => WorkshopStateFile.ReadAsync(path, Token));

        problem.Id.ShouldBe(ProblemId.StateInvalid);
        problem.Message.ShouldContain("schemaVersion is 3, and this version reads 1 to 2");
        problem.Action.ShouldContain("newer");
    }

    [Fact]
    public async Task A_state_of_the_first_schema_is_read_and_knows_no_identities()
    {
        JsonNode json = JsonNode.Parse(await WriteAsync(await TakeAsync()))!;
        json["schemaVersion"] = 1;
        foreach (JsonNode? item in (IEnumerable<JsonNode?>)[.. json["machineDeployments"]!.AsArray(), .. json["machines"]!.AsArray(), .. json["helmReleases"]!.AsArray()])
        {
            item!.AsObject().Remove("uid").ShouldBeTrue();
        }

        CapiWorkshopState state = await WorkshopStateFile.ReadAsync(_folder.Write("old.json", json.ToJsonString()), Token);

        (state.SchemaVersion, state.Machines.Count).ShouldBe((1, 2));
        state.Machines.ShouldAllBe(machine => machine.Uid == null);
        state.Clusters.ShouldAllBe(cluster => cluster.Uid.Length > 0);
    }

    [Fact]
    public async Task The_order_of_a_servers_answers_does_not_matter_nor_what_changes_all_the_time()
    {
        string first = await WriteAsync(await TakeAsync());

        foreach (ObjectJson[] shuffled in Gen.Sample(Gen.Shuffle(Things), 50))
        {
            IEnumerable<ObjectJson> touched = shuffled.Select(thing => thing.Copy().Metadata("resourceVersion", "7001").Metadata("managedFields", new JsonArray()));
            using World world = new(new FakeKubernetesApi { Endpoint = _world.Api.Endpoint }.With(touched));
            (await WriteAsync(await world.Cluster.TakeStateAsync(new(), () => _engine, Token))).ShouldBe(first);
        }
    }

    [Fact]
    public async Task A_part_that_must_be_there_may_not_be_null()
    {
        string path = _folder.Write("state.json", (await WriteAsync(await TakeAsync())).Replace("\"name\": \"dev\"", "\"name\": null", StringComparison.Ordinal));

        (await Kubernetes.Support.Problems.OfAsync(() => WorkshopStateFile.ReadAsync(path, Token))).Message.ShouldContain("$.clusters[0].name");
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_a_problem() =>
        (await Kubernetes.Support.Problems.OfAsync(() => WorkshopStateFile.ReadAsync(_folder.PathOf("none.json"), Token))).Id.ShouldBe(ProblemId.StateNotFound);

    [Fact]
    public async Task A_summary_counts_what_was_built()
    {
        _world.Api.Add(ObjectJson.Pod("kmc-k0s-0", "k0s"));
        _world.Api.Add(ObjectJson.HelmReleaseProxy("broken", "k0s").Condition("Ready", "False"));

        CapiWorkshopSummary summary = await _world.Cluster.SummarizeAsync(new(), Token);

        summary.Clusters.Select(cluster => cluster.Name).ShouldBe(["dev", "k0s"]);
        (summary.ControlPlaneMachines, summary.WorkerMachines, summary.Nodes, summary.ControlPlanePods).ShouldBe((1, 1, 1, 1));
        summary.Applications.Select(release => release.Name).ShouldBe(["nginx-dev"]);
        summary.Minutes.ShouldBe(summary.Modules.Sum(module => module.Minutes));
        summary.ToString().ShouldEndWith("2 clusters, 1 nodes, 1 applications");
    }

    [Fact]
    public async Task A_summary_does_not_count_Pods_that_may_not_be_read()
    {
        _world.Api.Refuse("list", "pods", 403);

        (await _world.Cluster.SummarizeAsync(new(), Token)).ControlPlanePods.ShouldBeNull();
    }

    private Task<CapiWorkshopState> TakeAsync() => _world.Cluster.TakeStateAsync(new(), () => _engine, Token);

    private async Task<string> WriteAsync(CapiWorkshopState state)
    {
        string path = _folder.PathOf(Guid.NewGuid().ToString("N"));
        await WorkshopStateFile.WriteAsync(path, state, cancellationToken: Token);
        string text = await File.ReadAllTextAsync(path, Token);
        File.Delete(path);
        return text;
    }
}
