using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Management;

public sealed class WorkloadClustersTests
{
    private readonly FakeKubernetesApi _management = new FakeKubernetesApi().With(ObjectJson.KubeConfig("dev", "to dev"));
    private readonly List<FakeKubernetesApi> _opened = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static CapiCluster Dev { get; } = new() { Name = "dev", Namespace = "default", Uid = "uid-of-dev" };

    [Fact]
    public async Task Whoever_asks_at_the_same_time_gets_the_same_one_and_the_rest_are_closed()
    {
        using WorkloadClusters workloads = new(Open);

        IKubernetesApi[] apis = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => workloads.OpenAsync(_management, Dev, Token)))).InTime();

        apis.Distinct().ShouldHaveSingleItem();
        _opened.ShouldAllBe(api => api.IsDisposed == (api != apis[0]));
    }

    [Fact]
    public async Task A_new_Cluster_of_the_same_name_is_another_one()
    {
        using WorkloadClusters workloads = new(Open);

        IKubernetesApi old = await workloads.OpenAsync(_management, Dev, Token);

        (await workloads.OpenAsync(_management, Dev with { Uid = "uid-of-another" }, Token)).ShouldNotBe(old);
    }

    [Fact]
    public async Task One_that_is_forgotten_may_be_used_until_all_are_closed()
    {
        WorkloadClusters workloads = new(Open);
        IKubernetesApi old = await workloads.OpenAsync(_management, Dev, Token);
        workloads.Forget(Dev, old);
        IKubernetesApi fresh = await workloads.OpenAsync(_management, Dev, Token);
        workloads.Forget(Dev, old); // who was slower to notice does not take the new one away

        (await workloads.OpenAsync(_management, Dev, Token)).ShouldBe(fresh);
        fresh.ShouldNotBe(old);
        _opened.ShouldAllBe(api => !api.IsDisposed);
        workloads.Dispose();
        _opened.Count.ShouldBe(2);
        _opened.ShouldAllBe(api => api.IsDisposed);
    }

    [Fact]
    public async Task One_that_opens_when_all_have_been_closed_is_closed_too()
    {
        WorkloadClusters workloads = new(Open);
        workloads.Dispose();

        (await Should.ThrowAsync<CapiProblemException>(() => workloads.OpenAsync(_management, Dev, Token))).Problem.Id.ShouldBe(ProblemId.NotConnected);

        _opened.ShouldHaveSingleItem().IsDisposed.ShouldBeTrue();
    }

    private FakeKubernetesApi Open(string name, ReadOnlyMemory<byte> kubeConfig)
    {
        FakeKubernetesApi api = new();
        lock (_opened)
        {
            _opened.Add(api);
        }

        return api;
    }
}
