using System.Text.Json;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations.Wire;

/// <summary>Any object of any kind and version, without its data: what a secret holds is passed over.</summary>
internal static class OwnedObjectReader
{
    public static OwnedObject Read(ref Utf8JsonReader reader, WireContext wire, ResourceType type)
    {
        ObjectMetadata meta = default;
        Spec spec = new([]);
        List<CapiCondition>? conditions = null;
        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "metadata": meta = ObjectReading.Metadata(ref reader, wire); break;
                case "spec": ReadSpec(ref reader, wire, ref spec); break;
                case "status": conditions = ObjectReading.ConditionsWithin(ref reader, wire); break;
                default: reader.Skip(); break;
            }
        }

        OwnedObject item = new()
        {
            Type = type,
            References = spec.References.AsReadOnly(),
            ProviderId = spec.ProviderId,
            ClusterSelector = spec.ClusterSelector,
            TakesVolumes = spec.TakesVolumes,
            TakesEtcdVolumes = spec.TakesEtcdVolumes,
        };
        return ObjectReading.With(item, meta, meta.Label(CapiNames.ClusterNameLabel) ?? spec.Cluster, wire, conditions, null);
    }

    private static void ReadSpec(ref Utf8JsonReader reader, WireContext wire, ref Spec spec)
    {
        if (!reader.EnterObject())
        {
            return;
        }

        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "clusterName": spec.Cluster = reader.Text(wire.Pool); break;
                case "providerID": spec.ProviderId = reader.Text(); break;
                case "clusterSelector": spec.ClusterSelector = LabelSelectorReading.Text(ref reader, wire); break;
                case "infrastructureRef" or "controlPlaneRef": spec.Refer(ObjectReading.Reference(ref reader, wire.Pool)); break;
                case "bootstrap": ReadBootstrap(ref reader, wire, ref spec); break;
                case "persistence": spec.TakesVolumes = ReadAutoDelete(ref reader, wire); break;
                case "etcd" or "storage": spec.TakesEtcdVolumes |= ReadAutoDelete(ref reader, wire); break; // v1beta1 has etcd, v1beta2 has storage.etcd
                default: reader.Skip(); break;
            }
        }
    }

    private static void ReadBootstrap(ref Utf8JsonReader reader, WireContext wire, ref Spec spec)
    {
        if (!reader.EnterObject())
        {
            return;
        }

        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "configRef": spec.Refer(ObjectReading.Reference(ref reader, wire.Pool)); break;
                default: reader.Skip(); break;
            }
        }
    }

    private static bool ReadAutoDelete(ref Utf8JsonReader reader, WireContext wire)
    {
        bool found = false;
        if (reader.EnterObject())
        {
            while (reader.NextProperty(wire.Pool, out string name))
            {
                switch (name)
                {
                    case "autoDeletePVCs": found |= reader.Bool() == true; break;
                    case "etcd": found |= ReadAutoDelete(ref reader, wire); break;
                    default: reader.Skip(); break;
                }
            }
        }

        return found;
    }

    private struct Spec(List<(string Kind, string Name)> references)
    {
        public string? Cluster, ProviderId, ClusterSelector;
        public bool TakesVolumes, TakesEtcdVolumes;

        public List<(string Kind, string Name)> References { get; } = references;

        public readonly void Refer((string? Kind, string? Name) reference)
        {
            if (reference is (string kind, string name))
            {
                References.Add((kind, name));
            }
        }
    }
}
