using System.Text.Json.Nodes;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;

namespace CapiWorkshop.Tests.Unit.Kubernetes;

/// <summary>How things are deleted, created and rehearsed on the wire.</summary>
public sealed class WriteTests
{
    private static readonly ResourcePath A = new(Thing.Type, "default", "a");
    private static readonly ReadOnlyMemory<byte> Manifest = """{"metadata":{"name":"a"},"spec":{"color":"grün ✓"}}"""u8.ToArray();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, DeletePropagation.Default, false, """{"kind":"DeleteOptions","apiVersion":"v1"}""")]
    [InlineData("u-1", DeletePropagation.Default, false, """{"kind":"DeleteOptions","apiVersion":"v1","preconditions":{"uid":"u-1"}}""")]
    [InlineData(null, DeletePropagation.Background, false, """{"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Background"}""")]
    [InlineData("u-1", DeletePropagation.Foreground, false, """{"kind":"DeleteOptions","apiVersion":"v1","preconditions":{"uid":"u-1"},"propagationPolicy":"Foreground"}""")]
    [InlineData("a\"b", DeletePropagation.Orphan, true, """{"kind":"DeleteOptions","apiVersion":"v1","preconditions":{"uid":"a\"b"},"propagationPolicy":"Orphan","dryRun":["All"]}""")]
    public async Task A_deletion_says_how_in_its_body(string? uid, DeletePropagation propagation, bool dryRun, string expected)
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync("""{"kind":"Status","apiVersion":"v1","status":"Success"}""");
        using KubernetesApi api = server.Connect();

        await api.DeleteAsync(A, new(uid, propagation, dryRun), Cancelled);

        Exchange request = server.Seen.ShouldHaveSingleItem();
        (request.Method, request.PathAndQuery, request.Headers["Content-Type"]).ShouldBe(("DELETE", "/apis/tests.example.com/v1/namespaces/default/things/a", "application/json"));
        JsonNode.DeepEquals(JsonNode.Parse(request.Body), JsonNode.Parse(expected)).ShouldBeTrue(request.Body);
    }

    [Fact]
    public async Task A_deletion_names_the_state_in_which_it_is_wanted()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync("{}");
        using KubernetesApi api = server.Connect();

        await api.DeleteAsync(A, new("u-1", ResourceVersion: "7"), Cancelled);

        server.Seen.ShouldHaveSingleItem().Body.ShouldBe("""{"kind":"DeleteOptions","apiVersion":"v1","preconditions":{"uid":"u-1","resourceVersion":"7"}}""");
    }

    [Theory]
    [InlineData(200, """{"kind":"Thing","metadata":{"name":"a","deletionTimestamp":"2026-11-20T10:00:00Z"}}""")]
    [InlineData(202, """{"kind":"Status","status":"Success"}""")]
    [InlineData(200, "")]
    public async Task A_deletion_needs_nothing_of_its_answer_but_success(int status, string body)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.AnswerAsync(status, body));
        using KubernetesApi api = server.Connect();

        await api.DeleteAsync(A, new(), Cancelled);

        server.Seen.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("default", false, "/apis/tests.example.com/v1/namespaces/default/things?fieldManager=capiworkshop")]
    [InlineData("n/../m", true, "/apis/tests.example.com/v1/namespaces/n%2F..%2Fm/things?fieldManager=capiworkshop&dryRun=All")]
    [InlineData(null, true, "/apis/tests.example.com/v1/things?fieldManager=capiworkshop&dryRun=All")]
    public async Task A_creation_posts_its_manifest_to_the_collection(string? ns, bool dryRun, string expected)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.AnswerAsync(201, Thing.Of("a", 8, "green").ToJson()));
        using KubernetesApi api = server.Connect();

        Thing thing = await api.CreateAsync(Thing.Type, ns, Manifest, Thing.Read, dryRun, Cancelled);

        thing.ShouldBe(Thing.Of("a", 8, "green"));
        Exchange request = server.Seen.ShouldHaveSingleItem();
        (request.Method, request.PathAndQuery, request.Headers["Content-Type"]).ShouldBe(("POST", expected, "application/json"));
        request.Body.ShouldBe("""{"metadata":{"name":"a"},"spec":{"color":"grün ✓"}}""");
    }

    [Theory]
    [InlineData(false, "/apis/tests.example.com/v1/namespaces/default/things/a/scale?fieldManager=capiworkshop")]
    [InlineData(true, "/apis/tests.example.com/v1/namespaces/default/things/a/scale?fieldManager=capiworkshop&dryRun=All")]
    public async Task A_patch_is_rehearsed_where_that_is_asked_for(bool dryRun, string expected)
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 8).ToJson());
        using KubernetesApi api = server.Connect();

        await api.PatchAsync(A with { Subresource = "scale" }, Patch.Merge("{}"u8.ToArray()), Thing.Read, dryRun, Cancelled);

        server.Seen.ShouldHaveSingleItem().PathAndQuery.ShouldBe(expected);
    }

    [Theory]
    [InlineData(PatchKind.Merge, false, "application/merge-patch+json", "?fieldManager=capiworkshop")]
    [InlineData(PatchKind.Json, false, "application/json-patch+json", "?fieldManager=capiworkshop")]
    [InlineData(PatchKind.Apply, false, "application/apply-patch+yaml", "?fieldManager=capiworkshop")]
    [InlineData(PatchKind.Apply, true, "application/apply-patch+yaml", "?fieldManager=capiworkshop&force=true")]
    public async Task A_patch_says_of_which_kind_it_is(PatchKind kind, bool force, string mediaType, string query)
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 8).ToJson());
        using KubernetesApi api = server.Connect();

        (await api.PatchAsync(A, new(kind, Manifest, force), Thing.Read, false, Cancelled)).ShouldBe(Thing.Of("a", 8));

        Exchange request = server.Seen.ShouldHaveSingleItem();
        (request.Method, request.PathAndQuery, request.Headers["Content-Type"]).ShouldBe(("PATCH", "/apis/tests.example.com/v1/namespaces/default/things/a" + query, mediaType));
        request.Body.ShouldBe("""{"metadata":{"name":"a"},"spec":{"color":"grün ✓"}}""");
    }

    [Theory]
    [InlineData(PatchKind.Json, """{"details":{}""", ProblemId.ApiConflict)] // how a server says that a test failed
    [InlineData(PatchKind.Json, """{"details":{"kind":"Thing","causes":[{"reason":"FieldValueInvalid","field":"spec.color"}]}""", ProblemId.ApiInvalid)]
    [InlineData(PatchKind.Merge, """{"details":{}""", ProblemId.ApiInvalid)]
    public async Task A_JSON_patch_whose_test_failed_is_a_conflict(PatchKind kind, string details, string id)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.AnswerAsync(422, details + ""","kind":"Status","reason":"Invalid","message":"no","code":422}"""));
        using KubernetesApi api = server.Connect();

        CapiProblem problem = await Problems.OfAsync(() => api.PatchAsync(A, new(kind, "[]"u8.ToArray()), Thing.Read, false, Cancelled));

        (problem.Id, problem.HttpStatus, problem.Target).ShouldBe((id, 422, "default/a"));
        server.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_apply_that_meets_another_owner_names_it()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.AnswerAsync(409, """
            {"kind":"Status","reason":"Conflict","code":409,"message":"Apply failed with 1 conflict: conflict with \"gardener\" using v1: .spec.color",
             "details":{"causes":[{"reason":"FieldManagerConflict","message":"conflict with \"gardener\" using v1","field":".spec.color"}]}}
            """));
        using KubernetesApi api = server.Connect();

        CapiProblem problem = await Problems.OfAsync(() => api.PatchAsync(A, Patch.Apply(Manifest), Thing.Read, false, Cancelled));

        (problem.Id, problem.Target).ShouldBe((ProblemId.ApiConflict, "default/a"));
        problem.Message.ShouldContain("\"gardener\" using v1: .spec.color");
        problem.Action.ShouldContain("force");
    }

    [Fact]
    public async Task A_creation_in_a_namespace_that_is_not_there_says_so()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.AnswerAsync(404, """
            {"kind":"Status","reason":"NotFound","code":404,"message":"namespaces \"nope\" not found","details":{"name":"nope","kind":"namespaces"}}
            """));
        using KubernetesApi api = server.Connect();

        CapiProblem problem = await Problems.OfAsync(() => api.CreateAsync(Thing.Type, "nope", Manifest, Thing.Read, false, Cancelled));

        (problem.Id, problem.Target).ShouldBe(("NamespaceNotFound", "nope"));
        problem.Message.ShouldBe("There is no Namespace 'nope'.");
    }

    [Theory]
    [InlineData("delete", 403, "Forbidden", ProblemId.ApiForbidden, "default/a")]
    [InlineData("delete", 404, "NotFound", "ThingNotFound", "default/a")]
    [InlineData("delete", 409, "Conflict", ProblemId.ApiConflict, "default/a")]
    [InlineData("delete", 422, "Invalid", ProblemId.ApiInvalid, "default/a")]
    [InlineData("create", 403, "Forbidden", ProblemId.ApiForbidden, "things.tests.example.com")]
    [InlineData("create", 409, "AlreadyExists", ProblemId.ApiConflict, "things.tests.example.com")]
    [InlineData("create", 422, "Invalid", ProblemId.ApiInvalid, "things.tests.example.com")]
    public async Task A_refusal_is_told_with_the_servers_reason(string verb, int status, string reason, string id, string target)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.StatusAsync(status, reason, "because of the test"));
        using KubernetesApi api = server.Connect();

        CapiProblem problem = await Problems.OfAsync(() => WriteAsync(api, verb));

        (problem.Id, problem.HttpStatus, problem.Target).ShouldBe((id, status, target));
        if (status is 403 or 422)
        {
            problem.Message.ShouldContain(verb);
            problem.Message.ShouldContain("because of the test");
        }
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("create")]
    public async Task A_write_is_repeated_with_the_same_body_after_429_alone(string verb)
    {
        int answers = 0;
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => Interlocked.Increment(ref answers) == 1
            ? exchange.StatusAsync(429, "TooManyRequests", "wait", ("Retry-After", "0"))
            : exchange.JsonAsync(Thing.Of("a", 8).ToJson()));
        using KubernetesApi api = server.Connect();

        await WriteAsync(api, verb);

        server.Seen.Count.ShouldBe(2);
        server.Seen.Select(request => (request.Method, request.PathAndQuery, request.Body)).Distinct().ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("delete", 500)]
    [InlineData("delete", 503)]
    [InlineData("delete", 504)]
    [InlineData("create", 500)]
    [InlineData("create", 503)]
    [InlineData("create", 504)]
    public async Task A_write_is_never_repeated_where_the_server_may_have_acted(string verb, int status)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.StatusAsync(status, "Busy", "wait", ("Retry-After", "0")));
        using KubernetesApi api = server.Connect();

        (await Problems.OfAsync(() => WriteAsync(api, verb))).HttpStatus.ShouldBe(status);

        server.Seen.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("create")]
    public async Task A_write_is_never_repeated_where_its_connection_broke(string verb)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange =>
        {
            exchange.Cut();
            return Task.CompletedTask;
        });
        using KubernetesApi api = server.Connect();

        (await Problems.OfAsync(() => WriteAsync(api, verb))).Id.ShouldBe(ProblemId.ConnectionLost);

        server.Seen.Count.ShouldBe(1);
    }

    private static Task WriteAsync(KubernetesApi api, string verb) => verb == "delete"
        ? api.DeleteAsync(A, new("u-1"), Cancelled)
        : api.CreateAsync(Thing.Type, "default", Manifest, Thing.Read, false, Cancelled);
}
