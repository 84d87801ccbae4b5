using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Integration.Harness;

namespace CapiWorkshop.Tests.Integration;

[Collection<OnEmptyServer>]
public sealed class EmptyServerTests(EmptyServer fixture) : ServerTest(fixture)
{
    [Fact]
    public async Task A_server_without_Cluster_API_says_so_before_it_is_asked_for_anything_of_it()
    {
        long mark = Server.Audit.Mark();
        ManagementCluster cluster = Connect(Server.Admin);
        await using MachineDeploymentWaits waits = cluster.CreateMachineDeploymentWaits();

        CapiProblem problem = await FailsAsync(() => AskAsync(cluster, CapiKinds.Machine));
        MachineDeploymentWaitResult waited = await waits.WaitForAsync("default", "x", CapiMachineDeploymentGoal.Ready, TimeSpan.FromMinutes(1), null, Token);

        problem.Id.ShouldBe("CapiNotInstalled");
        problem.Category.ShouldBe(CapiProblemCategory.NotInstalled);
        waited.Problem!.Id.ShouldBe("CapiNotInstalled");
        (await Server.Audit.SinceAsync(mark, Token)).ShouldNotContain(request => request.Uri.Contains("machines", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_without_Cluster_API_can_be_described()
    {
        CapiManagementCluster described = await Connect(Server.Admin).DescribeAsync(Token);

        described.ApiVersion.ShouldBeNull();
        described.ServedApiVersions.ShouldBeEmpty();
        described.Ready.ShouldBe(false);
        described.KubernetesVersion.ShouldNotBeNullOrEmpty();
        described.Problems.ShouldBeEmpty();
    }
}
