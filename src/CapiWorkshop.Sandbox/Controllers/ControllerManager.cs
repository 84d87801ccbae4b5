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
            Addresses = new(),
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

        world.Loop.Watch(world.Management.Store, Seen);
    }

    public WorkloadClusters Workloads { get; }

    private IEnumerable<Controller> Controllers() =>
    [
        new MachineDeploymentController(_context),
        new MachineSetController(_context),
    ];

    private void Wake(ResourceDefinition kind, ObjectKey key)
    {
        if (_controllers.GetValueOrDefault(kind) is { } controller)
            _context.Loop.Enqueue(controller, key);
    }

    private void Seen(StoreChange change)
    {
        StoredObject item = change.Object;
        _context.Index.Apply(change);
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
