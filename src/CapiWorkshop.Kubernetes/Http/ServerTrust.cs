using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Operations;

namespace CapiWorkshop.Kubernetes.Http;

/// <summary>Which servers' certificates are trusted, and which certificate one shows oneself: what the kubeconfig says of TLS.</summary>
internal static class ServerTrust
{
    public static void Apply(KubeTarget target, ClientCertificate? certificate, SslClientAuthenticationOptions tls)
    {
        tls.CertificateRevocationCheckMode = X509RevocationMode.NoCheck; // cluster authorities publish no lists
        if (target.InsecureSkipTlsVerify)
        {
#pragma warning disable CA5359 // The kubeconfig asks for it in so many words, and a warning is shown.
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else
        {
            X509Certificate2Collection trusted = [];
            if (target.CertificateAuthority is byte[] authority)
            {
                trusted = Read(authority, target.UnusableAuthority!);
                tls.CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
                tls.CertificateChainPolicy.CustomTrustStore.AddRange(trusted);
                tls.CertificateChainPolicy.ExtraStore.AddRange(trusted);
            }

            string name = target.TlsServerName ?? target.Server.IdnHost;
            tls.RemoteCertificateValidationCallback = (_, _, chain, errors) =>
                errors == SslPolicyErrors.None || EndsAtTrusted(chain, errors, trusted) ? true : throw new AuthenticationException(Explain(chain, errors, name));
        }

        tls.ClientCertificateContext = certificate?.Context;
    }

    /// <summary>Why a server's certificate is not trusted, in words that are not the names of .NET's types.</summary>
    private static string Explain(X509Chain? chain, SslPolicyErrors errors, string name)
    {
        List<string> reasons = [];
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            reasons.Add($"no name in the certificate is '{name}'");
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            X509ChainStatusFlags flags = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status) ?? default;
            reasons.Add(
                (flags & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.NotSignatureValid)) != 0 ? "none of the trusted authorities issued the certificate"
                : flags.HasFlag(X509ChainStatusFlags.NotTimeValid) ? "the certificate has expired, or is not valid yet"
                : $"the certificate's chain has faults ({flags})");
        }

        return reasons.Count == 0 ? "the server showed no certificate" : string.Join(", and ", reasons);
    }

    /// <summary>
    /// Whether all that is missing is the way from a trusted certificate up to its own root: a kubeconfig may name an intermediate authority alone, and
    /// then, as for kubectl, that one is the anchor.
    /// </summary>
    private static bool EndsAtTrusted(X509Chain? chain, SslPolicyErrors errors, X509Certificate2Collection trusted) =>
        errors == SslPolicyErrors.RemoteCertificateChainErrors
        && chain is { ChainElements.Count: > 0 }
        && chain.ChainStatus.All(status => status.Status is X509ChainStatusFlags.PartialChain)
        && trusted.Any(anchor => chain.ChainElements[^1].Certificate.RawDataMemory.Span.SequenceEqual(anchor.RawDataMemory.Span));

    private static X509Certificate2Collection Read(byte[] authority, Func<string, CapiProblemException> unusable)
    {
        X509Certificate2Collection trusted = [];
        try
        {
            trusted.ImportFromPem(Encoding.ASCII.GetString(authority));
        }
        catch (CryptographicException)
        {
            throw unusable("a certificate in it is damaged");
        }

        return trusted.Count > 0 ? trusted : throw unusable("it holds no PEM certificate");
    }
}
