using System.Net;
using System.Net.Sockets;

namespace CapiWorkshop.Tests.Integration.Harness;

/// <summary>A wire between client and server that a test can cut and mend. Passes bytes on and understands none of them.</summary>
public sealed class CuttableProxy : IAsyncDisposable
{
    private readonly int _target;
    private readonly TcpListener _listener;
    private readonly Lock _lock = new();
    private readonly List<Socket> _open = [];
    private readonly Task _accepting;
    private bool _cut;
    private int _refused;

    public CuttableProxy(int target, IPAddress? address = null)
    {
        _target = target;
        _listener = new(address ?? IPAddress.Loopback, 0);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"https://{_listener.LocalEndpoint}");

    /// <summary>How many connections were turned away while the wire was cut.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Breaks all connections, and every new one until <see cref="Mend"/>.</summary>
    public void Cut()
    {
        lock (_lock)
        {
            _cut = true;
            _open.ForEach(Reset);
            _open.Clear();
        }
    }

    public void Mend()
    {
        lock (_lock)
        {
            _cut = false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        Cut();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
    }

    private static void Reset(Socket socket)
    {
        socket.LingerState = new(true, 0); // a reset, as when a machine vanishes, and not an orderly end
        socket.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client = await _listener.AcceptSocketAsync();
            Socket server = new(SocketType.Stream, ProtocolType.Tcp);
            lock (_lock)
            {
                if (_cut)
                {
                    Interlocked.Increment(ref _refused);
                    Reset(client);
                    server.Dispose();
                    continue;
                }

                _open.AddRange([client, server]);
            }

            _ = PassAsync(client, server);
        }
    }

    private async Task PassAsync(Socket client, Socket server)
    {
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target);
            using NetworkStream near = new(client), far = new(server);
            await Task.WhenAny(near.CopyToAsync(far), far.CopyToAsync(near));
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or ArgumentException)
        {
            // cut, or the server is away
        }

        lock (_lock)
        {
            _open.RemoveAll(socket => socket == client || socket == server);
        }

        client.Dispose();
        server.Dispose();
    }
}
