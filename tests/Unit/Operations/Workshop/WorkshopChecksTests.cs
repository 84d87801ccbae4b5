using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Operations.Usage;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Workshop;

/// <summary>Each check passes, and fails for each reason that it has.</summary>
public sealed class WorkshopChecksTests : IDisposable
{
    private static readonly string[] Names = ["Scaled:dev-cluster", "Scaled:k0s-demo-cluster", "Monitoring", "Scaling", "Applications", "Cleanup", "NoClusters", "NoMachines", "NoHelmReleases", "ManagementCluster"];

    private static readonly ObjectJson Controller = ObjectJson.Deployment("capi-controller-manager", "capi-system", "cluster-api", "controller:v1.14.0");

    private readonly UsageWorld _world = new(ObjectJson.Provider("cluster-api", "capi-system", "cluster-api", "CoreProvider", "v1.14.0"), Controller);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task After_a_workshop_that_was_done_and_cleaned_up_everything_passes()
    {
        Clean();

        CapiCheckResult[] results = await CheckAsync(State(4, 3));

        results.Select(result => $"{result.Name} {result.Status}").ShouldBe(Names.Select(name => name + " Passed"));
        results.ShouldAllBe(result => result.Message.Length > 0 && result.Context == "kind-capi" && result.ManagementClusterId == FakeKubernetesApi.KubeSystemUid);
        FakeRequest rehearsal = _world.Api.Requests.Single(request => request.Verb is "create" or "patch" or "delete");
        (rehearsal.Verb, rehearsal.Namespace, rehearsal.DryRun, rehearsal.Type!.ApiVersion).ShouldBe(("create", "default", true, "cluster.x-k8s.io/v1beta2"));
    }

    [Fact]
    public async Task Without_a_saved_state_and_a_cluster_what_was_there_is_skipped_and_nothing_else()
    {
        Clean();

        (await CheckAsync(null)).Where(result => result.Status != CapiCheckStatus.Passed).Select(result => $"{result.Name} {result.Status}").ShouldBe(["Scaled:dev-cluster Skipped", "Scaled:k0s-demo-cluster Skipped", "Applications Skipped"]);
    }

    [Theory]
    [InlineData(3, 4, "3 workers were asked for")]
    [InlineData(4, 3, "3 had joined")]
    [InlineData(null, 4, "? workers were asked for")]
    public async Task What_was_not_scaled_fails(int? desired, int joined, string message)
    {
        CapiWorkshopState state = State(4, 3);
        state = state with
        {
            MachineDeployments = [.. state.MachineDeployments.Select(deployment => deployment.Cluster == "dev-cluster" ? deployment with { DesiredReplicas = desired } : deployment)],
            Machines = [.. state.Machines.Where(machine => machine.Cluster != "dev-cluster"), .. state.Machines.Where(machine => machine.Cluster == "dev-cluster").Take(joined)],
        };

        CapiCheckResult[] results = await CheckAsync(state);

        (results[0].Status, results[1].Status).ShouldBe((CapiCheckStatus.Failed, CapiCheckStatus.Passed));
        results[0].Message.ShouldContain(message);
    }

    [Fact]
    public async Task A_state_without_the_cluster_or_of_another_management_cluster_fails()
    {
        CapiWorkshopState state = State(4, 3);

        (await CheckAsync(state with { MachineDeployments = [] }))[0].Message.ShouldContain("no MachineDeployment of dev-cluster");
        CapiCheckResult other = (await CheckAsync(state with { ManagementCluster = state.ManagementCluster with { Id = "another" } }))[0];

        other.Status.ShouldBe(CapiCheckStatus.Failed);
        other.Message.ShouldContain("another management cluster");
    }

