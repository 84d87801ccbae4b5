namespace CapiWorkshop.Kubernetes.Http;

/// <summary>
/// Keeps the connections of one client certificate apart from those of the next: a server takes whoever opened a connection for the one who sends every
/// request on it. Connections of an identity that was given up are used to the end of what runs on them, and close when they are idle.
/// </summary>
/// <param name="create">Makes the handler of an identity.</param>
/// <param name="first">The identity to begin with; null for none.</param>
internal sealed class ConnectionsByIdentity(Func<ClientCertificate?, HttpMessageHandler> create, ClientCertificate? first) : HttpMessageHandler
{
    private static readonly HttpRequestOptionsKey<ClientCertificate?> Identity = new(nameof(ClientCertificate));

    private readonly Lock _gate = new();
    private (ClientCertificate? Identity, HttpMessageInvoker Invoker) _current = (first, new(create(first)));

    /// <summary>Says as whom a request is sent.</summary>
    public static void Identify(HttpRequestMessage request, ClientCertificate? certificate) => request.Options.Set(Identity, certificate);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Options.TryGetValue(Identity, out ClientCertificate? certificate);
        return InvokerOf(certificate).SendAsync(request, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            lock (_gate)
            {
                _current.Invoker.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    private HttpMessageInvoker InvokerOf(ClientCertificate? certificate)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_current.Identity, certificate))
            {
                _current = (certificate, new(create(certificate)));
            }

            return _current.Invoker;
        }
    }
}
