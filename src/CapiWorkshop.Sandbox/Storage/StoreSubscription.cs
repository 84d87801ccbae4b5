using System.Threading.Channels;
using CapiWorkshop.Sandbox.Definitions;

namespace CapiWorkshop.Sandbox.Storage;

/// <summary>The changes of some kinds in the order they were made. Nothing is dropped; dispose it to stop receiving.</summary>
internal sealed class StoreSubscription : IDisposable
{
    private readonly Channel<StoreChange> _channel = Channel.CreateUnbounded<StoreChange>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HashSet<ResourceDefinition> _resources;
    private readonly Action<StoreSubscription> _leave;

    internal StoreSubscription(IEnumerable<ResourceDefinition> resources, Action<StoreSubscription> leave)
    {
        _resources = [.. resources];
        _leave = leave;
    }

    /// <summary><c>TryRead</c> for an engine that steps, <c>WaitToReadAsync</c> or <c>ReadAllAsync</c> for one that runs.</summary>
    public ChannelReader<StoreChange> Changes => _channel.Reader;

    public void Dispose()
    {
        _leave(this);
        _channel.Writer.TryComplete();
    }

    /// <summary>Called by the store while it holds its lock: that is what keeps the order.</summary>
    internal void Offer(StoreChange change)
    {
        if (_resources.Count == 0 || _resources.Contains(change.Object.Resource))
            _channel.Writer.TryWrite(change);
    }
}
