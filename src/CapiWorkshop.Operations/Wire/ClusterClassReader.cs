using System.Text.Json;

namespace CapiWorkshop.Operations.Wire;

/// <summary>ClusterClass, v1beta1 and v1beta2.</summary>
internal static class ClusterClassReader
{
    public static CapiClusterClass Read(ref Utf8JsonReader reader, WireContext wire)
    {
        ObjectMetadata meta = default;
        Spec spec = default;
        long? observedGeneration = null;
        List<CapiCondition>? conditions = null, newConditions = null;
        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "metadata": meta = ObjectReading.Metadata(ref reader, wire); break;
                case "spec": spec = ReadSpec(ref reader, wire); break;
                case "status" when reader.EnterObject():
                    while (reader.NextProperty(wire.Pool, out string field))
                    {
                        switch (field)
                        {
                            case "observedGeneration": observedGeneration = reader.Long(); break;
                            case "conditions": conditions = ObjectReading.Conditions(ref reader, wire); break;
                            case "v1beta2": newConditions = ObjectReading.ConditionsWithin(ref reader, wire); break;
                            default: reader.Skip(); break;
                        }
                    }

                    break;
                case "status": break;
                default: reader.Skip(); break;
            }
        }

        CapiClusterClass cluster = ObjectReading.With(new CapiClusterClass(), meta, null, wire, newConditions ?? conditions, observedGeneration);
        return cluster with
        {
            ControlPlaneKind = spec.ControlPlaneKind,
            InfrastructureKind = spec.InfrastructureKind,
            MachineDeployments = spec.MachineDeployments?.AsReadOnly() ?? [],
            MachinePools = spec.MachinePools?.AsReadOnly() ?? [],
            Variables = spec.Variables?.AsReadOnly() ?? [],
            KubernetesVersions = spec.Versions?.AsReadOnly() ?? [],
            VariablesReady = cluster.Holds("VariablesReady") ?? cluster.Holds("VariablesReconciled"),
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
                case "controlPlane": spec.ControlPlaneKind = ReadTemplateKind(ref reader, wire); break;
                case "infrastructure": spec.InfrastructureKind = ReadTemplateKind(ref reader, wire); break;
                case "workers": ReadWorkers(ref reader, wire, ref spec); break;
                case "variables": spec.Variables = reader.Texts("name", wire.Pool); break;
                case "kubernetesVersions": spec.Versions = reader.Strings(wire.Pool); break;
                default: reader.Skip(); break;
            }
        }

        return spec;
    }

    /// <summary>The kind of the template that is referred to as <c>templateRef</c>, in v1beta1 <c>ref</c>.</summary>
    private static string? ReadTemplateKind(ref Utf8JsonReader reader, WireContext wire)
    {
        string? kind = null;
        if (reader.EnterObject())
        {
            while (reader.NextProperty(wire.Pool, out string name))
            {
                switch (name)
                {
                    case "templateRef" or "ref": kind = ObjectReading.Reference(ref reader, wire.Pool).Kind; break;
                    default: reader.Skip(); break;
                }
            }
        }

        return kind;
    }

    private static void ReadWorkers(ref Utf8JsonReader reader, WireContext wire, ref Spec spec)
    {
        if (!reader.EnterObject())
        {
            return;
        }

        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "machineDeployments": spec.MachineDeployments = reader.Texts("class", wire.Pool); break;
                case "machinePools": spec.MachinePools = reader.Texts("class", wire.Pool); break;
                default: reader.Skip(); break;
            }
        }
    }

    private struct Spec
    {
        public string? ControlPlaneKind, InfrastructureKind;
        public List<string>? MachineDeployments, MachinePools, Variables, Versions;
    }
}
