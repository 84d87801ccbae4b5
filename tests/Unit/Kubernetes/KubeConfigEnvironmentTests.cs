using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Kubernetes.Http;
using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;

namespace CapiWorkshop.Tests.Unit.Kubernetes;

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RunsAlone
{
    public const string Name = "Environment";
}

/// <summary>What depends on variables of the process, which all tests share: these run alone, and put back what they changed.</summary>
[Collection(RunsAlone.Name)]
public sealed class KubeConfigEnvironmentTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string? _kubeconfig = Environment.GetEnvironmentVariable("KUBECONFIG");
    private readonly Dictionary<string, string?> _before = [];
    private readonly string? _home = Environment.GetEnvironmentVariable("HOME");

    public void Dispose()
    {
        foreach ((string name, string? value) in _before)
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        Environment.SetEnvironmentVariable("KUBECONFIG", _kubeconfig);
        Environment.SetEnvironmentVariable("HOME", _home);
        _folder.Dispose();
    }

    [Fact]
    public void A_named_file_wins_over_the_variable()
    {
        string named = _folder.Write("named", "");
        Environment.SetEnvironmentVariable("KUBECONFIG", _folder.Write("of-the-variable", ""));

        KubeConfig.FindFiles(named).ShouldBe([named]);
    }

    [Fact]
    public void Kubectl_is_told_of_a_kubeconfig_that_it_would_not_find()
    {
        const string Content = "{ current-context: c, clusters: [ { name: c, cluster: { server: 'https://c' } } ], contexts: [ { name: c, context: { cluster: c } } ] }";
        string found = _folder.Write("found", Content), plain = _folder.Write("plain", Content), quoted = _folder.Write("it's", Content);
        Environment.SetEnvironmentVariable("KUBECONFIG", found);

        OptionsOf(found).ShouldBe(" --context c");
        OptionsOf(plain).ShouldBe($" --context c --kubeconfig {plain}");
        OptionsOf(quoted).ShouldBe($" --context c --kubeconfig '{quoted.Replace("'", "''", StringComparison.Ordinal)}'");

        static string OptionsOf(string file) => KubeConfig.Read([file]).Resolve(null).ToEndpoint().KubectlOptions;
    }

    [Fact]
    public void The_variables_files_are_found_in_their_order_and_missing_ones_passed_over()
    {
        string first = _folder.Write("first", "current-context: one");
        string second = _folder.Write("second", "current-context: two");
        Set(second, _folder.PathOf("missing"), first, "", second);

        KubeConfig.FindFiles(null).ShouldBe([second, first]);
        KubeConfig.FindFiles("").ShouldBe([second, first]);
        KubeConfig.Read(KubeConfig.FindFiles(null)).CurrentContext.ShouldBe("two");
    }

    [Fact]
    public void Where_none_of_the_variables_files_exists_the_problem_shows_the_variable()
    {
        string missing = _folder.PathOf("missing");
        Set(missing, missing + "2");

        CapiProblem problem = Problems.Of(() => KubeConfig.FindFiles(null));

        problem.Id.ShouldBe(ProblemId.KubeConfigNotFound);
        problem.Message.ShouldContain("KUBECONFIG");
        problem.Message.ShouldContain(missing + "2");
        problem.Action.ShouldContain("-KubeConfig");
    }

    [Fact]
    public void A_variable_of_separators_only_names_no_file()
    {
        Set("", "", "");

        Problems.Of(() => KubeConfig.FindFiles(null)).Id.ShouldBe(ProblemId.KubeConfigNotFound);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Without_the_variable_it_is_the_file_in_the_home_folder(string? variable)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows' home folder cannot be moved for a test.");
        Environment.SetEnvironmentVariable("KUBECONFIG", variable);
        Environment.SetEnvironmentVariable("HOME", _folder.Path);

        CapiProblem problem = Problems.Of(() => KubeConfig.FindFiles(null));
        string file = _folder.Write(Path.Combine(".kube", "config"), "");

        problem.Id.ShouldBe(ProblemId.KubeConfigNotFound);
        problem.Message.ShouldContain(file);
        KubeConfig.FindFiles(null).ShouldBe([file]);
    }

    [Theory]
    [InlineData("10.96.0.1", "https://10.96.0.1:6443/", "team-a\n", "team-a")]
    [InlineData("fd00::1", "https://[fd00::1]:6443/", "", "default")]
    public void Without_a_kubeconfig_a_pod_is_its_service_account(string host, string server, string space, string expected)
    {
        Set(_folder.PathOf("missing"));
        With("KUBERNETES_SERVICE_HOST", host);
        With("KUBERNETES_SERVICE_PORT", "6443");
        string token = _folder.Write("token", "abc");
        _folder.Write("ca.crt", "AUTHORITY");
        _folder.Write("namespace", space);
        ServiceAccount account = new(_folder.Path);

        IReadOnlyList<string> files = KubeConfig.FindFiles(null, account);
        KubeTarget target = KubeConfig.Read(files).Resolve(null, account);

        files.ShouldBeEmpty();
        (target.Server, target.Context, target.Namespace, target.TokenFile, target.Token).ShouldBe((new Uri(server), null, expected, token, null));
        target.CertificateAuthority.ShouldBe("AUTHORITY"u8.ToArray());
        Problems.Of(() => KubeConfig.Read(files).Resolve("named", account)).Id.ShouldBe(ProblemId.ContextNotFound);
        Problems.Of(() => KubeConfig.FindFiles(_folder.PathOf("missing"), account)).Id.ShouldBe(ProblemId.KubeConfigNotFound);
        KubeConfig.FindFiles(token, account).ShouldBe([token]); // what is named counts more
    }

    [Theory]
    [InlineData("KUBERNETES_SERVICE_HOST", null)]
    [InlineData("KUBERNETES_SERVICE_PORT", "no port")]
    public void What_is_no_pod_has_no_service_account(string variable, string? value)
    {
        Set(_folder.PathOf("missing"));
        With("KUBERNETES_SERVICE_HOST", "10.96.0.1");
        With("KUBERNETES_SERVICE_PORT", "443");
        With(variable, value);
        _folder.Write("token", "abc");

        CapiProblem problem = Problems.Of(() => KubeConfig.FindFiles(null, new(_folder.Path)));

        problem.Id.ShouldBe(ProblemId.KubeConfigNotFound);
        problem.Action.ShouldContain("Start-CapiSandbox");
    }

    [Theory]
    [InlineData("https://api.example:6443", null, "http://proxy:3128/")]
    [InlineData("https://api.example:6443", "*", null)]
    [InlineData("https://api.example:6443", "example", null)]
    [InlineData("https://api.example:6443", " .EXAMPLE ,x", null)]
    [InlineData("https://api.example:6443", "api.example", null)]
    [InlineData("https://api.example:6443", ".api.example", "http://proxy:3128/")]
    [InlineData("https://api.example:6443", "i.example", "http://proxy:3128/")]
    [InlineData("https://api.example:6443", "example:6443", null)]
    [InlineData("https://api.example:6443", "example:443", "http://proxy:3128/")]
    [InlineData("https://10.1.2.3:6443", "10.0.0.0/8", null)]
    [InlineData("https://11.1.2.3:6443", "10.0.0.0/8", "http://proxy:3128/")]
    [InlineData("https://10.1.2.3:6443", "10.1.2.3", null)]
    [InlineData("https://10.1.2.3:6443", "10.1.2.3:443", "http://proxy:3128/")]
    [InlineData("https://[fd00::1]:6443", "fd00::/8", null)]
    [InlineData("https://127.0.0.1:6443", null, null)]
    [InlineData("https://localhost:6443", null, null)]
    [InlineData("http://api.example", null, null)]
    public void The_proxy_of_the_variables_is_found_by_the_rules_that_kubectl_goes_by(string server, string? exempt, string? expected)
    {
        WithoutProxies();
        With("HTTPS_PROXY", $"someone:secret@proxy:3128");
        With("NO_PROXY", exempt);

        ProxyAddress? proxy = EnvironmentProxy.Find(new(server));

        proxy?.Address.ToString().ShouldBe(expected);
        (proxy is null).ShouldBe(expected is null);
        proxy?.Credentials.ShouldNotBeNull().UserName.ShouldBe("someone");
    }

    [Fact]
    public void A_variable_that_is_no_address_is_named_without_what_it_holds()
    {
        WithoutProxies();
        With("HTTPS_PROXY", "ftp://someone:secret@proxy");

        CapiProblem problem = Problems.Of(() => EnvironmentProxy.Find(new("https://api.example")));

        problem.Message.ShouldContain("HTTPS_PROXY");
        $"{problem} {problem.Action}".ShouldNotContain("secret");
    }

    private void WithoutProxies() => Array.ForEach(["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"], name =>
    {
        With(name, null);
        With(name.ToLowerInvariant(), null);
    });

    private void With(string name, string? value)
    {
        _before.TryAdd(name, Environment.GetEnvironmentVariable(name));
        Environment.SetEnvironmentVariable(name, value);
    }

    private static void Set(params string[] files) => Environment.SetEnvironmentVariable("KUBECONFIG", string.Join(Path.PathSeparator, files));
}
