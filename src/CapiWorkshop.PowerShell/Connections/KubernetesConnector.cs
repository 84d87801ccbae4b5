using CapiWorkshop.Kubernetes;
using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Connections;

/// <summary>
/// Puts Kubernetes behind Operations: the one place in this assembly that knows it. Its methods are compiled when they are first called, and only then is
/// anything of <c>deps/</c> loaded.
/// </summary>
internal static class KubernetesConnector
{
    public static IReadOnlyList<string> FindFiles(string? kubeConfig) => KubeConfig.FindFiles(kubeConfig);

    public static CapiConnection Open(IReadOnlyList<string> files, string? context) =>
        new(new ManagementCluster(new KubernetesApi(KubeConfig.Read(files).Resolve(context)), open: (name, yaml) => new KubernetesApi(KubeConfig.Parse(name, yaml).Resolve(null))));

    public static IEnumerable<string> ListContexts(string? kubeConfig) => [.. KubeConfig.Read(FindFiles(kubeConfig)).Contexts];
}
