using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Operations;

/// <summary>
/// The workload clusters whose APIs a connection has opened, kept so that asking again costs no new connection. Thread-safe.
/// </summary>
internal sealed class WorkloadClusters(KubernetesApiOpener? open) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, IKubernetesApi> _apis = new(StringComparer.Ordinal);
    private readonly List<IKubernetesApi> _forgotten = [];
    private bool _disposed;

    /// <summary>Reads the secret that CAPI keeps for every cluster, and opens what it describes.</summary>
    public async Task<IKubernetesApi> OpenAsync(IKubernetesApi management, CapiCluster cluster, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_apis.TryGetValue(cluster.Uid, out IKubernetesApi? known))
            {
                return known;
            }
        }

        string secret = cluster.Name + "-kubeconfig";
        byte[]? config = await management.GetAsync(new(CoreTypes.Secret, cluster.Namespace, secret), new InventoryReading().KubeConfig, cancellationToken).ConfigureAwait(false);
        string name = $"secret {cluster.Namespace}/{secret}";
        IKubernetesApi opened = config is null || open is null
            ? throw new CapiProblem(ProblemId.KubeConfigInvalid, CapiProblemCategory.InvalidData, $"The {name} holds no kubeconfig.",
                $"See what it holds with: kubectl describe secret {secret} -n {cluster.Namespace}", cluster.ToString()).ToException()
            : open(name, config);
        lock (_gate)
        {
            bool faster = _apis.TryGetValue(cluster.Uid, out IKubernetesApi? theirs);
            if (faster || _disposed)
            {
                opened.Dispose();
                return theirs ?? throw new CapiProblem(ProblemId.NotConnected, CapiProblemCategory.InvalidOperation, $"The connection to {management.Endpoint} was closed.",
                    "Connect again with Connect-CapiManagementCluster.", cluster.ToString()).ToException();
            }

            return _apis[cluster.Uid] = opened;
        }
    }

    /// <summary>Reads the secret anew next time: its credentials were not accepted any more. Who uses the old API still may go on.</summary>
    public void Forget(CapiCluster cluster, IKubernetesApi api)
    {
        lock (_gate)
        {
            if (_apis.TryGetValue(cluster.Uid, out IKubernetesApi? known) && known == api)
            {
                _apis.Remove(cluster.Uid);
                _forgotten.Add(api);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (IKubernetesApi api in _apis.Values.Concat(_forgotten))
            {
                api.Dispose();
            }

            _apis.Clear();
            _forgotten.Clear();
        }
    }
}
