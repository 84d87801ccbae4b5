using System.Threading.Channels;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;
using CapiWorkshop.Tests.Unit.Operations.Management;
using CapiWorkshop.Tests.Unit.Support;
using Microsoft.Extensions.Time.Testing;

namespace CapiWorkshop.Tests.Unit.Operations.Removal;

/// <summary>The workshop's two clusters with an application on both, and a management cluster whose controllers are played by the test.</summary>
internal sealed class RemovalWorld : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly World _world;

    public RemovalWorld(params ObjectJson[] more)
        : this(null, more)
    {
    }

    public RemovalWorld(FakeTimeProvider? clock, params ObjectJson[] more)
    {
        _world = new(new FakeKubernetesApi().Serve([.. FakeKubernetesApi.Core("v1beta2", "v1beta1"), .. FakeKubernetesApi.Addons, .. FakeKubernetesApi.Provided, FakeKubernetesApi.Inventory, FakeKubernetesApi.K0smotronCluster])
            .With(Objects).With(more), (name, _) => Open(name), clock);
        Engine = new(_world.Clock);
    }

    public static ObjectJson Proxy { get; } = ObjectJson.HelmChartProxy("nginx").Finalizer("helmchartproxy.addons.cluster.x-k8s.io");

    public static ObjectJson Dev { get; } = ObjectJson.Cluster("dev").Finalizer("cluster.cluster.x-k8s.io");

    public static ObjectJson K0s { get; } = ObjectJson.Cluster("k0s").Finalizer("cluster.cluster.x-k8s.io");

    public static ObjectJson[] Objects { get; } =
    [
        ObjectJson.Node("cp"),
        ObjectJson.Provider("cluster-api", "capi-system", "cluster-api", "CoreProvider", "v1.14.0"),
        ObjectJson.Deployment("capi-controller-manager", "capi-system", "cluster-api", "controller:v1.14.0"),
        Proxy, ObjectJson.HelmReleaseProxy("nginx", "dev"), ObjectJson.HelmReleaseProxy("nginx", "k0s"),
        ObjectJson.KubeConfig("dev", "it"), ObjectJson.KubeConfig("k0s", "it"),
        Dev, ObjectJson.MachineDeployment("dev-md", "dev"), ObjectJson.Machine("dev-cp", "dev"), ObjectJson.Machine("dev-md-1", "dev"),
        K0s, ObjectJson.MachineDeployment("k0s-md", "k0s"), ObjectJson.Machine("k0s-md-1", "k0s"),
    ];

    public FakeKubernetesApi Api => _world.Api;

    /// <summary>The APIs of the workload clusters, by the name of the secret that leads there; any other is one that answers.</summary>
    public Dictionary<string, FakeKubernetesApi> Workloads { get; } = [];

    public FakeTimeProvider Clock => _world.Clock;

    public ManagementCluster Cluster => _world.Cluster;

    public Recorder Recorder { get; } = new();

    public FakeContainerEngine Engine { get; }

    /// <summary>How far the removal says that it is.</summary>
    public Channel<RemovalProgress> Progress { get; } = Channel.CreateUnbounded<RemovalProgress>();

    public Channel<Outcome<CapiRemovalResult>> Told { get; } = Channel.CreateUnbounded<Outcome<CapiRemovalResult>>();

    /// <summary>What was asked to be deleted, in order.</summary>
    public IEnumerable<string> Deletions => Api.Made("delete").Select(request => $"{request.Type!.Kind} {request.Namespace}/{request.Name}");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public Task<CapiRemovalPlan> PlanAsync(ResourceFilter? scope = null) => PlanOfAsync(new() { Scope = scope ?? new() });

    public Task<CapiRemovalPlan> PlanOfAsync(RemovalRequest request) => Cluster.PlanRemovalAsync(request, () => Engine, Token);

    public async Task<List<Outcome<CapiRemovalResult>>> RunAsync(CapiRemovalPlan? plan = null, TimeSpan? timeout = null, CancellationToken? token = null, TimeSpan? stuckAfter = null)
    {
        plan ??= await PlanAsync();
        List<Outcome<CapiRemovalResult>> outcomes = [];
        await foreach (Outcome<CapiRemovalResult> outcome in Cluster.Observe(Recorder).CreateRemoval(plan, () => Engine, stuckAfter).RunAsync(timeout ?? Patience, progress => Progress.Writer.TryWrite(progress), token ?? Token))
        {
            outcomes.Add(outcome);
            Told.Writer.TryWrite(outcome);
        }

        return outcomes;
    }

    /// <summary>Waits until a Cluster's result has been told.</summary>
    public async Task ReachResultAsync(string cluster)
    {
        while ((await Told.Reader.ReadAsync(Token).AsTask().InTime()).Value?.Name != cluster)
        {
        }
    }

    /// <summary>Reads progress until a state has been told.</summary>
    public async Task<RemovalProgress> ReachAsync(Func<RemovalProgress, bool> condition)
    {
        while (true)
        {
            RemovalProgress progress = await Progress.Reader.ReadAsync(Token).AsTask().InTime();
            if (condition(progress))
            {
                return progress;
            }
        }
    }

    /// <summary>Controllers that do at once what is asked of them, in their order.</summary>
    public void PlayControllers() => Api.Deleted = Release;

    /// <summary>What the controllers do about one object whose deletion was asked for: first what belongs to it goes, then it.</summary>
    public void Release(ObjectJson deleted)
    {
        string[] kinds = deleted.Json["kind"]!.GetValue<string>() == "Cluster" ? ["Machine", "MachineDeployment"] : ["HelmReleaseProxy"];
        foreach (ObjectJson part in kinds.SelectMany(Api.Of).Where(part => BelongsTo(part, deleted)))
        {
            Api.Remove(part);
        }

        Api.Remove(deleted);
    }

    public void Dispose() => _world.Dispose();

    private FakeKubernetesApi Open(string name) => Workloads.TryGetValue(name, out FakeKubernetesApi? api) ? api : new($"uid of the cluster of {name}");

    private static bool BelongsTo(ObjectJson part, ObjectJson owner) =>
        part.Namespace == owner.Namespace
        && part.Json["metadata"]!["labels"]!.AsObject().Any(label => label.Key is "cluster.x-k8s.io/cluster-name" or "helmreleaseproxy.addons.cluster.x-k8s.io/helmchartproxy-name"
            && label.Key.StartsWith("helm", StringComparison.Ordinal) == (owner.Json["kind"]!.GetValue<string>() == "HelmChartProxy") && label.Value!.GetValue<string>() == owner.Name);
}
