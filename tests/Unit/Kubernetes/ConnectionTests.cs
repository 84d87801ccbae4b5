using System.Text;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;

namespace CapiWorkshop.Tests.Unit.Kubernetes;

/// <summary>The way to the server: network, TLS, proxies, credentials.</summary>
public sealed class ConnectionTests
{
    private const string Secret = "S3CRETs3cretS3CRETs3cret";

    private static readonly ResourcePath A = new(Thing.Type, "default", "a");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_does_not_listen_refuses_the_connection()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect();
        await server.StopAsync();

        CapiProblem problem = await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled));

        problem.Id.ShouldBe(ProblemId.ConnectionRefused);
        problem.Category.ShouldBe(CapiProblemCategory.ConnectionError);
        problem.Message.ShouldContain(server.Address);
        problem.Action.ShouldContain("'scripted'");
    }

    [Fact]
    public async Task A_host_that_is_not_known_is_said_so()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect(address: "https://capiworkshop.invalid:6443");

        CapiProblem problem = await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled));

        problem.Id.ShouldBe(ProblemId.HostNotFound);
        problem.Message.ShouldContain("capiworkshop.invalid");
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_not_trusted()
    {
        using TestAuthority other = new(); // of the same name
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson(), new() { Certificate = other.IssueServer() });
        using KubernetesApi api = server.Connect();

        await ShouldNotTrustAsync(server, api, "none of the trusted authorities issued the certificate");
    }

    [Fact]
    public async Task A_certificate_with_another_name_is_not_trusted()
    {
        using TestAuthority authority = new();
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(
            Thing.Of("a", 7).ToJson(), new() { Authority = authority, Certificate = authority.IssueServer("kubernetes.default.svc") });
        using KubernetesApi api = server.Connect();

        await ShouldNotTrustAsync(server, api, "no name in the certificate is '127.0.0.1'");
    }

    [Fact]
    public async Task A_certificate_that_has_expired_is_not_trusted()
    {
        using TestAuthority authority = new();
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(
            Thing.Of("a", 7).ToJson(), new() { Authority = authority, Certificate = authority.IssueServer(notAfter: DateTimeOffset.UtcNow.AddHours(-1)) });
        using KubernetesApi api = server.Connect();

        await ShouldNotTrustAsync(server, api, "the certificate has expired, or is not valid yet");
    }

    [Fact]
    public async Task Without_an_authority_in_the_kubeconfig_a_private_one_is_not_trusted()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        string file = server.WriteFile("config", $$"""
            current-context: c
            clusters: [ { name: c, cluster: { server: "{{server.Address}}" } } ]
            contexts: [ { name: c, context: { cluster: c } } ]
            """);
        using KubernetesApi api = new(CapiWorkshop.Kubernetes.Configuration.KubeConfig.Read([file]).Resolve(null));

        await ShouldNotTrustAsync(server, api, "none of the trusted authorities issued the certificate");
    }

    [Fact]
    public async Task One_of_several_authorities_is_enough()
    {
        using TestAuthority other = new("another authority");
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        using KubernetesApi api = server.Connect(authority: "# a comment\n" + other.Pem + "\n\n" + server.Authority.Pem + "\n");

        (await api.GetAsync(A, Thing.Read, Cancelled)).Name.ShouldBe("a");
    }

    [Fact]
    public async Task An_authority_may_itself_be_issued_by_one_that_the_kubeconfig_does_not_name()
    {
        // As with a cluster whose authority was signed by the company's: its kubeconfigs hold the cluster's ca.crt alone, and kubectl trusts it.
        using TestAuthority company = new("the company");
        using TestAuthority cluster = company.IssueAuthority("the cluster");
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson(), new() { Authority = cluster });
        using KubernetesApi api = server.Connect();

        (await api.GetAsync(A, Thing.Read, Cancelled)).Name.ShouldBe("a");
    }

    [Fact]
    public async Task A_certificate_that_is_not_checked_may_be_any()
    {
        using TestAuthority other = new("somebody else");
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(
            Thing.Of("a", 7).ToJson(), new() { Certificate = other.IssueServer("elsewhere", DateTimeOffset.UtcNow.AddHours(-1)) });
        using KubernetesApi api = server.Connect(authority: "", cluster: "insecure-skip-tls-verify: true");

        (await api.GetAsync(A, Thing.Read, Cancelled)).Name.ShouldBe("a");
    }

    [Fact]
    public async Task A_server_without_TLS_behind_an_https_address_is_a_lost_connection()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson(), new() { Https = false });
        using KubernetesApi api = server.Connect(address: $"https://127.0.0.1:{server.Port}");

        (await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled))).Id.ShouldBe(ProblemId.ConnectionLost);

        server.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_server_without_TLS_is_reached_by_an_http_address_as_that_of_kubectl_proxy()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson(), new() { Https = false });
        using KubernetesApi api = server.Connect();

        (await api.GetAsync(A, Thing.Read, Cancelled)).Name.ShouldBe("a");
    }

    [Theory]
    [InlineData("client-certificate-data")]
    [InlineData("client-certificate")]
    public async Task The_client_certificate_is_presented(string field)
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson(), new() { AskForClientCertificate = true });
        (string certificate, string key, string thumbprint) = server.Authority.IssueClient("kubernetes-admin");
        string user = field.EndsWith("-data", StringComparison.Ordinal)
            ? $"{{ client-certificate-data: {Base64(certificate)}, client-key-data: {Base64(key)} }}"
            : $"{{ client-certificate: '{server.WriteFile("client.crt", certificate)}', client-key: '{server.WriteFile("client.key", key)}' }}";
        using KubernetesApi api = server.Connect(user);

        await api.GetAsync(A, Thing.Read, Cancelled);

        Exchange request = server.Seen.ShouldHaveSingleItem();
        request.ClientThumbprint.ShouldBe(thumbprint);
        request.Headers.ShouldNotContainKey("Authorization");
    }

    [Fact]
    public async Task Without_credentials_none_are_sent()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson(), new() { AskForClientCertificate = true });
        using KubernetesApi api = server.Connect("{}");

        await api.GetAsync(A, Thing.Read, Cancelled);

        Exchange request = server.Seen.ShouldHaveSingleItem();
        request.ClientThumbprint.ShouldBeNull();
        request.Headers.ShouldNotContainKey("Authorization");
    }

    [Fact]
    public async Task A_client_certificate_that_cannot_be_used_is_a_problem_of_the_kubeconfig_that_shows_no_secret()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        (string certificate, string key, _) = server.Authority.IssueClient("one");
        (_, string otherKey, _) = server.Authority.IssueClient("two");
        string encrypted = $"-----BEGIN ENCRYPTED PRIVATE KEY-----\n{Base64(Secret)}\n-----END ENCRYPTED PRIVATE KEY-----\n";
        string damaged = $"-----BEGIN PRIVATE KEY-----\n{Base64(Secret)}\n-----END PRIVATE KEY-----\n";

        foreach ((string first, string second) in ((string, string)[])[(certificate, otherKey), (certificate, encrypted), (certificate, damaged), (certificate, Secret), (Secret, key), (Base64(Secret), key), (damaged, key)])
        {
            CapiProblemException exception = Should.Throw<CapiProblemException>(() =>
                server.Connect($"{{ client-certificate-data: {Base64(first)}, client-key-data: {Base64(second)} }}").Dispose());

            exception.Problem.Id.ShouldBe(ProblemId.KubeConfigInvalid);
            exception.Problem.Message.ShouldContain("client-");
            Problems.Shown(exception).ShouldNotContain(Secret);
            Problems.Shown(exception).ShouldNotContain(Base64(Secret));
        }
    }

    [Theory]
    [InlineData("no certificate at all")]
    [InlineData("-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n")]
    [InlineData("-----BEGIN CERTIFICATE-----\ncut off")]
    public async Task An_authority_that_is_no_certificate_is_a_problem_of_the_kubeconfig(string authority)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();

        CapiProblem problem = Problems.Of(() => server.Connect(authority: authority).Dispose());

        problem.Id.ShouldBe(ProblemId.KubeConfigInvalid);
        problem.Message.ShouldContain("line 8: clusters[scripted].cluster.certificate-authority-data cannot be used");
    }

    [Fact]
    public async Task A_token_file_is_read_again_when_it_changes()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        string file = server.WriteFile("token", "first\n");
        using KubernetesApi api = server.Connect($"{{ tokenFile: '{file}' }}");

        await api.GetAsync(A, Thing.Read, Cancelled);
        await api.GetAsync(A, Thing.Read, Cancelled);
        File.WriteAllText(file, "second\r\n");
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddSeconds(2));
        await api.GetAsync(A, Thing.Read, Cancelled);

        server.Seen.Select(request => request.Headers["Authorization"]).ShouldBe(["Bearer first", "Bearer first", "Bearer second"]);
    }

    [Fact]
    public async Task A_token_file_is_read_again_when_the_folder_behind_its_link_changes_as_a_projected_service_account_token_does()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege on Windows, and pods with projected tokens are those of Linux.");
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        string folder = Path.GetDirectoryName(server.WriteFile(Path.Combine("sa", "..2026_1", "token"), "first"))!;
        folder = Path.GetDirectoryName(folder)!;
        File.SetLastWriteTimeUtc(Path.Combine(folder, "..2026_1", "token"), DateTime.UtcNow.AddHours(-1));
        server.WriteFile(Path.Combine("sa", "..2026_2", "token"), "second");
        Directory.CreateSymbolicLink(Path.Combine(folder, "..data"), "..2026_1");
        File.CreateSymbolicLink(Path.Combine(folder, "token"), Path.Combine("..data", "token"));
        using KubernetesApi api = server.Connect($"{{ tokenFile: '{Path.Combine(folder, "token")}' }}");

        await api.GetAsync(A, Thing.Read, Cancelled);
        Directory.Delete(Path.Combine(folder, "..data"));
        Directory.CreateSymbolicLink(Path.Combine(folder, "..data"), "..2026_2");
        await api.GetAsync(A, Thing.Read, Cancelled);

        server.Seen.Select(request => request.Headers["Authorization"]).ShouldBe(["Bearer first", "Bearer second"]);
    }

    [Fact]
    public async Task The_token_file_wins_over_the_token()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        using KubernetesApi api = server.Connect($"{{ token: older, tokenFile: '{server.WriteFile("token", "newer")}' }}");

        await api.GetAsync(A, Thing.Read, Cancelled);

        server.Seen.ShouldHaveSingleItem().Headers["Authorization"].ShouldBe("Bearer newer");
    }

    [Fact]
    public async Task A_token_file_that_cannot_be_read_is_a_problem_that_names_it_and_no_broken_connection()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        string missing = Path.Combine(Path.GetDirectoryName(server.WriteFile("x", ""))!, "missing-token");
        string folder = Path.GetDirectoryName(missing)!;

        foreach (string file in (string[])[missing, folder])
        {
            using KubernetesApi api = server.Connect($"{{ tokenFile: '{file}' }}");
            CapiProblem problem = await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled));
            problem.Message.ShouldContain(file);
            problem.Category.ShouldNotBe(CapiProblemCategory.ConnectionError);
        }

        server.Seen.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("token: \"S3CRETs3cretS3CRETs3cret\\n\"")]
    [InlineData("token: \"S3CRETs3cret\\r\\nS3CRETs3cretS3CRETs3cret\"")]
    [InlineData("token: \"S3CRETs3cretS3CRETs3cret ✓\"")]
    public async Task A_token_that_no_header_can_carry_never_shows(string user)
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        Exception? exception = await Record.ExceptionAsync(async () =>
        {
            using KubernetesApi api = server.Connect($"{{ {user} }}");
            await api.GetAsync(A, Thing.Read, Cancelled);
        });

        if (exception is not null)
        {
            Problems.Shown(exception).ShouldNotContain(Secret);
            exception.ShouldBeOfType<CapiProblemException>();
        }
        else
        {
            // sent as it was meant
            server.Seen.ShouldHaveSingleItem().Headers["Authorization"].ShouldBe("Bearer " + Secret);
        }
    }

    [Fact]
    public async Task The_proxy_of_the_kubeconfig_is_used()
    {
        await using TestProxy proxy = new();
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        using KubernetesApi api = server.Connect(cluster: $"proxy-url: 'http://127.0.0.1:{proxy.Port}'");

        (await api.GetAsync(A, Thing.Read, Cancelled)).Name.ShouldBe("a");

        proxy.Tunnels.ShouldBe([$"127.0.0.1:{server.Port}"]);
    }

    [Fact]
    public async Task The_proxy_is_told_the_password_that_its_address_holds_as_kubectl_does()
    {
        await using TestProxy proxy = new($"someone:{Secret}");
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        using KubernetesApi api = server.Connect(cluster: $"proxy-url: 'http://someone:{Secret}@127.0.0.1:{proxy.Port}'");

        (await api.GetAsync(A, Thing.Read, Cancelled)).Name.ShouldBe("a");

        proxy.Tunnels.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_password_of_a_proxy_is_never_shown()
    {
        await using TestProxy proxy = new("someone:another password");
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect(cluster: $"proxy-url: 'http://someone:{Secret}@127.0.0.1:{proxy.Port}'");

        CapiProblemException exception = await Should.ThrowAsync<CapiProblemException>(() => api.GetAsync(A, Thing.Read, Cancelled));

        $"{exception.Problem} {exception.Problem.Action} {exception.Problem.Target}".ShouldNotContain(Secret);
        Problems.Shown(exception).ShouldNotContain(Secret);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("socks5")]
    public async Task A_proxy_that_does_not_listen_is_told_from_a_server_that_does_not(string scheme)
    {
        TestProxy proxy = new();
        await proxy.DisposeAsync();
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect(cluster: $"proxy-url: '{scheme}://127.0.0.1:{proxy.Port}'");

        CapiProblem problem = await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled));

        problem.Id.ShouldBe(ProblemId.ConnectionRefused);
        problem.Message.ShouldBe($"The proxy {scheme}://127.0.0.1:{proxy.Port}, through which {server.Address} is reached, does not listen (connection refused).");
        problem.Action.ShouldContain("proxy-url of context 'scripted'");
    }

    [Fact]
    public async Task A_proxy_on_a_host_that_is_not_known_is_said_so()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect(cluster: "proxy-url: 'http://proxy.invalid:3128'");

        CapiProblem problem = await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled));

        problem.Id.ShouldBe(ProblemId.HostNotFound);
        problem.Message.ShouldStartWith("The proxy http://proxy.invalid:3128, through which");
    }

    [Fact]
    public async Task A_server_that_speaks_https_only_is_said_so_where_its_address_begins_with_http()
    {
        const string Page = "Client sent an HTTP request to an HTTPS server.\n";
        await using RawServer server = new($"HTTP/1.0 400 Bad Request\r\nContent-Length: {Page.Length}\r\n\r\n{Page}");
        using KubernetesApi api = server.Connect();

        CapiProblem problem = await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled));

        problem.Id.ShouldBe(ProblemId.ApiAnswerInvalid);
        problem.Message.ShouldContain("speaks https only");
    }

    [Fact]
    public async Task A_query_behind_the_servers_address_goes_as_with_kubectl()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync("""{"gitVersion":"v1.34.0"}""");
        using KubernetesApi api = server.Connect(address: $"{server.Address}/base?x=y#z");

        (await api.GetServerVersionAsync(Cancelled)).ShouldBe("v1.34.0");

        server.Seen.ShouldHaveSingleItem().PathAndQuery.ShouldBe("/base/version");
    }

    private static async Task ShouldNotTrustAsync(ScriptedServer server, KubernetesApi api, string why)
    {
        CapiProblem problem = await Problems.OfAsync(() => api.GetAsync(A, Thing.Read, Cancelled));
        CapiProblem write = await Problems.OfAsync(() => api.PatchAsync(A, Patch.Merge("{}"u8.ToArray()), Thing.Read, false, Cancelled));

        problem.Id.ShouldBe(ProblemId.CertificateNotTrusted);
        problem.Category.ShouldBe(CapiProblemCategory.SecurityError);
        problem.Message.ShouldBe($"The certificate of {server.Address} is not trusted: {why}.");
        write.Id.ShouldBe(ProblemId.CertificateNotTrusted);
        server.Seen.ShouldBeEmpty(); // and no credential was sent
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
