using System.IO.Compression;
using System.Text;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CapiWorkshop.Tests.Unit.Kubernetes;

/// <summary>What a server receives, and what is made of what it answers well.</summary>
public sealed class RequestTests
{
    private static readonly string[] Colors = ["red", "green", "blue"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_get_asks_for_the_object_by_its_path()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7, "red").ToJson());
        using KubernetesApi api = server.Connect();

        Thing thing = await api.GetAsync(new(Thing.Type, "default", "a"), Thing.Read, Cancelled);

        thing.ShouldBe(Thing.Of("a", 7, "red"));
        Exchange request = server.Seen.ShouldHaveSingleItem();
        request.Method.ShouldBe("GET");
        request.PathAndQuery.ShouldBe("/apis/tests.example.com/v1/namespaces/default/things/a");
        request.Headers["Accept"].ShouldBe("application/json");
        request.Headers["Authorization"].ShouldBe("Bearer " + ScriptedServer.Token);
        request.Headers["User-Agent"].ShouldStartWith("CapiWorkshop/");
        request.Headers["Accept-Encoding"].ShouldBe("gzip");
        request.Headers.ShouldNotContainKey("Content-Type");
    }

    [Theory]
    [InlineData(HttpProtocols.Http1AndHttp2, "HTTP/2")]
    [InlineData(HttpProtocols.Http1, "HTTP/1.1")]
    public async Task HTTP_2_is_spoken_where_the_server_offers_it(HttpProtocols offered, string expected)
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson(), new() { Protocols = offered });
        using KubernetesApi api = server.Connect();

        await api.GetAsync(new(Thing.Type, "default", "a"), Thing.Read, Cancelled);

        server.Seen.ShouldHaveSingleItem().Protocol.ShouldBe(expected);
    }

    [Theory]
    [InlineData("", "v1", "default", "a", null, "/api/v1/namespaces/default/things/a")]
    [InlineData("", "v1", null, "a", null, "/api/v1/things/a")]
    [InlineData("g.example.com", "v1beta2", null, "a", null, "/apis/g.example.com/v1beta2/things/a")]
    [InlineData("g.example.com", "v1beta2", "n", "a", "scale", "/apis/g.example.com/v1beta2/namespaces/n/things/a/scale")]
    [InlineData("", "v1", "n", "a:b", "status", "/api/v1/namespaces/n/things/a%3Ab/status")]
    [InlineData("", "v1", "n/../m", "a/b?c#d", null, "/api/v1/namespaces/n%2F..%2Fm/things/a%2Fb%3Fc%23d")]
    public async Task Every_object_has_its_path(string group, string version, string? ns, string name, string? subresource, string expected)
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        using KubernetesApi api = server.Connect();

        await api.GetAsync(new(new(group, version, "things", "Thing"), ns, name, subresource), Thing.Read, Cancelled);

        server.Seen.ShouldHaveSingleItem().PathAndQuery.ShouldBe(expected);
    }

    [Theory]
    [InlineData(null, null, null, "/apis/tests.example.com/v1/things")]
    [InlineData("n", null, null, "/apis/tests.example.com/v1/namespaces/n/things")]
    [InlineData(null, "a=b,c in (d,e)", null, "/apis/tests.example.com/v1/things?labelSelector=a%3Db%2Cc%20in%20%28d%2Ce%29")]
    [InlineData("n", null, "metadata.name=a&b", "/apis/tests.example.com/v1/namespaces/n/things?fieldSelector=metadata.name%3Da%26b")]
    [InlineData("n", "a", "b=c", "/apis/tests.example.com/v1/namespaces/n/things?labelSelector=a&fieldSelector=b%3Dc")]
    public async Task Every_list_has_its_path_and_its_selectors_and_is_asked_for_unpaged(string? ns, string? labels, string? fields, string expected)
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.ListOf("7"));
        using KubernetesApi api = server.Connect();

        (await api.ListAsync(new(Thing.Type, ns, labels, fields), Thing.Read, Cancelled).ToListAsync(Cancelled)).ShouldBeEmpty();

        Exchange request = server.Seen.ShouldHaveSingleItem();
        request.Method.ShouldBe("GET");
        request.PathAndQuery.ShouldBe(expected);
        request.Headers["Accept"].ShouldBe("application/json");
    }

    [Fact]
    public async Task A_list_gives_its_items_in_the_servers_order()
    {
        Thing[] things = [.. Enumerable.Range(0, 2_000).Select(i => Thing.Of($"thing-{i * 7919 % 2_000}", i, Colors[i % 3]))];
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.ListOf("7", things));
        using KubernetesApi api = server.Connect();

        List<Thing> listed = await api.ListAsync(new(Thing.Type), Thing.Read, Cancelled).ToListAsync(Cancelled);

        listed.ShouldBe(things);
    }

    [Fact]
    public async Task An_item_is_handed_on_while_the_rest_of_the_list_is_still_under_way()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        await using IAsyncEnumerator<Thing> list = api.ListAsync(new(Thing.Type), Thing.Read, Cancelled).GetAsyncEnumerator(Cancelled);
        Task<bool> first = list.MoveNextAsync().AsTask();

        Exchange request = await server.NextAsync();
        await request.SendAsync($$"""{"items":[{{Thing.Of("a", 1).ToJson()}},""");
        (await first.WaitAsync(ScriptedServer.Limit, Cancelled)).ShouldBeTrue();
        list.Current.Name.ShouldBe("a");
        await request.SendAsync(Thing.Of("b", 2).ToJson() + "]}");
        request.End();

        (await list.MoveNextAsync()).ShouldBeTrue();
        list.Current.Name.ShouldBe("b");
        (await list.MoveNextAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task A_list_that_is_left_early_lets_go_of_its_request()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<Thing> first = api.ListAsync(new(Thing.Type), Thing.Read, Cancelled).FirstAsync(Cancelled).AsTask();

        Exchange request = await server.NextAsync();
        request.ClientGone.Register(gone.SetResult);
        await request.SendAsync($$"""{"items":[{{Thing.Of("a", 1).ToJson()}},""");

        (await first.WaitAsync(ScriptedServer.Limit, Cancelled)).Name.ShouldBe("a");
        await gone.Task.WaitAsync(ScriptedServer.Limit, Cancelled);
        gone.Task.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public async Task A_patch_sends_its_body_as_a_merge_patch_and_returns_what_the_server_made_of_it()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 8, "blue").ToJson());
        using KubernetesApi api = server.Connect();

        Thing thing = await api.PatchAsync(new(Thing.Type, "default", "a", "scale"), Patch.Merge("{\"spec\":{\"color\":\"blau ✓\"}}"u8.ToArray()), Thing.Read, false, Cancelled);

        thing.ShouldBe(Thing.Of("a", 8, "blue"));
        Exchange request = server.Seen.ShouldHaveSingleItem();
        request.Method.ShouldBe("PATCH");
        request.PathAndQuery.ShouldBe("/apis/tests.example.com/v1/namespaces/default/things/a/scale?fieldManager=capiworkshop");
        request.Headers["Accept"].ShouldBe("application/json");
        request.Headers["Content-Type"].ShouldBe("application/merge-patch+json");
        request.Headers["Authorization"].ShouldBe("Bearer " + ScriptedServer.Token);
        request.Body.ShouldBe("{\"spec\":{\"color\":\"blau ✓\"}}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/k8s/clusters/c-m-abc")]
    [InlineData("/k8s/clusters/c-m-abc/")]
    public async Task The_servers_address_may_have_a_path_of_its_own(string path)
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        using KubernetesApi api = server.Connect(address: server.Address + path);

        await api.GetAsync(new(Thing.CoreType, "default", "a"), Thing.Read, Cancelled);

        server.Seen.ShouldHaveSingleItem().PathAndQuery.ShouldBe(path.TrimEnd('/') + "/api/v1/namespaces/default/pods/a");
    }

    [Fact]
    public async Task The_version_of_the_server_is_asked_for()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync("""{"major":"1","minor":"34","gitVersion":"v1.34.1","platform":"linux/amd64"}""");
        using KubernetesApi api = server.Connect();

        (await api.GetServerVersionAsync(Cancelled)).ShouldBe("v1.34.1");

        server.Seen.ShouldHaveSingleItem().PathAndQuery.ShouldBe("/version");
    }

    [Fact]
    public async Task Discovery_takes_one_request_where_the_server_knows_the_aggregated_document()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(DiscoveryReadingTests.AggregatedDocument);
        using KubernetesApi api = server.Connect();

        ServedResources served = await api.DiscoverAsync(Cancelled);

        served.Find("cluster.x-k8s.io", "machines").Select(type => type.Version).ShouldBe(["v1beta2", "v1beta1"]);
        served.Find("cluster.x-k8s.io", "nothing").ShouldBeEmpty();
        Exchange request = server.Seen.ShouldHaveSingleItem();
        request.PathAndQuery.ShouldBe("/apis");
        request.Headers["Accept"].ShouldStartWith("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,");
        request.Headers["Accept"].ShouldEndWith(",application/json");
    }

    [Fact]
    public async Task Discovery_asks_an_older_server_group_by_group()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.Path switch
        {
            "/apis" => exchange.JsonAsync(DiscoveryReadingTests.LegacyGroups),
            "/apis/cluster.x-k8s.io/v1beta2" or "/apis/cluster.x-k8s.io/v1beta1" => exchange.JsonAsync(DiscoveryReadingTests.LegacyResources),
            "/apis/metrics.k8s.io/v1beta1" => exchange.StatusAsync(503, "ServiceUnavailable", "the server is down", ("Retry-After", "0")),
            _ => exchange.StatusAsync(404, "NotFound"),
        });
        using KubernetesApi api = server.Connect();

        ServedResources served = await api.DiscoverAsync(Cancelled);

        served.Find("cluster.x-k8s.io", "machines").Select(type => type.Version).ShouldBe(["v1beta2", "v1beta1"]);
        served.All.Count.ShouldBe(4); // an aggregated API that is down, and a version that is gone, hide nothing else
        server.Seen.Select(request => request.Path).Distinct().Order(StringComparer.Ordinal).ShouldBe(
        [
            "/apis", "/apis/cluster.x-k8s.io/v1alpha4", "/apis/cluster.x-k8s.io/v1beta1", "/apis/cluster.x-k8s.io/v1beta2", "/apis/metrics.k8s.io/v1beta1",
        ]);
    }

    [Fact]
    public async Task A_compressed_answer_is_read()
    {
        byte[] body = Compress(Thing.ListOf("7", Enumerable.Range(0, 500).Select(i => Thing.Of($"thing-{i}", i))));
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.AnswerAsync(200, body, ("Content-Encoding", "gzip")));
        using KubernetesApi api = server.Connect();
        Recorder recorder = new();

        List<Thing> listed = await api.Observe(recorder).ListAsync(new(Thing.Type), Thing.Read, Cancelled).ToListAsync(Cancelled);

        listed.Count.ShouldBe(500);
        recorder.Requests.ShouldHaveSingleItem().Bytes.ShouldBeGreaterThan(body.Length);
    }

    [Fact]
    public async Task A_compressed_refusal_is_read()
    {
        byte[] body = Compress(Thing.Status(403, "Forbidden", "things is forbidden"));
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.AnswerAsync(403, body, ("Content-Encoding", "gzip")));
        using KubernetesApi api = server.Connect();

        CapiProblem problem = await Problems.OfAsync(() => api.GetAsync(new(Thing.Type, "default", "a"), Thing.Read, Cancelled));

        problem.Message.ShouldContain("things is forbidden");
    }

    [Fact]
    public async Task No_compression_is_asked_for_where_the_kubeconfig_says_so()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        using KubernetesApi api = server.Connect(cluster: "disable-compression: true");

        await api.GetAsync(new(Thing.Type, "default", "a"), Thing.Read, Cancelled);

        server.Seen.ShouldHaveSingleItem().Headers.ShouldNotContainKey("Accept-Encoding");
    }

    [Fact]
    public async Task One_connection_serves_many_at_once()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.JsonAsync(Thing.Of(exchange.Path.Split('/')[^1], 7).ToJson()));
        using KubernetesApi api = server.Connect();

        Thing[] things = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => api.GetAsync(new(Thing.Type, "default", $"thing-{i}"), Thing.Read, Cancelled)));

        things.Select(thing => thing.Name).ShouldBe(Enumerable.Range(0, 100).Select(i => $"thing-{i}"));
    }

    private static byte[] Compress(string text)
    {
        using MemoryStream target = new();
        using (GZipStream gzip = new(target, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return target.ToArray();
    }
}
