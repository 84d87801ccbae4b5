using System.Net;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Hosting;
using CapiWorkshop.Sandbox.Storage;
using static CapiWorkshop.Tests.Unit.Sandbox.Api.SandboxFixture;

namespace CapiWorkshop.Tests.Unit.Sandbox.Api;

public sealed class ReadingTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    [Fact]
    public async Task Without_credentials_there_is_a_401_and_nothing_else()
    {
        using HttpClient client = ClientFor(sandbox.Server.KubeConfig);
        client.DefaultRequestHeaders.Authorization = null;
        using HttpResponseMessage refused = await client.GetAsync("apis", TestContext.Current.CancellationToken);
        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        JsonNode.Parse(await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Text("reason").ShouldBe("Unauthorized");

        client.DefaultRequestHeaders.Authorization = new("Bearer", "wrong");
        using HttpResponseMessage wrong = await client.GetAsync("apis", TestContext.Current.CancellationToken);
        wrong.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await client.GetStringAsync("readyz", TestContext.Current.CancellationToken)).ShouldBe("ok", "health is nobody's secret");
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Both_versions_of_HTTP_are_spoken(string version)
    {
        using HttpClient client = ClientFor(sandbox.Server.KubeConfig, Version.Parse(version));
        using HttpResponseMessage response = await client.GetAsync("version", TestContext.Current.CancellationToken);
        response.Version.ShouldBe(Version.Parse(version));
        JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Text("gitVersion").ShouldBe("v1.33.2");
    }

    [Fact]
    public async Task Every_answer_has_an_identity_of_its_own()
    {
        using HttpClient stranger = ClientFor(sandbox.Server.KubeConfig);
        stranger.DefaultRequestHeaders.Authorization = null;
        List<Guid> ids = [];
        foreach ((HttpClient client, string path) in new[] { (sandbox.Client, "version"), (sandbox.Client, "version"), (sandbox.Client, "apis/nobody.example"), (stranger, "apis") })
        {
            using HttpResponseMessage response = await client.GetAsync(path, TestContext.Current.CancellationToken);
            ids.Add(Guid.Parse(response.Headers.GetValues("Audit-Id").ShouldHaveSingleItem()));
        }

        ids.ShouldBeUnique();
    }

    [Fact]
    public async Task A_port_that_is_taken_is_an_error_at_once() => await Should.ThrowAsync<IOException>(async () =>
        await SandboxServer.StartAsync(sandbox.Management, sandbox.Server.Port, cancellation: TestContext.Current.CancellationToken));

    [Fact]
    public async Task Discovery_names_groups_versions_and_kinds()
    {
        Reply groups = await sandbox.GetAsync("/apis");
        groups.Json.Items("groups")!.Select(group => group.Text("name")).ShouldContain("cluster.x-k8s.io");
        Reply group = await sandbox.GetAsync("/apis/addons.cluster.x-k8s.io");
        group.Json.Items("versions")!.Select(version => version.Text("version")).ShouldBe(["v1beta2", "v1beta1", "v1alpha1"]);
        Reply kinds = await sandbox.GetAsync("/apis/cluster.x-k8s.io/v1beta2");
        JsonNode deployments = kinds.Json.Items("resources")!.First(item => item.Text("name") == "machinedeployments")!;
        deployments.Items("shortNames")!.Single()!.ToString().ShouldBe("md");
        kinds.Json.Items("resources")!.Select(item => item.Text("name")).ShouldContain("machinedeployments/scale");
        (await sandbox.GetAsync("/apis/nowhere.io/v1")).Code.ShouldBe(404);
    }

    [Fact]
    public async Task Aggregated_discovery_says_it_all_at_once()
    {
        Reply reply = await sandbox.GetAsync("/apis", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json");
        reply.Type!.Replace(" ", "", StringComparison.Ordinal).ShouldBe("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
        List<string?> names = [.. reply.Json.Items("items")!.Select(item => item.Text("metadata", "name"))];
        names.IndexOf("cluster.x-k8s.io").ShouldBeLessThan(names.IndexOf("k0smotron.io"), "the first group wins where two kinds share a name");
        names[^1].ShouldBe("metrics.k8s.io");
    }

    [Fact]
    public async Task A_table_has_the_columns_of_the_real_definition()
    {
        StoredObject item = sandbox.AddMachine("columns");
        sandbox.Time.Advance(TimeSpan.FromSeconds(75));
        Reply reply = await sandbox.GetAsync($"{Machines}/{item.Name}", Table);
        reply.Json.Items("columnDefinitions")!.Select(column => column.Text("name")).ShouldBe(
            [
                "Name", "Cluster", "Node Name", "Provider ID", "Failure domain", "Ready", "Available", "Up-to-date", "Internal-IP", "External-IP", "OS-Image",
                "Paused", "Phase", "Age", "Version",
            ]);
        JsonNode row = reply.Json.Items("rows")!.Single()!;
        row.Items("cells")!.Select(cell => cell?.ToString()).ShouldBe(
            ["columns", "dev", null, null, null, null, null, null, null, null, null, null, "Running", "75s", null]);
        row.Text("object", "kind").ShouldBe("PartialObjectMetadata");
        (await sandbox.GetAsync($"{Machines}/{item.Name}?includeObject=None", Table)).Json.Items("rows")!.Single()!["object"].ShouldBeNull();
    }

    [Fact]
    public async Task Metadata_can_be_asked_for_alone()
    {
        sandbox.AddMachine("meta");
        Reply reply = await sandbox.GetAsync($"{Machines}/meta", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io");
        reply.Json.Text("kind").ShouldBe("PartialObjectMetadata");
        reply.Json.ContainsKey("spec").ShouldBeFalse();
    }

    [Fact]
    public async Task An_older_version_shows_its_label_and_a_warning()
    {
        sandbox.AddMachine("older");
        Reply reply = await sandbox.GetAsync("/apis/cluster.x-k8s.io/v1beta1/namespaces/default/machines/older");
        reply.Json.Text("apiVersion").ShouldBe("cluster.x-k8s.io/v1beta1");
        reply.Warning.ShouldBe("299 - \"cluster.x-k8s.io/v1beta1 Machine is deprecated; use cluster.x-k8s.io/v1beta2 Machine\"");
        (await sandbox.GetAsync("/apis/infrastructure.cluster.x-k8s.io/v1beta2/dockermachines")).Warning
            .ShouldBe("299 - \"infrastructure.cluster.x-k8s.io/v1beta2 DockerMachine is deprecated\"");
    }

    [Fact]
    public async Task Pages_show_one_moment_even_when_the_world_moves_on()
    {
        const string path = "/api/v1/namespaces/default/configmaps";
        foreach (string name in (string[])["p1", "p2", "p3", "p4", "p5"])
            sandbox.Management.Store.Create(Kinds.ConfigMap, Named(name));
        Reply first = await sandbox.GetAsync($"{path}?limit=2");
        first.Json.Number("metadata", "remainingItemCount").ShouldBe(3);
        sandbox.Management.Store.Delete(Kinds.ConfigMap, "default", "p3");
        sandbox.Management.Store.Create(Kinds.ConfigMap, Named("p2a"));

        Reply second = await sandbox.GetAsync($"{path}?limit=2&continue={first.Json.Text("metadata", "continue")}");
        second.Json.Items("items")!.Select(item => item.Text("metadata", "name")).ShouldBe(["p3", "p4"]);
        second.Json.Text("metadata", "resourceVersion").ShouldBe(first.Json.Text("metadata", "resourceVersion"));
        Reply last = await sandbox.GetAsync($"{path}?limit=2&continue={second.Json.Text("metadata", "continue")}");
        last.Json.Items("items")!.Select(item => item.Text("metadata", "name")).ShouldBe(["p5"]);
        last.Json.Find("metadata", "continue").ShouldBeNull();
        last.Json.Items("items")![0]!.AsObject().ContainsKey("kind").ShouldBeFalse("entries of built-in kinds do not repeat what they are");
    }

    [Fact]
    public async Task Tokens_that_are_too_old_or_made_up_are_told_so()
    {
        const string path = "/api/v1/namespaces/default/secrets";
        sandbox.Management.Store.Create(Kinds.Secret, Named("s1"));
        sandbox.Management.Store.Create(Kinds.Secret, Named("s2"));
        Reply first = await sandbox.GetAsync($"{path}?limit=1");
        for (int at = 0; at < 250; at++)
            sandbox.Management.Store.Update(Kinds.Secret, "default", "s1", item => item["n"] = at);
        Reply expired = await sandbox.GetAsync($"{path}?limit=1&continue={first.Json.Text("metadata", "continue")}");
        (expired.Code, expired.Reason).ShouldBe((410, "Expired"));
        (await sandbox.GetAsync($"{path}?continue=abc")).Code.ShouldBe(400);
    }

    [Theory]
    [InlineData(Machines + "/nope", 404, "machines.cluster.x-k8s.io \"nope\" not found")]
    [InlineData("/api/v1/nodes/nope", 404, "nodes \"nope\" not found")]
    [InlineData(Machines + "/nope/scale", 404, "machines.cluster.x-k8s.io \"nope\" not found")]
    [InlineData(Machines + "?fieldSelector=spec.x%3D1", 400, "field label not supported: spec.x")]
    [InlineData(Machines + "?limit=x", 400, "strconv.ParseInt: parsing \"x\": invalid syntax")]
    [InlineData(Machines + "?resourceVersion=999999", 504, null)]
    public async Task Failures_speak_as_Kubernetes_does(string path, int code, string? message)
    {
        Reply reply = await sandbox.GetAsync(path);
        reply.Code.ShouldBe(code);
        reply.Json.Text("kind").ShouldBe("Status");
        reply.Json.Number("code").ShouldBe(code);
        if (message is not null)
            reply.Message.ShouldBe(message);
    }

    [Fact]
    public async Task A_client_that_takes_no_JSON_gets_none() =>
        (await sandbox.GetAsync(Machines, "application/vnd.kubernetes.protobuf")).Code.ShouldBe(406);

    [Fact]
    public async Task Workload_clusters_live_below_a_path_of_their_own()
    {
        ClusterApi workload = sandbox.Cluster(ResourceCatalog.Workload);
        workload.Store.Create(Kinds.Node, Named("node-1"));
        ApiMount mount = sandbox.Server.Attach("default", "dev-cluster", workload);
        using HttpClient client = ClientFor(mount.KubeConfig);
        JsonNode nodes = JsonNode.Parse(await client.GetStringAsync("api/v1/nodes", TestContext.Current.CancellationToken))!;
        nodes.Items("items")!.Single().Text("metadata", "name").ShouldBe("node-1");
        (await client.GetAsync("apis/cluster.x-k8s.io/v1beta2/machines", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await sandbox.GetAsync("/clusters/default/dev-cluster/api/v1/nodes")).Code.ShouldBe(401, "each cluster has a secret of its own");

        using WatchReader watch = await WatchReader.OpenAsync(client, "api/v1/nodes?watch=1");
        (await watch.NextAsync())!.Name.ShouldBe("node-1");
        sandbox.Server.Detach(mount);
        (await watch.NextAsync()).ShouldBeNull("nobody watches a cluster that is gone");
        (await client.GetAsync("api/v1/nodes", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Logs_are_cut_and_followed()
    {
        sandbox.Management.Store.Create(Kinds.Pod, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "talker" },
            ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "manager" }) },
        });
        ContainerLog log = sandbox.Management.Logs.Of("default", "talker", "manager");
        log.Write(sandbox.Time.GetUtcNow().AddMinutes(-10), "long ago");
        log.Write(sandbox.Time.GetUtcNow().AddSeconds(-5), "just now");
        const string path = "/api/v1/namespaces/default/pods/talker/log";
        (await sandbox.GetAsync(path)).Text.ShouldBe("long ago\njust now\n");
        (await sandbox.GetAsync($"{path}?tailLines=1")).Text.ShouldBe("just now\n");
        (await sandbox.GetAsync($"{path}?sinceSeconds=60&timestamps=true")).Text.ShouldEndWith("Z just now\n");
        (await sandbox.GetAsync($"{path}?container=other")).Message.ShouldBe("container other is not valid for pod talker");

        using Stream stream = await sandbox.Client.GetStreamAsync($"{path.TrimStart('/')}?follow=true&tailLines=1", TestContext.Current.CancellationToken);
        using StreamReader lines = new(stream);
        (await lines.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("just now");
        log.Write(sandbox.Time.GetUtcNow(), "and now");
        (await lines.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("and now");
        sandbox.Management.Logs.Remove("default", "talker");
        (await lines.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBeNull();
    }

    private static JsonObject Named(string name) => new() { ["metadata"] = new JsonObject { ["name"] = name } };
}
