using System.Globalization;

namespace CapiWorkshop.Operations;

/// <summary>Orders what clusters consist of as a tree, and tells it row by row. Asks nobody.</summary>
internal sealed class ClusterTree
{
    private const string Workers = nameof(Workers), Orphans = nameof(Orphans);

    private readonly FleetSurvey _survey;
    private readonly ClusterTreeOptions _options;
    private readonly ILookup<(string? Namespace, string? Cluster), CapiMachineDeployment> _deployments;
    private readonly ILookup<(string? Namespace, string? Cluster), CapiMachineSet> _sets;
    private readonly ILookup<(string? Namespace, string? Cluster), CapiMachinePool> _pools;
    private readonly ILookup<(string? Namespace, string? Cluster), CapiMachine> _machines;
    private readonly ILookup<(string? Namespace, string? Cluster), CapiHelmReleaseProxy> _releases;
    private readonly bool _lacksSets;
    private readonly HashSet<string> _placed = new(StringComparer.Ordinal);

    public ClusterTree(FleetSurvey survey, ClusterTreeOptions options)
    {
        _survey = survey;
        _options = options;
        _deployments = ByCluster(survey.MachineDeployments);
        _sets = ByCluster(survey.MachineSets);
        _pools = ByCluster(survey.MachinePools);
        _machines = ByCluster(survey.Machines);
        _releases = ByCluster(survey.Releases);
        _lacksSets = survey.Problems.Any(problem => problem.Target == $"{CapiKinds.MachineSet.Plural}.{CapiKinds.MachineSet.Group}");
    }

    /// <summary>The rows, in the order of the tree.</summary>
    public IEnumerable<CapiClusterTreeNode> Rows()
    {
        List<Part> roots = [.. _survey.Clusters.Select(Take)];
        if (_survey.IsWhole)
        {
            CapiResource[] left = [.. new IEnumerable<CapiResource>[] { _survey.MachineDeployments, _survey.MachineSets, _survey.MachinePools, _survey.Machines, _survey.Releases }.SelectMany(items => items)];
            roots.AddRange(Gather(Orphans, left.Where(IsFree), null));
        }

        return roots.SelectMany(root => Rows(root, null, "", ""));
    }

    private static ILookup<(string? Namespace, string? Cluster), T> ByCluster<T>(IEnumerable<T> items)
        where T : CapiResource => items.ToLookup(item => (item.Namespace, item.Cluster));

    private static bool IsOwned(CapiResource item, CapiResource by) => item.Owners.Any(owner => owner.Uid == by.Uid);

    private static CapiClusterTreeNode ToNode(CapiResource item)
    {
        ResourceState state = ResourceState.Of(item);
        return new()
        {
            Kind = item.Kind,
            Name = item.Name,
            Namespace = item.Namespace,
            Cluster = item.Cluster,
            Ready = state.Ready,
            Status = state.Status,
            Message = state.Message,
            Since = state.Since,
            Replicas = item switch
            {
                CapiCluster cluster => Sum(cluster.ControlPlane, cluster.Workers),
                CapiScalableResource scalable => new() { Desired = scalable.DesiredReplicas, Current = scalable.Replicas, Ready = scalable.ReadyReplicas, Available = scalable.AvailableReplicas, UpToDate = scalable.UpToDateReplicas },
                _ => null,
            },
            Names = [item.Name],
            Uid = item.Uid,
            ObservedAt = item.ObservedAt,
            Context = item.Context,
            ManagementClusterId = item.ManagementClusterId,
        };
    }

    private static CapiReplicaCounts? Sum(CapiReplicaCounts one, CapiReplicaCounts other)
    {
        static int? Add(int? x, int? y) => x is null && y is null ? null : (x ?? 0) + (y ?? 0);
        CapiReplicaCounts sum = new()
        {
            Desired = Add(one.Desired, other.Desired),
            Current = Add(one.Current, other.Current),
            Ready = Add(one.Ready, other.Ready),
            Available = Add(one.Available, other.Available),
            UpToDate = Add(one.UpToDate, other.UpToDate),
        };
        return sum == new CapiReplicaCounts() ? null : sum;
    }

