using System.Text;
using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;
using FsCheck;
using FsCheck.Fluent;

namespace CapiWorkshop.Tests.Unit.Kubernetes;

public sealed class KubeConfigTests : IDisposable
{
    private const string Secret = "S3CRETs3cretS3CRETs3cret";

    private const string Plain = """
        apiVersion: v1
        kind: Config
        current-context: dev
        clusters:
        - name: dev
          cluster:
            server: https://dev.example.com:6443
            certificate-authority-data: QVVUSE9SSVRZ
        users:
        - name: dev-admin
          user:
            token: abc
        contexts:
        - name: dev
          context: { cluster: dev, user: dev-admin, namespace: team-a }
        """;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_current_context_is_used_where_none_is_named()
    {
        KubeConfig config = Read(Plain);

        KubeTarget target = config.Resolve(null);

        config.CurrentContext.ShouldBe("dev");
        config.Contexts.ShouldBe(["dev"]);
        target.Server.ShouldBe(new Uri("https://dev.example.com:6443"));
        target.Context.ShouldBe("dev");
        target.Namespace.ShouldBe("team-a");
        target.User.ShouldBe("dev-admin");
        target.Token.ShouldBe("abc");
        Text(target.CertificateAuthority).ShouldBe("AUTHORITY");
        target.InsecureSkipTlsVerify.ShouldBeFalse();
    }

    [Fact]
    public void A_named_context_wins_over_the_current_one()
    {
        KubeTarget target = Read(Plain + "\n- name: prod\n  context: { cluster: dev }").Resolve("prod");

        target.Context.ShouldBe("prod");
        target.Namespace.ShouldBe("default");
        target.User.ShouldBeNull();
        target.Token.ShouldBeNull();
    }

    [Fact]
    public void A_named_file_is_found()
    {
        string file = _folder.Write("kubeconfig", Plain);

        KubeConfig.FindFiles(file).ShouldBe([file]);
    }

    [Fact]
    public void A_named_file_that_does_not_exist_is_not_replaced_by_another()
    {
        string missing = _folder.PathOf("missing");

        CapiProblem problem = Problems.Of(() => KubeConfig.FindFiles(missing));

        problem.Id.ShouldBe(ProblemId.KubeConfigNotFound);
        problem.Message.ShouldContain(missing);
    }

    [Fact]
    public void A_file_that_vanished_is_a_problem_that_names_it()
    {
        string missing = _folder.PathOf("missing");

        CapiProblem problem = Problems.Of(() => KubeConfig.Read([missing]));

        problem.Id.ShouldBe(ProblemId.KubeConfigNotFound);
        problem.Message.ShouldContain(missing);
    }

    [Fact]
    public void Of_several_files_the_first_that_names_a_thing_wins()
    {
        string first = _folder.Write("first", """
            clusters:
            - { name: shared, cluster: { server: "https://first:6443" } }
            users:
            - { name: shared, user: { token: first } }
            """);
        string second = _folder.Write("second", """
            current-context: c
            clusters:
            - { name: shared, cluster: { server: "https://second:6443", insecure-skip-tls-verify: true } }
            - { name: other, cluster: { server: "https://other:6443" } }
            users:
            - { name: shared, user: { token: second } }
            contexts:
            - { name: c, context: { cluster: shared, user: shared } }
            - { name: d, context: { cluster: other, user: shared } }
            """);

        KubeConfig config = KubeConfig.Read([first, second]);

        config.Files.ShouldBe([first, second]);
        config.Contexts.ShouldBe(["c", "d"]);
        config.CurrentContext.ShouldBe("c");
        config.Resolve(null).Server.Host.ShouldBe("first");
        config.Resolve(null).Token.ShouldBe("first");
        config.Resolve(null).InsecureSkipTlsVerify.ShouldBeFalse(); // a cluster is taken whole, from one file
        config.Resolve("d").Server.Host.ShouldBe("other");
    }

    [Fact]
    public void The_current_context_is_that_of_the_first_file_that_has_one()
    {
        string none = _folder.Write("none", "current-context: \"\"\nclusters: []\nusers: null\ncontexts:\n");
        string first = _folder.Write("first", "current-context: one");
        string second = _folder.Write("second", "current-context: two");

        KubeConfig.Read([none, first, second]).CurrentContext.ShouldBe("one");
    }

