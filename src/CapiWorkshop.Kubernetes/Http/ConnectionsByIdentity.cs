namespace CapiWorkshop.Kubernetes.Http;

/// <summary>
/// Keeps the connections of one client certificate apart from those of the next: a server takes whoever opened a connection for the one who sends every
/// request on it. The identities used last are kept, for requests that come late; the connections of older ones are used to the end of what runs on them, and closed.
/// </summary>
/// <param name="create">Makes the handler of an identity.</param>
/// <param name="first">The identity to begin with; null for none.</param>
internal sealed class ConnectionsByIdentity(Func<ClientCertificate?, HttpMessageHandler> create, ClientCertificate? first) : HttpMessageHandler
{
    private const int MostKept = 3;

    private static readonly HttpRequestOptionsKey<ClientCertificate?> Identity = new(nameof(ClientCertificate));

    private readonly Lock _gate = new();

    /// <summary>The one used last is the last.</summary>
    private readonly List<Connections> _kept = [new(first, create(first))];

    /// <summary>Says as whom a request is sent.</summary>
    public static void Identify(HttpRequestMessage request, ClientCertificate? certificate) => request.Options.Set(Identity, certificate);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Options.TryGetValue(Identity, out ClientCertificate? certificate);
        Connections connections = Enter(certificate);
        try
        {
            return await connections.Invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave(connections);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            lock (_gate)
            {
                _kept.ForEach(connections => connections.Dispose());
            }
        }

        base.Dispose(disposing);
    }

    private Connections Enter(ClientCertificate? certificate)
    {
        lock (_gate)
        {
            Connections connections = _kept.Find(kept => ReferenceEquals(kept.Identity, certificate)) ?? new(certificate, create(certificate));
            _kept.Remove(connections);
            _kept.Add(connections);
            connections.Requests++;
            if (_kept.Count > MostKept)
            {
                Connections oldest = _kept[0];
                _kept.RemoveAt(0);
                CloseUnlessUsed(oldest);
            }

            return connections;
        }
    }

    private void Leave(Connections connections)
    {
        lock (_gate)
        {
            connections.Requests--;
            if (!_kept.Contains(connections))
            {
                CloseUnlessUsed(connections);
            }
        }
    }

    /// <summary>An answer whose head has come is read to its end all the same: a handler that was disposed of closes only the connections that are idle.</summary>
    private static void CloseUnlessUsed(Connections connections)
    {
        if (connections.Requests == 0)
        {
            connections.Dispose();
        }
    }

    private sealed class Connections(ClientCertificate? identity, HttpMessageHandler handler) : IDisposable
    {
        public ClientCertificate? Identity { get; } = identity;

        public HttpMessageInvoker Invoker { get; } = new(handler);

        /// <summary>Requests whose answers have not begun.</summary>
        public int Requests { get; set; }

        public void Dispose() => Invoker.Dispose();
    }
}
