using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace CapiWorkshop.Tests.Support;

/// <summary>
/// A wire between client and server that a test can cut and mend. An opaque one passes bytes on and understands none of them, so that TLS goes through it;
/// any other one is spoken to in HTTP/1.1 without TLS, one request a connection, and a test chooses what goes wrong with which request.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly Func<CancellationToken, Task<Stream>> _connect;
    private readonly Func<string, Fault>? _choose;
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<Socket> _open = [];
    private readonly List<Task> _running = [];
    private bool _cut;
    private int _refused;

    /// <param name="connect">Opens a connection to the server.</param>
    /// <param name="choose">Is asked about each request (its first line without the version: <c>GET /version</c>), what goes wrong with it.</param>
    public FaultProxy(Func<CancellationToken, Task<Stream>> connect, Func<string, Fault> choose)
        : this(connect, choose, IPAddress.Loopback)
    {
    }

    private FaultProxy(Func<CancellationToken, Task<Stream>> connect, Func<string, Fault>? choose, IPAddress address)
    {
        _connect = connect;
        _choose = choose;
        _listener = new(address, 0);
        _listener.Start();
        _running.Add(AcceptAsync());
    }

    public Uri Address => new($"{(_choose is null ? "https" : "http")}://{_listener.LocalEndpoint}");

    /// <summary>How many connections were turned away while the wire was cut.</summary>
    public int Refused => Volatile.Read(ref _refused);

    public static FaultProxy Opaque(int port, IPAddress? address = null) => new(end => ConnectAsync(port, end), null, address ?? IPAddress.Loopback);

    /// <summary>A connection to a server on loopback.</summary>
    public static async Task<Stream> ConnectAsync(int port, CancellationToken end)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, end);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A connection with TLS to a server on loopback, whoever that is.</summary>
    public static async Task<Stream> ConnectTlsAsync(int port, CancellationToken end)
    {
        SslStream stream = new(await ConnectAsync(port, end));
        try
        {
#pragma warning disable CA5359 // The test has started that server itself, on loopback.
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "127.0.0.1", RemoteCertificateValidationCallback = (_, _, _, _) => true }, end);
#pragma warning restore CA5359
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

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
        await _stop.CancelAsync();
        _listener.Stop();
        Cut();
        await _running[0].ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // nothing is accepted behind it
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _stop.Dispose();
    }

    internal static void Reset(Socket socket)
    {
        if (!socket.SafeHandle.IsClosed)
        {
            socket.LingerState = new(true, 0); // a reset, as when a machine vanishes, and not an orderly end
            socket.Dispose();
        }
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client = await _listener.AcceptSocketAsync(_stop.Token);
            lock (_lock)
            {
                if (_cut)
                {
                    Interlocked.Increment(ref _refused);
                    Reset(client);
                    continue;
                }

                _open.Add(client);
            }

            client.NoDelay = true;
            _running.Add(ServeAsync(client));
        }
    }

    private async Task ServeAsync(Socket client)
    {
        try
        {
            await (_choose is null ? PassAsync(client) : AnswerAsync(client, _choose));
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or ArgumentException or OperationCanceledException)
        {
            // cut, or one of the two is away
        }

        lock (_lock)
        {
            _open.Remove(client);
        }

        client.Dispose();
    }

    private async Task PassAsync(Socket client)
    {
        await using Stream near = new NetworkStream(client), far = await _connect(_stop.Token);
        await Task.WhenAny(near.CopyToAsync(far, _stop.Token), far.CopyToAsync(near, _stop.Token));
    }

    private async Task AnswerAsync(Socket client, Func<string, Fault> choose)
    {
        await using NetworkStream near = new(client);
        if (await HttpMessage.ReadRequestAsync(near, _stop.Token) is not HttpMessage request)
        {
            return; // a connection that was opened in advance
        }

        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        Task gone = DrainAsync(near, end);
        FaultyCall call = new(request, client, near, _connect, end.Token);
        await using (call)
        {
            await choose(call.Line)(call);
            if (client.Connected)
            {
                client.Shutdown(SocketShutdown.Send); // and no reset, which would overtake what was sent before it
            }

            await gone;
        }
    }

    /// <summary>Notices that the client goes away.</summary>
    private static async Task DrainAsync(Stream near, CancellationTokenSource end)
    {
        byte[] rest = new byte[1024];
        try
        {
            while (await near.ReadAsync(rest, end.Token) > 0)
            {
            }
        }
        finally
        {
            await end.CancelAsync();
        }
    }
}
