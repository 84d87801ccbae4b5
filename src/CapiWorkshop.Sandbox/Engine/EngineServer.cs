using System.Net.Sockets;
using System.Text;
using CapiWorkshop.Sandbox.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CapiWorkshop.Sandbox.Engine;

/// <summary>
/// Serves the Docker Engine API on a Unix socket that only its owner may use. Not for Windows, where docker speaks through named pipes: whoever starts the
/// sandbox there leaves the engine out.
/// </summary>
internal sealed class EngineServer : IAsyncDisposable
{
    /// <summary>What Linux says when a socket is opened as if it were a file.</summary>
    private const int NoSuchDevice = 6;

    /// <summary>What macOS says then.</summary>
    private const int NotSupported = 102;

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();
    private readonly EngineHandler _handler;
    private readonly Task _ready;
    private readonly KestrelServer _kestrel;
    private bool _disposed;

    private EngineServer(ContainerHost containers, UnixDomainSocketEndPoint endPoint, Task ready)
    {
        _ready = ready;
        Address = $"unix://{endPoint}";
        _handler = new(containers);
        KestrelServerOptions options = new() { AddServerHeader = false };
        options.Listen(endPoint, listen => listen.Protocols = HttpProtocols.Http1);
        SocketTransportFactory sockets = new(Options.Create(new SocketTransportOptions { CreateBoundListenSocket = _ => Bind(endPoint) }), NullLoggerFactory.Instance);
        _kestrel = new(Options.Create(options), sockets, NullLoggerFactory.Instance);
    }

    /// <summary>What <c>DOCKER_HOST</c> takes.</summary>
    public string Address { get; }

    /// <summary>Fails with an <see cref="IOException"/> where no socket can be made at the path, or somebody listens there already.</summary>
    /// <param name="containers">What it shows and changes.</param>
    /// <param name="socketPath">Where it listens.</param>
    /// <param name="ready">When there is something to be seen: clients may connect before, but have to wait for the answer.</param>
    public static async Task<EngineServer> StartAsync(ContainerHost containers, string socketPath, Task? ready = null, CancellationToken cancellation = default)
    {
        UnixDomainSocketEndPoint endPoint = EndPoint(Path.GetFullPath(socketPath));
        await ClearAsync(endPoint, cancellation).ConfigureAwait(false);
        EngineServer server = new(containers, endPoint, ready ?? Task.CompletedTask);
        try
        {
            await server._kestrel.StartAsync(new RequestApplication(server.HandleAsync), cancellation).ConfigureAwait(false);
            return server;
        }
        catch (SocketException failure)
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw new IOException($"cannot listen on {endPoint}: {failure.Message}", failure);
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        // Streams of statistics and events never end by themselves.
        await _stopping.CancelAsync().ConfigureAwait(false);
        using (CancellationTokenSource limit = new(StopTimeout))
            await _kestrel.StopAsync(limit.Token).ConfigureAwait(false);
        _kestrel.Dispose();
        _stopping.Dispose();
    }

    private async Task HandleAsync(HttpContext http)
    {
        await _ready.ConfigureAwait(false);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, _stopping.Token);
        http.RequestAborted = end.Token;
        await _handler.HandleAsync(http).ConfigureAwait(false);
    }

    private static UnixDomainSocketEndPoint EndPoint(string path)
    {
        try
        {
            return new(path);
        }
        catch (ArgumentOutOfRangeException failure)
        {
            throw new IOException($"{path} is too long for a Unix socket: it has {Encoding.UTF8.GetByteCount(path)} bytes, and about 100 is the limit", failure);
        }
    }

    /// <summary>Takes away a socket that nobody listens on any more, such as one of a process that was killed, and nothing else.</summary>
    private static async Task ClearAsync(UnixDomainSocketEndPoint endPoint, CancellationToken cancellation)
    {
        string path = endPoint.ToString();
        if (Directory.Exists(path))
            throw new IOException($"{path} is a folder");
        if (!File.Exists(path))
            return;
        using Socket probe = NewSocket();
        try
        {
            await probe.ConnectAsync(endPoint, cancellation).ConfigureAwait(false);
            throw new IOException($"{path} is in use: somebody listens there");
        }
        catch (SocketException failure) when (failure.SocketErrorCode is SocketError.ConnectionRefused && IsSocket(path))
        {
            File.Delete(path);
        }
        catch (SocketException failure)
        {
            throw new IOException($"{path} is there already, and no socket that could be replaced: {failure.Message}", failure);
        }
    }

    /// <summary>Files and pipes can be opened, sockets cannot; to connect is refused by all of them.</summary>
    private static bool IsSocket(string path)
    {
        try
        {
            File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite).Dispose();
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException failure)
        {
            return failure.HResult is NoSuchDevice or NotSupported;
        }
    }

    /// <summary>Bound, and its mode set, before it listens: there is no moment in which anybody else could connect.</summary>
    private static Socket Bind(UnixDomainSocketEndPoint endPoint)
    {
        Socket socket = NewSocket();
        try
        {
            socket.Bind(endPoint);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(endPoint.ToString(), UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Socket NewSocket() => new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
}
