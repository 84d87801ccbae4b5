using System.Globalization;
using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Controllers;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Engine;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.World;

/// <summary>
/// The workshop's world: a management cluster and what its controllers have made of the manifests that somebody applied some time ago. It is empty until
/// it is built, has a past then, and gets a future when it is started.
/// </summary>
internal sealed class SandboxWorld : IAsyncDisposable
{
    /// <summary>How long before now the management cluster was made.</summary>
    public static readonly TimeSpan Age = TimeSpan.FromMinutes(35);

    private static readonly TimeSpan DevClusterAge = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan K0sClusterAge = TimeSpan.FromMinutes(25);
    private static readonly TimeSpan ChartAge = TimeSpan.FromMinutes(20);

    private static readonly TimeSpan FleetAge = TimeSpan.FromMinutes(15);

    private readonly WorldOptions _options;
    private ControllerManager? _controllers;

    public SandboxWorld(WorldOptions options)
    {
        _options = options;
        Clock = new(options.Now - Age, options.TimeScale);
        Management = new(ResourceCatalog.Management, new ObjectStore(Clock, new Random(options.Seed), identity: options.Identity), Clock) { Admission = ClusterAdmission.Review };
        Containers = new(Clock, new Random(options.Seed));
        Loop = new(Clock);
    }

    public WorldClock Clock { get; }

    public ClusterApi Management { get; }

    public ContainerHost Containers { get; }

    /// <summary>What makes it go. Tests step it; everybody else leaves it to itself.</summary>
    public EventLoop Loop { get; }

    public WorkloadClusters Workloads => _controllers?.Workloads ?? throw new InvalidOperationException("The world has not been built.");

    /// <summary>Makes a world with its past. Its clock stands at now until it is started.</summary>
    public static SandboxWorld Create(WorldOptions options, IWorkloadGate gate)
    {
        SandboxWorld world = new(options);
        world.Build(gate);
        return world;
    }

    /// <summary>Plays the past: what a user did, when, and what came of it.</summary>
    public void Build(IWorkloadGate gate)
    {
        BuildManagement(gate);
        At(DevClusterAge, () => Manifests.Apply(Management, Manifests.KubeadmCluster("dev-cluster", workers: 2)));
        At(K0sClusterAge, () => Manifests.Apply(Management, Manifests.K0smotronCluster("k0s-demo-cluster", workers: 2)));
        At(ChartAge, () => Manifests.Apply(Management, Manifests.NginxChart()));
        At(FleetAge, ApplyFleet);
        Loop.AdvanceTo(_options.Now);
    }

    /// <summary>A management cluster that has no workload cluster yet.</summary>
    public void BuildManagement(IWorkloadGate gate)
    {
        _controllers = new(this, _options.Seed, gate);
        WellKnownObjects.AddTo(Management);
        ManagementContent.AddTo(Management, Clock.GetUtcNow());
        Containers.Run(ManagementContent.Node, $"kindest/node:{Management.ServerVersion}",
            DockerMachineController.ContainerLabels(ManagementContent.Cluster, "control-plane"), ContainerLoads.Management);
        Loop.RunDue();
    }

    /// <summary>Lets time run, and the world with it.</summary>
    public void Start()
    {
        Clock.Run();
        Loop.Start();
    }

    public ValueTask DisposeAsync() => Loop.DisposeAsync();

    private void ApplyFleet()
    {
        for (int at = 1; at <= _options.Clusters; at++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"fleet-{at:000}");
            Manifests.Apply(Management, at % 2 == 1
                ? Manifests.KubeadmCluster(name, _options.WorkersPerCluster)
                : Manifests.K0smotronCluster(name, _options.WorkersPerCluster));
        }
    }

    private void At(TimeSpan age, Action happening)
    {
        Loop.AdvanceTo(_options.Now - age);
        happening();
        Loop.RunDue();
    }
}
