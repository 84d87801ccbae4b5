using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>Looks after the objects of one kind: reads one, does what is missing, and writes back what it has learned, all in one write.</summary>
internal abstract class Controller(ControllerContext context, ResourceDefinition kind) : IReconciler
{
    private readonly Dictionary<(string Uid, string Step), DateTimeOffset> _due = [];

    public ResourceDefinition Kind { get; } = kind;

    protected ControllerContext Context { get; } = context;

    protected ObjectStore Store => Context.Store;

    protected DateTimeOffset Now => Context.Now;

    protected abstract ControllerIdentity Identity { get; }

    /// <summary>Other kinds, a change of which concerns objects of this one beyond those that own it.</summary>
    public virtual IReadOnlyList<ResourceDefinition> AlsoWatches => [];

    /// <summary>Which objects of this kind a change of one of <see cref="AlsoWatches"/> concerns; if nothing else is said, those of the same cluster.</summary>
    public virtual IEnumerable<ObjectKey> Concerned(StoredObject changed)
    {
        string? cluster = changed.Resource == Kinds.Cluster ? changed.Name : changed.Labels.GetValueOrDefault(CapiNames.ClusterLabel);
        return cluster is null ? [] : Context.Index.OfCluster(Kind, changed.Namespace, cluster).Select(ObjectKey.Of);
    }

    public void Reconcile(ObjectKey key)
    {
        if (Store.Find(Kind, key.Namespace, key.Name) is not { } item)
            return;
        JsonObject content = item.ToJson();
        Reconcile(item, content);
        Save(item, content);
    }

    /// <summary>Drops what was remembered about an object that is gone.</summary>
    public void Forget(StoredObject item)
    {
        foreach ((string Uid, string Step) waiting in _due.Keys.Where(key => key.Uid == item.Uid).ToList())
            _due.Remove(waiting);
    }

    /// <param name="item">The object as it is.</param>
    /// <param name="content">The object as it shall be.</param>
    protected abstract void Reconcile(StoredObject item, JsonObject content);

    /// <summary>Whether a step that takes its time is through; it begins when it is first asked about. It takes up to a fifth longer.</summary>
    protected bool Elapsed(StoredObject item, string step, TimeSpan length)
    {
        if (!_due.TryGetValue((item.Uid, step), out DateTimeOffset due))
        {
            TimeSpan delay = length * (1 + (0.2 * Context.Random.NextDouble()));
            _due[(item.Uid, step)] = due = Now + delay;
            Context.Loop.EnqueueAfter(this, ObjectKey.Of(item), delay);
        }

        return due <= Now;
    }

    protected void LookAgain(StoredObject item, TimeSpan delay) => Context.Loop.EnqueueAfter(this, ObjectKey.Of(item), delay);

    protected StoredObject? ClusterOf(StoredObject item, JsonObject content) =>
        (content.Text("spec", "clusterName") ?? item.Labels.GetValueOrDefault(CapiNames.ClusterLabel)) is { } name
            ? Store.Find(Kinds.Cluster, item.Namespace, name) : null;

    /// <summary>Says in the object whether it is paused, by itself or with its cluster.</summary>
    protected bool IsPaused(JsonObject content, JsonNode? cluster)
    {
        bool paused = content.Child("metadata", "annotations")?.ContainsKey(CapiNames.Paused) == true || cluster.Flag("spec", "paused") == true;
        Conditions.SetFlag(content, Now, "Paused", paused);
        return paused;
    }

    /// <summary>Says in an event, and in the log, what has been done.</summary>
    protected void Tell(StoredObject about, string reason, string message, string type = "Normal")
    {
        Context.Events.Record(about, Identity.Component, type, reason, message);
        Note(about, message);
    }

    protected void Note(StoredObject about, string message) => Context.Log.Write(Identity, about, message);

    /// <summary>Deletes what is there and not leaving yet; true when it is gone.</summary>
    protected bool Remove(ResourceDefinition kind, string? @namespace, string name)
    {
        if (Store.Find(kind, @namespace, name) is not { } item)
            return true;
        return !item.IsDeleting && Store.Delete(kind, @namespace, name).Gone;
    }

    private void Save(StoredObject item, JsonObject content)
    {
        // Most steps change nothing: that is cheaper to see here than in the store.
        if (!content.ToUtf8().AsSpan().SequenceEqual(item.Utf8.Span))
            Store.Replace(Kind, item.Namespace, item.Name, _ => content, WriteScope.Everything);
    }
}
