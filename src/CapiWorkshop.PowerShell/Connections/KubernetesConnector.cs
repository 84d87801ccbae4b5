using CapiWorkshop.Kubernetes;
using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Sandboxes;

namespace CapiWorkshop.PowerShell.Connections;

/// <summary>
/// Puts Kubernetes behind Operations: the one place in this assembly that knows it. Its methods are compiled when they are first called, and only then is
/// anything of <c>deps/</c> loaded.
/// </summary>
internal static class KubernetesConnector
{
    public static IReadOnlyList<string> FindFiles(string? kubeConfig) => KubeConfig.FindFiles(kubeConfig);

    /// <summary>Opens what a context of kubeconfigs describes. Asks nothing yet.</summary>
    public static CapiConnection Open(IReadOnlyList<string> files, string? context)
    {
        KubernetesApi api = new(KubeConfig.Read(files).Resolve(context));
        ManagementCluster cluster = new(api, open: (name, yaml) => new KubernetesApi(KubeConfig.Parse(name, yaml).Resolve(null)));
        CapiConnection connection = new(cluster) { Sandbox = files is [string file] ? SandboxFolders.FindBy(file) : null };
        connection.Sandbox?.OnEnded(connection.Close); // who waits for something there would wait in vain
        return connection;
    }

    public static IEnumerable<string> ListContexts(string? kubeConfig) => [.. KubeConfig.Read(FindFiles(kubeConfig)).Contexts];
}
