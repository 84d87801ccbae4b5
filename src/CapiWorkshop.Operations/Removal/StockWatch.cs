using System.Threading.Channels;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations;

/// <summary>What is there of several kinds, kept true by one watch a kind. Everything is told to the one who waits; nothing is polled.</summary>
internal sealed class StockWatch(ManagementCluster cluster, ResourceFilter scope) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<Notice> _notices = Channel.CreateUnbounded<Notice>(new() { SingleReader = true });
    private readonly List<Task> _pumps = [];
    private readonly Dictionary<string, CapiResource> _stock = new(StringComparer.Ordinal);
    private readonly Dictionary<(string? Namespace, string? Cluster), Dictionary<string, CapiResource>> _byCluster = [];
    private readonly Dictionary<string, CapiResource> _seen = new(StringComparer.Ordinal);
    private int _unsynced;

    /// <summary>What is there now, by UID.</summary>
    public IReadOnlyDictionary<string, CapiResource> Stock => _stock;

    /// <summary>What bears a cluster's name, the Cluster too: fleets are large, and each change is looked at.</summary>
    public IReadOnlyCollection<CapiResource> OfCluster(string? ns, string? cluster) => _byCluster.TryGetValue((ns, cluster), out Dictionary<string, CapiResource>? items) ? items.Values : [];

    /// <summary>What is there now or has been since the watches began, by UID; of what went, its last state but one.</summary>
    public IReadOnlyDictionary<string, CapiResource> Seen => _seen;

    /// <summary>Whether everything that was there at the beginning is known.</summary>
    public bool IsSynced => _unsynced == 0;

    /// <summary>Begins to watch a kind.</summary>
    public void Follow<T>(CapiKind<T> kind)
        where T : CapiResource
    {
        _unsynced++;
        _pumps.Add(Task.Run(() => PumpAsync(kind), CancellationToken.None));
    }

    /// <summary>Waits until a condition holds; it is looked at when everything is known for the first time, and whenever something changed.</summary>
    /// <param name="condition">Is called by the one who waits, and no other.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task WaitAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (!IsSynced || !condition())
        {
            Take(await _notices.Reader.ReadAsync(cancellationToken).ConfigureAwait(false));
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

    private void Take(Notice notice)
    {
        if (notice.Item is not CapiResource item)
        {
            _unsynced--;
        }
        else if (notice.IsGone)
        {
            _stock.Remove(item.Uid);
            _byCluster.GetValueOrDefault((item.Namespace, item.Cluster))?.Remove(item.Uid);
        }
        else
        {
            _stock[item.Uid] = _seen[item.Uid] = item;
            if (!_byCluster.TryGetValue((item.Namespace, item.Cluster), out Dictionary<string, CapiResource>? items))
            {
                _byCluster[(item.Namespace, item.Cluster)] = items = new(StringComparer.Ordinal);
            }

            items[item.Uid] = item;
        }
    }

    private async Task PumpAsync<T>(CapiKind<T> kind)
        where T : CapiResource
    {
        try
        {
            await foreach (ResourceEvent<T> change in cluster.WatchAsync(kind, scope, _stop.Token).ConfigureAwait(false))
            {
                _notices.Writer.TryWrite(new(change.Item, change.Type == ResourceEventType.Deleted));
            }
        }
        catch (CapiProblemException e) when (e.Problem.Id == ProblemId.CapiNotInstalled)
        {
            _notices.Writer.TryWrite(new(null, false)); // nothing of it is there, and nothing will be
        }
#pragma warning disable CA1031 // Whatever it is, it is handed to the one who waits; nobody else would see it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _notices.Writer.TryComplete(e);
        }
    }

    /// <summary>A change; without an item: everything of the kind has been told.</summary>
    private readonly record struct Notice(CapiResource? Item, bool IsGone);
}
