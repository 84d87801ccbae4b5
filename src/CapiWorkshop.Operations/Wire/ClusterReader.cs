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

        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "paused": spec.Paused = reader.Bool() == true; break;
                case "controlPlaneRef": spec.ControlPlane = ObjectReading.Reference(ref reader, wire.Pool); break;
                case "infrastructureRef": spec.Infrastructure = ObjectReading.Reference(ref reader, wire.Pool); break;
                case "controlPlaneEndpoint": spec.Endpoint = ReadEndpoint(ref reader, wire); break;
                case "topology": (spec.ClusterClass, spec.Version) = ReadTopology(ref reader, wire); break;
                default: reader.Skip(); break;
            }
        }

        return spec;
    }

    private static string? ReadEndpoint(ref Utf8JsonReader reader, WireContext wire)
    {
        string? host = null;
        long? port = null;
        if (reader.EnterObject())
        {
            while (reader.NextProperty(wire.Pool, out string name))
            {
                switch (name)
                {
                    case "host": host = reader.Text(); break;
                    case "port": port = reader.Long(); break;
                    default: reader.Skip(); break;
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
            while (reader.NextProperty(wire.Pool, out string name))
            {
                switch (name)
                {
                    case "class": @class = reader.Text(wire.Pool); break; // v1beta1
                    case "classRef": @class = ObjectReading.Reference(ref reader, wire.Pool).Name; break;
                    case "version": version = reader.Text(wire.Pool); break;
                    default: reader.Skip(); break;
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

        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "phase": status.Phase = reader.Text(wire.Pool); break;
                case "observedGeneration": status.ObservedGeneration = reader.Long(); break;
                case "conditions": status.Conditions = ObjectReading.Conditions(ref reader, wire); break;
                case "controlPlane": status.ControlPlane = ReadCounts(ref reader, wire); break;
                case "workers": status.Workers = ReadCounts(ref reader, wire); break;
                case "infrastructureReady": status.InfrastructureReady = reader.Bool(); break;
                case "controlPlaneReady": status.ControlPlaneReady = reader.Bool(); break;
                case "initialization": ReadInitialization(ref reader, wire, ref status); break;
                case "v1beta2": ReadNewStatus(ref reader, wire, ref status); break;
                default: reader.Skip(); break;
            }
        }

        return status;
    }

    private static void ReadInitialization(ref Utf8JsonReader reader, WireContext wire, ref Status status)
    {
        if (!reader.EnterObject())
        {
            return;
        }

        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "infrastructureProvisioned": status.InfrastructureProvisioned = reader.Bool(); break;
                case "controlPlaneInitialized": status.ControlPlaneInitialized = reader.Bool(); break;
                default: reader.Skip(); break;
            }
        }
    }

    private static void ReadNewStatus(ref Utf8JsonReader reader, WireContext wire, ref Status status)
    {
        if (!reader.EnterObject())
        {
            return;
        }

        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "conditions": status.NewConditions = ObjectReading.Conditions(ref reader, wire); break;
                case "controlPlane": status.ControlPlane = ReadCounts(ref reader, wire); break;
                case "workers": status.Workers = ReadCounts(ref reader, wire); break;
                default: reader.Skip(); break;
            }
        }
    }

    private static CapiReplicaCounts? ReadCounts(ref Utf8JsonReader reader, WireContext wire)
    {
        if (!reader.EnterObject())
        {
            return null;
        }

        int? desired = null, current = null, ready = null, available = null, upToDate = null;
        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "desiredReplicas": desired = reader.Int(); break;
                case "replicas": current = reader.Int(); break;
                case "readyReplicas": ready = reader.Int(); break;
                case "availableReplicas": available = reader.Int(); break;
                case "upToDateReplicas": upToDate = reader.Int(); break;
                default: reader.Skip(); break;
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
