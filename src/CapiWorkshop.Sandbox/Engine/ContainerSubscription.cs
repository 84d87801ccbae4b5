using System.Threading.Channels;

namespace CapiWorkshop.Sandbox.Engine;

/// <summary>What happens to containers, in order. Nothing is dropped; dispose it to stop receiving.</summary>
internal sealed class ContainerSubscription(Action<ContainerSubscription> leave) : IDisposable
{
    private readonly Channel<ContainerEvent> _channel = Channel.CreateUnbounded<ContainerEvent>(new() { SingleReader = true });

    public ChannelReader<ContainerEvent> Events => _channel.Reader;

    public void Dispose()
    {
        leave(this);
        _channel.Writer.TryComplete();
    }

    /// <summary>Called by the host while it holds its lock: that is what keeps the order.</summary>
    internal void Offer(ContainerEvent happened) => _channel.Writer.TryWrite(happened);
}
