using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace CapiWorkshop.Tests.Unit.Kubernetes.Support;

/// <summary>Listens on a port of loopback, and serves each connection by itself until it is disposed of.</summary>
internal abstract class LoopbackListener : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _running = [];

    protected LoopbackListener()
    {
        _listener.Start();
        _running.Add(AcceptAsync());
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Ends with the listener.</summary>
    protected CancellationToken Stop => _stop.Token;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    protected abstract Task ServeAsync(TcpClient caller);

    private async Task AcceptAsync()
    {
        while (true)
        {
            TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
            _running.Add(ServeAndCloseAsync(client));
        }
    }

    private async Task ServeAndCloseAsync(TcpClient client)
    {
        using TcpClient caller = client;
        await ServeAsync(caller);
    }
}
