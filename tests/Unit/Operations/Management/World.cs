using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Support;
using Microsoft.Extensions.Time.Testing;

namespace CapiWorkshop.Tests.Unit.Operations.Management;

/// <summary>A management cluster on a fake API, at a time that only a test moves on.</summary>
internal sealed class World : IDisposable
{
    public World(FakeKubernetesApi? api = null, KubernetesApiOpener? open = null, FakeTimeProvider? clock = null)
    {
        Api = api ?? new();
        Clock = clock ?? new(Start);
        Cluster = new(Api, Clock, open);
    }

    /// <summary>When every test begins.</summary>
    public static DateTimeOffset Start { get; } = new(2026, 11, 20, 10, 0, 0, TimeSpan.Zero);

    public FakeKubernetesApi Api { get; }

    public FakeTimeProvider Clock { get; }

    public ManagementCluster Cluster { get; }

    /// <summary>Everything that a request for several things hands out.</summary>
    public async Task<List<Outcome<T>>> GetAsync<T>(CapiKind<T> kind, ResourceFilter filter)
        where T : CapiResource
    {
        List<Outcome<T>> outcomes = [];
        await foreach (Outcome<T> outcome in Cluster.GetAsync(kind, filter, TestContext.Current.CancellationToken))
        {
            outcomes.Add(outcome);
        }

        return outcomes;
    }

    public void Dispose() => Cluster.Dispose();
}
