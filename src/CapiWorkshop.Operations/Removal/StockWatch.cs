using System.Threading.Channels;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations;

/// <summary>What is there of several kinds, kept true by one watch a kind. Everything is told to the one who waits; nothing is polled.</summary>
/// <param name="cluster">The management cluster.</param>
/// <param name="scope">The namespace, or all of them.</param>
/// <param name="clock">The clock that wakes the one who waits.</param>
/// <param name="changed">Is called by the one who waits, with each object that has a new state, or with its last one when it is gone.</param>
internal sealed class StockWatch(ManagementCluster cluster, ResourceFilter scope, TimeProvider clock, Action<CapiResource, bool> changed) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<Notice> _notices = Channel.CreateUnbounded<Notice>(new() { SingleReader = true });
    private readonly List<Task> _pumps = [];
    private readonly Dictionary<string, CapiResource> _stock = new(StringComparer.Ordinal);
    private readonly List<CapiProblem> _unseen = [];
    private int _unsynced;

    /// <summary>What is there now, by UID.</summary>
    public IReadOnlyDictionary<string, CapiResource> Stock => _stock;

    /// <summary>Why some kinds are not watched, where the rest does without.</summary>
    public IReadOnlyList<CapiProblem> Unseen => _unseen;

    /// <summary>Whether everything that was there at the beginning is known.</summary>
    public bool IsSynced => _unsynced == 0;

    /// <summary>Begins to watch a kind; where it may not be watched, the wait fails.</summary>
    public void Follow<T>(CapiKind<T> kind)
        where T : CapiResource => Begin(token => cluster.WatchAsync(kind, scope, token), isNeeded: true);

    /// <summary>Begins to watch a kind whose objects go with those of others: where it may not be watched, it is done without.</summary>
    public void Follow(ResourceType type) => Begin(token => cluster.WatchObjectsAsync(new(type, cluster.NamespaceOf(scope)), token), isNeeded: false);

    /// <summary>Waits until a condition holds; it is looked at when everything is known for the first time, whenever something changed, and at a time that is asked for.</summary>
    /// <param name="condition">Is called by the one who waits, and no other.</param>
    /// <param name="wake">When to look again even though nothing changed; null for never.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task WaitAsync(Func<bool> condition, Func<DateTimeOffset?> wake, CancellationToken cancellationToken)
    {
        while (!IsSynced || !condition())
        {
            await NextAsync(IsSynced ? wake() : null, cancellationToken).ConfigureAwait(false);
            while (_notices.Reader.TryRead(out Notice more))
            {
                Take(more); // changes come in bursts, and each look goes through everything
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_pumps).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task NextAsync(DateTimeOffset? wake, CancellationToken cancellationToken)
    {
        TimeSpan sleep = wake - clock.GetUtcNow() ?? Timeout.InfiniteTimeSpan;
        using CancellationTokenSource alarm = new(sleep < TimeSpan.Zero && wake is not null ? TimeSpan.Zero : sleep, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(alarm.Token, cancellationToken);
        try
        {
            await _notices.Reader.WaitToReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (alarm.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // It is time to look again.
        }
    }

    private void Begin<T>(Func<CancellationToken, IAsyncEnumerable<ResourceEvent<T>>> watch, bool isNeeded)
        where T : CapiResource
    {
        _unsynced++;
        _pumps.Add(Task.Run(() => PumpAsync(watch, isNeeded), CancellationToken.None));
    }

    private void Take(Notice notice)
    {
        if (notice.Item is not CapiResource item)
        {
            _unsynced--;
            if (notice.Problem is CapiProblem problem)
            {
                _unseen.Add(problem);
            }

            return;
        }

        if (notice.IsGone)
        {
            _stock.Remove(item.Uid);
        }
        else
        {
            _stock[item.Uid] = item;
        }

        changed(item, notice.IsGone);
    }

    private async Task PumpAsync<T>(Func<CancellationToken, IAsyncEnumerable<ResourceEvent<T>>> watch, bool isNeeded)
        where T : CapiResource
    {
        bool isSynced = false;
        try
        {
            await foreach (ResourceEvent<T> change in watch(_stop.Token).ConfigureAwait(false))
            {
                isSynced |= change.Type == ResourceEventType.Synced;
                _notices.Writer.TryWrite(new(change.Item, change.Type == ResourceEventType.Deleted));
            }
        }
        catch (CapiProblemException e) when (e.Problem.Id == ProblemId.CapiNotInstalled)
        {
            _notices.Writer.TryWrite(new(null, false)); // nothing of it is there, and nothing will be
        }
        catch (CapiProblemException e) when (!isNeeded && !isSynced && e.Problem.Category is CapiProblemCategory.PermissionDenied or CapiProblemCategory.ObjectNotFound)
        {
            _notices.Writer.TryWrite(new(null, false, e.Problem));
        }
#pragma warning disable CA1031 // Whatever it is, it is handed to the one who waits; nobody else would see it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _notices.Writer.TryComplete(e);
        }
    }

    /// <summary>A change; without an item: everything of the kind has been told, or never will be.</summary>
    private readonly record struct Notice(CapiResource? Item, bool IsGone, CapiProblem? Problem = null);
}
