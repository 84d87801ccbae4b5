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

        CapiMachine machine = ObjectReading.With(
            new CapiMachine(), meta, spec.Cluster ?? meta.Label(CapiNames.ClusterNameLabel), wire, status.NewConditions ?? status.Conditions, status.ObservedGeneration);
        return machine with
        {
            Phase = ObjectReading.Phase<CapiMachinePhase>(status.Phase),
            RawPhase = status.Phase,
            Ready = machine.Holds("Ready"),
            Available = machine.Holds("Available"),
            UpToDate = machine.Holds("UpToDate"),
            NodeName = status.NodeName,
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
        };
    }

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
            else if (reader.ValueTextEquals("version"u8))
            {
                spec.Version = reader.Text(wire.Pool);
            }
            else if (reader.ValueTextEquals("providerID"u8))
            {
                spec.ProviderId = reader.Text();
            }
            else if (reader.ValueTextEquals("failureDomain"u8))
            {
                spec.FailureDomain = reader.Text(wire.Pool);
            }
            else if (reader.ValueTextEquals("infrastructureRef"u8))
            {
                spec.InfrastructureKind = ObjectReading.Reference(ref reader, wire.Pool).Kind;
            }
            else
            {
                reader.Skip();
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
            else if (reader.ValueTextEquals("lastUpdated"u8))
            {
                status.LastUpdated = reader.Time();
            }
            else if (reader.ValueTextEquals("nodeRef"u8))
            {
                status.NodeName = ObjectReading.Reference(ref reader, wire.Pool).Name;
            }
            else if (reader.ValueTextEquals("failureDomain"u8))
            {
                status.FailureDomain = reader.Text(wire.Pool);
            }
            else if (reader.ValueTextEquals("conditions"u8))
            {
                status.Conditions = ObjectReading.Conditions(ref reader, wire);
            }
            else if (reader.ValueTextEquals("addresses"u8))
            {
                ReadAddresses(ref reader, wire, ref status);
            }
            else if (reader.ValueTextEquals("nodeInfo"u8))
            {
                status.OSImage = ReadOSImage(ref reader, wire);
            }
            else if (reader.ValueTextEquals("v1beta2"u8))
            {
                bool entered = reader.EnterObject();
                while (entered && reader.NextProperty())
                {
                    if (reader.ValueTextEquals("conditions"u8))
                    {
                        status.NewConditions = ObjectReading.Conditions(ref reader, wire);
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
            while (reader.NextProperty())
            {
                if (reader.ValueTextEquals("type"u8))
                {
                    type = reader.Text(wire.Pool);
                }
                else if (reader.ValueTextEquals("address"u8))
                {
                    address = reader.Text();
                }
                else
                {
                    reader.Skip();
                }
            }

            switch (type)
            {
                case "InternalIP":
                    status.InternalIP ??= address;
                    break;
                case "ExternalIP":
                    status.ExternalIP ??= address;
                    break;
            }
        }
    }

    private static string? ReadOSImage(ref Utf8JsonReader reader, WireContext wire)
    {
        string? image = null;
        if (reader.EnterObject())
        {
            while (reader.NextProperty())
            {
                if (reader.ValueTextEquals("osImage"u8))
                {
                    image = reader.Text(wire.Pool);
                }
                else
                {
                    reader.Skip();
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
        public DateTimeOffset? LastUpdated;
        public List<CapiCondition>? Conditions, NewConditions;
    }
}
