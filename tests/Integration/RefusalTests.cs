using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Integration.Harness;
using CapiWorkshop.Tests.Support;

namespace CapiWorkshop.Tests.Integration;

[Collection<OnRealApiServer>]
public sealed partial class RefusalTests(RealApiServer fixture) : ServerTest(fixture)
{
    [Fact]
    public async Task A_wrong_token_is_ApiUnauthorized_after_one_request()
    {
        string kubeconfig = Server.Derive(Server.AdminToken, text => Token32().Replace(text, "token: 0123456789abcdef0123456789abcdef"));
        long mark = Server.Audit.Mark();

        CapiProblem described = await FailsAsync(() => Connect(kubeconfig).DescribeAsync(Token));
        (await Server.Audit.SinceAsync(mark, Token)).Select(request => request.Code).ShouldBe([401]);
        CapiProblem listed = await FailsAsync(() => AskAsync(Connect(kubeconfig), CapiKinds.Machine));

        described.Id.ShouldBe("ApiUnauthorized");
        described.Category.ShouldBe(CapiProblemCategory.AuthenticationError);
        described.HttpStatus.ShouldBe(401);
        listed.Id.ShouldBe("ApiUnauthorized");
    }

    [Fact]
    public async Task A_token_that_is_accepted_may_do_what_its_owner_may()
    {
        long mark = Server.Audit.Mark();

        (await GetAsync(Connect(Server.AdminToken), CapiKinds.Machine)).Count.ShouldBe(5);

        (await Server.Audit.SinceAsync(mark, Token)).ShouldAllBe(request => request.User == "token-admin" && request.Code == 200);
    }

    [Fact]
    public async Task A_reader_reads_and_watches_and_may_not_scale()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller controller = await Controller.DeployAsync(Server, ns, "workers", 1, Token);
        ManagementCluster cluster = Connect(Server.Reader);
        CapiMachineDeployment deployment = await GetOneAsync(cluster, CapiKinds.MachineDeployment, ns, "workers");
        await using MachineDeploymentWaits waits = cluster.CreateMachineDeploymentWaits();
        (await waits.WaitForAsync(ns, "workers", CapiMachineDeploymentGoal.Ready, TimeSpan.FromMinutes(1), null, Token)).Problem.ShouldBeNull();

        CapiProblem problem = await FailsAsync(() => cluster.ScaleAsync(new(deployment, 3), Token));