    [Fact]
    public void Relative_paths_are_relative_to_the_file_they_stand_in()
    {
        _folder.Write(Path.Combine("a", "pki", "ca.crt"), "CA OF A");
        _folder.Write(Path.Combine("b", "client.crt"), "CERTIFICATE OF B");
        _folder.Write(Path.Combine("b", "client.key"), "KEY OF B");
        string a = _folder.Write(Path.Combine("a", "config"), """
            current-context: c
            clusters:
            - { name: c, cluster: { server: "https://c", certificate-authority: pki/ca.crt } }
            contexts:
            - { name: c, context: { cluster: c, user: u } }
            """);
        string b = _folder.Write(Path.Combine("b", "config"), """
            users:
            - { name: u, user: { client-certificate: client.crt, client-key: ../b/client.key, tokenFile: token } }
            """);

        KubeTarget target = KubeConfig.Read([a, b]).Resolve(null);

        Text(target.CertificateAuthority).ShouldBe("CA OF A");
        target.ClientCertificate.ShouldBe("CERTIFICATE OF B");
        target.ClientKey.ShouldBe("KEY OF B");
        target.TokenFile.ShouldBe(_folder.PathOf(Path.Combine("b", "token")));
    }

    [Fact]
    public void Relative_paths_work_where_the_kubeconfig_itself_was_named_by_a_relative_path()
    {
        _folder.Write("ca.crt", "CA");
        string file = _folder.Write("config", Config(cluster: "certificate-authority: ca.crt"));

        KubeTarget target = KubeConfig.Read([Path.GetRelativePath(Environment.CurrentDirectory, file)]).Resolve(null);

        Text(target.CertificateAuthority).ShouldBe("CA");
    }

    [Fact]
    public void Absolute_paths_are_taken_as_they_are()
    {
        string authority = _folder.Write("somewhere.crt", "CA");

        KubeTarget target = Read(Config(cluster: $"certificate-authority: '{authority}'")).Resolve(null);

        Text(target.CertificateAuthority).ShouldBe("CA");
    }

    [Fact]
    public void Data_wins_over_a_file()
    {
        KubeTarget target = Read(Config(
            cluster: $"certificate-authority: /does/not/exist, certificate-authority-data: {Base64("CA")}",
            user: $"client-certificate: /does/not/exist, client-certificate-data: {Base64("CERTIFICATE")}, client-key: /does/not/exist, client-key-data: {Base64("KEY")}")).Resolve(null);

        Text(target.CertificateAuthority).ShouldBe("CA");
        target.ClientCertificate.ShouldBe("CERTIFICATE");
        target.ClientKey.ShouldBe("KEY");
    }

    [Fact]
    public void Options_of_the_cluster_are_read()
    {
        KubeTarget target = Read(Config(cluster: "insecure-skip-tls-verify: true, disable-compression: true, proxy-url: 'http://proxy:3128'")).Resolve(null);

        target.InsecureSkipTlsVerify.ShouldBeTrue();
        target.DisableCompression.ShouldBeTrue();
        target.Proxy.ShouldNotBeNull().Address.ShouldBe(new Uri("http://proxy:3128"));
    }

    [Fact]
    public void A_kubeconfig_may_be_JSON()
    {
        KubeTarget target = Read("""
            { "kind": "Config", "apiVersion": "v1", "preferences": {}, "current-context": "c",
              "clusters": [ { "name": "c", "cluster": { "server": "https://json:6443", "insecure-skip-tls-verify": true } } ],
              "users": [ { "name": "u", "user": { "token": "abc\u0064" } } ],
              "contexts": [ { "name": "c", "context": { "cluster": "c", "user": "u", "namespace": "n" } } ] }
            """).Resolve(null);

        target.Server.Host.ShouldBe("json");
        target.InsecureSkipTlsVerify.ShouldBeTrue();
        target.Token.ShouldBe("abcd");
        target.Namespace.ShouldBe("n");
    }

    [Fact]
    public void Nulls_count_as_absent_as_programs_write_them_that_serialise_every_field()
    {
        KubeConfig config = Read("""
            { "current-context": null,
              "clusters": [ { "name": "c", "cluster": { "server": "https://c", "certificate-authority": null, "certificate-authority-data": null, "proxy-url": null, "tls-server-name": null, "insecure-skip-tls-verify": null } } ],
              "users": [ { "name": "u", "user": { "token": "abc", "tokenFile": null, "exec": null, "auth-provider": null, "as": null, "username": null, "password": null } } ],
              "contexts": [ { "name": "c", "context": { "cluster": "c", "user": "u", "namespace": null } } ] }
            """);

        config.CurrentContext.ShouldBeNull();
        KubeTarget target = config.Resolve("c");
        target.CertificateAuthority.ShouldBeNull();
        target.Proxy.ShouldBeNull();
        target.Token.ShouldBe("abc");
        target.TokenFile.ShouldBeNull();
        target.Namespace.ShouldBe("default");
    }

