using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;

namespace CapiWorkshop.Tests.Unit.Kubernetes;

/// <summary>Who one is to the server, by what the kubeconfig itself says.</summary>
public sealed class CredentialTests
{
    private const string Secret = "S3CRETs3cretS3CRETs3cret";

    private static readonly ResourcePath A = new(Thing.Type, "default", "a");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("username: me, password: 'pä:ss'", "me:pä:ss")]
    [InlineData("username: me", "me:")]
    public async Task A_password_is_sent_as_kubectl_sends_it(string user, string expected)
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        using KubernetesApi api = server.Connect($"{{ {user} }}");

        await api.GetAsync(A, Thing.Read, Cancelled);

        server.Seen.ShouldHaveSingleItem().Headers["Authorization"].ShouldBe("Basic " + Base64(expected));
    }

    [Fact]
    public async Task A_password_that_is_not_accepted_is_not_shown()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(exchange => exchange.StatusAsync(401, "Unauthorized"));
        using KubernetesApi api = server.Connect($"{{ username: me, password: {Secret} }}");

        CapiProblemException exception = await Should.ThrowAsync<CapiProblemException>(() => api.GetAsync(A, Thing.Read, Cancelled));

        exception.Problem.Id.ShouldBe(ProblemId.ApiUnauthorized);
        Problems.Shown(exception).ShouldNotContain(Secret);
        Problems.Shown(exception).ShouldNotContain(Base64($"me:{Secret}"));
        server.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Somebody_else_is_asked_for_by_the_headers_of_impersonation()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        using KubernetesApi api = server.Connect(
            $"{{ token: {ScriptedServer.Token}, as: bób, as-uid: '7', as-groups: [ g1, 'system:grö' ], as-user-extra: {{ 'Reason/Wh%y': [ a ], 'ü': [ z ], empty: [] }} }}");

        await api.GetAsync(A, Thing.Read, Cancelled);

        Dictionary<string, string> sent = server.Seen.ShouldHaveSingleItem().Headers.Where(header => header.Key.StartsWith("Impersonate-", StringComparison.OrdinalIgnoreCase))
            .ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value);
        sent.ShouldBe(new Dictionary<string, string>
        {
            ["impersonate-user"] = "bób",
            ["impersonate-uid"] = "7",
            ["impersonate-group"] = "g1,system:grö", // two lines: what the client itself joins has a blank behind the comma
            ["impersonate-extra-reason%2fwh%25y"] = "a",
            ["impersonate-extra-%c3%bc"] = "z",
        }, ignoreOrder: true);
    }

    [Theory]
    [InlineData("as: bob, as-groups: [ one ]", "HTTP/2")]
    [InlineData("as: bob, as-groups: [ one, two ]", "HTTP/1.1")]
    public async Task Several_groups_cost_HTTP_2_and_one_does_not(string user, string expected)
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson());
        using KubernetesApi api = server.Connect($"{{ token: {ScriptedServer.Token}, {user} }}");

        await api.GetAsync(A, Thing.Read, Cancelled);

        server.Seen.ShouldHaveSingleItem().Protocol.ShouldBe(expected);
    }

    [Fact]
    public async Task The_name_that_the_kubeconfig_gives_is_the_one_that_the_certificate_must_bear()
    {
        using TestAuthority authority = new();
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson(), new() { Authority = authority, Certificate = authority.IssueServer("kubernetes.default.svc") });
        using KubernetesApi right = server.Connect(cluster: "tls-server-name: kubernetes.default.svc");
        using KubernetesApi wrong = server.Connect(cluster: "tls-server-name: elsewhere.default.svc");

        (await right.GetAsync(A, Thing.Read, Cancelled)).Name.ShouldBe("a");
        CapiProblem problem = await Problems.OfAsync(() => wrong.GetAsync(A, Thing.Read, Cancelled));
        problem.Id.ShouldBe(ProblemId.CertificateNotTrusted);
        problem.Message.ShouldContain("no name in the certificate is 'elsewhere.default.svc'");
        problem.Action.ShouldContain("tls-server-name");
        server.Seen.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("http", null)]
    [InlineData("socks5", null)]
    [InlineData("socks5h", null)]
    [InlineData("socks5", "someone:" + Secret)]
    public async Task Names_are_left_to_the_proxy(string scheme, string? credentials)
    {
        using TestAuthority authority = new();
        await using TestProxy proxy = new(credentials);
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson(), new() { Authority = authority, Certificate = authority.IssueServer("inside.invalid") });
        using KubernetesApi api = server.Connect(
            address: $"https://inside.invalid:{server.Port}", cluster: $"proxy-url: '{scheme}://{(credentials is null ? "" : credentials + "@")}127.0.0.1:{proxy.Port}'");

        (await api.GetAsync(A, Thing.Read, Cancelled)).Name.ShouldBe("a");

        proxy.Tunnels.ShouldBe([$"inside.invalid:{server.Port}"]);
    }

    [Fact]
    public async Task The_password_of_a_SOCKS_proxy_is_never_shown()
    {
        await using TestProxy proxy = new("someone:another");
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using KubernetesApi api = server.Connect(cluster: $"proxy-url: 'socks5://someone:{Secret}@127.0.0.1:{proxy.Port}'");

        CapiProblemException exception = await Should.ThrowAsync<CapiProblemException>(() => api.GetAsync(A, Thing.Read, Cancelled));

        exception.Problem.Id.ShouldBe(ProblemId.ConnectionLost);
        exception.Problem.Message.ShouldStartWith($"The proxy socks5://127.0.0.1:{proxy.Port}, through which");
        Problems.Shown(exception).ShouldNotContain(Secret);
    }

    [Theory]
    [InlineData("RSA PRIVATE KEY")]
    [InlineData("EC PRIVATE KEY")]
    [InlineData("RSA, PKCS#8")]
    [InlineData("EC PARAMETERS before the key, as openssl ecparam writes them")]
    public async Task Keys_of_every_usual_form_are_read(string form)
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson(), new() { AskForClientCertificate = true });
        using RSA rsa = RSA.Create(2048);
        using ECDsa ec = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        CertificateRequest request = form.StartsWith("RSA", StringComparison.Ordinal) ? new("CN=me", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) : new("CN=me", ec, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        string key = form switch
        {
            "RSA PRIVATE KEY" => rsa.ExportRSAPrivateKeyPem(),
            "EC PRIVATE KEY" => ec.ExportECPrivateKeyPem(),
            "RSA, PKCS#8" => rsa.ExportPkcs8PrivateKeyPem(),
            _ => "-----BEGIN EC PARAMETERS-----\nBgUrgQQAIg==\n-----END EC PARAMETERS-----\n" + ec.ExportECPrivateKeyPem(),
        };
        using KubernetesApi api = server.Connect($"{{ client-certificate-data: {Base64(certificate.ExportCertificatePem())}, client-key-data: {Base64(key)} }}");

        await api.GetAsync(A, Thing.Read, Cancelled);

        server.Seen.ShouldHaveSingleItem().ClientThumbprint.ShouldBe(certificate.Thumbprint);
    }

    [Fact]
    public async Task Why_a_client_certificate_cannot_be_used_is_said_in_words_that_help()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        (string certificate, string key, _) = server.Authority.IssueClient("one");
        (_, string ofAnother, _) = server.Authority.IssueClient("two");
        using RSA rsa = RSA.Create(2048);
        string encrypted = rsa.ExportEncryptedPkcs8PrivateKeyPem(Secret, new(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1));
        CapiProblem Of(string first, string second) => Problems.Of(() => server.Connect($"{{ client-certificate-data: {Base64(first)}, client-key-data: {Base64(second)} }}").Dispose());

        (Of(certificate, encrypted).Message, Of(certificate, encrypted).Action).ShouldSatisfyAllConditions(
            problem => problem.Message.ShouldContain("the key is encrypted"), problem => problem.Action.ShouldContain("openssl pkey"));
        Of(certificate, "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nQQ==\n-----END RSA PRIVATE KEY-----\n").Message.ShouldContain("the key is encrypted");
        Of(certificate, ofAnother).Message.ShouldContain("do not belong together");
        Of(certificate, rsa.ExportPkcs8PrivateKeyPem()).Message.ShouldContain("do not belong together");
        Of(certificate, certificate).Message.ShouldContain("not an RSA or EC key");
        Of(key, key).Message.ShouldContain("the certificate is not PEM");
    }

    [Fact]
    public async Task Certificate_files_that_are_replaced_make_another_identity_at_once_and_half_a_replacement_none()
    {
        await using ScriptedServer server = await ScriptedServer.AnsweringAsync(Thing.Of("a", 7).ToJson(), new() { AskForClientCertificate = true });
        (string Certificate, string Key, string Thumbprint) first = server.Authority.IssueClient("one"), second = server.Authority.IssueClient("two");
        using KubernetesApi api = server.Connect($"{{ client-certificate: '{server.WriteFile("client.crt", first.Certificate)}', client-key: '{server.WriteFile("client.key", first.Key)}' }}");

        await api.GetAsync(A, Thing.Read, Cancelled);
        server.WriteFile("client.crt", second.Certificate);
        await api.GetAsync(A, Thing.Read, Cancelled);
        server.WriteFile("client.key", second.Key);
        await api.GetAsync(A, Thing.Read, Cancelled);

        server.Seen.Select(request => request.ClientThumbprint).ShouldBe([first.Thumbprint, first.Thumbprint, second.Thumbprint]);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
