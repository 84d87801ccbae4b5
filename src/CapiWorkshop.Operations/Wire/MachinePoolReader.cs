using System.Text.Json;

namespace CapiWorkshop.Operations.Wire;

/// <summary>MachinePool, v1beta1 and v1beta2.</summary>
internal static class MachinePoolReader
{
    public static CapiMachinePool Read(ref Utf8JsonReader reader, WireContext wire)
    {
        ScaledObject scaled = ScaledObject.Read(ref reader, wire);
        CapiMachinePool pool = scaled.Into(new CapiMachinePool(), scaled.Cluster, wire);
        return pool with
        {
            Ready = pool.Holds("Ready"),
            Phase = ObjectReading.Phase<CapiMachinePoolPhase>(scaled.Phase),
            RawPhase = scaled.Phase,
            InfrastructureKind = scaled.InfrastructureKind,
            InfrastructureProvisioned = scaled.InfrastructureProvisioned,
            ReplicasManagedBy = scaled.Metadata.Annotation(CapiNames.ReplicasManagedByAnnotation),
        };
    }
}
