using System.Text.Json;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Operations;

/// <summary>A kind of Cluster API that this library reads: where it is served, and how it becomes a model.</summary>
/// <typeparam name="T">The model.</typeparam>
public sealed class CapiKind<T>
    where T : CapiResource
{
    internal CapiKind(string group, string plural, string kind, WireReader<T> reader)
    {
        Group = group;
        Plural = plural;
        Kind = kind;
        Reader = reader;
    }

    /// <summary>The API group.</summary>
    public string Group { get; }

    /// <summary>The plural that stands in URLs.</summary>
    public string Plural { get; }

    /// <summary>The kind as it is spelled in manifests.</summary>
    public string Kind { get; }

    internal WireReader<T> Reader { get; }
}

/// <summary>The kinds that this library reads.</summary>
public static class CapiKinds
{
    /// <summary>Workload clusters. Group-qualified, because k0smotron has <c>clusters</c> of its own.</summary>
    public static CapiKind<CapiCluster> Cluster { get; } = new(CapiNames.CoreGroup, "clusters", "Cluster", ClusterReader.Read);

    /// <summary>Sets of workers.</summary>
    public static CapiKind<CapiMachineDeployment> MachineDeployment { get; } = new(CapiNames.CoreGroup, "machinedeployments", "MachineDeployment", MachineDeploymentReader.Read);

    /// <summary>Machines.</summary>
    public static CapiKind<CapiMachine> Machine { get; } = new(CapiNames.CoreGroup, "machines", "Machine", MachineReader.Read);
}

/// <summary>Turns one JSON object into a model.</summary>
/// <typeparam name="T">The model.</typeparam>
/// <param name="reader">Stands on the object's start.</param>
/// <param name="wire">What is not in the JSON.</param>
internal delegate T WireReader<out T>(ref Utf8JsonReader reader, WireContext wire);
