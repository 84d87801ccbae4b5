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
        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "metadata": meta = ObjectReading.Metadata(ref reader, wire); break;
                case "spec": spec = ReadSpec(ref reader, wire); break;
                case "status": status = ReadStatus(ref reader, wire); break;
                default: reader.Skip(); break;
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

        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "clusterName": spec.Cluster = reader.Text(wire.Pool); break;
                case "replicas": spec.Replicas = reader.Int(); break;
                case "paused": spec.Paused = reader.Bool() == true; break;
                case "template": spec.Version = ReadTemplateVersion(ref reader, wire); break;
                default: reader.Skip(); break;
            }
        }

        return spec;
    }

    /// <summary><c>spec.template.spec.version</c>; the reader stands on <c>template</c> or on the <c>spec</c> in it.</summary>
    private static string? ReadTemplateVersion(ref Utf8JsonReader reader, WireContext wire)
    {
        string? version = null;
        if (reader.EnterObject())
        {
            while (reader.NextProperty(wire.Pool, out string name))
            {
                switch (name)
                {
                    case "spec": version = ReadTemplateVersion(ref reader, wire); break;
                    case "version": version = reader.Text(wire.Pool); break;
                    default: reader.Skip(); break;
                }
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

        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "phase": status.Phase = reader.Text(wire.Pool); break;
                case "observedGeneration": status.ObservedGeneration = reader.Long(); break;
                case "replicas": status.Replicas = reader.Int(); break;
                case "conditions": status.Conditions = ObjectReading.Conditions(ref reader, wire); break;
                case "v1beta2": ReadNewStatus(ref reader, wire, ref status); break;
                default: ReadCount(ref reader, name, ref status.Counts); break;
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
        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "conditions": status.NewConditions = ObjectReading.Conditions(ref reader, wire); break;
                default: ReadCount(ref reader, name, ref status.NewCounts); break;
            }
        }
    }

    private static void ReadCount(ref Utf8JsonReader reader, string name, ref Counts counts)
    {
        switch (name)
        {
            case "readyReplicas": counts.Ready = reader.Int(); break;
            case "availableReplicas": counts.Available = reader.Int(); break;
            case "upToDateReplicas": counts.UpToDate = reader.Int(); break;
            case "updatedReplicas": counts.Updated = reader.Int(); break;
            default: reader.Skip(); break;
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
