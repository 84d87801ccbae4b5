using System.Text.Json;
using System.Text.Json.Nodes;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;
using CapiWorkshop.Tests.Unit.Operations.Management;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Audit;

/// <summary>Every write leaves a line before it and a line after it, and none a secret.</summary>
public sealed class AuditTests : IDisposable
{
    private const string Secret = "S3CRETs3cretS3CRET";

    private static readonly ResourceType Clusters = new("cluster.x-k8s.io", "v1beta2", "clusters", "Cluster");

    private static readonly ResourceType Deployments = new("cluster.x-k8s.io", "v1beta2", "machinedeployments", "MachineDeployment");

    private static readonly ResourceType Secrets = new("", "v1", "secrets", "Secret");

    private readonly TempFolder _folder = new();
    private readonly World _world = new(new FakeKubernetesApi().With(ObjectJson.MachineDeployment("md", "dev").Scaled(2), ObjectJson.KubeConfig("dev", Secret), ObjectJson.Cluster("dev")));
    private readonly string _path;

    public AuditTests() => _path = _folder.PathOf("audit.jsonl");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _world.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_scaling_is_recorded_before_it_is_made_and_when_it_ended()
    {
        int linesBefore = -1;
        _world.Api.Asked = request => linesBefore = request.Verb == "patch" ? Lines().Length : linesBefore;

        await ScaleAsync(Audited(), 4);

        JsonObject[] lines = Lines();
        (linesBefore, lines.Length).ShouldBe((1, 2));
        lines.Select(line => $"{line["stage"]} {line["status"]} {line["verb"]} {line["dryRun"]} {line["cmdlet"]}").ShouldBe(["requested  patch false Set-Test", "completed succeeded patch false Set-Test"]);
        lines[0]["operation"]!.GetValue<string>().ShouldBe(lines[1]["operation"]!.GetValue<string>());
        lines[0]["object"]!.ToJsonString().ShouldBe("""{"group":"cluster.x-k8s.io","version":"v1beta2","kind":"MachineDeployment","namespace":"default","name":"md","uid":"uid-of-md","subresource":"scale"}""");
        lines.Select(line => line["before"]!.ToJsonString()).ShouldAllBe(before => before == """{"/spec/replicas":2}""");
        lines[0]["after"]!.ToJsonString().ShouldBe("""{"/spec/replicas":4}""");
        (lines[0]["managementClusterId"]!.GetValue<string>(), lines[0]["server"]!.GetValue<string>(), lines[0]["context"]!.GetValue<string>()).ShouldBe((FakeKubernetesApi.KubeSystemUid, "https://capi.example:6443", "kind-capi"));
        lines[0]["time"]!.GetValue<DateTime>().ShouldBe(World.Start.UtcDateTime);
    }

    [Fact]
    public async Task Reading_is_not_recorded()
    {
        await Audited().ListAllAsync(CapiKinds.Cluster, new(), Token);

        File.Exists(_path).ShouldBeFalse();
    }

    [Fact]
    public async Task A_rehearsal_is_recorded_as_one()
    {
        ManagementCluster cluster = Audited();
        await cluster.ValidateScaleAsync(await cluster.PlanScaleAsync(await DeploymentAsync(cluster), 4, Token), Token);
        await cluster.RehearseMachineDeploymentAsync("default", Token);

        JsonObject[] lines = Lines();
        lines.Select(line => $"{line["verb"]} {line["dryRun"]}").ShouldBe(["patch true", "patch true", "create true", "create true"]);
        lines[2]["object"]!["name"]!.GetValue<string>().ShouldBe("capiworkshop-rehearsal");
    }

    [Fact]
    public async Task A_deletion_is_recorded_with_the_identity_it_asks_for()
    {
        await Audited().TryDeleteAsync(Clusters, "default", "dev", "uid-of-dev", Token);

        JsonObject[] lines = Lines();
        lines.Select(line => $"{line["verb"]} {line["object"]!["uid"]} {line["status"]} {line["before"]} {line["after"]}").ShouldBe(["delete uid-of-dev   ", "delete uid-of-dev succeeded  "]);
    }

    [Theory]
    [InlineData(403, "failed", ProblemId.ApiForbidden)]
    [InlineData(0, "unknown", ProblemId.ConnectionLost)]
    public async Task A_write_that_fails_is_recorded_with_its_error(int status, string how, string id)
    {
        if (status > 0)
        {
            _world.Api.Refuse("patch", "machinedeployments", status);
        }
        else
        {
            _world.Api.Fail("patch", "machinedeployments", ProblemTable.Connection(ProblemId.ConnectionLost, new("https://capi.example"), null, "reset").ToException());
        }

        (await Kubernetes.Support.Problems.OfAsync(() => ScaleAsync(Audited(), 4))).Id.ShouldBe(id);

        JsonObject last = Lines()[^1];
        (last["status"]!.GetValue<string>(), last["errorId"]!.GetValue<string>(), last["after"]).ShouldBe((how, id, null));
    }

