using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Management;

public sealed class IdentityTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_management_cluster_is_known_by_the_UID_of_kube_system()
    {
        using World world = new();

        (await world.Cluster.GetIdAsync(Token)).ShouldBe(FakeKubernetesApi.KubeSystemUid);

        FakeRequest request = world.Api.Requests.ShouldHaveSingleItem();
        (request.Verb, request.Type!.QualifiedName, request.Namespace, request.Name).ShouldBe(("get", "namespaces", null, "kube-system"));
    }

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    public async Task Where_kube_system_may_not_be_read_address_and_authority_tell(int status)
    {
        using World world = new(new FakeKubernetesApi().Refuse("get", "namespaces", status));

        (await world.Cluster.GetIdAsync(Token)).ShouldBe("fingerprint-of-server-and-authority");
    }

    [Fact]
    public async Task Any_other_failure_is_told_and_not_remembered()
    {
        using World world = new(new FakeKubernetesApi().Refuse("get", "namespaces", 503, times: 1));

        (await Should.ThrowAsync<CapiProblemException>(async () => await world.Cluster.GetIdAsync(Token))).Problem.Id.ShouldBe(ProblemId.ApiUnavailable);
        (await world.Cluster.GetIdAsync(Token)).ShouldBe(FakeKubernetesApi.KubeSystemUid);
    }

    [Fact]
    public async Task Identity_and_discovery_are_asked_once_whoever_observes()
    {
        using World world = new(new FakeKubernetesApi().With(ObjectJson.Machine("m")));
        ManagementCluster observed = world.Cluster.Observe(new Silent());
        await world.GetAsync(CapiKinds.Machine, new());
        await world.GetAsync(CapiKinds.Cluster, new());
        await foreach (Outcome<CapiMachine> outcome in observed.GetAsync(CapiKinds.Machine, new(), Token))
        {
            outcome.Problem.ShouldBeNull();
        }

        world.Api.Made("discover").Count.ShouldBe(1);
        world.Api.Made("get", "namespaces").Count.ShouldBe(1);
        world.Api.Observers.Count.ShouldBe(1);
    }

    [Fact]
    public void The_API_is_disposed_of_with_its_owner_and_not_with_an_observers_view()
    {
        FakeKubernetesApi api = new();
        ManagementCluster owner = new(api);
        owner.Observe(new Silent()).Dispose();

        api.IsDisposed.ShouldBeFalse();
        owner.Dispose();
        api.IsDisposed.ShouldBeTrue();
    }

    [Fact]
    public async Task An_object_of_this_management_cluster_is_accepted()
    {
        using World world = new();

        await Should.NotThrowAsync(async () => await world.Cluster.EnsureOwnsAsync(FakeKubernetesApi.KubeSystemUid, null, "default/md", Token));
    }

    [Theory]
    [InlineData("kind-other", "-Context kind-other")]
    [InlineData(null, "-Connection")]
    public async Task An_object_of_another_one_is_refused_with_the_way_to_its_own(string? context, string expected)
    {
        using World world = new();

        CapiProblem problem = (await Should.ThrowAsync<CapiProblemException>(async () => await world.Cluster.EnsureOwnsAsync("another-uid", context, "default/md", Token))).Problem;

        (problem.Id, problem.Category, problem.Target).ShouldBe((ProblemId.WrongManagementCluster, CapiProblemCategory.InvalidOperation, "default/md"));
        problem.Message.ShouldContain("kind-capi");
        problem.Action.ShouldContain(expected);
    }

    private sealed class Silent : IApiObserver
    {
        public void RequestCompleted(ApiRequest request)
        {
        }

        public void Warning(string message)
        {
        }
    }
}
