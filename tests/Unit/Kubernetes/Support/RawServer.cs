using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Kubernetes.Configuration;

namespace CapiWorkshop.Tests.Unit.Kubernetes.Support;

/// <summary>
/// A server without TLS that sends the same bytes to whoever asks, and then closes the connection in good order (a reset would overtake what was sent
/// before it).
/// </summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _running = [];
    private readonly byte[] _answer;
    private int _requests;

    public RawServer(string answer)
    {
        _answer = Encoding.UTF8.GetBytes(answer);
        _listener.Start();
        _running.Add(AcceptAsync());
    }

    /// <summary>How many requests came.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public KubernetesApi Connect(TimeProvider? clock = null) =>
        new(new KubeTarget(new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}"), "raw", "default", null), clock);

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
        byte[] buffer = new byte[64 * 1024];
        int length = 0;
        while (!IsComplete(Encoding.UTF8.GetString(buffer, 0, length)))
        {
            int read = await stream.ReadAsync(buffer.AsMemory(length), _stop.Token);
            if (read == 0)
            {
                return; // a connection that was opened in advance
            }

            length += read;
        }

        Interlocked.Increment(ref _requests);
        await stream.WriteAsync(_answer, _stop.Token);
        caller.Client.Shutdown(SocketShutdown.Send);
        while (await stream.ReadAsync(buffer, _stop.Token) > 0)
        {
        }
    }

    /// <summary>Whether a request is all there: its head, and where it has a body its last brace.</summary>
    private static bool IsComplete(string request) =>
        request.Contains("\r\n\r\n", StringComparison.Ordinal) && (request.StartsWith("GET", StringComparison.Ordinal) || request.EndsWith('}'));
}