    [Theory]
    [InlineData("exec: ~")]
    [InlineData("as: null")]
    [InlineData("as-groups: []")]
    [InlineData("as-user-extra: {}")]
    [InlineData("username: ''")]
    public void Empty_credentials_are_none(string user) => Read(Config(user: user + ", token: abc")).Resolve(null).Token.ShouldBe("abc");

    [Fact]
    public void Anchors_and_aliases_are_followed()
    {
        KubeTarget target = Read("""
            current-context: &name c
            clusters:
            - name: c
              cluster: &cluster { server: "https://c" }
            - name: d
              cluster: *cluster
            contexts:
            - { name: *name, context: { cluster: d } }
            """).Resolve(null);

        target.Server.Host.ShouldBe("c");
    }

    [Fact]
    public void Windows_line_ends_are_read() => Read(Plain.ReplaceLineEndings("\r\n")).Resolve(null).Namespace.ShouldBe("team-a");

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public void A_byte_order_mark_is_read_as_PowerShell_and_Notepad_write_it(string encoding)
    {
        Encoding with = encoding == "utf-8" ? new UTF8Encoding(encoderShouldEmitUTF8Identifier: true) : Encoding.GetEncoding(encoding);
        string file = _folder.Write("config", (byte[])[.. with.GetPreamble(), .. with.GetBytes(Plain)]);

        KubeConfig.Read([file]).Resolve(null).Namespace.ShouldBe("team-a");
    }

    [Fact]
    public void Unknown_fields_are_passed_over()
    {
        KubeTarget target = Read("""
            current-context: c
            extensions: [ { name: x, extension: { deep: [ 1, { deeper: true } ] } } ]
            preferences: { colors: true }
            clusters:
            - { name: c, other: 1, cluster: { server: "https://c", extensions: [ { name: x, extension: y } ], newField: { a: b } } }
            users:
            - { name: u, user: { token: abc, newField: 1 } }
            contexts:
            - { name: c, context: { cluster: c, user: u, extensions: [] } }
            """).Resolve(null);

        target.Token.ShouldBe("abc");
    }

    [Theory]
    [InlineData("kind: Secret", "line 1: kind is not Config")]
    [InlineData("apiVersion: v1\nkind: [ Config ]", "line 2: kind is not Config")]
    [InlineData("kind: Config\napiVersion: v2", "line 2: apiVersion is not v1")]
    public void A_file_of_another_kind_is_no_kubeconfig_as_with_kubectl(string content, string expected) =>
        Problems.Of(() => Read(content)).Message.ShouldContain(expected);

    [Fact]
    public void An_authority_that_a_file_holds_is_named_with_the_file_where_it_cannot_be_used()
    {
        string authority = _folder.Write("ca.crt", "no certificate");
        KubeConfig config = Read($$"""
            current-context: c
            clusters:
            - name: c
              cluster:
                server: https://c
                certificate-authority: ca.crt
            contexts: [ { name: c, context: { cluster: c } } ]
            """);

        CapiProblem problem = Problems.Of(() => new CapiWorkshop.Kubernetes.KubernetesApi(config.Resolve(null)).Dispose());

        problem.Id.ShouldBe(ProblemId.KubeConfigInvalid);
        problem.Message.ShouldContain($"line 6: clusters[c].cluster.certificate-authority names '{authority}', which cannot be used: it holds no PEM certificate");
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("# nothing yet\n")]
    [InlineData("{}")]
    [InlineData("apiVersion: v1\nkind: Config\nclusters: null\nusers: []\ncontexts: ~\n")]
    public void An_empty_file_is_an_empty_kubeconfig(string content)
    {
        KubeConfig config = Read(content);

        config.Contexts.ShouldBeEmpty();
        config.CurrentContext.ShouldBeNull();
        Problems.Of(() => config.Resolve(null)).Id.ShouldBe(ProblemId.ContextNotFound);
    }