        problem.Id.ShouldBe("ApiForbidden");
        problem.Category.ShouldBe(CapiProblemCategory.PermissionDenied);
        problem.HttpStatus.ShouldBe(403);
        problem.Target.ShouldBe($"{ns}/workers");
        problem.Message.ShouldContain("patch machinedeployments.cluster.x-k8s.io/scale");
        (await controller.ReadAsync())["spec"]!["replicas"]!.GetValue<int>().ShouldBe(1);
    }

    [Fact]
    public async Task Nobody_may_read_and_hears_so()
    {
        ManagementCluster cluster = Connect(Server.Nobody);

        CapiProblem listed = await FailsAsync(() => AskAsync(cluster, CapiKinds.Machine));
        IReadOnlyList<Outcome<CapiCluster>> named = await AskAsync(cluster, CapiKinds.Cluster, new() { Names = ["dev-cluster", "k0s-demo-cluster"] });
        await using MachineDeploymentWaits waits = cluster.CreateMachineDeploymentWaits();
        MachineDeploymentWaitResult waited = await waits.WaitForAsync("default", "dev-cluster-md-0", CapiMachineDeploymentGoal.Ready, TimeSpan.FromMinutes(1), null, Token);

        listed.Id.ShouldBe("ApiForbidden");
        listed.Message.ShouldContain("list machines.cluster.x-k8s.io in namespace 'default'");
        named.Select(outcome => outcome.Problem?.Id).ShouldBe(["ApiForbidden", "ApiForbidden"]); // one for each name
        waited.Problem!.Id.ShouldBe("ApiForbidden");
    }

    [Fact]
    public async Task What_nobody_may_read_is_null_in_the_description_and_named()
    {
        CapiManagementCluster described = await Connect(Server.Nobody).DescribeAsync(Token);

        described.ApiVersion.ShouldBe("v1beta2");
        described.KubernetesVersion.ShouldNotBeNullOrEmpty();
        described.ManagementClusterId.ShouldMatch("^[0-9a-f]{32}$"); // a hash: kube-system may not be read
        described.Nodes.ShouldBeNull();
        described.NodesReady.ShouldBeNull();
        described.CapiVersion.ShouldBeNull();
        described.Ready.ShouldBeNull();
        described.Problems.Select(problem => problem.Id).ShouldBe(["ApiForbidden", "ApiForbidden"]);
        described.Problems.Select(problem => problem.Target).ShouldBe(["nodes", "deployments.apps"], ignoreOrder: true);
    }

    [Fact]
    public async Task Providers_that_may_not_be_read_are_null_and_not_none()
    {
        CapiManagementCluster described = await Connect(Server.Nobody).DescribeAsync(Token);

        described.Problems.ShouldContain(problem => problem.Target == "deployments.apps");
        described.Providers.ShouldBeNull();
    }

    [Fact]
    public async Task What_is_not_there_is_named_after_its_kind()
    {
        ManagementCluster cluster = Connect(Server.Admin);
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller controller = await Controller.DeployAsync(Server, ns, "workers", 0, Token);
        CapiMachineDeployment gone = await GetOneAsync(cluster, CapiKinds.MachineDeployment, ns, "workers");
        await controller.BeginDeletionAsync();
        await controller.FinishDeletionAsync();

        (await AskAsync(cluster, CapiKinds.Cluster, new() { Names = ["none"] })).ShouldHaveSingleItem().Problem!.Id.ShouldBe("ClusterNotFound");
        (await AskAsync(cluster, CapiKinds.Machine, new() { Names = ["none"], AllNamespaces = true })).ShouldHaveSingleItem().Problem!.Id.ShouldBe("MachineNotFound");
        CapiProblem problem = await FailsAsync(() => cluster.ScaleAsync(new(gone, 1), Token));

        problem.Id.ShouldBe("MachineDeploymentNotFound");
        problem.Category.ShouldBe(CapiProblemCategory.ObjectNotFound);
        problem.HttpStatus.ShouldBe(404);
        problem.Target.ShouldBe($"{ns}/workers");
    }

    [Fact]
    public async Task A_selector_that_the_server_does_not_understand_is_ApiInvalid()
    {
        CapiProblem problem = await FailsAsync(() => AskAsync(Connect(Server.Admin), CapiKinds.Machine, new() { LabelSelector = "a in (b" }));

        problem.Id.ShouldBe("ApiInvalid");
        problem.HttpStatus.ShouldBe(400);
    }

    [Fact]
    public async Task An_authority_that_did_not_issue_the_certificate_is_not_trusted()
    {
        using ECDsa key = ECDsa.Create();
        CertificateRequest request = new("CN=somebody-else", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        string data = Convert.ToBase64String(Encoding.ASCII.GetBytes(authority.ExportCertificatePem()));
        string kubeconfig = Server.Derive(Server.AdminToken, text => Authority().Replace(text, "certificate-authority-data: " + data));
        long mark = Server.Audit.Mark();

        CapiProblem problem = await FailsAsync(() => Connect(kubeconfig).DescribeAsync(Token));

        problem.Id.ShouldBe("CertificateNotTrusted");
        problem.Category.ShouldBe(CapiProblemCategory.SecurityError);
        (await Server.Audit.SinceAsync(mark, Token)).ShouldBeEmpty(); // no token went to a stranger
    }

    [Fact]
    public async Task A_certificate_for_another_address_is_not_trusted()
    {
        await using FaultProxy elsewhere = FaultProxy.Opaque(Server.Port, IPAddress.Parse("127.0.0.2"));

        CapiProblem problem = await FailsAsync(() => Connect(Server.Redirect(Server.AdminToken, elsewhere.Address)).DescribeAsync(Token));

        problem.Id.ShouldBe("CertificateNotTrusted");
    }

    [Fact]
    public async Task An_insecure_kubeconfig_is_obeyed_with_a_warning()
    {
        string kubeconfig = Server.Derive(Server.Admin, text => Authority().Replace(text, "insecure-skip-tls-verify: true"));

        (await GetAsync(Connect(kubeconfig), CapiKinds.Machine)).Count.ShouldBe(5);

        Told.Warnings.Count(warning => warning.Contains("insecure-skip-tls-verify", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task Where_nobody_listens_the_connection_is_refused()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Uri address = new($"https://{listener.LocalEndpoint}");
        listener.Stop();

        CapiProblem problem = await FailsAsync(() => Connect(Server.Redirect(Server.AdminToken, address)).DescribeAsync(Token));

        problem.Id.ShouldBe("ConnectionRefused");
        problem.Category.ShouldBe(CapiProblemCategory.ConnectionError);
        problem.HttpStatus.ShouldBeNull();
        problem.Message.ShouldContain(address.Authority);
    }

    [Fact]
    public async Task A_deprecated_version_is_warned_of_once()
    {
        ResourceType old = new("cluster.x-k8s.io", "v1beta1", "machines", "Machine");
        IKubernetesApi api = ConnectApi(Server.Admin).Observe(Told);
        for (int i = 0; i < 2; i++)
        {
            int count = 0;
            await foreach (bool _ in api.ListAsync(new(old, "default"), (ref reader) => { reader.Skip(); return true; }, Token))
            {
                count++;
            }

            count.ShouldBe(5);
        }

        Told.Warnings.ShouldHaveSingleItem().ShouldContain("cluster.x-k8s.io/v1beta1 Machine is deprecated");
    }

    [Fact]
    public async Task No_token_or_key_comes_out_whatever_goes_wrong()
    {
        string wrong = Server.Derive(Server.AdminToken, text => Token32().Replace(text, "token: fedcba9876543210fedcba9876543210"));
        long before = Secrets.Inspected;
        foreach (string kubeconfig in (string[])[Server.Admin, Server.AdminToken, Server.Reader, Server.Nobody, wrong])
        {
            ManagementCluster cluster = Connect(kubeconfig);
            await SwallowAsync(() => cluster.DescribeAsync(Token));
            await SwallowAsync(() => AskAsync(cluster, CapiKinds.Machine));
            await SwallowAsync(() => AskAsync(cluster, CapiKinds.Cluster, new() { Names = ["none"], LabelSelector = "a in (b" }));
            Secrets.Inspect(cluster.ToString() + cluster.Endpoint);
        }

        Secrets.Count.ShouldBeGreaterThan(8); // tokens, and keys in both spellings
        (Secrets.Inspected - before).ShouldBeGreaterThan(20);
        Told.Requests.ShouldNotBeEmpty();
        Secrets.Leaks.ShouldBeEmpty();

        static async Task SwallowAsync(Func<Task> attempt)
        {
            try
            {
                await attempt();
            }
            catch (CapiProblemException e)
            {
                Secrets.Inspect(e.Problem);
                Secrets.Inspect(e.ToString());
            }
        }
    }

    [GeneratedRegex("token: [0-9a-f]{32}")]
    private static partial Regex Token32();

    [GeneratedRegex("certificate-authority-data: [0-9A-Za-z+/=]+")]
    private static partial Regex Authority();
}
