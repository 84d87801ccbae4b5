using System.Security.Cryptography;
using System.Text;
using CapiWorkshop.Containers;
using CapiWorkshop.Containers.Configuration;
using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;

namespace CapiWorkshop.Tests.Unit.Containers;

public sealed class EngineTargetTests : IDisposable
{
    private readonly TempFolder _docker = new();
    private readonly Dictionary<string, string> _variables;

    public EngineTargetTests() => _variables = new(StringComparer.Ordinal) { ["DOCKER_CONFIG"] = _docker.Path };

    public void Dispose() => _docker.Dispose();

    [Fact]
    public void Where_nothing_is_set_the_default_is_used() => Shown().ShouldBe(EngineAddress.Default.ToString());

    [Fact]
    public void The_variable_wins_over_the_current_context()
    {
        WriteContext("desktop", "unix:///desktop.sock");
        WriteCurrent("desktop");
        _variables["DOCKER_HOST"] = "unix:///of-the-variable.sock";

        Shown().ShouldBe("unix:///of-the-variable.sock");
    }

    [Fact]
    public void A_named_context_wins_over_everything()
    {
        WriteContext("desktop", "unix:///desktop.sock");
        _variables["DOCKER_HOST"] = "unix:///of-the-variable.sock";
        _variables["DOCKER_CONTEXT"] = "default";

        Shown("desktop").ShouldBe("context 'desktop' (unix:///desktop.sock)");
    }

    [Fact]
    public void The_current_context_is_used_where_nothing_is_named()
    {
        WriteContext("desktop", "unix:///desktop.sock");
        WriteCurrent("desktop");

        Shown().ShouldBe("context 'desktop' (unix:///desktop.sock)");
    }

    [Fact]
    public void The_variable_for_the_context_wins_over_the_current_one()
    {
        WriteContext("desktop", "unix:///desktop.sock");
        WriteContext("other", "unix:///other.sock");
        WriteCurrent("desktop");
        _variables["DOCKER_CONTEXT"] = "other";

        Shown().ShouldBe("context 'other' (unix:///other.sock)");
        _variables["DOCKER_CONTEXT"] = "default";
        Shown().ShouldBe(EngineAddress.Default.ToString());
    }

    [Fact]
    public void The_default_context_is_what_the_variable_says()
    {
        _variables["DOCKER_HOST"] = "unix:///of-the-variable.sock";

        Shown("default").ShouldBe("unix:///of-the-variable.sock");
    }

