using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations;

/// <summary>An object of a Cluster: in which stage it goes, and who takes it away.</summary>
internal readonly record struct OwnedPart(OwnedObject Item, CapiCluster Cluster, CapiRemovalStage Stage, CapiResource Owner);

/// <summary>
/// What belongs to whom: owner references, and the references by which Cluster API's controllers adopt. A label alone proves nothing, except for the
/// kinds of the core, whose controllers adopt by it.
/// </summary>
/// <remarks>Source: Cluster API, docs/book/src/reference/api/owner-references.md, and the deletion order of its Cluster controller.</remarks>
internal sealed class ClusterGraph
{
    private readonly ILookup<string, OwnedObject> _byOwner;
    private readonly ILookup<(string? Namespace, string Kind, string Name), OwnedObject> _byName;
    private readonly ILookup<(string? Namespace, string? Cluster), OwnedObject> _byLabel;
    private readonly Dictionary<string, OwnedPart> _parts = new(StringComparer.Ordinal);

    /// <param name="clusters">Every Cluster that is there.</param>
    /// <param name="objects">Every other object.</param>
    public ClusterGraph(IEnumerable<CapiCluster> clusters, IReadOnlyCollection<OwnedObject> objects)
    {
        _byOwner = objects.SelectMany(item => item.Owners.Select(owner => (owner.Uid, item))).ToLookup(pair => pair.Uid, pair => pair.item, StringComparer.Ordinal);
        _byName = objects.ToLookup(item => (item.Namespace, item.Kind, item.Name));
        _byLabel = objects.ToLookup(item => (item.Namespace, item.Cluster));
        foreach (CapiCluster workload in clusters)
        {
            Take(workload);
        }
    }

    /// <summary>Everything that belongs to a Cluster, by UID.</summary>
    public IReadOnlyDictionary<string, OwnedPart> Parts => _parts;

    private void Take(CapiCluster workload)
    {
        Queue<OwnedPart> open = new();
        foreach (OwnedObject item in _byOwner[workload.Uid].Concat(_byLabel[(workload.Namespace, workload.Name)].Where(item => item.Type.Group == CapiNames.CoreGroup && item.Owners.Count == 0)))
        {
            Add(new(item, workload, StageOf(item, workload), workload), open);
        }

        foreach ((string? kind, string? name) in new[] { (workload.ControlPlaneKind, workload.ControlPlaneName), (workload.InfrastructureKind, workload.InfrastructureName) })
        {
            foreach (OwnedObject item in kind is null || name is null ? [] : _byName[(workload.Namespace, kind, name)])
            {
                Add(new(item, workload, StageOf(item, workload), workload), open);
            }
        }

        // Which clusters a ClusterResourceSet has served is remembered in an object of the Cluster's name.
        foreach (OwnedObject item in _byName[(workload.Namespace, "ClusterResourceSetBinding", workload.Name)])
        {
            Add(new(item, workload, CapiRemovalStage.Leftovers, workload), open);
        }

        while (open.TryDequeue(out OwnedPart part))
        {
            foreach (OwnedObject child in _byOwner[part.Item.Uid].Concat(part.Item.References.SelectMany(reference => _byName[(part.Item.Namespace, reference.Kind, reference.Name)])))
            {
                Add(new(child, workload, child.Labels.ContainsKey(CapiNames.ControlPlaneLabel) && part.Stage == CapiRemovalStage.Workers ? CapiRemovalStage.ControlPlane : part.Stage, part.Item), open);
            }
        }
    }

    private void Add(OwnedPart part, Queue<OwnedPart> open)
    {
        if (_parts.TryAdd(part.Item.Uid, part))
        {
            open.Enqueue(part);
        }
    }

    /// <summary>What the Cluster owns at first hand and its controller does not take away by itself, such as templates, is left to the garbage collector.</summary>
    private static CapiRemovalStage StageOf(OwnedObject item, CapiCluster workload) =>
        (item.Kind, item.Name) == (workload.ControlPlaneKind, workload.ControlPlaneName) ? CapiRemovalStage.ControlPlane
        : (item.Kind, item.Name) == (workload.InfrastructureKind, workload.InfrastructureName) ? CapiRemovalStage.Infrastructure
        : item.Type.Group != CapiNames.CoreGroup ? CapiRemovalStage.Leftovers
        : item.Labels.ContainsKey(CapiNames.ControlPlaneLabel) ? CapiRemovalStage.ControlPlane
        : CapiRemovalStage.Workers;
}
