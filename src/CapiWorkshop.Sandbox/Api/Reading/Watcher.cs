using System.Globalization;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Failures;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Api.Reading;

/// <summary>Answers a watch: what there is, where that is asked for, then every change until somebody has had enough.</summary>
internal sealed class Watcher
{
    private const string InitialEventsEnd = "k8s.io/initial-events-end";

    private readonly ApiCall _call;
    private readonly ListOptions _options;
    private readonly TableView? _table;
    private readonly Representation _shape;
    private readonly bool _bookmarks;

    private Watcher(ApiCall call)
    {
        _call = call;
        _shape = RepresentationReader.Read(call.Http.Request);
        _options = ListOptions.Read(call);
        _table = _shape is Representation.Table ? new TableView(call) : null;
        _bookmarks = call.QueryFlag("allowWatchBookmarks");
    }

    public static Task WatchAsync(ApiCall call) => new Watcher(call).RunAsync();

    private async Task RunAsync()
    {
        TimeSpan life = _call.QueryNumber("timeoutSeconds") is > 0 and long seconds ? TimeSpan.FromSeconds(seconds) : _call.Settings.WatchTimeout;
        using CancellationTokenSource deadline = new(life, _call.Settings.WireTime);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _call.Http.RequestAborted);
        _call.Http.Response.ContentType = Answer.JsonType;
        try
        {
            StoreSubscription subscription = await StartAsync(end.Token).ConfigureAwait(false);
            using (subscription)
                await FollowAsync(subscription, end.Token).ConfigureAwait(false);
        }
        catch (ApiFailure failure)
        {
            // The answer is under way with 200, so a failure travels as an event.
            await SendAsync("ERROR", failure.ToStatus(), end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The time is up, or the client has gone: a watch simply ends.
        }
    }

    /// <summary>Sends the initial state where one is due and subscribes to what follows it.</summary>
    private async Task<StoreSubscription> StartAsync(CancellationToken cancellation)
    {
        bool? initial = _call.Query("sendInitialEvents") is { Length: > 0 } text ? text is "true" or "1" : null;
        bool fromNow = _options.Version is null or 0;
        if (initial != true && !fromNow)
            return await FlushedAsync(_call.Store.Watch(_call.Resource, _options.Version!.Value), cancellation).ConfigureAwait(false);
        if (initial == false)
            return await FlushedAsync(_call.Store.Watch(_call.Resource, _call.Store.Version), cancellation).ConfigureAwait(false);

        ObjectList list = _call.Store.List(_call.Resource, _call.Request.Namespace, _options.Filter);
        if (_options.Version > list.Version)
            throw ApiFailure.VersionTooLarge(_options.Version.Value, list.Version);
        StoreSubscription subscription = _call.Store.Watch(_call.Resource, list.Version);
        foreach (StoredObject item in list.Items)
            await SendAsync("ADDED", View(item), cancellation, flush: false).ConfigureAwait(false);
        if (initial == true && _bookmarks)
            await SendAsync("BOOKMARK", Bookmark(list.Version, new JsonObject { [InitialEventsEnd] = "true" }), cancellation, flush: false).ConfigureAwait(false);
        return await FlushedAsync(subscription, cancellation).ConfigureAwait(false);
    }

    /// <summary>Sends the headers off at once: a client waits for them even where nothing has happened yet.</summary>
    private async Task<StoreSubscription> FlushedAsync(StoreSubscription subscription, CancellationToken cancellation)
    {
        await _call.Http.Response.Body.FlushAsync(cancellation).ConfigureAwait(false);
        return subscription;
    }

    private async Task FollowAsync(StoreSubscription subscription, CancellationToken cancellation)
    {
        Task<bool> more = subscription.Changes.WaitToReadAsync(cancellation).AsTask();
        Task tick = NextTick(cancellation);
        while (true)
        {
            bool ticked = await Task.WhenAny(more, tick).ConfigureAwait(false) == tick;
            cancellation.ThrowIfCancellationRequested();
            // Read before the queue is emptied: whatever is in the queue up to this version goes out first.
            long version = _call.Store.Version;
            while (subscription.Changes.TryRead(out StoreChange? change))
            {
                if (Translate(change) is { } type)
                    await SendAsync(type, View(change.Object), cancellation, flush: false).ConfigureAwait(false);
            }

            if (ticked)
            {
                if (_bookmarks)
                    await SendAsync("BOOKMARK", Bookmark(version), cancellation, flush: false).ConfigureAwait(false);
                tick = NextTick(cancellation);
            }
            else
            {
                if (!await more.ConfigureAwait(false))
                    return;
                more = subscription.Changes.WaitToReadAsync(cancellation).AsTask();
            }

            await _call.Http.Response.Body.FlushAsync(cancellation).ConfigureAwait(false);
        }
    }

    private Task NextTick(CancellationToken cancellation) => Task.Delay(_call.Settings.BookmarkInterval, _call.Settings.WireTime, cancellation);

    /// <summary>An object that begins to match a selector appears, one that ceases to match disappears; null where it was never in view.</summary>
    private string? Translate(StoreChange change)
    {
        bool now = change.Kind is not ChangeKind.Deleted && InView(change.Object);
        bool before = change.Previous is { } previous && InView(previous);
        return (before, now) switch
        {
            (false, true) => "ADDED",
            (true, true) => "MODIFIED",
            (true, false) => "DELETED",
            _ => null,
        };
    }

    private bool InView(StoredObject item) =>
        (_call.Request.Namespace is null || item.Namespace == _call.Request.Namespace) && _options.Filter.Matches(item);

    private JsonObject View(StoredObject item)
    {
        JsonObject content = ObjectView.Content(item, _call.Request.Version);
        return Shape(content);
    }

    private JsonObject Shape(JsonObject content) => _shape switch
    {
        Representation.Table => _table!.TableOf(content),
        Representation.Metadata => ObjectView.Metadata(content),
        _ => content,
    };

    private JsonObject Bookmark(long version, JsonObject? annotations = null)
    {
        JsonObject metadata = new() { ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture) };
        if (annotations is not null)
            metadata["annotations"] = annotations;
        return Shape(new() { ["kind"] = _call.Resource.Kind, ["apiVersion"] = _call.Request.ApiVersion, ["metadata"] = metadata });
    }

    private async Task SendAsync(string type, JsonObject content, CancellationToken cancellation, bool flush = true)
    {
        byte[] line = [.. new JsonObject { ["type"] = type, ["object"] = content }.ToUtf8(), (byte)'\n'];
        await _call.Http.Response.Body.WriteAsync(line, cancellation).ConfigureAwait(false);
        if (flush)
            await _call.Http.Response.Body.FlushAsync(cancellation).ConfigureAwait(false);
    }
}