    [Theory]
    [InlineData("clusters:\n- { name: c, cluster: { server: 'https://first' } }\n- { name: c, cluster: { server: 'https://second' } }\n", "clusters")]
    [InlineData("users:\n- { name: c, user: { token: a } }\n- { name: c, user: { token: a } }\n", "users")]
    [InlineData("contexts:\n- { name: c }\n- { name: c }\n", "contexts")]
    public void Duplicate_names_in_one_file_are_refused_as_by_kubectl(string content, string field)
    {
        CapiProblem problem = Problems.Of(() => Read(content));

        problem.Id.ShouldBe(ProblemId.KubeConfigInvalid);
        problem.Message.ShouldContain($"line 3: {field} names 'c' for the second time");
    }

    [Fact]
    public void Merge_keys_are_followed_and_what_stands_beside_them_wins()
    {
        KubeTarget target = Read("""
            base: &base { server: "https://base", tls-server-name: base.example }
            more: &more { disable-compression: yes, server: "https://more" }
            current-context: c
            clusters: [ { name: c, cluster: { <<: [ *base, *more ], tls-server-name: own.example } } ]
            contexts: [ { name: c, context: { cluster: c } } ]
            """).Resolve(null);

        target.Server.Host.ShouldBe("base");
        target.TlsServerName.ShouldBe("own.example");
        target.DisableCompression.ShouldBeTrue();
    }

    [Fact]
    public void Of_several_documents_the_first_counts() => Read(Plain + "\n---\ncurrent-context: other\n").CurrentContext.ShouldBe("dev");

    [Theory]
    [InlineData("12345")]
    [InlineData("1e3")]
    [InlineData("0x1F")]
    [InlineData("yes")]
    [InlineData("True")]
    public void A_token_that_is_no_text_to_YAML_is_refused_as_by_kubectl_unless_it_is_quoted(string token)
    {
        CapiProblem problem = Problems.Of(() => Read(Config(user: $"token: {token}")).Resolve(null));

        problem.Id.ShouldBe(ProblemId.KubeConfigInvalid);
        problem.Message.ShouldContain("line 5: users[u].user.token is a number or a truth value");
        problem.Message.ShouldNotContain(token);
        Read(Config(user: $"token: '{token}'")).Resolve(null).Token.ShouldBe(token);
    }

    [Theory]
    [InlineData("clusters:\n- name: c\n  cluster: {server: 'https://c'\n", 4, "the document")]
    [InlineData("clusters: [\n", 2, "the document")]
    [InlineData("a: 1\nb: 2\na: 3\n", 3, "the document")]
    [InlineData("a: *nobody\n", 1, "the document")]
    [InlineData("- a\n- b\n", 1, "the document")]
    [InlineData("just a text", 1, "the document")]
    [InlineData("kind: Config\nclusters: { c: d }\n", 2, "clusters")]
    [InlineData("kind: Config\n\nusers: text\n", 3, "users")]
    [InlineData("contexts:\n- name: c\n  context: {}\n- context: {}\n", 4, "contexts")]
    [InlineData("contexts:\n- text\n", 2, "contexts")]
    [InlineData("clusters:\n- name: c\n  cluster:\n  - server: 'https://c'\n", 4, "clusters[c].cluster")]
    [InlineData("users:\n- name: u\n  user: text\n", 3, "users[u].user")]
    public void A_file_that_cannot_be_read_is_a_problem_that_names_file_line_and_field(string content, int line, string field)
    {
        string file = _folder.Write("broken", content);

        CapiProblem problem = Problems.Of(() => KubeConfig.Read([file]));

        problem.Id.ShouldBe(ProblemId.KubeConfigInvalid);
        problem.Category.ShouldBe(CapiProblemCategory.InvalidData);
        problem.Message.ShouldContain($"'{file}'");
        problem.Message.ShouldContain($"line {line}:");
        problem.Message.ShouldContain($": {field} ");
    }