    /// <summary>What a Cluster refers to and was not read: nothing is known of it but that it should be there.</summary>
    private static Part Unread(CapiCluster cluster, string kind, string name, bool? ready) =>
        new(ToNode(cluster) with { Kind = kind, Name = name, Ready = ready, Status = null, Message = null, Since = null, Replicas = null, Names = [name], Uid = null }, null, []);

    private bool IsFree(CapiResource item) => !_placed.Contains(item.Uid);

    private Part Place(CapiResource item, params IEnumerable<Part> parts)
    {
        _placed.Add(item.Uid);
        return new(ToNode(item), item, [.. parts]);
    }

    /// <summary>A row that holds others together, where there are any.</summary>
    private IEnumerable<Part> Gather(string name, IEnumerable<CapiResource> items, CapiCluster? cluster)
    {
        Part[] parts = [.. items.Select(item => Place(item))];
        return parts.Length == 0 ? [] : [new(Holder(name, cluster, parts), null, parts)];
    }

    private static CapiClusterTreeNode Holder(string name, CapiCluster? cluster, Part[] parts)
    {
        CapiClusterTreeNode any = parts[0].Node;
        return new()
        {
            Kind = name,
            Name = name,
            Namespace = cluster?.Namespace,
            Cluster = cluster?.Name,
            ObservedAt = any.ObservedAt,
            Context = any.Context,
            ManagementClusterId = any.ManagementClusterId,
        };
    }

    private Part Take(CapiCluster cluster)
    {
        (string? Namespace, string? Cluster) key = (cluster.Namespace, cluster.Name);
        return Place(cluster,
        [
            .. TakeInfrastructure(cluster),
            .. TakeControlPlane(cluster, [.. _machines[key]]),
            .. TakeWorkers(cluster, key),
            .. _survey.ResourceSets.Where(set => set.Namespace == cluster.Namespace && set.ClusterSelector is string selector && new LabelSelector(selector).Matches(cluster.Labels)).Select(set => Place(set)),
            .. _releases[key].Select(release => Place(release)),
            .. Gather(Orphans, ((IEnumerable<CapiResource>)_sets[key]).Concat(_machines[key]).Where(IsFree), cluster),
        ]);
    }

    private IEnumerable<Part> TakeInfrastructure(CapiCluster cluster)
    {
        if (cluster.InfrastructureKind is string kind && cluster.InfrastructureName is string name)
        {
            yield return _survey.Infrastructure.FirstOrDefault(item => item.Namespace == cluster.Namespace && item.Kind == kind && item.Name == name) is OwnedObject found
                ? Place(found)
                : Unread(cluster, kind, name, cluster.InfrastructureProvisioned);
        }
    }

    private IEnumerable<Part> TakeControlPlane(CapiCluster cluster, CapiMachine[] machines)
    {
        CapiControlPlane? found = _survey.ControlPlanes.FirstOrDefault(item => item.Namespace == cluster.Namespace && item.Kind == cluster.ControlPlaneKind && item.Name == cluster.ControlPlaneName);
        Part[] own = [.. machines.Where(machine => machine.IsControlPlane || (found is not null && IsOwned(machine, found))).Select(machine => Place(machine))];
        if (found is not null)
        {
            yield return Place(found, own);
        }
        else if (cluster.ControlPlaneKind is string kind && cluster.ControlPlaneName is string name)
        {
            yield return Unread(cluster, kind, name, cluster.Holds("ControlPlaneAvailable")) with { Parts = own };
        }
        else if (own.Length > 0)
        {
            yield return new(Holder("ControlPlane", cluster, own), null, own);
        }
    }

    /// <summary>Sets of workers, also those without any machine, and what the Cluster owns itself.</summary>
    private IEnumerable<Part> TakeWorkers(CapiCluster cluster, (string? Namespace, string? Cluster) key)
    {
        bool IsAlone(CapiResource item) => IsFree(item) && (item.Owners.Count == 0 || IsOwned(item, cluster));
        Part[] parts =
        [
            .. _deployments[key].Select(deployment => TakeDeployment(deployment, key)),
            .. _pools[key].Select(pool => Place(pool, _machines[key].Where(machine => IsOwned(machine, pool)).Select(machine => Place(machine)))),
            .. _sets[key].Where(IsAlone).Select(set => TakeSet(set, key)),
            .. _machines[key].Where(IsAlone).Select(machine => Place(machine)),
        ];
        if (parts.Length > 0)
        {
            CapiCondition? available = cluster.GetCondition("WorkersAvailable");
            bool? ready = cluster.Holds("WorkersAvailable");
            CapiClusterTreeNode holder = Holder(Workers, cluster, parts) with
            {
                Ready = ready,
                Status = available?.Reason,
                Message = ready == true ? null : available?.Message,
                Since = available?.LastTransitionTime,
                Replicas = cluster.Workers,
            };
            yield return new(holder, null, parts);
        }
    }

