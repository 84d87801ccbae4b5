using System.Text;
using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;

namespace CapiWorkshop.Tests.Unit.Kubernetes;

/// <summary>Kubeconfigs that came over a network.</summary>
public sealed class KubeConfigParseTests : IDisposable
{
    private const string Name = "secret default/dev-kubeconfig";
    private const string Secret = "S3CRETs3cretS3CRETs3cret";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_kubeconfig_that_holds_everything_itself_resolves()
    {
        KubeConfig config = KubeConfig.Parse(Name, Yaml("certificate-authority-data: QVVUSE9SSVRZ", "client-certificate-data: Q0VSVA==\n    client-key-data: S0VZ"));

        KubeTarget target = config.Resolve(null);

        config.Files.ShouldBe([Name]);
        (target.Server, target.Context, target.ClientCertificate, target.ClientKey).ShouldBe((new Uri("https://172.18.0.3:6443"), "dev", "CERT", "KEY"));
        Encoding.ASCII.GetString(target.CertificateAuthority.ShouldNotBeNull()).ShouldBe("AUTHORITY");
    }

    [Theory]
    [InlineData("certificate-authority", true)]
    [InlineData("client-certificate", false)]
    [InlineData("client-key", false)]
    [InlineData("tokenFile", false)]
    public void No_field_may_name_a_file_of_this_machine(string field, bool isOfCluster)
    {
        string file = _folder.Write("mine", Secret);
        string line = $"{field}: {file}";

        Exception failure = Should.Throw<CapiProblemException>(() => KubeConfig.Parse(Name, isOfCluster ? Yaml(line, "token: t") : Yaml("", line)).Resolve(null));

        CapiProblem problem = ((CapiProblemException)failure).Problem;
        problem.Id.ShouldBe(ProblemId.KubeConfigInvalid);
        problem.Message.ShouldContain(Name);
        problem.Message.ShouldContain(field);
        problem.Message.ShouldContain("names a file");
        Problems.Shown(failure).ShouldNotContain(Secret);
    }

    [Theory]
    [InlineData("exec: { apiVersion: client.authentication.k8s.io/v1, command: touch }")]
    [InlineData("auth-provider: { name: gcp }")]
    public void Nothing_is_run_and_nobody_is_guessed(string user)
    {
        Exception failure = Should.Throw<CapiProblemException>(() => KubeConfig.Parse(Name, Yaml("", user)).Resolve(null));

        ((CapiProblemException)failure).Problem.Id.ShouldBe(ProblemId.CredentialNotSupported);
        Problems.Shown(failure).ShouldNotContain(Secret);
    }

    [Theory]
    [InlineData("token: " + Secret + "\nusers: }{")]
    [InlineData("[" + Secret)]
    [InlineData(Secret)]
    [InlineData("users:\n\t- " + Secret)]
    [InlineData("users: " + Secret)]
    [InlineData("users: [ { name: a, user: " + Secret + " } ]")]
    public void What_cannot_be_understood_is_not_quoted(string yaml)
    {
        Exception failure = Should.Throw<CapiProblemException>(() => KubeConfig.Parse(Name, Encoding.UTF8.GetBytes(yaml)).Resolve(null));

        CapiProblem problem = ((CapiProblemException)failure).Problem;
        problem.Id.ShouldBe(ProblemId.KubeConfigInvalid);
        problem.Message.ShouldContain(Name);
        Problems.Shown(failure).ShouldNotContain(Secret);
    }

    [Fact]
    public void An_empty_one_has_no_context() =>
        Problems.Of(() => KubeConfig.Parse(Name, default).Resolve(null)).Id.ShouldBe(ProblemId.ContextNotFound);

    [Fact]
    public void A_byte_order_mark_is_no_part_of_it() =>
        KubeConfig.Parse(Name, (byte[])[0xEF, 0xBB, 0xBF, .. Yaml("", "token: t")]).Resolve(null).Token.ShouldBe("t");

    [Fact]
    public void Bytes_that_are_no_text_are_a_problem() =>
        Problems.Of(() => KubeConfig.Parse(Name, new byte[] { 0xFF, 0xFE, 0x00, 0x80 }).Resolve(null)).Id.ShouldBe(ProblemId.KubeConfigInvalid);

    private static byte[] Yaml(string cluster, string user) => Encoding.UTF8.GetBytes($"""
        apiVersion: v1
        kind: Config
        current-context: dev
        clusters:
        - name: dev
          cluster:
            server: https://172.18.0.3:6443
            {cluster}
        users:
        - name: dev-admin
          user:
            {user}
        contexts:
        - name: dev
          context: {"{"} cluster: dev, user: dev-admin {"}"}
        """);
}