    [Theory]
    [InlineData("clusters:\n- name: c\n  cluster:\n    server: ''\n", 4, "clusters[c].cluster.server is missing")]
    [InlineData("clusters:\n- name: c\n  cluster:\n    insecure-skip-tls-verify: true\n", 4, "clusters[c].cluster.server is missing")]
    [InlineData("clusters:\n- name: c\n  cluster:\n    server: ftp://c\n", 4, "clusters[c].cluster.server is not an http or https address")]
    [InlineData("clusters:\n- name: c\n  cluster:\n    server: localhost:6443\n", 4, "clusters[c].cluster.server is not an http or https address")]
    [InlineData("clusters:\n- name: c\n  cluster:\n    server: /no/host\n", 4, "clusters[c].cluster.server is not an http or https address")]
    [InlineData("clusters:\n- name: c\n  cluster:\n    server: [ 'https://c' ]\n", 4, "clusters[c].cluster.server is not a text")]
    [InlineData("clusters:\n- name: c\n  cluster:\n    server: https://c\n    certificate-authority-data: '?'\n", 5, "clusters[c].cluster.certificate-authority-data is not base64")]
    [InlineData("clusters:\n- name: c\n  cluster:\n    server: https://c\n    certificate-authority: not-there.crt\n", 5, "clusters[c].cluster.certificate-authority names")]
    [InlineData("clusters:\n- name: c\n  cluster:\n    server: https://c\n    insecure-skip-tls-verify: perhaps\n", 5, "clusters[c].cluster.insecure-skip-tls-verify is neither true nor false")]
    [InlineData("clusters:\n- name: c\n  cluster:\n    server: https://c\n    insecure-skip-tls-verify: 'true'\n", 5, "clusters[c].cluster.insecure-skip-tls-verify is neither true nor false")]
    [InlineData("clusters:\n- name: c\n  cluster:\n    server: https://c\n    certificate-authority-data: QQ==\n    insecure-skip-tls-verify: true\n", 6, "clusters[c].cluster.insecure-skip-tls-verify stands beside a certificate-authority")]
    [InlineData("clusters:\n- name: c\n  cluster:\n    server: https://c\n    proxy-url: ftp://c\n", 5, "clusters[c].cluster.proxy-url is not an http, https, socks5 or socks5h address")]
    [InlineData("clusters:\n- name: c\n  cluster:\n    server: https://c\n    tls-server-name: 12345\n", 5, "clusters[c].cluster.tls-server-name is a number or a truth value to YAML")]
    [InlineData("clusters:\n- name: c\n  cluster:\n    server: https://c\n    proxy-url: '::'\n", 5, "clusters[c].cluster.proxy-url is not an http, https, socks5 or socks5h address")]
    public void A_cluster_that_cannot_be_used_is_a_problem_that_names_file_line_and_field(string content, int line, string expected)
    {
        string file = _folder.Write("broken", content + "contexts:\n- { name: c, context: { cluster: c } }\n");

        CapiProblem problem = Problems.Of(() => KubeConfig.Read([file]).Resolve("c"));

        problem.Id.ShouldBe(ProblemId.KubeConfigInvalid);
        problem.Message.ShouldContain($"'{file}'");
        problem.Message.ShouldContain($"line {line}: {expected}");
    }

    [Theory]
    [InlineData("cluster: nowhere", "contexts[c].context.cluster names the cluster 'nowhere'")]
    [InlineData("cluster: good, user: nobody", "contexts[c].context.user names the user 'nobody'")]
    [InlineData("user: nobody", "contexts[c].context.cluster is missing")]
    public void A_context_that_leads_nowhere_is_a_problem_that_names_file_line_and_field(string context, string expected)
    {
        string file = _folder.Write("broken", $"clusters: [ {{ name: good, cluster: {{ server: 'https://good' }} }} ]\n\ncontexts:\n- {{ name: c, context: {{ {context} }} }}\n");

        CapiProblem problem = Problems.Of(() => KubeConfig.Read([file]).Resolve("c"));

        problem.Id.ShouldBe(ProblemId.KubeConfigInvalid);
        problem.Message.ShouldContain($"'{file}'");
        problem.Message.ShouldContain($"line 4: {expected}");
    }

    [Fact]
    public void The_line_is_that_of_the_file_in_which_the_mistake_stands()
    {
        string first = _folder.Write("first", "contexts:\n- { name: c, context: { cluster: c } }\n");
        string second = _folder.Write("second", "# the second file\n\n\nclusters:\n- { name: c, cluster: { server: nonsense } }\n");

        CapiProblem problem = Problems.Of(() => KubeConfig.Read([first, second]).Resolve("c"));

        problem.Message.ShouldContain($"'{second}'");
        problem.Message.ShouldNotContain(first);
        problem.Message.ShouldContain("line 5:");
    }

    [Theory]
    [InlineData("client-certificate-data: QQ==", "client-key")]
    [InlineData("client-key-data: QQ==", "client-certificate")]
    public void Half_a_client_certificate_is_refused_as_it_would_silently_make_nobody_of_one(string user, string missing)
    {
        CapiProblem problem = Problems.Of(() => Read(Config(user: user)).Resolve(null));

        problem.Id.ShouldBe(ProblemId.KubeConfigInvalid);
        problem.Message.ShouldContain(missing);
    }