    [Fact]
    public void A_context_that_is_not_there_is_named()
    {
        CapiProblem problem = Problems.Of(() => Find("nope"));

        (problem.Id, problem.Category, problem.Target).ShouldBe((ProblemId.EngineConfigInvalid, CapiProblemCategory.ObjectNotFound, "nope"));
        problem.Action.ShouldContain("docker context ls");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"auths\": {\"registry\": {\"auth\": \"s3cr3t\"")]
    [InlineData("{\"auths\": s3cr3t}")]
    [InlineData("{\"currentContext\": \"\\ud800\"}")]
    public void A_configuration_that_cannot_be_read_is_named_without_what_it_holds(string content)
    {
        string file = _docker.Write("config.json", content);
        CapiProblemException exception = Should.Throw<CapiProblemException>(() => Find());

        (exception.Problem.Id, exception.Problem.Target).ShouldBe((ProblemId.EngineConfigInvalid, file));
        Problems.Shown(exception).ShouldNotContain("s3cr3t");
    }

    [Fact]
    public void A_context_without_an_engine_is_refused()
    {
        WriteMeta("kube-only", """{"Name":"kube-only","Endpoints":{"kubernetes":{"Host":"https://127.0.0.1:6443"}}}""");

        Problems.Of(() => Find("kube-only")).Id.ShouldBe(ProblemId.EngineConfigInvalid);
    }

    [Fact]
    public void A_context_with_certificates_speaks_tls()
    {
        WriteContext("remote", "tcp://engine.example:2376");
        WriteContext("plain", "tcp://engine.example:2375");
        _docker.Write(Path.Combine("contexts", "tls", Hash("remote"), "docker", "ca.pem"), "");

        EngineTarget remote = Find("remote");
        remote.Address.ShouldBe(new EngineAddress.Tcp("engine.example", 2376, "", Tls: true));
        remote.Tls!.SkipVerify.ShouldBeFalse();
        Find("plain").Address.ShouldBe(new EngineAddress.Tcp("engine.example", 2375, "", Tls: false));
        Find("plain").Tls.ShouldBeNull();
    }

    [Fact]
    public void A_context_may_ask_not_to_check_the_certificate()
    {
        WriteMeta("lax", """{"Name":"lax","Metadata":{"Description":"x"},"Endpoints":{"docker":{"SkipTLSVerify":true,"Host":"tcp://engine.example"}}}""");

        Find("lax").Tls!.SkipVerify.ShouldBeTrue();
    }

    [Theory]
    [InlineData(null, null, false, false)]
    [InlineData("1", null, true, false)]
    [InlineData("1", "1", true, false)]
    [InlineData(null, "1", true, true)]
    [InlineData("", "", false, false)]
    public void The_variables_for_tls_are_those_of_the_docker_cli(string? verify, string? tls, bool speaks, bool skips)
    {
        _variables["DOCKER_HOST"] = "tcp://engine.example";
        _variables["DOCKER_CERT_PATH"] = _docker.Path;
        _variables["DOCKER_TLS_VERIFY"] = verify ?? "";
        _variables["DOCKER_TLS"] = tls ?? "";

        EngineTarget target = Find();

        (target.Tls is not null).ShouldBe(speaks);
        (target.Tls?.SkipVerify ?? false).ShouldBe(skips);
        target.Address.ToString().ShouldBe(speaks ? "tcp://engine.example:2376" : "tcp://engine.example:2375");
    }

    [Fact]
    public void A_folder_of_certificates_that_is_not_there_is_named()
    {
        string missing = _docker.PathOf("nope");
        _variables["DOCKER_HOST"] = "tcp://engine.example";
        _variables["DOCKER_TLS_VERIFY"] = "1";
        _variables["DOCKER_CERT_PATH"] = missing;

        CapiProblem problem = Problems.Of(() => Find());

        (problem.Id, problem.Target).ShouldBe((ProblemId.EngineConfigInvalid, missing));
    }

    [Theory]
    [InlineData("ca.pem")]
    [InlineData("cert.pem")]
    public void A_certificate_that_is_none_is_named(string name)
    {
        string file = _docker.Write(name, "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
        CapiProblem problem = Problems.Of(() => new DockerEngine(Secured()).Dispose());

        (problem.Id, problem.Category, problem.Target).ShouldBe((ProblemId.EngineConfigInvalid, CapiProblemCategory.InvalidData, file));
    }

    [Fact]
    public void A_certificate_without_its_key_is_named()
    {
        using TestAuthority authority = new();
        string file = _docker.Write("cert.pem", authority.IssueClient("me").Certificate);

        Problems.Of(() => new DockerEngine(Secured()).Dispose()).Target.ShouldBe(file);
    }

    private static string Hash(string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    private EngineTarget Secured()
    {
        _variables["DOCKER_HOST"] = "tcp://engine.example";
        _variables["DOCKER_TLS_VERIFY"] = "1";
        _variables["DOCKER_CERT_PATH"] = _docker.Path;
        return Find();
    }

    private EngineTarget Find(string? context = null) => EngineTarget.Find(context, _variables.GetValueOrDefault);

    private string Shown(string? context = null) => Find(context).ToString();

    private void WriteCurrent(string context) => _docker.Write("config.json", $$"""{"auths":{"registry":{"auth":"s3cr3t"} },"currentContext":"{{context}}"}""");

    private void WriteContext(string name, string host) => WriteMeta(name, $$"""{"Name":"{{name}}","Metadata":{},"Endpoints":{"docker":{"Host":"{{host}}","SkipTLSVerify":false} } }""");

    private void WriteMeta(string name, string content) => _docker.Write(Path.Combine("contexts", "meta", Hash(name), "meta.json"), content);
}
