using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Operations;

namespace CapiWorkshop.Kubernetes.Http;

/// <summary>Which servers' certificates are trusted, and which certificate one shows oneself: what the kubeconfig says of TLS.</summary>
internal static class ServerTrust
{
    public static void Apply(KubeTarget target, SslClientAuthenticationOptions tls)
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
            Import(() => trusted.ImportFromPem(System.Text.Encoding.ASCII.GetString(authority)), target, "certificate-authority");
            if (trusted.Count == 0)
            {
                throw Unusable(target, "certificate-authority", "it holds no PEM certificate", null);
            }

            tls.CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(trusted);
            tls.CertificateChainPolicy.ExtraStore.AddRange(trusted);
            tls.RemoteCertificateValidationCallback = (_, _, chain, errors) => errors == SslPolicyErrors.None || EndsAtTrusted(chain, errors, trusted);
        }

        if (target is { ClientCertificate: string certificate, ClientKey: string key })
        {
            // What stands behind one's own certificate in the file are the authorities between it and the root: they are sent, too.
            Import(
                () =>
                {
                    X509Certificate2Collection chain = [];
                    chain.ImportFromPem(certificate);
                    tls.ClientCertificateContext = SslStreamCertificateContext.Create(Load(certificate, key), [.. chain.Skip(1)], offline: true);
                },
                target,
                "client-certificate or client-key");
        }
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

    private static X509Certificate2 Load(string certificate, string key)
    {
        X509Certificate2 loaded = X509Certificate2.CreateFromPem(certificate, key);
        if (!OperatingSystem.IsWindows())
        {
            return loaded;
        }

        // SChannel takes no key that lives in memory only
        using (loaded)
        {
            return X509CertificateLoader.LoadPkcs12(loaded.Export(X509ContentType.Pkcs12), null);
        }
    }

    private static void Import(Action import, KubeTarget target, string field)
    {
        try
        {
            import();
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw Unusable(target, field, e.Message, e);
        }
    }

    private static CapiProblemException Unusable(KubeTarget target, string field, string why, Exception? inner) =>
        new CapiProblem(ProblemId.KubeConfigInvalid, CapiProblemCategory.InvalidData,
            $"The {field} of context '{target}' cannot be used: {why.TrimEnd('.')}.", "An unencrypted PEM is expected there.", target.ToString()).ToException(inner);
}
