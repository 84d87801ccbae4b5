using System.Net;
using System.Security.Cryptography;
using System.Text;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Kubernetes.Configuration;

/// <summary>What a kubeconfig says about one context: where to go, whom to trust, who one is. Holds secrets: never printed.</summary>
public sealed class KubeTarget
{
    internal KubeTarget(Uri server, string? context, string @namespace, string? user)
    {
        Server = server;
        Context = context;
        Namespace = @namespace;
        User = user;
    }

    /// <summary>The server's address.</summary>
    public Uri Server { get; }

    /// <summary>The context's name.</summary>
    public string? Context { get; }

    /// <summary>The kubeconfig file, where kubectl would not find it by itself; null where it would, and where it is no file.</summary>
    internal string? KubeConfig { get; init; }

    /// <summary>The namespace to use where none is named.</summary>
    public string Namespace { get; }

    /// <summary>The kubeconfig's name for the user.</summary>
    public string? User { get; }

    /// <summary>The authorities to trust, PEM; null for the system's.</summary>
    internal byte[]? CertificateAuthority { get; init; }

    /// <summary>Makes the problem of why the authorities cannot be used, which names their place; is there where <see cref="CertificateAuthority"/> is.</summary>
    internal Func<string, CapiProblemException>? UnusableAuthority { get; init; }

    /// <summary>Whether the server's certificate is not to be checked.</summary>
    internal bool InsecureSkipTlsVerify { get; init; }

    /// <summary>The name that the server's certificate must bear; null for that of its address.</summary>
    internal string? TlsServerName { get; init; }

    /// <summary>The proxy that the kubeconfig names; null where it names none.</summary>
    internal ProxyAddress? Proxy { get; init; }

    internal bool DisableCompression { get; init; }

    /// <summary>The client certificate, PEM.</summary>
    internal string? ClientCertificate { get; init; }

    /// <summary>The client certificate's key, PEM.</summary>
    internal string? ClientKey { get; init; }

    /// <summary>The file that <see cref="ClientCertificate"/> was read from; null where it was read from none.</summary>
    internal string? ClientCertificateFile { get; init; }

    /// <summary>The file that <see cref="ClientKey"/> was read from; null where it was read from none.</summary>
    internal string? ClientKeyFile { get; init; }

    internal string? Token { get; init; }

    internal string? TokenFile { get; init; }

    /// <summary>A user's name and password.</summary>
    internal NetworkCredential? Basic { get; init; }

    /// <summary>The program that gets the credentials; null where there is none.</summary>
    internal ExecPlugin? Exec { get; init; }

    /// <summary>The headers that ask the server to take one for somebody else.</summary>
    internal IReadOnlyList<(string Name, string Value)> Impersonation { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => Context ?? Server.ToString();

    internal KubernetesEndpoint ToEndpoint()
    {
        byte[] identity = [.. Encoding.UTF8.GetBytes(Server.ToString()), .. CertificateAuthority ?? []];
        return new(Server, Context, Namespace, User, Convert.ToHexStringLower(SHA256.HashData(identity))[..32])
        {
            ImpersonatedUser = Impersonation.FirstOrDefault(header => header.Name == "Impersonate-User").Value,
            KubeConfig = KubeConfig,
        };
    }
}
