using System.Net.Http.Headers;
using System.Text;
using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Kubernetes.Http;

/// <summary>
/// The credentials that a kubeconfig itself holds, or names files of. The files are read for each request: they are small, a service account's token is
/// replaced while it is used, and so is a client certificate that an agent on the machine renews.
/// </summary>
internal sealed class GivenCredentials : ICredentials
{
    private readonly Lock _gate = new();
    private readonly KubeTarget _target;
    private (string Certificate, string Key) _pem;

    /// <exception cref="CapiProblemException"><c>KubeConfigInvalid</c> where the client certificate cannot be used.</exception>
    public GivenCredentials(KubeTarget target)
    {
        _target = target;
        if (target is { ClientCertificate: string certificate, ClientKey: string key })
        {
            _pem = (certificate, key);
            Certificate = Load(_pem);
        }
    }

    /// <summary>The client certificate as it was read last; null for none.</summary>
    public ClientCertificate? Certificate { get; private set; }

    /// <summary>Whether there is nothing among them that fills the Authorization header; what does counts more than an exec plugin, as with kubectl.</summary>
    public bool IsAnonymous => _target is { Basic: null, Token: null, TokenFile: null };

    /// <inheritdoc/>
    public ValueTask<Credential> GetAsync(IApiObserver? observer, CancellationToken cancellationToken) => new(new Credential(CreateHeader(), Renew()));

    /// <inheritdoc/>
    public bool Reject(Credential credential) => false;

    /// <summary>The client certificate of now; null for none.</summary>
    public ClientCertificate? Renew()
    {
        if (Certificate is null || (_target.ClientCertificateFile ?? _target.ClientKeyFile) is null)
        {
            return Certificate;
        }

        lock (_gate)
        {
            try
            {
                (string, string) pem = (Read(_target.ClientCertificateFile, _pem.Certificate), Read(_target.ClientKeyFile, _pem.Key));
                if (pem != _pem)
                {
                    Certificate = Load(pem);
                    _pem = pem;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or CapiProblemException)
            {
                // one of the two files has been replaced and the other not yet: the old pair serves on
            }

            return Certificate;
        }
    }

    /// <summary>Whether a text can stand in a header: one line without blanks.</summary>
    public static bool IsToken(string text) => text.Length > 0 && !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c > 126);

    private AuthenticationHeaderValue? CreateHeader()
    {
        if (_target.Basic is { } basic)
        {
            return new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{basic.UserName}:{basic.Password}")));
        }

        // kubectl, too, prefers the file, which may be newer.
        if (_target.TokenFile is not string file)
        {
            return _target.Token is string token ? new("Bearer", token) : null;
        }

        string read;
        try
        {
            read = File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw UnusableToken(file, "cannot be read");
        }

        return IsToken(read) ? new("Bearer", read) : throw UnusableToken(file, "holds no token");
    }

    private static string Read(string? file, string known) => file is null ? known : File.ReadAllText(file, Encoding.ASCII);

    private ClientCertificate Load((string Certificate, string Key) pem) => ClientCertificate.Load(pem.Certificate, pem.Key, (why, action) =>
        new CapiProblem(ProblemId.KubeConfigInvalid, CapiProblemCategory.InvalidData,
            $"The client-certificate and client-key of context '{_target}' cannot be used: {why}.", action, _target.ToString()).ToException());

    private static CapiProblemException UnusableToken(string file, string why) =>
        new CapiProblem(ProblemId.KubeConfigInvalid, CapiProblemCategory.AuthenticationError, $"The token file '{file}' {why}.", "Check the file that tokenFile in the kubeconfig names.", file).ToException();
}