    [Fact]
    public void A_context_that_is_not_there_is_a_problem_that_lists_the_choices()
    {
        KubeConfig config = Read(Plain + "\n- { name: prod, context: { cluster: dev } }");

        CapiProblem problem = Problems.Of(() => config.Resolve("produktion"));

        problem.Id.ShouldBe(ProblemId.ContextNotFound);
        problem.Target.ShouldBe("produktion");
        problem.Message.ShouldContain("'produktion'");
        problem.Message.ShouldContain(config.Files[0]);
        problem.Action.ShouldContain("dev, prod");
    }

    [Fact]
    public void Names_of_contexts_are_case_sensitive() => Problems.Of(() => Read(Plain).Resolve("DEV")).Id.ShouldBe(ProblemId.ContextNotFound);

    [Fact]
    public void A_missing_current_context_is_a_problem_that_lists_the_choices()
    {
        CapiProblem problem = Problems.Of(() => Read(Plain.Replace("current-context: dev", "", StringComparison.Ordinal)).Resolve(null));

        problem.Id.ShouldBe(ProblemId.ContextNotFound);
        problem.Message.ShouldContain("no current context");
        problem.Action.ShouldContain("dev");
    }

    [Theory]
    [InlineData("gcp", "gke-gcloud-auth-plugin")]
    [InlineData("azure", "kubelogin")]
    [InlineData("oidc", "kubectl oidc-login")]
    [InlineData("openstack", "exec plugin of your provider")]
    public void An_auth_provider_is_refused_and_what_replaces_it_is_named(string provider, string instead)
    {
        CapiProblemException exception = Should.Throw<CapiProblemException>(() => Read(Config(user: $"auth-provider: {{ name: {provider}, config: {{ access-token: {Secret} }} }}")).Resolve(null));

        exception.Problem.Id.ShouldBe(ProblemId.CredentialNotSupported);
        exception.Problem.Message.ShouldContain("users[u].user.auth-provider,");
        exception.Problem.Action.ShouldContain(instead);
        Problems.Shown(exception).ShouldNotContain(Secret);
    }

    [Theory]
    [InlineData("as-uid: '1'", "as-uid stands without as")]
    [InlineData("as-groups: [ 'system:masters' ]", "as-groups stands without as")]
    [InlineData("as-user-extra: { reason: [ S3CRETs3cretS3CRETs3cret ] }", "as-user-extra stands without as")]
    [InlineData("as: \"bo\\nb\"", "as holds a line break")]
    [InlineData("as: bob, as-groups: [ \"a\\rb\" ]", "as-groups holds a line break")]
    [InlineData("as: bob, as-groups: admins", "as-groups is not a list")]
    [InlineData("as: bob, as-user-extra: { reason: text }", "as-user-extra.reason is not a list")]
    [InlineData("password: S3CRETs3cretS3CRETs3cret", "password stands without a username")]
    [InlineData("username: 'a:b', password: S3CRETs3cretS3CRETs3cret", "username holds a colon")]
    [InlineData("username: admin, password: S3CRETs3cretS3CRETs3cret, token: S3CRETs3cretS3CRETs3cret", "username stands beside a token")]
    [InlineData("exec: { command: aws, interactiveMode: Never, args: [ S3CRETs3cretS3CRETs3cret ] }", "exec.apiVersion is missing")]
    [InlineData("exec: { apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never }", "exec.command is missing")]
    [InlineData("exec: { apiVersion: client.authentication.k8s.io/v1, command: aws }", "exec.interactiveMode is missing")]
    [InlineData("exec: { apiVersion: client.authentication.k8s.io/v1, command: aws, interactiveMode: Sometimes }", "exec.interactiveMode is none of Never, IfAvailable and Always")]
    [InlineData("exec: { apiVersion: client.authentication.k8s.io/v1, command: aws, interactiveMode: Never, env: [ { value: S3CRETs3cretS3CRETs3cret } ] }", "exec.env[0].name is missing")]
    [InlineData("exec: [ S3CRETs3cretS3CRETs3cret ]", "exec is not a mapping")]
    public void A_user_who_cannot_be_one_is_a_problem_that_names_the_field(string user, string expected)
    {
        CapiProblemException exception = Should.Throw<CapiProblemException>(() => Read(Config(user: user)).Resolve(null));

        exception.Problem.Id.ShouldBe(ProblemId.KubeConfigInvalid);
        exception.Problem.Message.ShouldContain($"line 5: users[u].user.{expected}");
        Problems.Shown(exception).ShouldNotContain(Secret);
    }

