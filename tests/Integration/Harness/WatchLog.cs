using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Tests.Integration.Harness;

/// <summary>Follows a watch and keeps what it tells.</summary>
public sealed class WatchLog<T> : IAsyncDisposable
    where T : class, IKubernetesObject
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<ResourceEvent<T>> _events = [];
    private readonly Task _reading;

    public WatchLog(Func<CancellationToken, IAsyncEnumerable<ResourceEvent<T>>> watch) => _reading = Task.Run(() => ReadAsync(watch));

    public IReadOnlyList<ResourceEvent<T>> Events
    {
        get
        {
            lock (_events)
            {
                return [.. _events];
            }
        }
    }

    /// <summary>The events behind <see cref="ResourceEventType.Synced"/>, as <c>Added name</c>.</summary>
    public IReadOnlyList<string> Changes => [.. Events.SkipWhile(change => change.Type != ResourceEventType.Synced).Skip(1).Select(change => $"{change.Type} {change.Item!.Name}")];

    public Task SyncedAsync(CancellationToken cancellationToken) => UntilAsync(events => events.Any(change => change.Type == ResourceEventType.Synced), cancellationToken);

    public Task ChangedAsync(int count, CancellationToken cancellationToken) => UntilAsync(_ => Changes.Count >= count, cancellationToken);

    /// <summary>Waits until what has been told fulfils a condition. A watch that failed fails this, too.</summary>
    public async Task UntilAsync(Func<IReadOnlyList<ResourceEvent<T>>, bool> condition, CancellationToken cancellationToken)
    {
        try
        {
            await Eventually.TrueAsync(() => _reading.IsCompleted || condition(Events), cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"The watch has told only this: {string.Join(", ", Events.Select(change => $"{change.Type} {change.Item?.Name}"))}", e);
        }

        if (_reading.IsCompleted && !condition(Events))
        {
            await _reading;
            throw new InvalidOperationException("The watch ended.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await ((Task)_reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task ReadAsync(Func<CancellationToken, IAsyncEnumerable<ResourceEvent<T>>> watch)
    {
        await foreach (ResourceEvent<T> change in watch(_stop.Token))
        {
            lock (_events)
            {
                _events.Add(change);
            }
        }
    }
}
