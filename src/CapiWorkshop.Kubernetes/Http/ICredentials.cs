using System.Net.Http.Headers;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Kubernetes.Http;

/// <summary>What a request shows of who one is. Holds secrets: never printed.</summary>
/// <param name="authorization">The Authorization header; null for none.</param>
/// <param name="certificate">The client certificate; null for none.</param>
/// <param name="expires">When it ends; null where nobody says.</param>
internal sealed class Credential(AuthenticationHeaderValue? authorization, ClientCertificate? certificate, DateTimeOffset? expires = null)
{
    public AuthenticationHeaderValue? Authorization { get; } = authorization;

    public ClientCertificate? Certificate { get; } = certificate;

    public DateTimeOffset? Expires { get; } = expires;
}

/// <summary>Where requests get their credentials. Thread-safe.</summary>
internal interface ICredentials
{
    /// <summary>The credentials of now.</summary>
    /// <param name="observer">Hears what a person must know for them to be got; null for nobody.</param>
    /// <param name="cancellationToken">Ends the getting.</param>
    ValueTask<Credential> GetAsync(IApiObserver? observer, CancellationToken cancellationToken);

    /// <summary>Hears that the server did not accept a credential. Says whether another one can be got.</summary>
    bool Reject(Credential credential);
}
