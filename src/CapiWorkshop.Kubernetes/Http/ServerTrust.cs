using System.Net.Security;
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
        else if (target.CertificateAuthority is byte[] authority)
        {
            X509Certificate2Collection trusted = [];
            try
            {
                trusted.ImportFromPem(Encoding.ASCII.GetString(authority));
            }
            catch (CryptographicException e)
            {
                throw Unusable(target, e.Message, e);
            }

            if (trusted.Count == 0)
            {
                throw Unusable(target, "it holds no PEM certificate", null);
            }

            tls.CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(trusted);
            tls.CertificateChainPolicy.ExtraStore.AddRange(trusted);
            tls.RemoteCertificateValidationCallback = (_, _, chain, errors) => errors == SslPolicyErrors.None || EndsAtTrusted(chain, errors, trusted);
        }

        tls.ClientCertificateContext = certificate?.Context;
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

    private static CapiProblemException Unusable(KubeTarget target, string why, Exception? inner) =>
        new CapiProblem(ProblemId.KubeConfigInvalid, CapiProblemCategory.InvalidData,
            $"The certificate-authority of context '{target}' cannot be used: {why.TrimEnd('.')}.", "A PEM is expected there, which begins with: -----BEGIN CERTIFICATE-----", target.ToString()).ToException(inner);
}
