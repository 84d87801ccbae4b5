using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>What controllers ask for most, kept up to date from the changes: the objects of a kind that belong to a cluster, and the dependents of an
/// owner.</summary>
internal sealed class ObjectIndex
{
    private static readonly SortedDictionary<string, StoredObject> Nothing = new(StringComparer.Ordinal);

    private readonly Dictionary<(ResourceDefinition Kind, string? Namespace, string Cluster), SortedDictionary<string, StoredObject>> _byCluster = [];
    private readonly Dictionary<string, SortedDictionary<string, StoredObject>> _byOwner = new(StringComparer.Ordinal);

    private readonly HashSet<string> _uids = new(StringComparer.Ordinal);

    public bool Exists(string uid) => _uids.Contains(uid);

    /// <summary>In the order of their names.</summary>
    public SortedDictionary<string, StoredObject>.ValueCollection OfCluster(ResourceDefinition kind, string? @namespace, string cluster) =>
        _byCluster.GetValueOrDefault((kind, @namespace, cluster), Nothing).Values;

    /// <summary>Those that name this object as an owner, by kind and name.</summary>
    public SortedDictionary<string, StoredObject>.ValueCollection DependentsOf(string uid) => _byOwner.GetValueOrDefault(uid, Nothing).Values;

    public void Apply(StoreChange change)
    {
        if (change.Previous is { } previous)
            Remove(previous);
        if (change.Kind is not ChangeKind.Deleted)
            Add(change.Object);
    }

    private void Add(StoredObject item)
    {
        _uids.Add(item.Uid);
        if (item.Labels.TryGetValue(CapiNames.ClusterLabel, out string? cluster))
            At(_byCluster, (item.Resource, item.Namespace, cluster))[item.Name] = item;
        foreach (OwnerReference owner in item.Owners)
            At(_byOwner, owner.Uid)[Identity(item)] = item;
    }

    private void Remove(StoredObject item)
    {
        _uids.Remove(item.Uid);
        if (item.Labels.TryGetValue(CapiNames.ClusterLabel, out string? cluster))
            Drop(_byCluster, (item.Resource, item.Namespace, cluster), item.Name);
        foreach (OwnerReference owner in item.Owners)
            Drop(_byOwner, owner.Uid, Identity(item));
    }

    private static string Identity(StoredObject item) => $"{item.Resource}/{item.Key}";

    private static SortedDictionary<string, StoredObject> At<TKey>(Dictionary<TKey, SortedDictionary<string, StoredObject>> table, TKey key)
        where TKey : notnull
    {
        if (!table.TryGetValue(key, out SortedDictionary<string, StoredObject>? items))
            table[key] = items = new(StringComparer.Ordinal);
        return items;
    }

    private static void Drop<TKey>(Dictionary<TKey, SortedDictionary<string, StoredObject>> table, TKey key, string item)
        where TKey : notnull
    {
        if (table.TryGetValue(key, out SortedDictionary<string, StoredObject>? items) && items.Remove(item) && items.Count == 0)
            table.Remove(key);
    }
}
