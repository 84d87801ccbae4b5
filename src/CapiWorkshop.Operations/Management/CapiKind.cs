using System.Text.Json;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Operations;

/// <summary>A kind of Cluster API that this library reads: where it is served, and how it becomes a model.</summary>
/// <typeparam name="T">The model.</typeparam>
public sealed class CapiKind<T>
    where T : CapiResource
{
    internal CapiKind(string group, string plural, string kind, string component, WireReader<T> reader)
    {
        Group = group;
        Plural = plural;
        Kind = kind;
        Component = component;
        Reader = reader;
    }

    /// <summary>The API group.</summary>
    public string Group { get; }

    /// <summary>The plural that stands in URLs.</summary>
    public string Plural { get; }

    /// <summary>The kind as it is spelled in manifests.</summary>
    public string Kind { get; }

    /// <summary>What has to be installed for it to be served.</summary>
    public string Component { get; }

    internal WireReader<T> Reader { get; }

    /// <summary>Whether a management cluster does without it: where it is not served, there are none.</summary>
    internal bool IsOptional { get; init; }

    /// <summary>A field that may hold credentials: see <see cref="Ports.ResourceType.ConfidentialField"/>.</summary>
    internal string? ConfidentialField { get; init; }
}

/// <summary>The kinds that this library reads.</summary>
public static class CapiKinds
{
    private const string Core = "Cluster API";
    private const string HelmAddon = "Cluster API's Helm add-on provider";

    /// <summary>Workload clusters. Group-qualified, because k0smotron has <c>clusters</c> of its own.</summary>
    public static CapiKind<CapiCluster> Cluster { get; } = new(CapiNames.CoreGroup, "clusters", "Cluster", Core, ClusterReader.Read);

    /// <summary>Sets of workers.</summary>
    public static CapiKind<CapiMachineDeployment> MachineDeployment { get; } = new(CapiNames.CoreGroup, "machinedeployments", "MachineDeployment", Core, MachineDeploymentReader.Read);

    /// <summary>Machines.</summary>
    public static CapiKind<CapiMachine> Machine { get; } = new(CapiNames.CoreGroup, "machines", "Machine", Core, MachineReader.Read);

    /// <summary>The revisions of sets of workers.</summary>
    public static CapiKind<CapiMachineSet> MachineSet { get; } = new(CapiNames.CoreGroup, "machinesets", "MachineSet", Core, MachineSetReader.Read);

    /// <summary>Sets of workers that the infrastructure manages as one.</summary>
    public static CapiKind<CapiMachinePool> MachinePool { get; } = new(CapiNames.CoreGroup, "machinepools", "MachinePool", Core, MachinePoolReader.Read) { IsOptional = true };

    /// <summary>What decides which machines are replaced.</summary>
    public static CapiKind<CapiMachineHealthCheck> MachineHealthCheck { get; } =
        new(CapiNames.CoreGroup, "machinehealthchecks", "MachineHealthCheck", Core, MachineHealthCheckReader.Read) { IsOptional = true };

    /// <summary>What clusters with a topology are made from.</summary>
    public static CapiKind<CapiClusterClass> ClusterClass { get; } = new(CapiNames.CoreGroup, "clusterclasses", "ClusterClass", Core, ClusterClassReader.Read) { IsOptional = true };

    /// <summary>Helm charts for clusters.</summary>
    public static CapiKind<CapiHelmChartProxy> HelmChartProxy { get; } = new(CapiNames.AddonsGroup, "helmchartproxies", "HelmChartProxy", HelmAddon, HelmChartProxyReader.Read) { ConfidentialField = "valuesTemplate" };

    /// <summary>Releases of Helm charts, one a cluster.</summary>
    public static CapiKind<CapiHelmReleaseProxy> HelmReleaseProxy { get; } = new(CapiNames.AddonsGroup, "helmreleaseproxies", "HelmReleaseProxy", HelmAddon, HelmReleaseProxyReader.Read) { ConfidentialField = "values" };

    /// <summary>A kind of control plane, as a provider calls it.</summary>
    internal static CapiKind<CapiControlPlane> ControlPlane(ResourceType type) =>
        new(type.Group, type.Plural, type.Kind, $"the provider of {type.Kind}", (ref reader, wire) => ControlPlaneReader.Read(ref reader, wire, type.Kind));
}

/// <summary>Turns one JSON object into a model.</summary>
/// <typeparam name="T">The model.</typeparam>
/// <param name="reader">Stands on the object's start.</param>
/// <param name="wire">What is not in the JSON.</param>
internal delegate T WireReader<out T>(ref Utf8JsonReader reader, WireContext wire);
