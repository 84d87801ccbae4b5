using CapiWorkshop.Kubernetes;
using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Integration.Harness;
using CapiWorkshop.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace CapiWorkshop.Tests.Integration;

/// <summary>Answers of the real server that are lost on their way; its audit log tells how often it was asked.</summary>
[Collection<OnRealApiServer>]
public sealed class FaultTests(RealApiServer fixture) : ServerTest(fixture)
{
    [Theory]
    [InlineData("reset before the server has it", 0)]
    [InlineData("reset before an answer", 1)]
    [InlineData("closed before an answer", 1)]
    [InlineData("closed in the head", 1)]
    [InlineData("503", 1)]
    public async Task A_write_whose_answer_is_lost_is_told_and_was_made_once(string fault, int applied)
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        await Controller.DeployAsync(Server, ns, "workers", 2, Token);

        (await ScaleAsync(ns, Faults.Passing[fault], TimeProvider.System, applied)).Id.ShouldBeOneOf(ProblemId.ConnectionLost, ProblemId.ApiUnavailable);
    }

    [Fact]
    public async Task A_write_whose_answer_never_comes_ends_in_a_time_out_and_was_made_once()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        await Controller.DeployAsync(Server, ns, "workers", 2, Token);
        FakeTimeProvider clock = new();
        Fault silent = Faults.ThenSilent(Faults.Silent["no answer"], () =>
        {
            clock.Advance(TimeSpan.FromMinutes(2));
            return Stream.Null;
        });

        (await ScaleAsync(ns, silent, clock, 1)).Id.ShouldBe(ProblemId.ApiTimeout);
    }

    [Theory]
    [InlineData("reset before an answer")]
    [InlineData("closed before an answer")]
    [InlineData("503")]
    public async Task A_list_whose_answer_is_lost_is_asked_for_again_and_whole(string fault)
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        await Controller.DeployAsync(Server, ns, "workers", 3, Token);
        await using FaultProxy proxy = Break("GET ", $"namespaces/{ns}/machines", Faults.Passing[fault]);
        long mark = Server.Audit.Mark();

        (await GetAsync(Connect(Server.Redirect(Server.AdminToken, proxy.Address)), CapiKinds.Machine, new() { Namespace = ns })).Count.ShouldBe(3);

        (await Server.Audit.SinceAsync(mark, Token)).Count(request => request.Verb == "list").ShouldBeGreaterThan(1);
    }

    /// <summary>Scales from two to four with a fault in the way, and returns what that ended in.</summary>
    private async Task<CapiProblem> ScaleAsync(string ns, Fault fault, TimeProvider clock, int applied)
    {
        await using FaultProxy proxy = Break("PATCH ", "machinedeployments/workers/scale", fault);
        ManagementCluster cluster = Own(new ManagementCluster(new KubernetesApi(KubeConfig.Read([Server.Redirect(Server.AdminToken, proxy.Address)]).Resolve(null), clock))).Observe(Told);
        CapiMachineDeployment before = await GetOneAsync(cluster, CapiKinds.MachineDeployment, ns, "workers");
        long mark = Server.Audit.Mark();

        CapiProblem problem = await FailsAsync(() => cluster.ScaleAsync(new(before, 4), Token));

        (await Server.Audit.SinceAsync(mark, Token)).Count(request => request.Verb == "patch").ShouldBe(applied);
        (await GetOneAsync(Connect(Server.Admin), CapiKinds.MachineDeployment, ns, "workers")).DesiredReplicas.ShouldBe(applied == 1 ? 4 : 2);
        return problem;
    }

    /// <summary>A way to the server on which the first request of a kind fails.</summary>
    private FaultProxy Break(string method, string path, Fault fault)
    {
        int asked = 0;
        return new(
            end => FaultProxy.ConnectTlsAsync(Server.Port, end),
            line => line.StartsWith(method, StringComparison.Ordinal) && line.Contains(path, StringComparison.Ordinal) && Interlocked.Increment(ref asked) == 1 ? fault : Faults.None);
    }
}