    private Part TakeDeployment(CapiMachineDeployment deployment, (string? Namespace, string? Cluster) key)
    {
        Part[] sets = [.. _sets[key].Where(set => IsOwned(set, deployment) || (set.Owners.Count == 0 && set.MachineDeployment == deployment.Name)).Select(set => TakeSet(set, key))];

        // Machines whose MachineSet may not be read still bear the deployment's name.
        IEnumerable<Part> others = _lacksSets ? _machines[key].Where(machine => IsFree(machine) && machine.MachineDeployment == deployment.Name).Select(machine => Place(machine)) : [];
        return Place(deployment, [.. _options.IncludeMachineSets ? sets : sets.SelectMany(set => set.Parts), .. others]);
    }

    private Part TakeSet(CapiMachineSet set, (string? Namespace, string? Cluster) key) => Place(set, _machines[key].Where(machine => IsOwned(machine, set)).Select(machine => Place(machine)));

    private IEnumerable<CapiClusterTreeNode> Rows(Part part, CapiClusterTreeNode? parent, string branch, string indent)
    {
        CapiClusterTreeNode node = part.Node with { Depth = parent is null ? 0 : parent.Depth + 1, Parent = parent?.ToString(), Branch = branch };
        yield return node;
        Part[] below = [.. ConditionsOf(part), .. _options.Expand ? part.Parts : Grouped(part.Parts)];
        for (int i = 0; i < below.Length; i++)
        {
            bool isLast = i == below.Length - 1;
            foreach (CapiClusterTreeNode row in Rows(below[i], node, indent + (isLast ? "└─" : "├─"), indent + (isLast ? "  " : "│ ")))
            {
                yield return row;
            }
        }
    }

    private IEnumerable<Part> ConditionsOf(Part part) => part.Item is null || _options.Conditions is null ? [] :
        from condition in part.Item.Conditions
        where condition.IsAbnormal || _options.Conditions == CapiConditionFilter.All
        select new Part(
            part.Node with
            {
                Kind = "Condition",
                Name = condition.Type,
                Ready = !condition.IsAbnormal,
                Status = condition.Reason ?? condition.Status.ToString(),
                Message = condition.Message,
                Since = condition.LastTransitionTime,
                Replicas = null,
                Names = [],
                Uid = null,
            },
            null,
            []);

    /// <summary>Machines side by side in the same state become one row, in the place of the first.</summary>
    private static IEnumerable<Part> Grouped(IReadOnlyList<Part> parts) => parts
        .GroupBy(part => part.Item is CapiMachine ? (true, part.Node.Ready, part.Node.Status) : (false, null, part.Node.Uid ?? part.Node.ToString()))
        .Select(group => group.Count() == 1 ? group.First() : new(Merge([.. group.Select(part => part.Node)]), null, []));

    private static CapiClusterTreeNode Merge(CapiClusterTreeNode[] nodes) => nodes[0] with
    {
        Name = string.Create(CultureInfo.InvariantCulture, $"{nodes.Length} {nodes[0].Kind}s"),
        Message = Array.TrueForAll(nodes, node => node.Message == nodes[0].Message) ? nodes[0].Message : $"See {string.Join(", ", nodes.Select(node => node.Name))}.",
        Since = nodes.Min(node => node.Since),
        Count = nodes.Length,
        Names = [.. nodes.Select(node => node.Name)],
        Uid = null,
    };

    /// <param name="Node">The row, without its place.</param>
    /// <param name="Item">The object; null where the row stands for none.</param>
    /// <param name="Parts">What is below it.</param>
    private sealed record Part(CapiClusterTreeNode Node, CapiResource? Item, IReadOnlyList<Part> Parts);
}
