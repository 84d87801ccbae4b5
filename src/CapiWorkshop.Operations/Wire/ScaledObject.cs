using System.Text.Json;

namespace CapiWorkshop.Operations.Wire;

/// <summary>What the kinds say that have replicas, v1beta1 and v1beta2, while one is being read; almost all of it is the same.</summary>
internal struct ScaledObject
{
    public ObjectMetadata Metadata;
    public string? Phase, RunningVersion, InfrastructureKind;
    public bool IsSpecPaused;
    public bool? Initialized, InfrastructureProvisioned, ApiServerReady, IsExternallyManaged;

    private string? _cluster, _version, _templateVersion;
    private int? _desired, _replicas;
    private long? _observedGeneration;
    private Counts _counts, _newCounts;
    private bool _hasNewStatus;
    private List<CapiCondition>? _conditions, _newConditions;

    /// <summary>The Cluster's name, by the specification or else by label.</summary>
    public readonly string? Cluster => _cluster ?? Metadata.Label(CapiNames.ClusterNameLabel);

    public static ScaledObject Read(ref Utf8JsonReader reader, WireContext wire)
    {
        ScaledObject scaled = default;
        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "metadata": scaled.Metadata = ObjectReading.Metadata(ref reader, wire); break;
                case "spec": scaled.ReadSpec(ref reader, wire); break;
                case "status": scaled.ReadStatus(ref reader, wire); break;
                default: reader.Skip(); break;
            }
        }

        return scaled;
    }

    /// <summary>How many are missing, which is all that old control planes say of those that are available.</summary>
    public readonly int? Unavailable => _hasNewStatus ? null : _counts.Unavailable;

    /// <summary>A model with all that these kinds have in common. Counts of the two families never mix: v1beta1 from CAPI 1.9 on may carry the new ones, and then all come from there.</summary>
    public readonly T Into<T>(T resource, string? cluster, WireContext wire)
        where T : CapiScalableResource
    {
        bool nodeBased = wire.IsV1Beta1 && !_hasNewStatus;
        Counts counts = _hasNewStatus ? _newCounts : _counts;
        return ObjectReading.With(resource, Metadata, cluster, wire, _newConditions ?? _conditions, _observedGeneration) with
        {
            DesiredReplicas = _desired,
            Replicas = _replicas,
            ReadyReplicas = counts.Ready,
            AvailableReplicas = counts.Available,
            UpToDateReplicas = nodeBased ? counts.Updated : counts.UpToDate,
            CounterSemantics = nodeBased ? CapiCounterSemantics.NodeReadiness : CapiCounterSemantics.MachineConditions,
            Version = _version ?? _templateVersion,
        };
    }

    private void ReadSpec(ref Utf8JsonReader reader, WireContext wire)
    {
        if (!reader.EnterObject())
        {
            return;
        }

        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "clusterName": _cluster = reader.Text(wire.Pool); break;
                case "replicas": _desired = reader.Int(); break;
                case "paused": IsSpecPaused = reader.Bool() == true; break;
                case "version": _version = reader.Text(wire.Pool); break;
                case "template": ReadTemplate(ref reader, wire); break;
                default: reader.Skip(); break;
            }
        }
    }

    /// <summary><c>spec.template.spec</c>; the reader stands on <c>template</c> or on the <c>spec</c> in it.</summary>
    private void ReadTemplate(ref Utf8JsonReader reader, WireContext wire)
    {
        if (!reader.EnterObject())
        {
            return;
        }

        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "spec": ReadTemplate(ref reader, wire); break;
                case "version": _templateVersion = reader.Text(wire.Pool); break;
                case "infrastructureRef": InfrastructureKind = ObjectReading.Reference(ref reader, wire.Pool).Kind; break;
                default: reader.Skip(); break;
            }
        }
    }

    private void ReadStatus(ref Utf8JsonReader reader, WireContext wire)
    {
        if (!reader.EnterObject())
        {
            return;
        }

        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "phase": Phase = reader.Text(wire.Pool); break;
                case "version": RunningVersion = reader.Text(wire.Pool); break;
                case "observedGeneration": _observedGeneration = reader.Long(); break;
                case "replicas": _replicas = reader.Int(); break;
                case "initialized": Initialized ??= reader.Bool(); break;
                case "infrastructureReady": InfrastructureProvisioned ??= reader.Bool(); break;
                case "ready": ApiServerReady = reader.Bool(); break;
                case "externalManagedControlPlane": IsExternallyManaged = reader.Bool(); break;
                case "initialization": ReadInitialization(ref reader, wire); break;
                case "conditions": _conditions = ObjectReading.Conditions(ref reader, wire); break;
                case "v1beta2": ReadNewStatus(ref reader, wire); break;
                default: ReadCount(ref reader, name, ref _counts); break;
            }
        }
    }

    private void ReadInitialization(ref Utf8JsonReader reader, WireContext wire)
    {
        if (!reader.EnterObject())
        {
            return;
        }

        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "controlPlaneInitialized": Initialized = reader.Bool() ?? Initialized; break;
                case "infrastructureProvisioned": InfrastructureProvisioned = reader.Bool() ?? InfrastructureProvisioned; break;
                default: reader.Skip(); break;
            }
        }
    }

    private void ReadNewStatus(ref Utf8JsonReader reader, WireContext wire)
    {
        if (!reader.EnterObject())
        {
            return;
        }

        _hasNewStatus = true;
        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "conditions": _newConditions = ObjectReading.Conditions(ref reader, wire); break;
                default: ReadCount(ref reader, name, ref _newCounts); break;
            }
        }
    }

    private static void ReadCount(ref Utf8JsonReader reader, string name, ref Counts counts)
    {
        switch (name)
        {
            case "readyReplicas": counts.Ready = reader.Int(); break;
            case "availableReplicas": counts.Available = reader.Int(); break;
            case "unavailableReplicas": counts.Unavailable = reader.Int(); break;
            case "upToDateReplicas": counts.UpToDate = reader.Int(); break;
            case "updatedReplicas": counts.Updated = reader.Int(); break;
            default: reader.Skip(); break;
        }
    }

    private struct Counts
    {
        public int? Ready, Available, Unavailable, UpToDate, Updated;
    }
}
