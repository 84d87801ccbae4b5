using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CapiWorkshop.Operations;

namespace CapiWorkshop.Containers.Configuration;

/// <summary>Whom an engine's client trusts and who it is: the folder with <c>ca.pem</c>, <c>cert.pem</c> and <c>key.pem</c>, each of which may be missing.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="SkipVerify">Whether the engine's certificate is not to be checked.</param>
internal sealed record EngineTls(string Folder, bool SkipVerify)
{
    /// <summary>Sets up TLS by it.</summary>
    /// <exception cref="CapiProblemException"><c>EngineConfigInvalid</c> where a file cannot be used.</exception>
    public void Apply(SslClientAuthenticationOptions tls)
    {
        tls.CertificateRevocationCheckMode = X509RevocationMode.NoCheck; // authorities that are made for one engine publish no lists
        if (SkipVerify)
        {
#pragma warning disable CA5359 // The user asked for it in so many words, and a warning is shown.
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (Find("ca.pem") is string authority)
        {
            X509Certificate2Collection trusted = Load(authority, () =>
            {
                X509Certificate2Collection read = [];
                read.ImportFromPemFile(authority);
                return read;
            });
            tls.CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(trusted);
        }

        if (Find("cert.pem") is string certificate)
        {
            X509Certificate2 client = Load(certificate, () => Usable(X509Certificate2.CreateFromPemFile(certificate, Path.Combine(Folder, "key.pem"))));
            tls.ClientCertificates = [client];
            tls.LocalCertificateSelectionCallback = (_, _, certificates, _, _) => certificates[0];
        }
    }

    private string? Find(string file) => Path.Combine(Folder, file) is string path && File.Exists(path) ? path : null;

    private static T Load<T>(string file, Func<T> load)
    {
        try
        {
            return load();
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new CapiProblem(ProblemId.EngineConfigInvalid, CapiProblemCategory.InvalidData,
                $"The certificate '{file}' cannot be used: {e.Message.TrimEnd('.')}.", "An unencrypted PEM is expected there, with its key beside it in key.pem.", file).ToException(e);
        }
    }

    /// <summary>SChannel takes no key that lives in memory only.</summary>
    private static X509Certificate2 Usable(X509Certificate2 loaded)
    {
        if (!OperatingSystem.IsWindows())
        {
            return loaded;
        }

        using (loaded)
        {
            return X509CertificateLoader.LoadPkcs12(loaded.Export(X509ContentType.Pkcs12), null);
        }
    }
}