    [Fact]
    public async Task While_clusters_are_there_they_are_left_and_scaling_is_rehearsed_on_them()
    {
        _world.Api.Add(ObjectJson.MachineDeployment("dev-md", "dev").Scaled(2));
        _world.Api.Add(ObjectJson.Machine("dev-md-1", "dev"));

        Dictionary<string, CapiCheckResult> results = (await CheckAsync(null)).ToDictionary(result => result.Name);

        (results["NoClusters"].Status, results["NoClusters"].Message).ShouldBe((CapiCheckStatus.Failed, "Left: default/dev, default/k0s."));
        (results["NoMachines"].Status, results["NoMachines"].Message).ShouldBe((CapiCheckStatus.Failed, "Left: default/dev-md-1."));
        (results["Scaling"].Status, results["Cleanup"].Status).ShouldBe((CapiCheckStatus.Passed, CapiCheckStatus.Passed));
        FakeRequest patch = _world.Api.Made("patch").ShouldHaveSingleItem();
        (patch.Subresource, patch.Body, patch.DryRun).ShouldBe(("scale", """{"spec":{"replicas":3}}""", true));
        _world.Api.Of("MachineDeployment").ShouldHaveSingleItem().Json["spec"]!["replicas"]!.GetValue<int>().ShouldBe(2);
    }

    [Theory]
    [InlineData("Monitoring", "no engine")]
    [InlineData("Scaling", "may not")]
    [InlineData("Cleanup", "not available")]
    [InlineData("ManagementCluster", "not available: cluster-api v1.14.0")]
    public async Task What_does_not_work_fails_and_says_why(string name, string message)
    {
        Clean();
        switch (name)
        {
            case "Monitoring": _world.EngineOpener = () => throw new CapiProblem(ProblemId.EngineNotFound, CapiProblemCategory.ConnectionError, "There is no engine.", "Start one.").ToException(); break;
            case "Scaling": _world.Api.Refuse("create", "machinedeployments", 403); break;
            case "Cleanup":
                _world.Api.Add(ObjectJson.Cluster("last"));
                _world.Api.Update(ObjectJson.Deployment("capi-controller-manager", "capi-system", "cluster-api", "controller:v1.14.0", "False"));
                break;
            default: _world.Api.Update(ObjectJson.Deployment("capi-controller-manager", "capi-system", "cluster-api", "controller:v1.14.0", "False")); break;
        }

        CapiCheckResult result = (await CheckAsync(null)).Single(result => result.Name == name);

        result.Status.ShouldBe(CapiCheckStatus.Failed);
        result.Message.ShouldContain(message);
    }

    [Fact]
    public async Task A_check_that_cannot_be_made_has_failed_and_the_others_go_on()
    {
        Clean();
        _world.Api.Refuse("list", "machines", 403);

        Dictionary<string, CapiCheckResult> results = (await CheckAsync(null)).ToDictionary(result => result.Name);

        results.Count.ShouldBe(Names.Length);
        (results["NoMachines"].Status, results["NoClusters"].Status, results["ManagementCluster"].Status).ShouldBe((CapiCheckStatus.Failed, CapiCheckStatus.Passed, CapiCheckStatus.Passed));
    }

    [Theory]
    [InlineData(CapiWorkshopStage.Scaling, "Scaled:dev-cluster Scaled:k0s-demo-cluster Scaling")]
    [InlineData(CapiWorkshopStage.Monitoring, "Monitoring")]
    [InlineData(CapiWorkshopStage.Automation, "Applications")]
    [InlineData(CapiWorkshopStage.Cleanup, "Cleanup NoClusters NoMachines NoHelmReleases ManagementCluster")]
    public async Task A_stage_is_checked_alone(CapiWorkshopStage stage, string names)
    {
        Clean();

        CapiCheckResult[] results = await CheckAsync(State(4, 3), new() { Stages = [stage] });

        string.Join(' ', results.Select(result => result.Name)).ShouldBe(names);
        results.ShouldAllBe(result => result.Stage == stage);
    }

    [Fact]
    public async Task Without_a_saved_state_what_there_is_now_is_checked()
    {
        _world.Api.Add(ObjectJson.MachineDeployment("dev-md", "dev").Scaled(2));

        CapiCheckResult[] results = await CheckAsync(null, new() { Stages = [CapiWorkshopStage.Scaling], ExpectedReplicas = new Dictionary<string, int> { ["dev"] = 3, ["default/dev/dev-md"] = 2 } });

        results.Select(result => $"{result.Name} {result.Status}").ShouldBe(["Scaled:default/dev/dev-md Passed", "Scaled:dev Failed", "Scaling Passed"]);
        results[1].Message.ShouldBe("2 workers were asked for and 0 had joined. So it is now.");
    }

