using System.Collections.Concurrent;

namespace CapiWorkshop.Sandbox.Api;

/// <summary>The logs of all containers of one cluster, filled by whoever plays the containers.</summary>
internal sealed class PodLogs
{
    private readonly ConcurrentDictionary<(string Namespace, string Pod, string Container), ContainerLog> _logs = new();

    public ContainerLog Of(string @namespace, string pod, string container) => _logs.GetOrAdd((@namespace, pod, container), _ => new ContainerLog());

    /// <summary>Ends and forgets the logs of a pod that is gone.</summary>
    public void Remove(string @namespace, string pod)
    {
        foreach (var key in _logs.Keys.Where(key => key.Namespace == @namespace && key.Pod == pod))
        {
            if (_logs.TryRemove(key, out ContainerLog? log))
                log.Close();
        }
    }
}
