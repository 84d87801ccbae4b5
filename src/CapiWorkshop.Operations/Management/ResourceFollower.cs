using System.Runtime.CompilerServices;
using System.Threading.Channels;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations;

/// <summary>
/// One watch that many can follow: each follower sees the states of the one object it asks for, coalesced to the newest. The watch starts with the first
/// follower and ends on disposal. If it fails, so does every follower.
/// </summary>
internal sealed class ResourceFollower<T> : IAsyncDisposable
    where T : class, IKubernetesObject
{
    private readonly Func<CancellationToken, IAsyncEnumerable<ResourceEvent<T>>> _watch;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, T> _known = new(StringComparer.Ordinal);
    private readonly List<(string Name, Channel<Observed> Channel)> _followers = [];
    private bool _synced;
    private Task? _pump;
    private Exception? _failure;

    public ResourceFollower(Func<CancellationToken, IAsyncEnumerable<ResourceEvent<T>>> watch) => _watch = watch;

    /// <summary>The states of an object: the present one as soon as it is known, null while there is none, then each newer one. Without end.</summary>
    public async IAsyncEnumerable<T?> FollowAsync(string name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // One place, newest wins: whoever is slow misses states between, never the last one.
        Channel<Observed> channel = Channel.CreateBounded<Observed>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        lock (_lock)
        {
            if (_failure is not null)
            {
                channel.Writer.Complete(_failure);
            }
            else if (_synced)
            {
                channel.Writer.TryWrite(new(_known.GetValueOrDefault(name)));
            }

            _followers.Add((name, channel));
            _pump ??= Task.Run(PumpAsync, CancellationToken.None);
        }

        try
        {
            await foreach (Observed observed in channel.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return observed.Item;
            }
        }
        finally
        {
            lock (_lock)
            {
                _followers.RemoveAll(follower => follower.Channel == channel);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_pump is not null)
        {
            await _pump.ConfigureAwait(false);
        }

        _stop.Dispose();
    }

    private async Task PumpAsync()
    {
        try
        {
            await foreach (ResourceEvent<T> change in _watch(_stop.Token).ConfigureAwait(false))
            {
                lock (_lock)
                {
                    Take(change);
                }
            }

            Fail(new InvalidOperationException("The watch ended."));
        }
#pragma warning disable CA1031 // Whatever it is, it is handed to those who wait; nobody else would see it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Fail(e);
        }
    }

    private void Take(ResourceEvent<T> change)
    {
        if (change.Type == ResourceEventType.Synced)
        {
            _synced = true;
            foreach ((string name, Channel<Observed> channel) in _followers)
            {
                channel.Writer.TryWrite(new(_known.GetValueOrDefault(name)));
            }

            return;
        }

        T item = change.Item!;
        bool gone = change.Type == ResourceEventType.Deleted;
        if (gone)
        {
            _known.Remove(item.Name);
        }
        else
        {
            _known[item.Name] = item;
        }

        if (_synced)
        {
            foreach ((string name, Channel<Observed> channel) in _followers)
            {
                if (name == item.Name)
                {
                    channel.Writer.TryWrite(new(gone ? null : item));
                }
            }
        }
    }

    private void Fail(Exception failure)
    {
        lock (_lock)
        {
            _failure = failure;
            foreach ((_, Channel<Observed> channel) in _followers)
            {
                channel.Writer.TryComplete(failure);
            }
        }
    }

    /// <summary>A channel of T? could not tell "absent" from "nothing": the box can.</summary>
    private readonly record struct Observed(T? Item);
}
