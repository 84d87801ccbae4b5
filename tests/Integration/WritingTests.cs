using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Integration.Harness;

namespace CapiWorkshop.Tests.Integration;

/// <summary>What a real server makes of each kind of write, and how it refuses.</summary>
[Collection<OnRealApiServer>]
public sealed class WritingTests(RealApiServer fixture) : ServerTest(fixture)
{
    private static readonly ResourceType ConfigMaps = new("", "v1", "configmaps", "ConfigMap");
    private static readonly ResourceType Deployments = new("cluster.x-k8s.io", "v1beta2", "machinedeployments", "MachineDeployment");

    [Fact]
    public async Task A_JSON_patch_is_done_whole_or_not_at_all()
    {
        (KubernetesApi api, ResourcePath path) = await BeginAsync();

        JsonNode changed = await PatchAsync(api, path, PatchKind.Json, """[{"op":"test","path":"/data/color","value":"red"},{"op":"replace","path":"/data/color","value":"blue"}]""");
        Color(changed).ShouldBe("blue");
        CapiProblem problem = await FailsAsync(() =>
            PatchAsync(api, path, PatchKind.Json, """[{"op":"replace","path":"/data/color","value":"green"},{"op":"test","path":"/data/size","value":"7"}]"""));

        (problem.Id, problem.HttpStatus, problem.Target).ShouldBe((ProblemId.ApiConflict, 422, $"{path.Namespace}/{path.Name}"));
        Color(await api.GetAsync(path, ReadNode, Token)).ShouldBe("blue");
    }

