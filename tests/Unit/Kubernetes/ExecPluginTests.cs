using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Kubernetes.Http;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Support;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;

namespace CapiWorkshop.Tests.Unit.Kubernetes;

/// <summary>Credentials that a program gets, as the clouds' kubeconfigs have them. The programs are small scripts of the tests' own.</summary>
public sealed class ExecPluginTests
{
    private const string Secret = "S3CRETs3cretS3CRETs3cret";
    private const string V1 = "client.authentication.k8s.io/v1";
    private const string V1Beta1 = "client.authentication.k8s.io/v1beta1";

    private static readonly ResourcePath A = new(Thing.Type, "default", "a");

    public ExecPluginTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "The plugins of these tests are scripts of sh.");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(V1)]
    [InlineData(V1Beta1)]
    public async Task The_plugin_gets_a_token_once_for_all_requests_of_a_connection(string version)
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        string runs = server.WriteFile("runs", "");
        using KubernetesApi api = server.Connect(Plugin(server, $"echo run >> '{runs}'; {Answer("token: got", version)}", version: version));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => api.GetAsync(A, Thing.Read, Cancelled)));

        File.ReadAllLines(runs).Length.ShouldBe(1);
        server.Seen.Count.ShouldBe(8);
        server.Seen.ShouldAllBe(request => request.Headers["Authorization"] == "Bearer got");
    }

    [Fact]
    public async Task The_plugin_is_told_the_cluster_its_arguments_and_its_variables_beside_our_own()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        string told = server.WriteFile("told", "");
        using KubernetesApi api = server.Connect(
            Plugin(server, $"printf '%s\\n' \"$KUBERNETES_EXEC_INFO\" \"$1\" \"$2\" \"$MINE\" \"$HOME\" > '{told}'; {Answer("token: got")}", arguments: ", 'two words', ''", more: ", provideClusterInfo: true, env: [ { name: MINE, value: 'a b' } ]"),
            cluster: "tls-server-name: 127.0.0.1\n    disable-compression: true\n    extensions: [ { name: client.authentication.k8s.io/exec, extension: { audience: x, depth: [ 1, yes, ~, '2' ] } } ]");

        await api.GetAsync(A, Thing.Read, Cancelled);

        string[] lines = File.ReadAllLines(told);
        JsonNode cluster = JsonNode.Parse(lines[0])!["spec"]!["cluster"]!;
        JsonNode.Parse(lines[0])!["apiVersion"]!.GetValue<string>().ShouldBe(V1);
        JsonNode.Parse(lines[0])!["kind"]!.GetValue<string>().ShouldBe("ExecCredential");
        JsonNode.Parse(lines[0])!["spec"]!["interactive"]!.GetValue<bool>().ShouldBeFalse();
        cluster["server"]!.GetValue<string>().ShouldBe(server.Address);
        cluster["tls-server-name"]!.GetValue<string>().ShouldBe("127.0.0.1");
        cluster["disable-compression"]!.GetValue<bool>().ShouldBeTrue();
        Convert.FromBase64String(cluster["certificate-authority-data"]!.GetValue<string>()).ShouldBe(System.Text.Encoding.UTF8.GetBytes(server.Authority.Pem));
        cluster["config"]!.ToJsonString().ShouldBe("""{"audience":"x","depth":[1,true,null,"2"]}""");
        lines[1..].ShouldBe(["two words", "", "a b", Environment.GetEnvironmentVariable("HOME") ?? ""]);
    }

    [Fact]
    public async Task A_plugin_that_is_not_to_know_the_cluster_is_told_nothing_of_it()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        string told = server.WriteFile("told", "");
        using KubernetesApi api = server.Connect(Plugin(server, $"printf %s \"$KUBERNETES_EXEC_INFO\" > '{told}'; {Answer("token: got")}"));

        await api.GetAsync(A, Thing.Read, Cancelled);

        File.ReadAllText(told).ShouldBe($$$"""{"apiVersion":"{{{V1}}}","kind":"ExecCredential","spec":{"interactive":false}}""");
    }

    [Fact]
    public async Task A_plugin_that_fails_is_quoted_by_what_it_told_people_and_by_nothing_else()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        Recorder heard = new();
        using KubernetesApi api = server.Connect(Plugin(server, $"echo {Secret}; printf 'please \\033[31mlog in\\033[0m\\nfirst\\007\\n' >&2; exit 3"));
        IKubernetesApi observed = api.Observe(heard);

        CapiProblemException exception = await Should.ThrowAsync<CapiProblemException>(() => observed.GetAsync(A, Thing.Read, Cancelled));

        exception.Problem.Id.ShouldBe(ProblemId.ExecPluginFailed);
        exception.Problem.Category.ShouldBe(CapiProblemCategory.AuthenticationError);
        exception.Problem.Target.ShouldBe("tester");
        exception.Problem.Message.ShouldBe("The exec plugin 'sh' of user 'tester' ended with exit code 3: please log in first.");
        exception.Problem.Action.ShouldMatch("kubectl auth whoami --context scripted --kubeconfig '?/");
        heard.Warnings.ShouldBe(["sh: please log in", "sh: first"]);
        Problems.Shown(exception).ShouldNotContain(Secret);
        server.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Of_a_long_complaint_the_end_is_quoted()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect(Plugin(server, "i=0; while [ $i -lt 2000 ]; do echo line $i >&2; i=$((i+1)); done; exit 1"));

        CapiProblem problem = await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled));

        problem.Message.ShouldEndWith("line 1998 line 1999.");
        problem.Message.Length.ShouldBeLessThan(2200);
    }

    [Fact]
    public async Task What_the_plugin_tells_people_is_shown_while_it_waits_for_them()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        string go = Path.Combine(Path.GetDirectoryName(server.WriteFile("x", ""))!, "go");
        Recorder heard = new();
        using KubernetesApi api = server.Connect(Plugin(server, $"printf 'open https://login.example and type ABCD' >&2; until [ -e '{go}' ]; do sleep 0.05; done; {Answer("token: got")}"));

        Task<Thing> got = api.Observe(heard).GetAsync(A, Thing.Read, Cancelled);
        await Eventually.TrueAsync(() => heard.Warnings.Count > 0, Cancelled);
        got.IsCompleted.ShouldBeFalse();
        File.WriteAllText(go, "");
        await got;

        heard.Warnings.ShouldBe(["sh: open https://login.example and type ABCD"]);
    }

    [Theory]
    [InlineData("", "cannot be understood")]
    [InlineData("S3CRETs3cretS3CRETs3cret", "cannot be understood")]
    [InlineData("{ \"kind\": \"ExecCredential\", \"S3CRETs3cretS3CRETs3cret\"", "cannot be understood")]
    [InlineData("[ \"S3CRETs3cretS3CRETs3cret\" ]", "cannot be understood")]
    [InlineData("{ \"kind\": \"Secret\" }", "is no ExecCredential")]
    [InlineData("{ \"kind\": \"ExecCredential\", \"apiVersion\": \"client.authentication.k8s.io/v1beta1\" }", "is not of version client.authentication.k8s.io/v1,")]
    [InlineData("{ \"kind\": \"ExecCredential\", \"apiVersion\": \"client.authentication.k8s.io/v1\" }", "holds no status")]
    [InlineData("{ \"kind\": \"ExecCredential\", \"apiVersion\": \"client.authentication.k8s.io/v1\", \"status\": {} }", "holds neither a token nor a certificate")]
    [InlineData("{ \"kind\": \"ExecCredential\", \"apiVersion\": \"client.authentication.k8s.io/v1\", \"status\": { \"token\": 5 } }", "cannot be understood")]
    [InlineData("{ \"kind\": \"ExecCredential\", \"apiVersion\": \"client.authentication.k8s.io/v1\", \"status\": { \"token\": \"S3CRETs3cret\\nS3CRETs3cretS3CRETs3cret\" } }", "holds a token that no header can carry")]
    [InlineData("{ \"kind\": \"ExecCredential\", \"apiVersion\": \"client.authentication.k8s.io/v1\", \"status\": { \"clientKeyData\": \"S3CRETs3cretS3CRETs3cret\" } }", "without the other")]
    [InlineData("{ \"kind\": \"ExecCredential\", \"apiVersion\": \"client.authentication.k8s.io/v1\", \"status\": { \"clientCertificateData\": \"x\", \"clientKeyData\": \"S3CRETs3cretS3CRETs3cret\" } }", "cannot be used: the certificate is not PEM")]
    [InlineData("{ \"kind\": \"ExecCredential\", \"apiVersion\": \"client.authentication.k8s.io/v1\", \"status\": { \"token\": \"S3CRETs3cretS3CRETs3cret\", \"expirationTimestamp\": \"soon\" } }", "an expirationTimestamp that is no time")]
    [InlineData("{ \"kind\": \"ExecCredential\", \"apiVersion\": \"client.authentication.k8s.io/v1\", \"status\": { \"token\": \"S3CRETs3cretS3CRETs3cret\", \"expirationTimestamp\": \"2020-01-01T00:00:00Z\" } }", "has expired at 2020-01-01 00:00:00Z already")]
    public async Task An_answer_that_is_none_is_a_problem_and_never_shown(string answer, string expected)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        string runs = server.WriteFile("runs", "");
        using KubernetesApi api = server.Connect(Plugin(server, $"echo run >> '{runs}'; cat '{server.WriteFile("answer", answer)}'"));

        CapiProblemException exception = await Should.ThrowAsync<CapiProblemException>(() => api.GetAsync(A, Thing.Read, Cancelled));

        exception.Problem.Id.ShouldBe(ProblemId.ExecPluginFailed);
        exception.Problem.Message.ShouldContain(expected);
        Problems.Shown(exception).ShouldNotContain(Secret);
        File.ReadAllLines(runs).Length.ShouldBe(1);
        server.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_answer_without_end_is_not_read_to_its_end()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect(Plugin(server, "yes"));

        (await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled))).Message.ShouldContain("too long");
    }

    [Fact]
    public async Task Where_the_plugin_fails_it_fails_for_all_who_wait_for_it_and_is_run_anew_for_who_comes_later()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        string runs = server.WriteFile("runs", "");
        string go = Path.Combine(Path.GetDirectoryName(runs)!, "go");
        using KubernetesApi api = server.Connect(Plugin(server, $"echo run >> '{runs}'; until [ -e '{go}' ]; do sleep 0.05; done; exit 1"));

        Task<CapiProblem>[] waiting = [.. Enumerable.Range(0, 4).Select(_ => Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled)))];
        await Eventually.TrueAsync(() => File.ReadAllLines(runs).Length > 0, Cancelled);
        File.WriteAllText(go, "");
        (await Task.WhenAll(waiting)).ShouldAllBe(problem => problem.Id == ProblemId.ExecPluginFailed);
        File.ReadAllLines(runs).Length.ShouldBe(1);

        await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled));
        File.ReadAllLines(runs).Length.ShouldBe(2);
    }

    [Fact]
    public async Task A_credential_that_has_ended_is_got_anew()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        LateClock clock = new();
        using KubernetesApi api = server.Connect(Plugin(server, Counting(server) + Answer("token: token-$n, expirationTimestamp: $end", end: $"{DateTime.UtcNow.AddHours(1):s}Z {DateTime.UtcNow.AddHours(3):s}Z")), clock: clock);

        await api.GetAsync(A, Thing.Read, Cancelled);
        await api.GetAsync(A, Thing.Read, Cancelled);
        clock.Late = TimeSpan.FromHours(2);
        await api.GetAsync(A, Thing.Read, Cancelled);

        server.Seen.Select(request => request.Headers["Authorization"]).ShouldBe(["Bearer token-1", "Bearer token-1", "Bearer token-2"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_401_the_credential_is_got_anew_and_the_request_sent_once_more(bool isWrite)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange =>
            exchange.Headers["Authorization"] == "Bearer token-2" ? exchange.JsonAsync(Thing.Of("a", 7).ToJson()) : exchange.StatusAsync(401, "Unauthorized"));
        using KubernetesApi api = server.Connect(Plugin(server, Counting(server) + Answer("token: token-$n")));

        _ = isWrite ? await api.PatchAsync(A, Patch.Merge("{}"u8.ToArray()), Thing.Read, false, Cancelled) : await api.GetAsync(A, Thing.Read, Cancelled);

        server.Seen.Select(request => (request.Headers["Authorization"], request.Body)).ShouldBe([("Bearer token-1", isWrite ? "{}" : ""), ("Bearer token-2", isWrite ? "{}" : "")]);
    }

    [Fact]
    public async Task A_server_that_accepts_nothing_is_asked_twice_and_no_more()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.StatusAsync(401, "Unauthorized"));
        using KubernetesApi api = server.Connect(Plugin(server, Counting(server) + Answer("token: token-$n")));

        (await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled))).Id.ShouldBe(ProblemId.ApiUnauthorized);

        server.Seen.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_certificate_is_shown_and_the_next_one_is_shown_on_connections_of_its_own()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson(), new() { AskForClientCertificate = true });
        (string Certificate, string Key, string Thumbprint)[] issued = [server.Authority.IssueClient("one"), server.Authority.IssueClient("two")];
        foreach ((int n, (string certificate, string key, _)) in issued.Index())
        {
            JsonObject status = new() { ["clientCertificateData"] = certificate, ["clientKeyData"] = key, ["expirationTimestamp"] = DateTimeOffset.UtcNow.AddHours(1 + (2 * n)) };
            server.WriteFile($"answer-{n + 1}", new JsonObject { ["kind"] = "ExecCredential", ["apiVersion"] = V1, ["status"] = status }.ToJsonString());
        }

        LateClock clock = new();
        string counting = Counting(server);
        using KubernetesApi api = server.Connect(Plugin(server, $"{counting}cat '{Path.GetDirectoryName(server.WriteFile("x", ""))}/answer-'$n"), clock: clock);

        await api.GetAsync(A, Thing.Read, Cancelled);
        await api.GetAsync(A, Thing.Read, Cancelled);
        clock.Late = TimeSpan.FromHours(2);
        await api.GetAsync(A, Thing.Read, Cancelled);

        server.Seen.Select(request => request.ClientThumbprint).ShouldBe([issued[0].Thumbprint, issued[0].Thumbprint, issued[1].Thumbprint]);
        server.Seen.ShouldAllBe(request => !request.Headers.ContainsKey("Authorization"));
    }

    [Fact]
    public async Task Who_cancels_ends_the_plugin_and_all_that_it_has_started()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Looks for the processes in /proc.");
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        string pids = server.WriteFile("pids", "");
        using KubernetesApi api = server.Connect(Plugin(server, $"sleep 600 & echo $! >> '{pids}'; echo $$ >> '{pids}'; wait"));
        using CancellationTokenSource stop = new();

        Task<Thing> running = api.GetAsync(A, Thing.Read, stop.Token);
        await Eventually.TrueAsync(() => File.ReadAllLines(pids).Length == 2, Cancelled);
        File.ReadAllLines(pids).ShouldAllBe(pid => Runs(pid));
        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => running);
        await Eventually.TrueAsync(() => !File.ReadAllLines(pids).Any(Runs), Cancelled);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData(">&2", "")] // it holds standard error alone
    [InlineData("2>&1", "exit 3")]
    public async Task What_a_plugin_leaves_running_is_not_waited_for(string held, string end)
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        string pid = server.WriteFile("pid", "");
        using KubernetesApi api = server.Connect(Plugin(server, $"sleep 600 {held} & echo $! > '{pid}'; echo signed out >&2; {Answer("token: got")}; {end}"));
        try
        {
            Task<Thing> got = api.GetAsync(A, Thing.Read, Cancelled);

            if (end.Length == 0)
            {
                await got;
                server.Seen.ShouldHaveSingleItem().Headers["Authorization"].ShouldBe("Bearer got");
            }
            else
            {
                (await Problems.OfAsync(() => got)).Message.ShouldEndWith("ended with exit code 3: signed out.");
            }
        }
        finally
        {
            using Process left = Process.GetProcessById(int.Parse(File.ReadAllText(pid), CultureInfo.InvariantCulture));
            left.Kill();
        }
    }

    [Fact]
    public async Task Nobody_listens_to_a_plugin_that_has_ended()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Looks for the process in /proc.");
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        string pid = server.WriteFile("pid", "");
        using KubernetesApi api = server.Connect(Plugin(server, $"(while echo still here >&2; do sleep 0.05; done) & echo $! > '{pid}'; {Answer("token: got")}"));

        await api.GetAsync(A, Thing.Read, Cancelled);

        await Eventually.TrueAsync(() => !Runs(File.ReadAllText(pid).Trim()), Cancelled); // its next word broke the pipe
    }

    [Fact]
    public async Task A_secret_in_what_the_plugin_tells_people_is_not_shown()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        Recorder heard = new();
        using KubernetesApi api = server.Connect(Plugin(server, $"printf 'try pass' >&2; sleep 0.6; echo 'word={Secret}' >&2; echo 'Authorization: Bearer {Secret}' >&2; exit 1"));

        CapiProblemException exception = await Should.ThrowAsync<CapiProblemException>(() => api.Observe(heard).GetAsync(A, Thing.Read, Cancelled));

        exception.Problem.Message.ShouldEndWith("try password=(hidden) Authorization: Bearer (hidden).");
        (Problems.Shown(exception) + heard.Everything).ShouldNotContain(Secret);
    }

    [Fact]
    public async Task Of_many_lines_a_few_are_told_and_the_last_are_quoted_each_once()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        Recorder heard = new();
        using KubernetesApi api = server.Connect(Plugin(server, "i=0; while [ $i -lt 40 ]; do echo line $i >&2; i=$((i+1)); done; echo denied >&2; echo usage >&2; echo denied >&2; exit 1"));

        CapiProblem problem = await Problems.OfAsync(() => api.Observe(heard).GetAsync(A, Thing.Read, Cancelled));

        problem.Message.ShouldEndWith("ended with exit code 1: line 37 line 38 line 39 usage denied.");
        heard.Warnings.Count.ShouldBe(21);
        heard.Warnings[^1].ShouldBe("sh says more, which is not shown.");
    }

    [Fact]
    public async Task A_plugin_that_nobody_may_execute_is_told_from_one_that_is_not_there()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        string file = server.WriteFile("plugin", "#!/bin/sh");
        using KubernetesApi api = server.Connect($"{{ exec: {{ apiVersion: {V1}, command: '{file}', interactiveMode: Never, installHint: install it }} }}");

        CapiProblem problem = await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled));

        problem.Id.ShouldBe(ProblemId.ExecPluginFailed);
        problem.Category.ShouldBe(CapiProblemCategory.PermissionDenied);
        problem.Message.ShouldContain("nobody may execute it");
        problem.Action.ShouldBe($"Allow it with: chmod +x '{file}'");
    }

    [Fact]
    public async Task A_certificate_beside_the_plugin_is_renewed_while_the_token_lasts()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson(), new() { AskForClientCertificate = true });
        (string Certificate, string Key, string Thumbprint) first = server.Authority.IssueClient("one"), second = server.Authority.IssueClient("two");
        string certificate = server.WriteFile("client.crt", first.Certificate), key = server.WriteFile("client.key", first.Key);
        using KubernetesApi api = server.Connect($"{{ client-certificate: '{certificate}', client-key: '{key}', {Plugin(server, Counting(server) + Answer("token: token-$n"))[1..]}");

        await api.GetAsync(A, Thing.Read, Cancelled);
        server.WriteFile("client.crt", second.Certificate);
        server.WriteFile("client.key", second.Key);
        await api.GetAsync(A, Thing.Read, Cancelled);

        server.Seen.Select(request => (request.ClientThumbprint, request.Headers["Authorization"])).ShouldBe([(first.Thumbprint, "Bearer token-1"), (second.Thumbprint, "Bearer token-1")]);
    }

    [Fact]
    public async Task A_plugin_that_gives_the_same_certificate_again_costs_no_new_connection()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson(), new() { AskForClientCertificate = true });
        (string certificate, string key, _) = server.Authority.IssueClient("one");
        JsonObject status = new() { ["clientCertificateData"] = certificate, ["clientKeyData"] = key };
        string answer = server.WriteFile("answer", new JsonObject { ["kind"] = "ExecCredential", ["apiVersion"] = V1, ["status"] = status }.ToJsonString()), runs = server.WriteFile("runs", "");
        status["expirationTimestamp"] = DateTimeOffset.UtcNow.AddHours(1);
        string first = server.WriteFile("first", new JsonObject { ["kind"] = "ExecCredential", ["apiVersion"] = V1, ["status"] = status.DeepClone() }.ToJsonString());
        LateClock clock = new();
        using KubernetesApi api = server.Connect(Plugin(server, $"if [ -s '{runs}' ]; then cat '{answer}'; else echo run > '{runs}'; cat '{first}'; fi"), clock: clock);

        await api.GetAsync(A, Thing.Read, Cancelled);
        clock.Late = TimeSpan.FromHours(2);
        await api.GetAsync(A, Thing.Read, Cancelled);

        server.Seen.Count.ShouldBe(2);
        server.Seen.Select(request => request.Connection).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_plugin_that_nobody_answers_is_ended_after_a_minute()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect(Plugin(server, "exec sleep 600"), clock: new HastyClock());

        CapiProblem problem = await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled));

        problem.Id.ShouldBe(ProblemId.ExecPluginFailed);
        problem.Message.ShouldContain("did not end within 60 s");
    }

    [Fact]
    public async Task A_closed_connection_ends_the_plugin()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        string runs = server.WriteFile("runs", "");
        KubernetesApi api = server.Connect(Plugin(server, $"echo run >> '{runs}'; exec sleep 600"));

        Task<CapiProblem> running = Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled));
        await Eventually.TrueAsync(() => File.ReadAllLines(runs).Length > 0, Cancelled);
        api.Dispose();

        (await running).Id.ShouldBe(ProblemId.NotConnected);
    }

    [Fact]
    public async Task A_plugin_that_may_not_ask_finds_nothing_to_read()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        using KubernetesApi api = server.Connect(Plugin(server, $"if read line; then exit 1; fi; {Answer("token: got")}"));

        (await api.GetAsync(A, Thing.Read, Cancelled)).Name.ShouldBe("a");
    }

    [Fact]
    public async Task A_plugin_that_has_to_ask_is_not_run_where_there_is_nobody()
    {
        ExecPlugin plugin = new() { ApiVersion = V1, Command = "sh", User = "tester", Interaction = ExecInteraction.Always };

        CapiProblem problem = await Problems.OfAsync(() => new ExecPluginRun(plugin, "", TimeProvider.System, hasTerminal: false).RunAsync(null, Cancelled));

        problem.Id.ShouldBe(ProblemId.ExecPluginFailed);
        problem.Message.ShouldContain("interactiveMode: Always");
        problem.Message.ShouldContain("no terminal");
    }

    [Theory]
    [InlineData("Never", false)]
    [InlineData("IfAvailable", true)]
    [InlineData("Always", true)]
    public async Task A_plugin_is_told_that_it_may_ask_where_there_is_a_terminal_and_the_kubeconfig_allows_it(string mode, bool interactive)
    {
        ExecPlugin plugin = new() { ApiVersion = V1, Command = "sh", User = "tester", Arguments = ["-c", "printf %s \"$KUBERNETES_EXEC_INFO\""], Interaction = Enum.Parse<ExecInteraction>(mode) };

        ReadOnlyMemory<byte> told = await new ExecPluginRun(plugin, "", TimeProvider.System, hasTerminal: true).RunAsync(null, Cancelled);

        JsonNode.Parse(told.Span)!["spec"]!["interactive"]!.GetValue<bool>().ShouldBe(interactive);
    }

    [Theory]
    [InlineData("no-such-plugin", ": no folder of PATH holds such a program")]
    [InlineData("./no-such-plugin", "is not there")]
    public async Task A_plugin_that_is_not_there_is_said_so_with_the_kubeconfigs_own_hint(string command, string expected)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect($"{{ exec: {{ apiVersion: {V1}, command: {command}, interactiveMode: Never, installHint: \"Get it from\\n https://plugins.example\" }} }}");

        CapiProblem problem = await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled));

        problem.Id.ShouldBe(ProblemId.ExecPluginFailed);
        problem.Category.ShouldBe(CapiProblemCategory.ObjectNotFound);
        problem.Message.ShouldContain(expected);
        problem.Action.ShouldBe("Get it from https://plugins.example");
    }

    [Fact]
    public async Task A_bare_name_is_not_looked_for_beside_the_program_that_runs()
    {
        string own = Path.GetFileName(Environment.ProcessPath!);
        Assert.SkipWhen((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, own))), $"{own} is on PATH.");
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect($"{{ exec: {{ apiVersion: {V1}, command: {own}, interactiveMode: Never }} }}");

        (await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled))).Message.ShouldContain("no folder of PATH");
    }

    [Fact]
    public void A_name_with_a_slash_is_relative_to_the_kubeconfigs_folder()
    {
        using TempFolder folder = new();
        string file = folder.Write("config", $$"""
            current-context: c
            clusters: [ { name: c, cluster: { server: "https://c" } } ]
            users: [ { name: u, user: { exec: { apiVersion: {{V1Beta1}}, command: bin/plugin } } } ]
            contexts: [ { name: c, context: { cluster: c, user: u } } ]
            """);

        ExecPlugin plugin = KubeConfig.Read([file]).Resolve(null).Exec.ShouldNotBeNull();

        plugin.Command.ShouldBe(folder.PathOf(Path.Combine("bin", "plugin")));
        plugin.Interaction.ShouldBe(ExecInteraction.IfAvailable); // what v1beta1 means where nothing is said
    }

    [Theory]
    [InlineData("token: own", "Bearer own")]
    [InlineData("username: me, password: own", "Basic bWU6b3du")]
    public async Task What_the_kubeconfig_itself_holds_counts_more_as_with_kubectl(string own, string expected)
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        using KubernetesApi api = server.Connect($"{{ {own}, exec: {{ apiVersion: {V1}, command: no-such-plugin, interactiveMode: Never }} }}");

        await api.GetAsync(A, Thing.Read, Cancelled);

        server.Seen.ShouldHaveSingleItem().Headers["Authorization"].ShouldBe(expected);
    }

    /// <summary>A user whose credentials a script gets.</summary>
    private static string Plugin(ScriptedServer server, string script, string version = V1, string arguments = "", string more = "") =>
        $"{{ exec: {{ apiVersion: {version}, command: sh, interactiveMode: Never, args: [ '{server.WriteFile("plugin.sh", script)}'{arguments} ]{more} }} }}";

    /// <summary>Script: counts its runs in <c>$n</c>.</summary>
    private static string Counting(ScriptedServer server)
    {
        string runs = server.WriteFile("count", "");
        return $"echo run >> '{runs}'; n=$(($(wc -l < '{runs}'))); ";
    }

    /// <summary>Script: answers with a status, YAML-like for short. <paramref name="end"/> holds the <c>$end</c> of each run.</summary>
    private static string Answer(string status, string version = V1, string end = "")
    {
        string json = string.Join(",", status.Split(", ").Select(field => field.Split(": ")).Select(pair => $"\\\"{pair[0]}\\\":\\\"{pair[1]}\\\""));
        return $"set -- {end}; {(end.Length == 0 ? "" : "eval end=\\$$n; ")}echo \"{{\\\"kind\\\":\\\"ExecCredential\\\",\\\"apiVersion\\\":\\\"{version}\\\",\\\"status\\\":{{{json}}}}}\"";
    }

    private static bool Runs(string pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>A clock that can be put forward.</summary>
    private sealed class LateClock : TimeProvider
    {
        public TimeSpan Late { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Late;
    }
}
