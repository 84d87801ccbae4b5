using System.Globalization;
using System.Text.Json;

namespace CapiWorkshop.Operations.Wire;

/// <summary>MachineDeployment, v1beta1 and v1beta2.</summary>
internal static class MachineDeploymentReader
{
    public static CapiMachineDeployment Read(ref Utf8JsonReader reader, WireContext wire)
    {
        ObjectMetadata meta = default;
        Spec spec = default;
        Status status = default;
        while (reader.NextProperty())
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                meta = ObjectReading.Metadata(ref reader, wire);
            }
            else if (reader.ValueTextEquals("spec"u8))
            {
                spec = ReadSpec(ref reader, wire);
            }
            else if (reader.ValueTextEquals("status"u8))
            {
                status = ReadStatus(ref reader, wire);
            }
            else
            {
                reader.Skip();
            }
        }

        // Counts of the two families never mix: v1beta1 from CAPI 1.9 on may carry the new ones, and then all come from there.
        bool nodeBased = wire.IsV1Beta1 && !status.HasNewStatus;
        Counts counts = status.HasNewStatus ? status.NewCounts : status.Counts;
        CapiMachineDeployment deployment = ObjectReading.With(
            new CapiMachineDeployment(), meta, spec.Cluster ?? meta.Label(CapiNames.ClusterNameLabel), wire, status.NewConditions ?? status.Conditions, status.ObservedGeneration);
        return deployment with
        {
            DesiredReplicas = spec.Replicas,
            Replicas = status.Replicas,
            ReadyReplicas = counts.Ready,
            AvailableReplicas = counts.Available,
            UpToDateReplicas = nodeBased ? counts.Updated : counts.UpToDate,
            CounterSemantics = nodeBased ? CapiCounterSemantics.NodeReadiness : CapiCounterSemantics.MachineConditions,
            Available = deployment.Holds("Available"),
            Phase = ObjectReading.Phase<CapiMachineDeploymentPhase>(status.Phase),
            RawPhase = status.Phase,
            Version = spec.Version,
            IsRolloutPaused = spec.Paused,
            IsTopologyOwned = meta.HasLabel(CapiNames.TopologyOwnedLabel),
            AutoscalerMinimum = Number(meta.Annotation(CapiNames.AutoscalerMinimumAnnotation)),
            AutoscalerMaximum = Number(meta.Annotation(CapiNames.AutoscalerMaximumAnnotation)),
        };
    }

    private static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static Spec ReadSpec(ref Utf8JsonReader reader, WireContext wire)
    {
        Spec spec = default;
        if (!reader.EnterObject())
        {
            return spec;
        }

        while (reader.NextProperty())
        {
            if (reader.ValueTextEquals("clusterName"u8))
            {
                spec.Cluster = reader.Text(wire.Pool);
            }
            else if (reader.ValueTextEquals("replicas"u8))
            {
                spec.Replicas = reader.Int();
            }
            else if (reader.ValueTextEquals("paused"u8))
            {
                spec.Paused = reader.Bool() == true;
            }
            else if (reader.ValueTextEquals("template"u8))
            {
                spec.Version = ReadTemplateVersion(ref reader, wire);
            }
            else
            {
                reader.Skip();
            }
        }

        return spec;
    }

    private static string? ReadTemplateVersion(ref Utf8JsonReader reader, WireContext wire)
    {
        string? version = null;
        if (!reader.EnterObject())
        {
            return version;
        }

        while (reader.NextProperty())
        {
            if (reader.ValueTextEquals("spec"u8))
            {
                bool entered = reader.EnterObject();
                while (entered && reader.NextProperty())
                {
                    if (reader.ValueTextEquals("version"u8))
                    {
                        version = reader.Text(wire.Pool);
                    }
                    else
                    {
                        reader.Skip();
                    }
                }
            }
            else
            {
                reader.Skip();
            }
        }

        return version;
    }

    private static Status ReadStatus(ref Utf8JsonReader reader, WireContext wire)
    {
        Status status = default;
        if (!reader.EnterObject())
        {
            return status;
        }

        while (reader.NextProperty())
        {
            if (reader.ValueTextEquals("phase"u8))
            {
                status.Phase = reader.Text(wire.Pool);
            }
            else if (reader.ValueTextEquals("observedGeneration"u8))
            {
                status.ObservedGeneration = reader.Long();
            }
            else if (reader.ValueTextEquals("replicas"u8))
            {
                status.Replicas = reader.Int();
            }
            else if (reader.ValueTextEquals("conditions"u8))
            {
                status.Conditions = ObjectReading.Conditions(ref reader, wire);
            }
            else if (reader.ValueTextEquals("v1beta2"u8))
            {
                ReadNewStatus(ref reader, wire, ref status);
            }
            else
            {
                ReadCount(ref reader, ref status.Counts);
            }
        }

        return status;
    }

    private static void ReadNewStatus(ref Utf8JsonReader reader, WireContext wire, ref Status status)
    {
        if (!reader.EnterObject())
        {
            return;
        }

        status.HasNewStatus = true;
        while (reader.NextProperty())
        {
            if (reader.ValueTextEquals("conditions"u8))
            {
                status.NewConditions = ObjectReading.Conditions(ref reader, wire);
            }
            else
            {
                ReadCount(ref reader, ref status.NewCounts);
            }
        }
    }

    private static void ReadCount(ref Utf8JsonReader reader, ref Counts counts)
    {
        if (reader.ValueTextEquals("readyReplicas"u8))
        {
            counts.Ready = reader.Int();
        }
        else if (reader.ValueTextEquals("availableReplicas"u8))
        {
            counts.Available = reader.Int();
        }
        else if (reader.ValueTextEquals("upToDateReplicas"u8))
        {
            counts.UpToDate = reader.Int();
        }
        else if (reader.ValueTextEquals("updatedReplicas"u8))
        {
            counts.Updated = reader.Int();
        }
        else
        {
            reader.Skip();
        }
    }

    private struct Spec
    {
        public string? Cluster, Version;
        public int? Replicas;
        public bool Paused;
    }

    private struct Counts
    {
        public int? Ready, Available, UpToDate, Updated;
    }

    private struct Status
    {
        public string? Phase;
        public int? Replicas;
        public long? ObservedGeneration;
        public Counts Counts, NewCounts;
        public bool HasNewStatus;
        public List<CapiCondition>? Conditions, NewConditions;
    }
}
