using System.Net.Sockets;
using System.Text;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Kubernetes.Configuration;

namespace CapiWorkshop.Tests.Unit.Kubernetes.Support;

/// <summary>
/// A server without TLS that sends the same bytes to whoever asks, and then closes the connection in good order (a reset would overtake what was sent
/// before it).
/// </summary>
/// <param name="answer">The bytes, as text.</param>
internal sealed class RawServer(string answer) : LoopbackListener
{
    private int _requests;

    /// <summary>How many requests came.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public KubernetesApi Connect(TimeProvider? clock = null) =>
        new(new KubeTarget(new($"http://127.0.0.1:{Port}"), "raw", "default", null), clock);

    protected override async Task ServeAsync(TcpClient caller)
    {
        NetworkStream stream = caller.GetStream();
        byte[] buffer = new byte[64 * 1024];
        int length = 0;
        while (!IsComplete(Encoding.UTF8.GetString(buffer, 0, length)))
        {
            int read = await stream.ReadAsync(buffer.AsMemory(length), Stop);
            if (read == 0)
            {
                return; // a connection that was opened in advance
            }

            length += read;
        }

        Interlocked.Increment(ref _requests);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(answer), Stop);
        caller.Client.Shutdown(SocketShutdown.Send);
        while (await stream.ReadAsync(buffer, Stop) > 0)
        {
        }
    }

    /// <summary>Whether a request is all there: its head, and where it has a body its last brace.</summary>
    private static bool IsComplete(string request) =>
        request.Contains("\r\n\r\n", StringComparison.Ordinal) && (request.StartsWith("GET", StringComparison.Ordinal) || request.EndsWith('}'));
}
