using CapiWorkshop.Containers;
using CapiWorkshop.Containers.Configuration;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.PowerShell.Connections;

/// <summary>Puts a container engine behind Operations: the one place in this assembly that knows which. Compiled, as <see cref="KubernetesConnector"/>, when it is first called.</summary>
internal static class EngineConnector
{
    /// <summary>Opens the engine at an address, or the one that the docker CLI would use.</summary>
    public static IContainerEngine Open(string? address) => new DockerEngine(address is null ? EngineTarget.Find() : EngineTarget.At(address));
}
