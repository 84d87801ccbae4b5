using System.Globalization;
using System.Text.Json;

namespace CapiWorkshop.Operations.Wire;

/// <summary>MachineDeployment, v1beta1 and v1beta2.</summary>
internal static class MachineDeploymentReader
{
    public static CapiMachineDeployment Read(ref Utf8JsonReader reader, WireContext wire)
    {
        ScaledObject scaled = ScaledObject.Read(ref reader, wire);
        CapiMachineDeployment deployment = scaled.Into(new CapiMachineDeployment(), scaled.Cluster, wire);
        return deployment with
        {
            Available = deployment.Holds("Available"),
            Phase = ObjectReading.Phase<CapiMachineDeploymentPhase>(scaled.Phase),
            RawPhase = scaled.Phase,
            IsRolloutPaused = scaled.IsSpecPaused,
            IsTopologyOwned = scaled.Metadata.HasLabel(CapiNames.TopologyOwnedLabel),
            AutoscalerMinimum = Number(scaled.Metadata.Annotation(CapiNames.AutoscalerMinimumAnnotation)),
            AutoscalerMaximum = Number(scaled.Metadata.Annotation(CapiNames.AutoscalerMaximumAnnotation)),
        };
    }

    private static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
