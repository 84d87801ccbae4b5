using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.World;

namespace CapiWorkshop.Sandbox.Hosting;

/// <summary>Serves workload clusters beside their management cluster.</summary>
/// <param name="server">May still be starting: a world can be made meanwhile.</param>
internal sealed class WorkloadGate(Task<SandboxServer> server) : IWorkloadGate
{
    private readonly Dictionary<(string Namespace, string Name), ApiMount> _mounts = [];

    public string Open(string @namespace, string name, ClusterApi workload)
    {
        ApiMount mount = Server.Attach(@namespace, name, workload);
        _mounts[(@namespace, name)] = mount;
        return mount.KubeConfig;
    }

    public void Close(string @namespace, string name)
    {
        if (_mounts.Remove((@namespace, name), out ApiMount? mount))
            Server.Detach(mount);
    }

    private SandboxServer Server => server.GetAwaiter().GetResult();
}
