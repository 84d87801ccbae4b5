using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace CapiWorkshop.Sandbox.Hosting;

/// <summary>
/// TLS for a Kestrel that is used without a host: its own middleware insists on services that only hosting registers, and hosting would more than
/// double the time to start.
/// </summary>
internal static class TlsConnections
{
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    public static void UseTls(this ListenOptions listen, X509Certificate2 certificate)
    {
        // Building the certificate's chain reads every root that the machine trusts. Nobody has to wait for that but the first to connect.
        Task<SslServerAuthenticationOptions> options = Task.Run(() => Options(certificate));
        listen.Use(next => connection => HandleAsync(connection, next, options));
    }

    private static SslServerAuthenticationOptions Options(X509Certificate2 certificate) => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
        ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
    };

    private static async Task HandleAsync(ConnectionContext connection, ConnectionDelegate next, Task<SslServerAuthenticationOptions> preparing)
    {
        SslServerAuthenticationOptions options = await preparing.ConfigureAwait(false);
        IDuplexPipe raw = connection.Transport;
        SslStream stream = new(new DuplexPipeStream(raw));
        await using (stream.ConfigureAwait(false))
        {
            if (!await ShakeHandsAsync(stream, options, connection.ConnectionClosed).ConfigureAwait(false))
            {
                connection.Abort();
                return;
            }

            Features features = new(stream.NegotiatedApplicationProtocol.Protocol);
            connection.Features.Set<ITlsConnectionFeature>(features);
            connection.Features.Set<ITlsApplicationProtocolFeature>(features);
            connection.Transport = new StreamPipe(stream);
            try
            {
                await next(connection).ConfigureAwait(false);
            }
            finally
            {
                await connection.Transport.Input.CompleteAsync().ConfigureAwait(false);
                await connection.Transport.Output.CompleteAsync().ConfigureAwait(false);
                connection.Transport = raw;
            }
        }
    }

    private static async Task<bool> ShakeHandsAsync(SslStream stream, SslServerAuthenticationOptions options, CancellationToken closed)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(closed);
        limit.CancelAfter(HandshakeTimeout);
        try
        {
            await stream.AuthenticateAsServerAsync(options, limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            // A client that does not trust us, or that is none: its own message says why.
            return false;
        }
    }

    private sealed class Features(ReadOnlyMemory<byte> protocol) : ITlsConnectionFeature, ITlsApplicationProtocolFeature
    {
        public ReadOnlyMemory<byte> ApplicationProtocol => protocol;

        public X509Certificate2? ClientCertificate { get; set; }

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);
    }

    private sealed class StreamPipe(SslStream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));

        public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
    }
}
