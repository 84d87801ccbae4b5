using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CapiWorkshop.Tests.Unit.Kubernetes.Support;

/// <summary>A proxy on loopback that tunnels, by HTTP (CONNECT) or by SOCKS 5, and may ask for a password. Whatever name is asked for, it leads to loopback.</summary>
/// <param name="credentials"><c>user:password</c>, or null where everybody may pass.</param>
internal sealed class TestProxy(string? credentials = null) : LoopbackListener
{
    private const byte Socks = 5;

    /// <summary>Where tunnels were asked for, and were granted.</summary>
    public ConcurrentQueue<string> Tunnels { get; } = new();

    protected override async Task ServeAsync(TcpClient caller)
    {
        NetworkStream stream = caller.GetStream();
        byte first = await ReadByteAsync(stream);
        string? target = first == Socks ? await GreetAsync(stream) : await ReadConnectAsync(stream, first);
        if (target is null)
        {
            return;
        }

        Tunnels.Enqueue(target);
        using TcpClient server = new();
        await server.ConnectAsync(IPAddress.Loopback, int.Parse(target.Split(':')[^1]), Stop);
        await stream.WriteAsync(first == Socks ? (byte[])[Socks, 0, 0, 1, 0, 0, 0, 0, 0, 0] : "HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray(), Stop);
        await Task.WhenAny(stream.CopyToAsync(server.GetStream(), Stop), server.GetStream().CopyToAsync(stream, Stop));
    }

    /// <summary>The greeting of RFC 1928, and the password of RFC 1929; null where it is wrong.</summary>
    private async Task<string?> GreetAsync(NetworkStream stream)
    {
        await ReadAsync(stream, await ReadByteAsync(stream));
        await stream.WriteAsync((byte[])[Socks, (byte)(credentials is null ? 0 : 2)], Stop);
        if (credentials is not null)
        {
            await ReadByteAsync(stream);
            string user = Encoding.ASCII.GetString(await ReadAsync(stream, await ReadByteAsync(stream)));
            string password = Encoding.ASCII.GetString(await ReadAsync(stream, await ReadByteAsync(stream)));
            bool right = credentials == $"{user}:{password}";
            await stream.WriteAsync((byte[])[1, (byte)(right ? 0 : 1)], Stop);
            if (!right)
            {
                return null;
            }
        }

        byte[] request = await ReadAsync(stream, 4);
        string host = request[3] == 3 ? Encoding.ASCII.GetString(await ReadAsync(stream, await ReadByteAsync(stream))) : new IPAddress(await ReadAsync(stream, request[3] == 1 ? 4 : 16)).ToString();
        byte[] port = await ReadAsync(stream, 2);
        return $"{host}:{(port[0] << 8) + port[1]}";
    }

    private async Task<string?> ReadConnectAsync(NetworkStream stream, byte first)
    {
        string expected = "Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes(credentials ?? ""));
        while (true)
        {
            StringBuilder head = new();
            head.Append((char)first);
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                head.Append((char)await ReadByteAsync(stream));
            }

            if (credentials is null || head.ToString().Contains(expected, StringComparison.Ordinal))
            {
                return head.ToString().Split(' ')[1];
            }

            await stream.WriteAsync("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"test\"\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), Stop);
            first = await ReadByteAsync(stream);
        }
    }

    private async Task<byte> ReadByteAsync(NetworkStream stream) => (await ReadAsync(stream, 1))[0];

    private async Task<byte[]> ReadAsync(NetworkStream stream, int count)
    {
        byte[] bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, Stop);
        return bytes;
    }
}