    [Theory]
    [InlineData("dev-cluster", "Passed", "4 workers")]
    [InlineData("default/dev-cluster", "Passed", "4 workers")]
    [InlineData("default/dev-cluster/dev-md", "Passed", "4 workers")]
    [InlineData("team-a/dev-cluster", "Failed", "no MachineDeployment of team-a/dev-cluster. There are: default/dev-cluster/dev-md")]
    [InlineData("default/dev-cluster/other", "Failed", "no MachineDeployment of default/dev-cluster/other")]
    [InlineData("a/b/c/d", "Failed", "no MachineDeployment of a/b/c/d")]
    public async Task Workers_are_expected_of_a_cluster_or_of_one_MachineDeployment(string key, string status, string message)
    {
        CapiCheckResult result = (await CheckAsync(State(4, 3), new() { Stages = [CapiWorkshopStage.Scaling], ExpectedReplicas = new Dictionary<string, int> { [key] = 4 } }))[0];

        (result.Name, result.Status.ToString()).ShouldBe(("Scaled:" + key, status));
        result.Message.ShouldContain(message);
    }

    [Fact]
    public async Task A_name_of_two_clusters_is_no_name()
    {
        CapiWorkshopState state = State(4, 3);
        state = state with { MachineDeployments = [.. state.MachineDeployments, state.MachineDeployments[0] with { Namespace = "team-a" }] };

        CapiCheckResult[] results = await CheckAsync(state);

        (results[0].Status, results[1].Status).ShouldBe((CapiCheckStatus.Failed, CapiCheckStatus.Passed));
        results[0].Message.ShouldContain("clusters dev-cluster in default, team-a: name one as namespace/cluster");
    }

    [Fact]
    public async Task Applications_that_are_not_there_or_not_ready_fail()
    {
        CapiWorkshopState state = State(4, 3);
        WorkshopCheckRequest request = new() { Stages = [CapiWorkshopStage.Automation] };

        (await CheckAsync(state, request)).Single().Message.ShouldStartWith("1 releases in 1 clusters were ready.");
        (await CheckAsync(state with { HelmReleases = [] }, request)).Single().Message.ShouldStartWith("There is no release");
        CapiCheckResult result = (await CheckAsync(state with { HelmReleases = [.. state.HelmReleases, state.HelmReleases[0] with { Name = "broken", Ready = null }] }, request)).Single();
        (result.Status, result.Message).ShouldBe((CapiCheckStatus.Failed, "Not ready: default/broken. So it was when the state was saved."));
    }

    private static CapiWorkshopState State(int dev, int k0s) => new()
    {
        ManagementCluster = new() { Id = FakeKubernetesApi.KubeSystemUid, Server = "https://capi.example:6443" },
        Clusters = [],
        MachineDeployments = [new() { Name = "dev-md", Namespace = "default", ReadyReplicas = dev, Cluster = "dev-cluster", DesiredReplicas = dev }, new() { Name = "k0s-md", Namespace = "default", ReadyReplicas = k0s, Cluster = "k0s-demo-cluster", DesiredReplicas = k0s }],
        Machines =
        [
            .. Enumerable.Range(0, dev).Select(i => new CapiMachineState { Name = $"dev-{i}", Namespace = "default", Cluster = "dev-cluster", NodeName = "node" }),
            .. Enumerable.Range(0, k0s).Select(i => new CapiMachineState { Name = $"k0s-{i}", Namespace = "default", Cluster = "k0s-demo-cluster", NodeName = "node" }),
            new() { Name = "dev-cp", Namespace = "default", Cluster = "dev-cluster", NodeName = "node", IsControlPlane = true }, new() { Name = "late", Namespace = "default", Cluster = "k0s-demo-cluster" },
        ],
        HelmReleases = [new() { Name = "nginx", Namespace = "default", Cluster = "dev-cluster", Ready = true }],
    };

    private void Clean()
    {
        foreach (ObjectJson cluster in _world.Api.Of("Cluster"))
        {
            _world.Api.Remove(cluster);
        }
    }

    private async Task<CapiCheckResult[]> CheckAsync(CapiWorkshopState? state, WorkshopCheckRequest? request = null)
    {
        List<CapiCheckResult> results = [];
        await foreach (CapiCheckResult result in _world.Cluster.CreateChecks(() => _world.EngineOpener is null ? _world.Engine : _world.EngineOpener()).RunAsync((request ?? new()) with { State = state }, Token))
        {
            results.Add(result);
        }

        return [.. results];
    }
}
