using System.Net;
using System.Text.RegularExpressions;
using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Integration.Harness;
using CapiWorkshop.Tests.Support;

namespace CapiWorkshop.Tests.Integration;

/// <summary>Every way to sign in, judged by what a real API server makes of it.</summary>
[Collection<OnRealApiServer>]
public sealed partial class CredentialTests(RealApiServer fixture) : ServerTest(fixture)
{
    [Fact]
    public async Task A_plugin_that_gets_the_administrators_token_makes_an_administrator_of_one()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The plugin is a script of sh.");
        string kubeconfig = Server.Derive(Server.AdminToken, text => UserToken().Replace(text, match =>
        {
            string answer = Path.Combine(Server.Folder, "exec-credential.json");
            File.WriteAllText(answer, $$"""{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"{{match.Groups[1].Value}}" } }""");
            return $"exec: {{ apiVersion: client.authentication.k8s.io/v1, command: cat, args: [ '{answer}' ], interactiveMode: Never }}";
        }));
        long mark = Server.Audit.Mark();

        (await GetAsync(Connect(kubeconfig), CapiKinds.Machine)).Count.ShouldBe(5);

        (await Server.Audit.SinceAsync(mark, Token)).ShouldAllBe(request => request.User == "token-admin" && request.Code == 200);
    }

    [Fact]
    public async Task Who_is_impersonated_is_who_the_server_refuses()
    {
        string kubeconfig = Server.Derive(Server.AdminToken, text => UserToken().Replace(text, "$0, as: 'bób', as-uid: '7', as-groups: [ one, two ]"));

        CapiProblem problem = await FailsAsync(() => AskAsync(Connect(kubeconfig), CapiKinds.Machine));

        problem.Id.ShouldBe("ApiForbidden");
        problem.Message.ShouldContain("bób");
    }

    [Fact]
    public async Task Of_several_groups_each_counts()
    {
        string kubeconfig = Server.Derive(Server.AdminToken, text => UserToken().Replace(text, "$0, as: somebody, as-groups: [ nothing, 'system:masters' ]"));

        (await GetAsync(Connect(kubeconfig), CapiKinds.Machine)).Count.ShouldBe(5);
    }

    [Fact]
    public async Task A_server_is_reached_by_another_address_under_the_name_that_its_certificate_bears()
    {
        await using FaultProxy elsewhere = FaultProxy.Opaque(Server.Port, IPAddress.Parse("127.0.0.2"));
        string kubeconfig = Server.Redirect(Server.AdminToken, elsewhere.Address);
        string named = Server.Derive(kubeconfig, text => text.Replace("server:", "tls-server-name: localhost, server:", StringComparison.Ordinal));

        (await GetAsync(Connect(named), CapiKinds.Machine)).Count.ShouldBe(5);
    }

    [Fact]
    public async Task A_token_file_that_is_replaced_makes_another_of_one()
    {
        string file = Path.Combine(Server.Folder, "replaced-token");
        File.WriteAllText(file, TokenOf(Server.AdminToken));
        ManagementCluster cluster = Connect(Server.Derive(Server.AdminToken, text => UserToken().Replace(text, $"tokenFile: '{file}'")));

        (await GetAsync(cluster, CapiKinds.Machine)).Count.ShouldBe(5);
        File.WriteAllText(file, TokenOf(Server.Nobody));

        (await FailsAsync(() => AskAsync(cluster, CapiKinds.Machine))).Message.ShouldContain("token-nobody");
    }

    private static string TokenOf(string kubeconfig) => UserToken().Match(File.ReadAllText(kubeconfig)).Groups[1].Value;

    [GeneratedRegex("token: \"?([0-9A-Za-z._-]{8,})\"?")]
    private static partial Regex UserToken();
}