    [Fact]
    public async Task A_write_that_is_stopped_may_have_been_made()
    {
        using CancellationTokenSource stop = new();
        Task asked = _world.Api.Hold("patch", "machinedeployments");
        ManagementCluster cluster = Audited();
        Task scaling = cluster.ScaleAsync(await cluster.PlanScaleAsync(await DeploymentAsync(cluster), 4, Token), stop.Token);
        await asked.InTime();
        Lines().ShouldHaveSingleItem()["stage"]!.GetValue<string>().ShouldBe("requested", "so much is left of what is killed now");

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => scaling);
        Lines()[^1]["status"]!.GetValue<string>().ShouldBe("unknown");
    }

    [Fact]
    public async Task Without_a_place_to_record_it_nothing_is_written()
    {
        ManagementCluster cluster = _world.Cluster.Audit(new(_folder.PathOf("none/audit.jsonl")), "Set-Test");

        CapiProblem problem = await Kubernetes.Support.Problems.OfAsync(() => ScaleAsync(cluster, 4));

        (problem.Id, problem.Target).ShouldBe((ProblemId.AuditFailed, _folder.PathOf("none/audit.jsonl")));
        problem.Message.ShouldStartWith("Nothing was changed");
        _world.Api.Made("patch").ShouldBeEmpty();
        (await Kubernetes.Support.Problems.OfAsync(() => new AuditFile(_folder.Path).EnsureWritableAsync(Token))).Id.ShouldBe(ProblemId.AuditFailed);
    }

    [Fact]
    public async Task That_one_may_not_look_is_no_reason_not_to_write()
    {
        ManagementCluster cluster = Audited();
        MachineDeploymentScalePlan plan = await cluster.PlanScaleAsync(await DeploymentAsync(cluster), 4, Token);
        _world.Api.Refuse("get", "machinedeployments", 403);

        await cluster.ScaleAsync(plan, Token);

        Lines().Select(line => $"{line["before"]} {line["status"]}").ShouldBe([" ", " succeeded"]);
    }

    [Fact]
    public async Task Of_a_secret_nothing_is_recorded_but_its_keys()
    {
        await PatchAsync(new(Secrets, "default", "dev-kubeconfig"), """{"data":{"value":"SECRET","number":42},"metadata":{"labels":{"a":"SECRET"}}}""");

        (await File.ReadAllTextAsync(_path, Token)).ShouldNotContain(Secret);
        Lines()[0]["after"]!.AsObject().Select(field => $"{field.Key} {field.Value}").ShouldBe(["/data/value (not recorded)", "/data/number (not recorded)", "/metadata/labels/a (not recorded)"]);
    }

    [Fact]
    public async Task Values_that_may_be_secret_are_not_recorded_and_those_that_tell_are()
    {
        const string patch = """
            {"metadata":{"labels":{"tier":"dev"},"finalizers":["a.example/f"],"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"SECRET","cluster.x-k8s.io/paused":"true"}},
             "spec":{"version":"v1.36.0","paused":true,"replicas":3,"files":[{"content":"SECRET"}],"values":"SECRET","old":null,"token":{"deep":"SECRET"}}}
            """;

        await PatchAsync(new(Deployments, "default", "md"), patch);

        (await File.ReadAllTextAsync(_path, Token)).ShouldNotContain(Secret);
        JsonNode.DeepEquals(Lines()[0]["after"], JsonNode.Parse("""
            {"/metadata/labels/tier":"dev","/metadata/finalizers":["a.example/f"],"/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration":"(not recorded)",
             "/metadata/annotations/cluster.x-k8s.io~1paused":"true","/spec/version":"v1.36.0","/spec/paused":true,"/spec/replicas":3,"/spec/files":"(not recorded)","/spec/values":"(not recorded)",
             "/spec/old":null,"/spec/token/deep":"(not recorded)"}
            """)).ShouldBeTrue(Lines()[0]["after"]!.ToJsonString());
        Lines()[1]["after"]!["/spec/replicas"]!.GetValue<int>().ShouldBe(3, "that is what the server made of it");
    }

    [Fact]
    public void A_JSON_patch_names_fields_too_and_its_tests_do_not()
    {
        IReadOnlyDictionary<string, JsonNode?> fields = AuditedFields.Of(Patch.Json("""[{"op":"test","path":"/metadata/uid","value":"u"},{"op":"remove","path":"/metadata/finalizers/0"},{"op":"replace","path":"/spec","value":{"a/b":1}}]"""u8.ToArray()));

        fields.Keys.ShouldBe(["/metadata/finalizers/0", "/spec/a~1b"]);
        AuditedFields.Keep(Deployments, AuditedFields.Pick(JsonNode.Parse("""{"metadata":{"finalizers":["x"]},"spec":{"a/b":7}}"""), fields.Keys)).ToJsonString().ShouldBe("""{"/metadata/finalizers/0":"x","/spec/a~1b":7}""");
    }

    [Fact]
    public async Task Only_its_owner_may_read_a_file_that_is_made_and_a_torn_line_stays_alone()
    {
        AuditFile file = new(_path);
        await file.EnsureWritableAsync(Token);
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(_path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        await File.WriteAllTextAsync(_path, "{\"torn\":", Token);

        await file.AppendAsync("{}\n"u8.ToArray(), "x", Token);
        await file.AppendAsync("{}\n"u8.ToArray(), "x", Token);

        (await File.ReadAllTextAsync(_path, Token)).ShouldBe("{\"torn\":\n{}\n{}\n");
    }

    [Fact]
    public async Task Who_reads_along_does_not_keep_others_from_writing()
    {
        AuditFile file = new(_path);
        await file.AppendAsync("{}\n"u8.ToArray(), "x", Token);
        using FileStream reader = new(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);

        await file.AppendAsync("{}\n"u8.ToArray(), "x", Token);

        reader.Length.ShouldBe(6);
    }

    [Fact]
    public async Task Many_who_write_at_once_write_whole_lines()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            AuditFile file = new(_path);
            for (int i = 0; i < 50; i++)
            {
                await file.AppendAsync(JsonSerializer.SerializeToUtf8Bytes(new { writer, i, text = new string('x', writer * 200) }).Append((byte)'\n').ToArray(), "x", Token);
            }
        })));

        JsonObject[] lines = Lines();
        lines.Length.ShouldBe(400);
        for (int writer = 0; writer < 8; writer++)
        {
            lines.Where(line => line["writer"]!.GetValue<int>() == writer).Select(line => line["i"]!.GetValue<int>()).ShouldBe(Enumerable.Range(0, 50));
        }
    }

    [Fact]
    public async Task Who_waits_too_long_for_others_is_told_so()
    {
        using FileStream other = new(_path + ".lock", FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);

        CapiProblem problem = await Kubernetes.Support.Problems.OfAsync(() => new AuditFile(_path, new EagerClock(World.Start)).EnsureWritableAsync(Token));

        problem.Id.ShouldBe(ProblemId.AuditFailed);
    }

    [Fact]
    public async Task Every_line_is_as_the_schema_says()
    {
        ManagementCluster cluster = Audited();
        await ScaleAsync(cluster, 4);
        await cluster.RehearseMachineDeploymentAsync("default", Token);
        _world.Api.Refuse("delete", "clusters", 403);
        await Kubernetes.Support.Problems.OfAsync(() => cluster.TryDeleteAsync(Clusters, "default", "dev", "uid-of-dev", Token));

        JsonNode schema = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(ArchitectureTests.Root.FullName, "docs", "schemas", "audit.v1.json"), Token))!;
        JsonObject[] lines = Lines();
        lines.Length.ShouldBe(6);
        foreach (JsonObject line in lines)
        {
            JsonSchema.Faults(schema, line).ShouldBeEmpty();
        }

        JsonObject broken = lines[0].DeepClone().AsObject();
        broken.Remove("time");
        broken["secret"] = Secret;
        broken["object"]!["kind"] = 7;
        JsonSchema.Faults(schema, broken).ShouldBe(["$ has no secret", "$ lacks time", "$.object.kind is no string"], ignoreOrder: true);
    }

    private ManagementCluster Audited() => _world.Cluster.Audit(new(_path), "Set-Test");

    private static async Task<CapiMachineDeployment> DeploymentAsync(ManagementCluster cluster) => (await cluster.ListAllAsync(CapiKinds.MachineDeployment, new(), Token)).ShouldHaveSingleItem();

    private static async Task ScaleAsync(ManagementCluster cluster, int replicas) => await cluster.ScaleAsync(await cluster.PlanScaleAsync(await DeploymentAsync(cluster), replicas, Token), Token);

    private async Task PatchAsync(ResourcePath path, string patch)
    {
        Patch merge = Patch.Merge(System.Text.Encoding.UTF8.GetBytes(patch.Replace("SECRET", Secret, StringComparison.Ordinal)));
        AuditTrail trail = new(new(_path), "Test", _world.Cluster.GetIdAsync, _world.Clock);
        await new AuditedKubernetesApi(_world.Api, trail, null).PatchAsync(path, merge, static (ref Utf8JsonReader reader) => { reader.Skip(); return true; }, dryRun: false, Token);
    }

    private JsonObject[] Lines() => [.. File.ReadAllLines(_path).Select(line => JsonNode.Parse(line)!.AsObject())];
}