    [Theory]
    [InlineData("client.authentication.k8s.io/v1alpha1", "'client.authentication.k8s.io/v1alpha1' is no version")]
    [InlineData(Secret, "what stands there is no version")]
    public void A_version_of_the_plugins_protocol_that_is_not_spoken_is_refused(string version, string expected)
    {
        CapiProblemException exception = Should.Throw<CapiProblemException>(() => Read(Config(user: $"exec: {{ apiVersion: {version}, command: aws }}")).Resolve(null));

        exception.Problem.Id.ShouldBe(ProblemId.CredentialNotSupported);
        exception.Problem.Message.ShouldContain(expected);
        exception.Problem.Action.ShouldContain("client.authentication.k8s.io/v1beta1");
        Problems.Shown(exception).ShouldNotContain(Secret);
    }

    [Fact]
    public void Credentials_of_contexts_that_are_not_used_do_no_harm()
    {
        KubeConfig config = Read(Plain + "\n- { name: cloud, context: { cluster: dev, user: cloud } }"
            + "\nextra: 1\n");
        string other = _folder.Write("other", "users:\n- { name: cloud, user: { exec: { command: aws } } }");

        KubeConfig.Read([config.Files[0], other]).Resolve("dev").Token.ShouldBe("abc");
    }

    [Fact]
    public void A_target_is_shown_without_its_secrets()
    {
        KubeTarget target = Read(Config(user: $"token: {Secret}, client-key-data: {Base64(Secret)}, client-certificate-data: {Base64("x")}")).Resolve(null);

        $"{target} {target.ToEndpoint()}".ShouldNotContain(Secret);
        target.ToString().ShouldBe("c");
    }

    [Fact]
    public void The_fingerprint_tells_address_and_authority_apart_and_nothing_else()
    {
        string Fingerprint(string cluster, string user = "token: a") => Read(Config(cluster: cluster, user: user)).Resolve(null).ToEndpoint().Fingerprint;

        string one = Fingerprint($"certificate-authority-data: {Base64("one")}");

        one.Length.ShouldBe(32);
        Fingerprint($"certificate-authority-data: {Base64("one")}", "token: b").ShouldBe(one);
        Fingerprint($"certificate-authority-data: {Base64("two")}").ShouldNotBe(one);
        Fingerprint("disable-compression: true").ShouldNotBe(one);
    }

    [Theory]
    [InlineData("https://admin:S3CRETs3cretS3CRETs3cret@example.com:6443")]
    [InlineData("ftp://admin:S3CRETs3cretS3CRETs3cret@example.com")]
    public void A_password_in_the_servers_address_is_never_shown(string server)
    {
        KubeConfig config = Read($"clusters: [ {{ name: c, cluster: {{ server: '{server}' }} }} ]\ncontexts: [ {{ name: c, context: {{ cluster: c }} }} ]");
        string shown;
        try
        {
            KubeTarget target = config.Resolve("c");
            CapiProblem problem = ProblemTable.Connection(ProblemId.ConnectionRefused, target.ToEndpoint().Server, "c", "");
            shown = $"{target} {target.ToEndpoint()} {problem} {problem.Target}";
        }
        catch (CapiProblemException e)
        {
            shown = Problems.Shown(e);
        }

        shown.ShouldNotContain(Secret);
    }