    [Fact]
    public async Task An_apply_that_meets_another_owner_is_a_conflict_that_names_it_and_may_be_forced()
    {
        (KubernetesApi api, ResourcePath path) = await BeginAsync(); // the harness owns the color
        string blue = $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{path.Name}}}"},"data":{"color":"blue"}}""";

        CapiProblem problem = await FailsAsync(() => PatchAsync(api, path, PatchKind.Apply, blue));
        problem.Id.ShouldBe(ProblemId.ApiConflict);
        problem.Message.ShouldContain("harness");
        problem.Message.ShouldContain(".data.color");
        JsonNode changed = await api.PatchAsync(path, Patch.Apply(Encoding.UTF8.GetBytes(blue), force: true), ReadNode, false, Token);

        Color(changed).ShouldBe("blue");
        changed["metadata"]!["managedFields"]!.AsArray().ShouldContain(owner => owner!["manager"]!.GetValue<string>() == "capiworkshop" && owner["operation"]!.GetValue<string>() == "Apply");
    }

    [Fact]
    public async Task An_apply_makes_what_is_not_there_and_a_rehearsal_does_not()
    {
        (KubernetesApi api, ResourcePath path) = await BeginAsync();
        ResourcePath another = path with { Name = "another" };
        byte[] body = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"another"},"data":{"color":"blue"}}"""u8.ToArray();

        Color(await api.PatchAsync(another, Patch.Apply(body), ReadNode, true, Token)).ShouldBe("blue");
        (await FailsAsync(() => api.GetAsync(another, ReadNode, Token))).Id.ShouldBe("ConfigMapNotFound");
        await api.PatchAsync(another, Patch.Apply(body), ReadNode, false, Token);

        Color(await api.GetAsync(another, ReadNode, Token)).ShouldBe("blue");
    }

    [Fact]
    public async Task A_merge_patch_is_known_as_ours()
    {
        (KubernetesApi api, ResourcePath path) = await BeginAsync();

        JsonNode changed = await PatchAsync(api, path, PatchKind.Merge, """{"data":{"color":null,"size":"7"}}""");

        changed["data"]!.AsObject().Select(field => field.Key).ShouldBe(["size"]);
        changed["metadata"]!["managedFields"]!.AsArray().ShouldContain(owner => owner!["manager"]!.GetValue<string>() == "capiworkshop");
    }

    [Fact]
    public async Task A_patch_on_an_old_state_is_a_conflict()
    {
        (KubernetesApi api, ResourcePath path) = await BeginAsync();
        string version = (await api.GetAsync(path, ReadNode, Token))["metadata"]!["resourceVersion"]!.GetValue<string>();
        await PatchAsync(api, path, PatchKind.Merge, """{"data":{"color":"blue"}}""");

        CapiProblem problem = await FailsAsync(() => PatchAsync(api, path, PatchKind.Merge, $$$"""{"metadata":{"resourceVersion":"{{{version}}}"},"data":{"color":"green"}}"""));
        CapiProblem deletion = await FailsAsync(() => api.DeleteAsync(path, new(ResourceVersion: version), Token));

        (problem.Id, problem.HttpStatus).ShouldBe((ProblemId.ApiConflict, 409));
        (deletion.Id, deletion.HttpStatus).ShouldBe((ProblemId.ApiConflict, 409));
        Color(await api.GetAsync(path, ReadNode, Token)).ShouldBe("blue");
    }

    [Theory]
    [InlineData(PatchKind.Merge, """{"spec":{"replicas":"many"}}""")]
    [InlineData(PatchKind.Json, """[{"op":"replace","path":"/spec/replicas","value":"many"}]""")]
    public async Task What_the_schema_does_not_allow_is_ApiInvalid_and_names_the_field(PatchKind kind, string patch)
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        await Controller.DeployAsync(Server, ns, "workers", 1, Token);
        ResourcePath path = new(Deployments, ns, "workers");

        CapiProblem problem = await FailsAsync(() => PatchAsync(ConnectApi(Server.Admin), path, kind, patch));

        (problem.Id, problem.HttpStatus).ShouldBe((ProblemId.ApiInvalid, 422));
        problem.Message.ShouldContain("spec.replicas");
    }

    [Fact]
    public async Task A_finalizer_keeps_what_was_deleted_until_it_is_taken_away()
    {
        (KubernetesApi api, ResourcePath path) = await BeginAsync();
        await PatchAsync(api, path, PatchKind.Merge, """{"metadata":{"finalizers":["tests.example.com/hold"]}}""");

        await api.DeleteAsync(path, new(), Token);
        (await api.GetAsync(path, ReadNode, Token))["metadata"]!["deletionTimestamp"].ShouldNotBeNull();
        await PatchAsync(api, path, PatchKind.Json, """[{"op":"test","path":"/metadata/finalizers/0","value":"tests.example.com/hold"},{"op":"remove","path":"/metadata/finalizers/0"}]""");

        (await FailsAsync(() => api.GetAsync(path, ReadNode, Token))).Id.ShouldBe("ConfigMapNotFound");
    }

    [Fact]
    public async Task A_namespace_that_is_not_there_is_what_is_missing()
    {
        CapiProblem problem = await FailsAsync(() =>
            ConnectApi(Server.Admin).CreateAsync(ConfigMaps, "no-such-namespace", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}"""u8.ToArray(), ReadNode, false, Token));

        (problem.Id, problem.Target).ShouldBe(("NamespaceNotFound", "no-such-namespace"));
    }

    private static string? Color(JsonNode item) => item["data"]!["color"]?.GetValue<string>();

    private static JsonNode ReadNode(ref Utf8JsonReader reader) => JsonNode.Parse(ref reader)!;

    private Task<JsonNode> PatchAsync(KubernetesApi api, ResourcePath path, PatchKind kind, string patch) =>
        api.PatchAsync(path, new(kind, Encoding.UTF8.GetBytes(patch)), ReadNode, false, Token);

    /// <summary>A ConfigMap of color red, which the harness has made.</summary>
    private async Task<(KubernetesApi Api, ResourcePath Path)> BeginAsync()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        await Server.Raw.CreateAsync(
            $"/api/v1/namespaces/{ns}/configmaps",
            new() { ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = "paint" }, ["data"] = new JsonObject { ["color"] = "red" } },
            Token);
        return (ConnectApi(Server.Admin), new(ConfigMaps, ns, "paint"));
    }
}
