using System.Text.Json;

namespace CapiWorkshop.Operations.Wire;

/// <summary>MachineSet, v1beta1 and v1beta2.</summary>
internal static class MachineSetReader
{
    public static CapiMachineSet Read(ref Utf8JsonReader reader, WireContext wire)
    {
        ScaledObject scaled = ScaledObject.Read(ref reader, wire);
        return scaled.Into(new CapiMachineSet(), scaled.Cluster, wire) with
        {
            MachineDeployment = scaled.Metadata.Label(CapiNames.DeploymentNameLabel),
            InfrastructureKind = scaled.InfrastructureKind,
        };
    }
}
