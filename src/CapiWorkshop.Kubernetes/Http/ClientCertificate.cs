using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CapiWorkshop.Operations;

namespace CapiWorkshop.Kubernetes.Http;

/// <summary>The certificate that one shows to a server, and its key. Another instance is another identity, whose connections are its own.</summary>
internal sealed class ClientCertificate
{
    private ClientCertificate(SslStreamCertificateContext context) => Context = context;

    public SslStreamCertificateContext Context { get; }

    /// <summary>Makes one of PEM: the certificate, then the authorities between it and the root, which are sent, too; an RSA or EC key in PKCS#1, SEC 1 or PKCS#8.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="key">Its key.</param>
    /// <param name="unusable">Makes the problem of why they cannot be used, and of what to do about it.</param>
    /// <exception cref="CapiProblemException">What <paramref name="unusable"/> made.</exception>
    public static ClientCertificate Load(string certificate, string key, Func<string, string, CapiProblemException> unusable)
    {
        if (key.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal) || key.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
        {
            throw unusable("the key is encrypted", "Decrypt it with: openssl pkey -in <the encrypted key> -out <a new file>, and name that one instead.");
        }

        X509Certificate2Collection chain = [];
        try
        {
            chain.ImportFromPem(certificate);
        }
        catch (CryptographicException)
        {
            chain.Clear();
        }

        if (chain.Count == 0)
        {
            throw unusable("the certificate is not PEM", "An unencrypted PEM is expected there, which begins with: -----BEGIN CERTIFICATE-----");
        }

        try
        {
            return new(SslStreamCertificateContext.Create(WithKey(certificate, key), [.. chain.Skip(1)], offline: true));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            // .NET's own words name parameters of its methods, and differ for the same mistake.
            throw IsKey(key)
                ? unusable("the certificate and the key do not belong together", "Get both anew from where they were issued, and name the two of one pair.")
                : unusable("the key is not an RSA or EC key in PEM", "An unencrypted PEM is expected there, which begins with: -----BEGIN PRIVATE KEY----- or BEGIN RSA or EC PRIVATE KEY.");
        }
    }

    private static X509Certificate2 WithKey(string certificate, string key)
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

    private static bool IsKey(string key)
    {
        using RSA rsa = RSA.Create();
        using ECDsa ec = ECDsa.Create();
        return Imports(rsa, key) || Imports(ec, key);
    }

    private static bool Imports(AsymmetricAlgorithm algorithm, string key)
    {
        try
        {
            algorithm.ImportFromPem(key);
            return true;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return false;
        }
    }
}
