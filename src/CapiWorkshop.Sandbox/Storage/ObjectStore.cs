using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Failures;

namespace CapiWorkshop.Sandbox.Storage;

/// <summary>
/// The objects of one Kubernetes API, with the rules every API server keeps: one growing version for all of them, generations that count changes of
/// intent only, finalizers that hold a deletion back, and a history that watches are served from. Safe to use from many threads; failures are
/// <see cref="ApiFailure"/>s. Delegates given to it run while its lock is held: they change what they are given and do nothing else.
/// </summary>
internal sealed class ObjectStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ResourceDefinition, SortedDictionary<string, StoredObject>> _tables = [];
    private readonly List<StoreSubscription> _subscriptions = [];
    private readonly Queue<StoreChange> _history = [];
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly int _historyLimit;
    private readonly byte[] _identity;
    private long _version;
    private long _forgotten;

    /// <param name="time">Stamps creations and deletions.</param>
    /// <param name="random">Makes uids and generated names; the same seed and the same calls make the same ones.</param>
    /// <param name="historyLimit">How many changes a watch can go back before it is told 410 Expired.</param>
    /// <param name="identity">Makes uids its own: those of two stores differ by it, though all else is the same.</param>
    public ObjectStore(TimeProvider time, Random random, int historyLimit = 10_000, Guid identity = default)
    {
        _identity = identity.ToByteArray();
        _time = time;
        _random = random;
        _historyLimit = historyLimit;
        _version = _forgotten = 1;
    }

    /// <summary>The version of the newest change.</summary>
    public long Version
    {
        get
        {
            lock (_gate)
                return _version;
        }
    }

    /// <summary>
    /// Stores a new object. Its name may come from <c>metadata.generateName</c>; uid, creation time, version and generation are the store's to give.
    /// With <see cref="WriteScope.Spec"/> a given status is dropped where the kind has a status subresource.
    /// </summary>
    public StoredObject Create(ResourceDefinition resource, JsonObject content, WriteScope scope = WriteScope.Spec, bool dryRun = false)
    {
        JsonObject draft = content.DeepClone().AsObject();
        JsonObject metadata = draft.Ensure("metadata");
        if (scope is WriteScope.Spec && resource.Storage.HasStatus)
            draft.Remove("status");
        lock (_gate)
        {
            SortedDictionary<string, StoredObject> table = Table(resource);
            string name = metadata.Text("name") is { Length: > 0 } given ? given : GenerateName(resource, metadata, table);
            string? @namespace = resource.Namespaced ? metadata.Text("namespace") ?? "default" : null;
            if (table.TryGetValue(StoredObject.KeyOf(@namespace, name), out StoredObject? there))
                throw ApiFailure.AlreadyExists(resource, name, there.IsDeleting);

            ObjectIdentity.Stamp(draft, resource, @namespace, name, NewUid(), _time.GetUtcNow());
            return Keep(resource, null, draft, dryRun);
        }
    }

    /// <summary>The object, or a 404.</summary>
    public StoredObject Get(ResourceDefinition resource, string? @namespace, string name) =>
        Find(resource, @namespace, name) ?? throw ApiFailure.NotFound(resource, name);

    /// <summary>The object, or null.</summary>
    public StoredObject? Find(ResourceDefinition resource, string? @namespace, string name)
    {
        lock (_gate)
            return Table(resource).GetValueOrDefault(StoredObject.KeyOf(resource.Namespaced ? @namespace ?? "default" : null, name));
    }

    /// <summary>The objects of a kind in the order of their keys; of all namespaces when none is given.</summary>
    /// <param name="at">An earlier version to look back to: what a continued list needs. Fails with 410 where the history is gone.</param>
    public ObjectList List(ResourceDefinition resource, string? @namespace = null, ObjectFilter? filter = null, long? at = null)
    {
        List<StoredObject> items;
        long version;
        lock (_gate)
        {
            version = at ?? _version;
            items = [.. version < _version ? LookBack(resource, version) : Table(resource).Values];
        }

        return new([.. items.Where(item => (@namespace is null || item.Namespace == @namespace) && (filter is null || filter.Matches(item)))], version);
    }

    /// <summary>
    /// Changes an object in place. What a client may not change is put back; when nothing else changed, nothing is written and no version spent.
    /// A <c>metadata.resourceVersion</c> that the delegate sets is an expectation and fails with 409 when it is not met; a <c>uid</c> fails with 422.
    /// Removing the last finalizer of an object in deletion removes the object.
    /// </summary>
    /// <returns>The new state (of an object that went, its last one).</returns>
    public StoredObject Update(
        ResourceDefinition resource,
        string? @namespace,
        string name,
        Action<JsonObject> change,
        WriteScope scope = WriteScope.Spec,
        Preconditions? expected = null,
        bool dryRun = false) =>
        Replace(resource, @namespace, name, current =>
        {
            change(current);
            return current;
        }, scope, expected, dryRun);

    /// <summary>As <see cref="Update"/>, for a delegate that returns a new document.</summary>
    public StoredObject Replace(
        ResourceDefinition resource,
        string? @namespace,
        string name,
        Func<JsonObject, JsonObject> change,
        WriteScope scope = WriteScope.Spec,
        Preconditions? expected = null,
        bool dryRun = false)
    {
        lock (_gate)
        {
            StoredObject before = Get(resource, @namespace, name);
            Check(before, expected);
            JsonObject draft = change(before.ToJson());
            ObjectIdentity.Check(before, draft);
            draft = ObjectIdentity.Merge(before, draft, scope);
            byte[] written = draft.ToUtf8();
            // Who writes what is there already mostly writes it the same way.
            if (written.AsSpan().SequenceEqual(before.Utf8.Span))
                return before;
            using JsonDocument after = JsonDocument.Parse(written);
            if (JsonElement.DeepEquals(before.Root, after.RootElement))
                return before;

            ObjectIdentity.CheckFinalizers(before, draft);
            if (resource.TracksGeneration && ObjectIdentity.IntentChanged(resource, before.Root, after.RootElement))
                draft["metadata"]!["generation"] = (draft.Number("metadata", "generation") ?? 0) + 1;
            bool goes = before.IsDeleting && !draft.Finalizers().Any();
            return goes ? Drop(before, draft, dryRun) : Keep(resource, before, draft, dryRun);
        }
    }

    /// <summary>
    /// Deletes an object: at once when no finalizer holds it, else it is marked and stays until the last finalizer is removed. Deleting it again changes nothing.
    /// </summary>
    /// <returns>The marked object, or the last state of one that went; <see cref="StoreRemoval.Gone"/> tells which.</returns>
    public StoreRemoval Delete(ResourceDefinition resource, string? @namespace, string name, Preconditions? expected = null, bool dryRun = false)
    {
        lock (_gate)
        {
            StoredObject before = Get(resource, @namespace, name);
            Check(before, expected);
            JsonObject draft = before.ToJson();
            if (!draft.Finalizers().Any())
                return new(Drop(before, draft, dryRun), Gone: true);
            if (before.IsDeleting)
                return new(before, Gone: false);

            JsonObject metadata = draft.Ensure("metadata");
            metadata["deletionTimestamp"] = _time.GetUtcNow().ToKubernetesTime();
            metadata["deletionGracePeriodSeconds"] = 0;
            if (resource.TracksGeneration)
                metadata["generation"] = (metadata.Number("generation") ?? 0) + 1;
            return new(Keep(resource, before, draft, dryRun), Gone: false);
        }
    }

    /// <summary>Every change of these kinds (of all kinds when none is named) that is made from now on.</summary>
    public StoreSubscription Subscribe(params IEnumerable<ResourceDefinition> resources)
    {
        lock (_gate)
            return Join(resources);
    }

    /// <summary>Every change of a kind that was or is made after a version. Fails with 410 where the history does not reach back so far.</summary>
    public StoreSubscription Watch(ResourceDefinition resource, long after)
    {
        lock (_gate)
        {
            if (after > _version)
                throw ApiFailure.VersionTooLarge(after, _version);
            if (after < _forgotten)
                throw ApiFailure.Expired(after, _forgotten);
            StoreSubscription subscription = Join([resource]);
            foreach (StoreChange change in _history)
            {
                if (change.Version > after)
                    subscription.Offer(change);
            }

            return subscription;
        }
    }

    private StoreSubscription Join(IEnumerable<ResourceDefinition> resources)
    {
        StoreSubscription subscription = new(resources, Leave);
        _subscriptions.Add(subscription);
        return subscription;
    }

    private void Leave(StoreSubscription subscription)
    {
        lock (_gate)
            _subscriptions.Remove(subscription);
    }

    private StoredObject Keep(ResourceDefinition resource, StoredObject? before, JsonObject draft, bool dryRun)
    {
        // A rehearsal shows the version that is there; a new object has none to show, so it borrows the store's.
        StoredObject after = Freeze(resource, draft, dryRun ? before?.Version ?? _version : _version + 1);
        if (dryRun)
            return after;
        Table(resource)[after.Key] = after;
        Record(new(before is null ? ChangeKind.Added : ChangeKind.Modified, after, before));
        return after;
    }

    private StoredObject Drop(StoredObject before, JsonObject draft, bool dryRun)
    {
        if (dryRun)
            return before;
        StoredObject last = Freeze(before.Resource, draft, _version + 1);
        Table(before.Resource).Remove(before.Key);
        Record(new(ChangeKind.Deleted, last, before));
        return last;
    }

    private static StoredObject Freeze(ResourceDefinition resource, JsonObject draft, long version)
    {
        draft["metadata"]!["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture);
        return StoredObject.Freeze(resource, draft);
    }

    private void Record(StoreChange change)
    {
        _version = change.Version;
        _history.Enqueue(change);
        if (_history.Count > _historyLimit)
            _forgotten = _history.Dequeue().Version;
        foreach (StoreSubscription subscription in _subscriptions)
            subscription.Offer(change);
    }

    /// <summary>Undoes the recorded changes, newest first, on a copy.</summary>
    private SortedDictionary<string, StoredObject>.ValueCollection LookBack(ResourceDefinition resource, long version)
    {
        if (version < _forgotten)
            throw ApiFailure.ContinueExpired();
        SortedDictionary<string, StoredObject> table = new(Table(resource), StringComparer.Ordinal);
        foreach (StoreChange change in _history.Reverse().TakeWhile(change => change.Version > version).Where(change => change.Object.Resource == resource))
        {
            if (change.Previous is null)
                table.Remove(change.Object.Key);
            else
                table[change.Object.Key] = change.Previous;
        }

        return table.Values;
    }

    private static void Check(StoredObject current, Preconditions? expected)
    {
        if (expected?.Uid is { } uid && uid != current.Uid)
        {
            throw ApiFailure.Unmet(current.Resource, current.Name,
                $"the UID in the precondition ({uid}) does not match the UID in record ({current.Uid}). The object might have been deleted and then recreated");
        }

        if (expected?.ResourceVersion is { } version && version != current.Version.ToString(CultureInfo.InvariantCulture))
        {
            throw ApiFailure.Unmet(current.Resource, current.Name,
                $"the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record ({current.Version}). The object might have been modified");
        }
    }

    private string GenerateName(ResourceDefinition resource, JsonObject metadata, SortedDictionary<string, StoredObject> table)
    {
        if (metadata.Text("generateName") is not { Length: > 0 } prefix)
        {
            throw ApiFailure.Invalid(resource, "", FieldProblem.Required("metadata.name", "name or generateName is required"));
        }

        string name;
        do
            name = NameSuffix.AppendTo(prefix, _random);
        while (table.ContainsKey(StoredObject.KeyOf(resource.Namespaced ? metadata.Text("namespace") ?? "default" : null, name)));
        return name;
    }

    private string NewUid()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        for (int at = 0; at < bytes.Length; at++)
            bytes[at] ^= _identity[at];
        bytes[6] = (byte)(bytes[6] & 0x0f | 0x40);
        bytes[8] = (byte)(bytes[8] & 0x3f | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    private SortedDictionary<string, StoredObject> Table(ResourceDefinition resource)
    {
        if (!_tables.TryGetValue(resource, out SortedDictionary<string, StoredObject>? table))
            _tables[resource] = table = new(StringComparer.Ordinal);
        return table;
    }
}
