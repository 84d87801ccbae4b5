using System.Text.Json;

namespace CapiWorkshop.Operations.Wire;

/// <summary>Machine, v1beta1 and v1beta2.</summary>
internal static class MachineReader
{
    public static CapiMachine Read(ref Utf8JsonReader reader, WireContext wire)
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

        CapiMachine machine = ObjectReading.With(
            new CapiMachine(), meta, spec.Cluster ?? meta.Label(CapiNames.ClusterNameLabel), wire, status.NewConditions ?? status.Conditions, status.ObservedGeneration);
        return machine with
        {
            Phase = ObjectReading.Phase<CapiMachinePhase>(status.Phase),
            RawPhase = status.Phase,
            Ready = machine.Holds("Ready"),
            Available = machine.Holds("Available"),
            UpToDate = machine.Holds("UpToDate"),
            NodeName = status.NodeName == meta.Name ? meta.Name : status.NodeName, // most often it is the same: one string then
            ProviderId = spec.ProviderId,
            Version = spec.Version,
            FailureDomain = status.FailureDomain ?? spec.FailureDomain,
            InternalIP = status.InternalIP,
            ExternalIP = status.ExternalIP,
            OSImage = status.OSImage,
            IsControlPlane = meta.HasLabel(CapiNames.ControlPlaneLabel),
            MachineDeployment = meta.Label(CapiNames.DeploymentNameLabel),
            InfrastructureKind = spec.InfrastructureKind,
            PhaseChangedAt = status.LastUpdated,
            CertificatesExpireAt = status.CertificatesExpireAt,
        };
    }

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
                case "version": spec.Version = reader.Text(wire.Pool); break;
                case "providerID": spec.ProviderId = reader.Text(); break;
                case "failureDomain": spec.FailureDomain = reader.Text(wire.Pool); break;
                case "infrastructureRef": spec.InfrastructureKind = ObjectReading.Reference(ref reader, wire.Pool).Kind; break;
                default: reader.Skip(); break;
            }
        }

        return spec;
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
                case "lastUpdated": status.LastUpdated = reader.Time(); break;
                case "certificatesExpiryDate": status.CertificatesExpireAt = reader.Time(); break;
                case "nodeRef": status.NodeName = ObjectReading.Reference(ref reader, wire.Pool).Name; break;
                case "failureDomain": status.FailureDomain = reader.Text(wire.Pool); break;
                case "conditions": status.Conditions = ObjectReading.Conditions(ref reader, wire); break;
                case "addresses": ReadAddresses(ref reader, wire, ref status); break;
                case "nodeInfo": status.OSImage = ReadOSImage(ref reader, wire); break;
                case "v1beta2": status.NewConditions = ObjectReading.ConditionsWithin(ref reader, wire); break;
                default: reader.Skip(); break;
            }
        }

        return status;
    }

    private static void ReadAddresses(ref Utf8JsonReader reader, WireContext wire, ref Status status)
    {
        if (!reader.EnterArray())
        {
            return;
        }

        while (reader.NextObject())
        {
            string? type = null, address = null;
            while (reader.NextProperty(wire.Pool, out string name))
            {
                switch (name)
                {
                    case "type": type = reader.Text(wire.Pool); break;
                    case "address": address = reader.Text(); break;
                    default: reader.Skip(); break;
                }
            }

            switch (type)
            {
                case "InternalIP": status.InternalIP ??= address; break;
                case "ExternalIP": status.ExternalIP ??= address; break;
            }
        }
    }

    private static string? ReadOSImage(ref Utf8JsonReader reader, WireContext wire)
    {
        string? image = null;
        if (reader.EnterObject())
        {
            while (reader.NextProperty(wire.Pool, out string name))
            {
                switch (name)
                {
                    case "osImage": image = reader.Text(wire.Pool); break;
                    default: reader.Skip(); break;
                }
            }
        }

        return image;
    }

    private struct Spec
    {
        public string? Cluster, Version, ProviderId, FailureDomain, InfrastructureKind;
    }

    private struct Status
    {
        public string? Phase, NodeName, FailureDomain, InternalIP, ExternalIP, OSImage;
        public long? ObservedGeneration;
        public DateTimeOffset? LastUpdated, CertificatesExpireAt;
        public List<CapiCondition>? Conditions, NewConditions;
    }
}
