using CapiWorkshop.Operations;

namespace CapiWorkshop.Kubernetes.Configuration;

/// <summary>What Kubernetes puts into every pod: the way to its own API server, and an identity there.</summary>
/// <param name="folder">The folder that holds <c>token</c>, <c>ca.crt</c> and <c>namespace</c>.</param>
internal sealed class ServiceAccount(string folder)
{
    public static readonly ServiceAccount OfThisPod = new("/var/run/secrets/kubernetes.io/serviceaccount");

    private static string? Host => Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST");

    private static string? Port => Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT");

    private string TokenFile => Path.Combine(folder, "token");

    /// <summary>Whether this is a pod that has one.</summary>
    public bool IsThere => !string.IsNullOrEmpty(Host) && ushort.TryParse(Port, out _) && File.Exists(TokenFile);

    /// <summary>The API server of the pod's cluster, as the pod's service account.</summary>
    /// <exception cref="CapiProblemException"><c>KubeConfigInvalid</c> where its files cannot be read.</exception>
    public KubeTarget ToTarget()
    {
        byte[] authority = Read("ca.crt", File.ReadAllBytes);
        string space = File.Exists(Path.Combine(folder, "namespace")) ? Read("namespace", File.ReadAllText).Trim() : "";
        return new(new UriBuilder(Uri.UriSchemeHttps, Host, ushort.Parse(Port!, System.Globalization.CultureInfo.InvariantCulture)).Uri, null, space.Length == 0 ? "default" : space, null)
        {
            CertificateAuthority = authority,
            UnusableAuthority = why => Unusable(Path.Combine(folder, "ca.crt"), $"cannot be used: {why}"),
            TokenFile = TokenFile,
        };
    }

    private T Read<T>(string name, Func<string, T> read)
    {
        string file = Path.Combine(folder, name);
        try
        {
            return read(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(file, "cannot be read");
        }
    }

    private static CapiProblemException Unusable(string file, string why) =>
        new CapiProblem(ProblemId.KubeConfigInvalid, CapiProblemCategory.InvalidData, $"The service account's file '{file}' {why}.",
            "Check how the service account is mounted into the pod, or name a kubeconfig with -KubeConfig.", file).ToException();
}
