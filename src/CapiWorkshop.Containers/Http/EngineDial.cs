using System.IO.Pipes;
using System.Net.Sockets;
using System.Security.Principal;
using CapiWorkshop.Containers.Configuration;

namespace CapiWorkshop.Containers.Http;

/// <summary>Opens the streams that HTTP is spoken over where it is not TCP.</summary>
internal static class EngineDial
{
    /// <summary>How long a pipe may be busy or missing; one that is there answers at once.</summary>
    private static readonly TimeSpan PipeTimeout = TimeSpan.FromSeconds(2);

    /// <summary>What opens a stream to an address; null where the handler does that by itself.</summary>
    public static Func<CancellationToken, ValueTask<Stream>>? To(EngineAddress address) => address switch
    {
        EngineAddress.UnixSocket socket => token => SocketAsync(socket.Path, token),
        EngineAddress.Pipe pipe => token => PipeAsync(pipe, token),
        _ => null,
    };

    private static async ValueTask<Stream> SocketAsync(string path, CancellationToken cancellationToken)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async ValueTask<Stream> PipeAsync(EngineAddress.Pipe address, CancellationToken cancellationToken)
    {
        // Whoever owns the pipe may learn who one is, and no more.
        NamedPipeClientStream pipe = new(address.Server, address.Name, PipeDirection.InOut, PipeOptions.Asynchronous, TokenImpersonationLevel.Identification);
        try
        {
            await pipe.ConnectAsync(PipeTimeout, cancellationToken).ConfigureAwait(false);
            return pipe;
        }
        catch
        {
            await pipe.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
