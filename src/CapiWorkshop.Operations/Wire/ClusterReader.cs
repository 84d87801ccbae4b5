using System.Text.Json;

namespace CapiWorkshop.Operations.Wire;

/// <summary>Cluster, v1beta1 and v1beta2.</summary>
internal static class ClusterReader
{
    public static CapiCluster Read(ref Utf8JsonReader reader, WireContext wire)
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

        // v1beta1 from CAPI 1.9 on carries the new conditions and counts beside the old ones.
        CapiCluster cluster = ObjectReading.With(new CapiCluster(), meta, meta.Name, wire, status.NewConditions ?? status.Conditions, status.ObservedGeneration);
        return cluster with
        {
            Phase = ObjectReading.Phase<CapiClusterPhase>(status.Phase),
            RawPhase = status.Phase,
            Available = cluster.Holds("Available") ?? (wire.IsV1Beta1 && status.NewConditions is null ? cluster.Holds("Ready") : null),
            ControlPlane = status.ControlPlane ?? new(),
            Workers = status.Workers ?? new(),
            InfrastructureProvisioned = wire.IsV1Beta1 ? status.InfrastructureReady : status.InfrastructureProvisioned,
            ControlPlaneInitialized = wire.IsV1Beta1 ? status.ControlPlaneReady : status.ControlPlaneInitialized,
            ControlPlaneKind = spec.ControlPlane.Kind,
            ControlPlaneName = spec.ControlPlane.Name,
            InfrastructureKind = spec.Infrastructure.Kind,
            InfrastructureName = spec.Infrastructure.Name,
            ControlPlaneEndpoint = spec.Endpoint,
            ClusterClass = spec.ClusterClass,
            Version = spec.Version,
            IsPaused = cluster.IsPaused || spec.Paused,
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
            if (reader.ValueTextEquals("paused"u8))
            {
                spec.Paused = reader.Bool() == true;
            }
            else if (reader.ValueTextEquals("controlPlaneRef"u8))
            {
                spec.ControlPlane = ObjectReading.Reference(ref reader, wire.Pool);
            }
            else if (reader.ValueTextEquals("infrastructureRef"u8))
            {
                spec.Infrastructure = ObjectReading.Reference(ref reader, wire.Pool);
            }
            else if (reader.ValueTextEquals("controlPlaneEndpoint"u8))
            {
                spec.Endpoint = ReadEndpoint(ref reader);
            }
            else if (reader.ValueTextEquals("topology"u8))
            {
                (spec.ClusterClass, spec.Version) = ReadTopology(ref reader, wire);
            }
            else
            {
                reader.Skip();
            }
        }

        return spec;
    }

    private static string? ReadEndpoint(ref Utf8JsonReader reader)
    {
        string? host = null;
        long? port = null;
        if (reader.EnterObject())
        {
            while (reader.NextProperty())
            {
                if (reader.ValueTextEquals("host"u8))
                {
                    host = reader.Text();
                }
                else if (reader.ValueTextEquals("port"u8))
                {
                    port = reader.Long();
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        return host is null || port is null or 0 ? host : $"{host}:{port}";
    }

    private static (string? Class, string? Version) ReadTopology(ref Utf8JsonReader reader, WireContext wire)
    {
        string? @class = null, version = null;
        if (reader.EnterObject())
        {
            while (reader.NextProperty())
            {
                if (reader.ValueTextEquals("class"u8))
                {
                    @class = reader.Text(wire.Pool); // v1beta1
                }
                else if (reader.ValueTextEquals("classRef"u8))
                {
                    @class = ObjectReading.Reference(ref reader, wire.Pool).Name;
                }
                else if (reader.ValueTextEquals("version"u8))
                {
                    version = reader.Text(wire.Pool);
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        return (@class, version);
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
            else if (reader.ValueTextEquals("conditions"u8))
            {
                status.Conditions = ObjectReading.Conditions(ref reader, wire);
            }
            else if (reader.ValueTextEquals("controlPlane"u8))
            {
                status.ControlPlane = ReadCounts(ref reader);
            }
            else if (reader.ValueTextEquals("workers"u8))
            {
                status.Workers = ReadCounts(ref reader);
            }
            else if (reader.ValueTextEquals("infrastructureReady"u8))
            {
                status.InfrastructureReady = reader.Bool();
            }
            else if (reader.ValueTextEquals("controlPlaneReady"u8))
            {
                status.ControlPlaneReady = reader.Bool();
            }
            else if (reader.ValueTextEquals("initialization"u8))
            {
                ReadInitialization(ref reader, ref status);
            }
            else if (reader.ValueTextEquals("v1beta2"u8))
            {
                ReadNewStatus(ref reader, wire, ref status);
            }
            else
            {
                reader.Skip();
            }
        }

        return status;
    }

    private static void ReadInitialization(ref Utf8JsonReader reader, ref Status status)
    {
        if (!reader.EnterObject())
        {
            return;
        }

        while (reader.NextProperty())
        {
            if (reader.ValueTextEquals("infrastructureProvisioned"u8))
            {
                status.InfrastructureProvisioned = reader.Bool();
            }
            else if (reader.ValueTextEquals("controlPlaneInitialized"u8))
            {
                status.ControlPlaneInitialized = reader.Bool();
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void ReadNewStatus(ref Utf8JsonReader reader, WireContext wire, ref Status status)
    {
        if (!reader.EnterObject())
        {
            return;
        }

        while (reader.NextProperty())
        {
            if (reader.ValueTextEquals("conditions"u8))
            {
                status.NewConditions = ObjectReading.Conditions(ref reader, wire);
            }
            else if (reader.ValueTextEquals("controlPlane"u8))
            {
                status.ControlPlane = ReadCounts(ref reader);
            }
            else if (reader.ValueTextEquals("workers"u8))
            {
                status.Workers = ReadCounts(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static CapiReplicaCounts? ReadCounts(ref Utf8JsonReader reader)
    {
        if (!reader.EnterObject())
        {
            return null;
        }

        int? desired = null, current = null, ready = null, available = null, upToDate = null;
        while (reader.NextProperty())
        {
            if (reader.ValueTextEquals("desiredReplicas"u8))
            {
                desired = reader.Int();
            }
            else if (reader.ValueTextEquals("replicas"u8))
            {
                current = reader.Int();
            }
            else if (reader.ValueTextEquals("readyReplicas"u8))
            {
                ready = reader.Int();
            }
            else if (reader.ValueTextEquals("availableReplicas"u8))
            {
                available = reader.Int();
            }
            else if (reader.ValueTextEquals("upToDateReplicas"u8))
            {
                upToDate = reader.Int();
            }
            else
            {
                reader.Skip();
            }
        }

        return new() { Desired = desired, Current = current, Ready = ready, Available = available, UpToDate = upToDate };
    }

    private struct Spec
    {
        public bool Paused;
        public (string? Kind, string? Name) ControlPlane, Infrastructure;
        public string? Endpoint, ClusterClass, Version;
    }

    private struct Status
    {
        public string? Phase;
        public long? ObservedGeneration;
        public List<CapiCondition>? Conditions, NewConditions;
        public CapiReplicaCounts? ControlPlane, Workers;
        public bool? InfrastructureReady, ControlPlaneReady, InfrastructureProvisioned, ControlPlaneInitialized;
    }
}
