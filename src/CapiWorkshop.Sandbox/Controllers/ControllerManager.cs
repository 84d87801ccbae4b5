using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;
using CapiWorkshop.Sandbox.World;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>All controllers of a management cluster, each told of the changes that concern it.</summary>
internal sealed class ControllerManager
{
    private readonly Dictionary<ResourceDefinition, Controller> _controllers;
    private readonly Dictionary<ResourceDefinition, List<Controller>> _alsoWatching = [];
    private readonly Dictionary<(string Group, string Kind), Controller> _byKindName = [];
    private readonly ControllerContext _context;
    private readonly GarbageCollector _collector;

    public ControllerManager(SandboxWorld world, int seed, IWorkloadGate gate)
    {
        Workloads = new(world.Clock, seed, gate);
        _context = new()
        {
            Management = world.Management,
            Loop = world.Loop,
            Index = new(),
            Random = new(seed),
            Containers = world.Containers,
            Workloads = Workloads,
            Events = new(world.Management),
            Log = new(world.Management),
            Wake = Wake,
        };
        _controllers = Controllers().ToDictionary(controller => controller.Kind);
        foreach (Controller controller in _controllers.Values)
        {
            _byKindName[(controller.Kind.Group, controller.Kind.Kind)] = controller;
            foreach (ResourceDefinition kind in controller.AlsoWatches)
            {
                if (!_alsoWatching.TryGetValue(kind, out List<Controller>? watching))
                    _alsoWatching[kind] = watching = [];
                watching.Add(controller);
            }
        }

        _collector = new(world.Management.Store, _context.Index);
        UsageMetrics.ServeFrom(world.Management, world.Containers);
        world.Loop.Watch(world.Management.Store, Seen);
        world.Loop.Watch(world.Containers, ((DockerMachineController)_controllers[Kinds.DockerMachine]).Seen);
        Workloads.Opened += Follow;
        Workloads.Closed += cluster => world.Loop.Unwatch(cluster.Api.Store);
    }

    public WorkloadClusters Workloads { get; }

    private IEnumerable<Controller> Controllers() =>
    [
        new ClusterController(_context),
        new MachineDeploymentController(_context),
        new MachineSetController(_context),
        new MachineController(_context),
        new MachineHealthCheckController(_context),
        new BootstrapConfigController(_context, Kinds.KubeadmConfig, new("kubeadmconfig", "kubeadmconfig-controller", ControllerIdentity.KubeadmBootstrap)),
        new BootstrapConfigController(_context, Kinds.K0sWorkerConfig,
            new("k0sworkerconfig", "k0sworkerconfig-controller", ControllerIdentity.K0smotron, "bootstrap")),
        new KubeadmControlPlaneController(_context),
        new K0smotronControlPlaneController(_context),
        new K0smotronClusterController(_context),
        new DockerClusterController(_context),
        new DockerMachineController(_context),
        new HelmChartProxyController(_context),
        new HelmReleaseProxyController(_context),
    ];

    private void Wake(ResourceDefinition kind, ObjectKey key)
    {
        if (_controllers.GetValueOrDefault(kind) is { } controller)
            _context.Loop.Enqueue(controller, key);
    }

    /// <summary>Looks into a workload cluster: its nodes concern the machines they run on.</summary>
    private void Follow(WorkloadCluster cluster)
    {
        UsageMetrics.ServeFrom(cluster.Api, _context.Containers);
        ReplicaSetRunner runner = new(cluster.Api, _context.Loop);
        _context.Loop.Watch(cluster.Api.Store, change =>
        {
            runner.Seen(change);
            if (change.Object.Resource == Kinds.Node && cluster.MachineOf(change.Object.Name) is { } machine)
                Wake(Kinds.Machine, new(cluster.Namespace, machine));
        });
        Wake(Kinds.Cluster, new(cluster.Namespace, cluster.Name));
    }

    private void Seen(StoreChange change)
    {
        StoredObject item = change.Object;
        _context.Index.Apply(change);
        _collector.Seen(change);
        if (_controllers.GetValueOrDefault(item.Resource) is { } own)
        {
            if (change.Kind is ChangeKind.Deleted)
                own.Forget(item);
            else
                _context.Loop.Enqueue(own, ObjectKey.Of(item));
        }

        foreach (OwnerReference owner in item.Owners)
        {
            if (_byKindName.GetValueOrDefault((owner.Group, owner.Kind)) is { } controller)
                _context.Loop.Enqueue(controller, new(item.Namespace, owner.Name));
        }

        if (change.Kind is ChangeKind.Deleted)
            _context.Events.Forget(item);
        if (_alsoWatching.GetValueOrDefault(item.Resource) is not { } watching || (item.Resource == Kinds.Cluster && !ClusterMilestone.IsOne(change)))
            return;
        foreach (Controller controller in watching)
        {
            foreach (ObjectKey key in controller.Concerned(item))
                _context.Loop.Enqueue(controller, key);
        }
    }
}
