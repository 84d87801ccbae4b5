using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CapiWorkshop.Tests.Unit.Kubernetes.Support;

/// <summary>An HTTP proxy on loopback that tunnels (CONNECT), and may ask for a password.</summary>
internal sealed class TestProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _running = [];
    private readonly string? _credentials;

    /// <param name="credentials"><c>user:password</c>, or null where everybody may pass.</param>
    public TestProxy(string? credentials = null)
    {
        _credentials = credentials;
        _listener.Start();
        _running.Add(AcceptAsync());
    }

    /// <summary>Where tunnels were asked for, and were granted.</summary>
    public ConcurrentQueue<string> Tunnels { get; } = new();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
            _running.Add(ServeAsync(client));
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using TcpClient caller = client;
        NetworkStream stream = caller.GetStream();
        while (true)
        {
            string head = await ReadHeadAsync(stream);
            string[] request = head.Split("\r\n")[0].Split(' ');
            string expected = "Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes(_credentials ?? ""));
            if (_credentials is not null && !head.Contains(expected, StringComparison.Ordinal))
            {
                await stream.WriteAsync("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"test\"\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), _stop.Token);
                continue;
            }

            Tunnels.Enqueue(request[1]);
            using TcpClient server = new();
            await server.ConnectAsync(IPEndPoint.Parse(request[1]), _stop.Token);
            await stream.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray(), _stop.Token);
            await Task.WhenAny(stream.CopyToAsync(server.GetStream(), _stop.Token), server.GetStream().CopyToAsync(stream, _stop.Token));
            return;
        }
    }

    private async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        StringBuilder head = new();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, _stop.Token);
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
