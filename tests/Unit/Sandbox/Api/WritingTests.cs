using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Failures;
using CapiWorkshop.Sandbox.Storage;
using static CapiWorkshop.Tests.Unit.Sandbox.Api.SandboxFixture;

namespace CapiWorkshop.Tests.Unit.Sandbox.Api;

public sealed class WritingTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    [Fact]
    public async Task What_is_posted_is_there()
    {
        Reply created = await PostAsync(Machines, """{"metadata":{"generateName":"m-"},"spec":{"clusterName":"dev"},"status":{"phase":"Mine"}}""");
        created.Code.ShouldBe(201);
        string name = created.Json.Text("metadata", "name")!;
        name.ShouldStartWith("m-");
        created.Json.ContainsKey("status").ShouldBeFalse();
        (await sandbox.GetAsync($"{Machines}/{name}")).Json.Text("spec", "clusterName").ShouldBe("dev");
        (await PostAsync(Machines, $$$"""{"metadata":{"name":"{{{name}}}" } }""")).Reason.ShouldBe("AlreadyExists");
    }

    [Theory]
    [InlineData("""{bad""", 400, null)]
    [InlineData("""{"kind":"Cluster","metadata":{"name":"x"}}""", 422, "Machine.cluster.x-k8s.io \"x\" is invalid: kind: Invalid value: \"Cluster\": must be Machine")]
    [InlineData("""{"apiVersion":"cluster.x-k8s.io/v1beta1"}""", 400,
        "the API version in the data (cluster.x-k8s.io/v1beta1) does not match the expected API version (cluster.x-k8s.io/v1beta2)")]
    [InlineData("""{"metadata":{"name":"x","namespace":"other"}}""", 400, "the namespace of the provided object does not match the namespace sent on the request")]
    [InlineData("""{"metadata":{"name":"X_y"}}""", 422, null)]
    [InlineData("""{"metadata":{"name":"x","name":"y"}}""", 400, null)]
    public async Task Bodies_are_looked_at_before_they_are_kept(string body, int code, string? message)
    {
        Reply reply = await PostAsync($"{Machines}?dryRun=All", body);
        reply.Code.ShouldBe(code);
        if (message is not null)
            reply.Message.ShouldBe(message);
    }

    [Fact]
    public async Task Nothing_is_created_in_a_namespace_that_is_not_there()
    {
        Reply reply = await PostAsync("/apis/cluster.x-k8s.io/v1beta2/namespaces/nowhere/machines", """{"metadata":{"name":"x"}}""");
        (reply.Code, reply.Message).ShouldBe((404, "namespaces \"nowhere\" not found"));
    }

    [Fact]
    public async Task A_rehearsed_creation_has_no_version()
    {
        Reply reply = await PostAsync($"{ConfigMaps}?dryRun=All", """{"metadata":{"name":"rehearsal"}}""");
        reply.Code.ShouldBe(201);
        reply.Json.Find("metadata", "resourceVersion").ShouldBeNull();
        (await sandbox.GetAsync($"{ConfigMaps}/rehearsal")).Code.ShouldBe(404);
        (await PostAsync($"{ConfigMaps}?dryRun=Some", """{"metadata":{"name":"x"}}""")).Code.ShouldBe(422);
    }

    [Fact]
    public async Task Patches_of_each_kind_change_what_they_say()
    {
        string path = $"{Deployments}/{sandbox.AddDeployment("patched").Name}";
        (await sandbox.PatchAsync(path, """{"spec":{"replicas":3,"paused":true}}""")).Json.Number("spec", "replicas").ShouldBe(3);
        (await sandbox.PatchAsync(path, """{"spec":{"paused":null}}""")).Json.Find("spec", "paused").ShouldBeNull();
        (await sandbox.PatchAsync(path, """[{"op":"test","path":"/spec/replicas","value":3},{"op":"replace","path":"/spec/replicas","value":4}]""",
            "application/json-patch+json")).Json.Number("spec", "replicas").ShouldBe(4);
        (await sandbox.PatchAsync(path, """[{"op":"test","path":"/spec/replicas","value":9}]""", "application/json-patch+json")).Code.ShouldBe(422);
        Reply unsupported = await sandbox.PatchAsync(path, "{}", "application/strategic-merge-patch+json");
        (unsupported.Code, unsupported.Reason).ShouldBe((415, "UnsupportedMediaType"));
        (await sandbox.PatchAsync(path, "[]")).Code.ShouldBe(400);
        (await sandbox.PatchAsync(path, """{"metadata":{"resourceVersion":"1"}}""")).Reason.ShouldBe("Conflict");
        (await sandbox.PatchAsync(path, """{"metadata":{"name":"other"}}""")).Message
            .ShouldBe("the name of the object (other) does not match the name on the URL (patched)");
    }

    [Theory]
    [InlineData("-1", "MachineDeployment.cluster.x-k8s.io \"counted\" is invalid: .spec.replicas: Invalid value: -1: should be a non-negative integer")]
    [InlineData("\"four\"", "MachineDeployment.cluster.x-k8s.io \"counted\" is invalid: [spec.replicas: Invalid value: \"string\": spec.replicas in body must be of type "
        + "integer: \"string\", .spec.replicas: Invalid value: 0: .spec.replicas accessor error: four is of the type string, expected int64]")]
    public async Task Replicas_are_counted_in_whole_numbers(string replicas, string message)
    {
        if (sandbox.Management.Store.Find(Kinds.MachineDeployment, "default", "counted") is null)
            sandbox.AddDeployment("counted");
        Reply reply = await sandbox.PatchAsync($"{Deployments}/counted", $$$"""{"spec":{"replicas":{{{replicas}}} } }""");
        (reply.Code, reply.Message).ShouldBe((422, message));
    }

    [Theory]
    [InlineData("labels", "a/b/c", "", "a valid label key must consist of")]
    [InlineData("labels", "a b", "", "name part must consist of")]
    [InlineData("labels", "A_/x", "", "prefix part a lowercase RFC 1123 subdomain must consist of")]
    [InlineData("labels", "/x", "", "prefix part must be non-empty")]
    [InlineData("labels", "x/", "", "name part must be non-empty")]
    [InlineData("labels", "x", "c d", "a valid label must be an empty string or consist of")]
    [InlineData("annotations", "-a", "", "name part must consist of")]
    [InlineData("annotations", "a", "c d", null)]
    [InlineData("labels", "a.b/c_d", "", null)]
    public async Task Labels_have_a_shape(string map, string key, string value, string? why)
    {
        Reply reply = await LabelAsync(map, key, value);
        reply.Code.ShouldBe(why is null ? 201 : 422, reply.Text);
        if (why is not null)
            reply.Message!.ShouldContain($"metadata.{map}: Invalid value: \"{(value.Length > 0 ? value : key)}\": {why}");
    }

    [Fact]
    public async Task Labels_are_no_longer_than_63()
    {
        string most = new('x', 63);
        (await LabelAsync("labels", most, most)).Code.ShouldBe(201);
        (await LabelAsync("labels", most + "x", "")).Message!.ShouldEndWith("name part must be no more than 63 bytes");
        (await LabelAsync("labels", "x", most + "x")).Message!.ShouldEndWith("must be no more than 63 bytes");
    }

    [Fact]
    public async Task What_a_schema_fills_in_is_filled_in()
    {
        const string path = "/apis/controlplane.cluster.x-k8s.io/v1beta2/namespaces/default/k0smotroncontrolplanes";
        JsonObject created = (await PostAsync($"{path}?dryRun=All", """{"metadata":{"name":"hosted"},"spec":{"replicas":3,"storage":{},"service":{"type":"NodePort"}}}""")).Json;
        JsonNode.DeepEquals(created["spec"], JsonNode.Parse("""
            {
              "replicas": 3, "image": "quay.io/k0sproject/k0s",
              "service": { "type": "NodePort", "apiPort": 30443, "konnectivityPort": 30132 },
              "storage": { "type": "etcd", "etcd": { "image": "quay.io/k0sproject/etcd:v3.7.1", "autoDeletePVCs": false, "persistence": { "size": "1Gi" } } }
            }
            """)).ShouldBeTrue(created.ToJsonString());
    }

    [Theory]
    [InlineData("a.b", 422)]
    [InlineData("a-b", 201)]
    public async Task A_namespace_has_no_dots(string name, int code) =>
        (await PostAsync("/api/v1/namespaces?dryRun=All", $$$"""{"metadata":{"name":"{{{name}}}"} }""")).Code.ShouldBe(code);

    [Fact]
    public async Task Status_is_written_through_its_own_door()
    {
        string path = $"{Deployments}/{sandbox.AddDeployment("halved").Name}";
        const string body = """{"spec":{"replicas":7},"status":{"replicas":7}}""";
        Reply spec = await sandbox.PatchAsync(path, body);
        (spec.Json.Number("spec", "replicas"), spec.Json.Number("status", "replicas")).ShouldBe((7, 2));
        Reply status = await sandbox.PatchAsync($"{path}/status", """{"spec":{"replicas":8},"status":{"replicas":8}}""");
        (status.Json.Number("spec", "replicas"), status.Json.Number("status", "replicas")).ShouldBe((7, 8));
        status.Json.Number("metadata", "generation").ShouldBe(2);
    }

    [Fact]
    public async Task Scale_shows_and_writes_replicas()
    {
        string path = $"{Deployments}/{sandbox.AddDeployment("scaled").Name}/scale";
        Reply scale = await sandbox.GetAsync(path);
        scale.Json.Text("apiVersion").ShouldBe("autoscaling/v1");
        scale.Json.Text("status", "selector").ShouldBe("deployment=scaled");
        JsonObject table = (await sandbox.GetAsync(path, Table)).Json;
        table.Items("columnDefinitions")!.Select(column => column.Text("name")).ShouldBe(["Name", "Desired", "Available", "Age"]);
        table.Items("rows")!.ShouldHaveSingleItem().Items("cells")!.ToJsonString().ShouldStartWith("""["scaled",2,2,""");
        (await sandbox.PatchAsync(path, """{"spec":{"replicas":5}}""")).Json.Number("spec", "replicas").ShouldBe(5);
        scale.Json["spec"]!["replicas"] = 6;
        (await PutAsync(path, scale.Json.ToJsonString())).Reason.ShouldBe("Conflict", "it was read before the patch");
        scale.Json["metadata"]!.AsObject().Remove("resourceVersion");
        (await PutAsync(path, scale.Json.ToJsonString())).Code.ShouldBe(200);
        JsonObject item = sandbox.Management.Store.Get(Kinds.MachineDeployment, "default", "scaled").ToJson();
        (item.Number("spec", "replicas"), item.Number("metadata", "generation")).ShouldBe((6, 3));
        (await sandbox.PatchAsync(path, """{"spec":{"replicas":-1}}""")).Code.ShouldBe(422);
    }

    [Fact]
    public async Task An_update_must_know_what_it_replaces()
    {
        StoredObject item = sandbox.AddMachine("replaced");
        string path = $"{Machines}/replaced";
        (await PutAsync(path, """{"metadata":{"name":"replaced"},"spec":{}}""")).Message!.ShouldContain("metadata.resourceVersion: Invalid value: 0: must be specified for an update");
        (await PutAsync(path, """{"metadata":{"name":"replaced","resourceVersion":"1"},"spec":{}}""")).Code.ShouldBe(409);
        Reply done = await PutAsync(path, $$$"""{"metadata":{"name":"replaced","resourceVersion":"{{{item.Version}}}" },"spec":{"version":"v2"}}""");
        done.Json.Text("spec", "version").ShouldBe("v2");
        done.Json.Text("status", "phase").ShouldBe("Running");
    }

    [Fact]
    public async Task Deletions_wait_for_finalizers_and_heed_preconditions()
    {
        StoredObject item = sandbox.AddMachine("leaving", "Running", "machine.cluster.x-k8s.io");
        string path = $"{Machines}/leaving";
        (await DeleteAsync(path, """{"preconditions":{"uid":"other"}}""")).Message!.ShouldContain("the UID in the precondition (other) does not match the UID in record");
        (await DeleteAsync(path, """{"propagationPolicy":"Odd"}""")).Code.ShouldBe(422);
        Reply marked = await DeleteAsync(path, $$$"""{"propagationPolicy":"Background","preconditions":{"uid":"{{{item.Uid}}}" } }""");
        marked.Json.Text("metadata", "deletionTimestamp").ShouldNotBeNull();
        (await sandbox.PatchAsync(path, """{"metadata":{"finalizers":[]}}""")).Code.ShouldBe(200);
        (await sandbox.GetAsync(path)).Code.ShouldBe(404);

        sandbox.AddMachine("quick");
        Reply gone = await DeleteAsync($"{Machines}/quick", "");
        (gone.Json.Text("status"), gone.Json.Text("details", "kind")).ShouldBe(("Success", "machines"));
    }

    [Fact]
    public async Task Orphans_lose_their_owner_and_keep_others_unless_the_deletion_is_refused_or_rehearsed()
    {
        StoredObject owner = sandbox.AddMachine("parent");
        await PostAsync(ConfigMaps, $$$"""
            {"metadata":{"name":"orphan","ownerReferences":[
              {"apiVersion":"cluster.x-k8s.io/v1beta2","kind":"Machine","name":"parent","uid":"{{{owner.Uid}}}"},
              {"apiVersion":"v1","kind":"ConfigMap","name":"other","uid":"another"}]}}
            """);
        (await DeleteAsync($"{Machines}/parent", """{"propagationPolicy":"Orphan","preconditions":{"uid":"nobody's"}}""")).Code.ShouldBe(409);
        (await DeleteAsync($"{Machines}/parent?dryRun=All", """{"propagationPolicy":"Orphan"}""")).Code.ShouldBe(200);
        (await OwnersAsync()).ShouldBe([owner.Uid, "another"]);
        (await DeleteAsync($"{Machines}/parent", """{"propagationPolicy":"Orphan"}""")).Code.ShouldBe(200);
        (await OwnersAsync()).ShouldBe(["another"]);

        async Task<IEnumerable<string?>> OwnersAsync() =>
            (await sandbox.GetAsync($"{ConfigMaps}/orphan")).Json.Items("metadata", "ownerReferences")!.Select(reference => reference.Text("uid"));
    }

    [Fact]
    public async Task A_collection_is_deleted_by_its_selector()
    {
        foreach (string name in (string[])["bulk-1", "bulk-2", "bulk-3"])
            await PostAsync(ConfigMaps, $$$"""{"metadata":{"name":"{{{name}}}","labels":{"bulk":"{{{name}}}" } } }""");
        Reply reply = await DeleteAsync($"{ConfigMaps}?labelSelector=bulk+in+(bulk-1,bulk-2)", "");
        reply.Json.Items("items")!.Count.ShouldBe(2);
        (await sandbox.GetAsync($"{ConfigMaps}?labelSelector=bulk")).Json.Items("items")!.Select(item => item.Text("metadata", "name")).ShouldBe(["bulk-3"]);
    }

    [Fact]
    public async Task Applying_twice_changes_nothing_and_leaving_a_field_out_removes_it()
    {
        const string both = """{"metadata":{"name":"applied"},"data":{"x":"1","y":"2"}}""";
        string path = $"{ConfigMaps}/applied?fieldManager=me";
        Reply first = await ApplyAsync(path, both);
        first.Code.ShouldBe(201);
        Reply again = await ApplyAsync(path, both);
        (again.Code, again.Json.Text("metadata", "resourceVersion")).ShouldBe((200, first.Json.Text("metadata", "resourceVersion")));
        await sandbox.PatchAsync($"{ConfigMaps}/applied", """{"data":{"z":"theirs"}}""");
        Reply less = await ApplyAsync(path, """{"metadata":{"name":"applied"},"data":{"x":"1"}}""");
        less.Json.Child("data")!.Select(entry => entry.Key).ShouldBe(["x", "z"]);
        less.Json.Items("metadata", "managedFields")!.Single().Text("manager").ShouldBe("me");
        (await ApplyAsync($"{ConfigMaps}/applied", both)).Code.ShouldBe(422, "somebody must sign for it");
    }

    [Fact]
    public async Task A_namespace_takes_its_contents_along_and_waits_for_them()
    {
        await PostAsync("/api/v1/namespaces", """{"metadata":{"name":"team"}}""");
        const string inside = "/apis/cluster.x-k8s.io/v1beta2/namespaces/team/machines";
        await PostAsync(inside, """{"metadata":{"name":"held","finalizers":["a/b"]}}""");
        await PostAsync("/api/v1/namespaces/team/secrets", """{"metadata":{"name":"free"}}""");
        (await DeleteAsync("/api/v1/namespaces/team", "")).Code.ShouldBe(200);
        (await sandbox.GetAsync("/api/v1/namespaces/team")).Json.Text("status", "phase").ShouldBe("Terminating");
        (await sandbox.GetAsync("/api/v1/namespaces/team/secrets")).Json.Items("items")!.ShouldBeEmpty();
        (await PostAsync("/api/v1/namespaces/team/secrets", """{"metadata":{"name":"late"}}""")).Code.ShouldBe(403);

        using WatchReader watch = await WatchReader.OpenAsync(sandbox.Client, "api/v1/namespaces?watch=1&fieldSelector=metadata.name%3Dteam");
        (await watch.NextAsync())!.Type.ShouldBe("ADDED");
        await sandbox.PatchAsync($"{inside}/held", """{"metadata":{"finalizers":null}}""");
        (await watch.NextAsync())!.Type.ShouldBe("DELETED");
    }

    [Fact]
    public async Task Finalizers_without_a_path_get_a_remark_once()
    {
        sandbox.AddMachine("remarked");
        (await sandbox.PatchAsync($"{Machines}/remarked", """{"metadata":{"finalizers":["a.b"]}}""")).Warning!.ShouldContain("prefer a domain-qualified finalizer name");
        (await sandbox.PatchAsync($"{Machines}/remarked", """{"metadata":{"labels":{"x":"y"}}}""")).Warning.ShouldBeNull();
    }

    [Fact]
    public async Task Admission_may_change_and_refuse_what_clients_write()
    {
        await using SandboxHolder held = await SandboxHolder.StartAsync();
        held.Sandbox.Management.Admission = request =>
        {
            if (request.Operation is AdmissionOperation.Create)
                request.Object!["spec"]!["replicas"] ??= 1;
            else if (request.Subresource == "scale")
                throw ApiFailure.Forbidden(request.Resource, request.Name, "not today");
        };
        Reply created = await held.Sandbox.SendAsync(HttpMethod.Post, Deployments, """{"metadata":{"name":"a"},"spec":{}}""");
        created.Json.Number("spec", "replicas").ShouldBe(1);
        Reply refused = await held.Sandbox.PatchAsync($"{Deployments}/a/scale", """{"spec":{"replicas":5}}""");
        (refused.Code, refused.Message).ShouldBe((403, "machinedeployments.cluster.x-k8s.io \"a\" is forbidden: not today"));
    }

    [Fact]
    public async Task Questions_about_oneself_are_answered_yes()
    {
        Reply reply = await PostAsync("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", """{"spec":{"resourceAttributes":{"verb":"get"}}}""");
        reply.Code.ShouldBe(201);
        reply.Json.Flag("status", "allowed").ShouldBe(true);
    }

    [Fact]
    public async Task Read_only_kinds_and_odd_methods_are_told_apart()
    {
        (await PostAsync("/apis/metrics.k8s.io/v1beta1/nodes", "{}")).Code.ShouldBe(405);
        (await PostAsync($"{Machines}/x", "{}")).Code.ShouldBe(405);
        (await sandbox.GetAsync("/api/v1/namespaces/default/pods/x/exec")).Code.ShouldBe(404);
    }

    private Task<Reply> PostAsync(string path, string body) => sandbox.SendAsync(HttpMethod.Post, path, body);

    private Task<Reply> PutAsync(string path, string body) => sandbox.SendAsync(HttpMethod.Put, path, body);

    private Task<Reply> DeleteAsync(string path, string body) => sandbox.SendAsync(HttpMethod.Delete, path, body);

    private Task<Reply> ApplyAsync(string path, string body) => sandbox.PatchAsync(path, body, "application/apply-patch+yaml");

    /// <summary>A sandbox for one test that changes how the server behaves.</summary>
    private Task<Reply> LabelAsync(string map, string key, string value) => PostAsync($"{Machines}?dryRun=All", new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = "labelled", [map] = new JsonObject { [key] = value } },
    }.ToJsonString());

    private sealed class SandboxHolder : IAsyncDisposable
    {
        public SandboxFixture Sandbox { get; } = new();

        public static async Task<SandboxHolder> StartAsync()
        {
            SandboxHolder holder = new();
            await holder.Sandbox.InitializeAsync();
            return holder;
        }

        public ValueTask DisposeAsync() => Sandbox.DisposeAsync();
    }
}