    /// <summary>Every way to spoil a kubeconfig at a secret's place.</summary>
    public static TheoryData<string> Spoiled => new(
        $"users:\n- name: u\n  user: {Secret}\n",
        $"users:\n- name: u\n  user: [ {Secret} ]\n",
        $"users:\n- {Secret}\n",
        $"users: {Secret}\n",
        Secret,
        $"- {Secret}\n",
        $"users:\n- name: u\n  user:\n    token: [ {Secret} ]\n",
        $"users:\n- name: u\n  user:\n    token: {{ a: {Secret} }}\n",
        $"users:\n- name: u\n  user:\n    token: {Secret}: {Secret}\n",
        $"users:\n- name: u\n  user:\n    token: '{Secret}\n",
        $"users:\n- name: u\n  user:\n    token: \"{Secret}\n",
        $"users:\n- name: u\n  user:\n    token: \"{Secret}\\q\"\n",
        $"users:\n- name: u\n  user:\n    token: @{Secret}\n",
        $"users:\n- name: u\n  user:\n    token: %{Secret}\n",
        $"users:\n- name: u\n  user:\n    token: `{Secret}`\n",
        $"users:\n- name: u\n  user:\n    token: |{Secret}\n",
        $"users:\n- name: u\n  user:\n    token: *{Secret}\n",
        $"users:\n- name: u\n  user:\n    token: !{Secret}!x y\n",
        $"users:\n- name: u\n  user:\n    token: {Secret}\n   x: y\n",
        $"users:\n- name: u\n  user:\n    token:\n{Secret}\n",
        $"users:\n- name: u\n  user:\n    token: {Secret}\n    token: {Secret}\n",
        $"users:\n- name: u\n  user:\n    client-key-data: {Secret}?\n    client-certificate-data: {Secret}?\n",
        $"users:\n- name: u\n  user:\n    client-key-data: [ {Secret} ]\n    client-certificate-data: QQ==\n",
        $"users:\n- name: u\n  user:\n    password: {Secret}\n",
        $"users:\n- name: u\n  user:\n    exec: {{ env: [ {{ name: TOKEN, value: {Secret} }} ] }}\n",
        $"users:\n- name: u\n  user:\n    auth-provider: {{ config: {{ refresh-token: {Secret} }} }}\n",
        $"%TAG ! {Secret}\n---\nusers: []\n",
        $"users:\n- name: u\n  user: {{ token: {Secret}\n");

    [Theory]
    [MemberData(nameof(Spoiled))]
    public void No_secret_shows_in_the_message_about_a_spoiled_kubeconfig(string users)
    {
        string file = _folder.Write("spoiled", users);
        string rest = _folder.Write("rest", "clusters: [ { name: c, cluster: { server: 'https://c' } } ]\ncontexts: [ { name: c, context: { cluster: c, user: u } } ]");

        CapiProblemException exception = Should.Throw<CapiProblemException>(() => KubeConfig.Read([file, rest]).Resolve("c"));

        exception.Problem.Id.ShouldBeOneOf(ProblemId.KubeConfigInvalid, ProblemId.CredentialNotSupported);
        Problems.Shown(exception).ShouldNotContain(Secret);
    }

    [Fact]
    public void No_secret_shows_wherever_a_kubeconfig_is_damaged()
    {
        string whole = $"""
            current-context: c
            clusters:
            - name: c
              cluster: {"{"} server: "https://c", certificate-authority-data: {Secret} {"}"}
            users:
            - name: u
              user:
                client-certificate-data: {Secret}
                client-key-data: "{Secret}"
                token: {Secret}
            contexts:
            - name: c
              context: {"{"} cluster: c, user: u {"}"}
            """;
        int[] safe = [.. Enumerable.Range(0, whole.Length).Where(at => !InSecret(whole, at))];
        Arbitrary<(int At, char With, bool Cut)> damage = (
            from at in Gen.Elements(safe)
            from with in Gen.Elements([.. "\n\t {}[]:,'\"&*!|>%@`#-?\\\0"])
            from cut in Gen.Elements(true, false, false)
            select (at, with, cut)).ToArbitrary();

        Prop.ForAll(damage, spoil =>
        {
            string file = _folder.Write("damaged", spoil.Cut ? whole[..spoil.At] : whole[..spoil.At] + spoil.With + whole[(spoil.At + 1)..]);
            try
            {
                return !$"{KubeConfig.Read([file]).Resolve(null)}".Contains(Secret, StringComparison.Ordinal);
            }
            catch (CapiProblemException e)
            {
                return !Problems.Shown(e).Contains(Secret, StringComparison.Ordinal);
            }
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    private static bool InSecret(string text, int at)
    {
        for (int start = text.IndexOf(Secret, StringComparison.Ordinal); start >= 0; start = text.IndexOf(Secret, start + 1, StringComparison.Ordinal))
        {
            if (at >= start && at < start + Secret.Length)
            {
                return true;
            }
        }

        return false;
    }

    private static string Config(string cluster = "", string user = "token: abc") => $$"""
        current-context: c
        clusters:
        - { name: c, cluster: { server: "https://c", {{cluster}} } }
        users:
        - { name: u, user: { {{user}} } }
        contexts:
        - { name: c, context: { cluster: c, user: u } }
        """;

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string? Text(byte[]? bytes) => bytes is null ? null : Encoding.UTF8.GetString(bytes);

    private KubeConfig Read(string content) => KubeConfig.Read([_folder.Write("config", content)]);
}
