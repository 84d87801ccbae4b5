using System.Text.Json;

namespace CapiWorkshop.Operations.Wire;

/// <summary>A control plane of any provider, by the contract that all of them keep, v1beta1 and v1beta2.</summary>
/// <remarks>Source: Cluster API, docs/book/src/developer/providers/contracts/control-plane.md.</remarks>
internal static class ControlPlaneReader
{
    /// <param name="reader">Stands on the object's start.</param>
    /// <param name="wire">What is not in the JSON.</param>
    /// <param name="kind">The kind.</param>
    public static CapiControlPlane Read(ref Utf8JsonReader reader, WireContext wire, string kind)
    {
        ScaledObject scaled = ScaledObject.Read(ref reader, wire);
        string? cluster = scaled.Cluster ?? scaled.Metadata.Owners?.Find(owner => owner.Kind == CapiKinds.Cluster.Kind)?.Name;
        CapiControlPlane controlPlane = scaled.Into(new CapiControlPlane(kind), cluster, wire);
        return controlPlane with
        {
            AvailableReplicas = controlPlane.AvailableReplicas ?? (wire.IsV1Beta1 && controlPlane.DesiredReplicas - scaled.Unavailable is int rest ? Math.Max(0, rest) : null),
            Available = controlPlane.Holds("Available") ?? (wire.IsV1Beta1 ? scaled.ApiServerReady : null),
            Initialized = scaled.Initialized,
            IsHosted = kind == CapiControlPlane.HostedKind || scaled.IsExternallyManaged == true,
            RunningVersion = scaled.RunningVersion,
        };
    }
}
