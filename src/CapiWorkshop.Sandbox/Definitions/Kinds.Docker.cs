using static CapiWorkshop.Sandbox.Definitions.Columns;

namespace CapiWorkshop.Sandbox.Definitions;

internal static partial class Kinds
{
    public static ResourceDefinition DockerCluster { get; } = InfrastructureCluster("DockerCluster", deprecated: true);

    public static ResourceDefinition DockerMachine { get; } = InfrastructureMachine("DockerMachine", deprecated: true);

    public static ResourceDefinition DockerMachineTemplate { get; } = Infrastructure("DockerMachineTemplate", deprecated: true, hasStatus: true);

    public static ResourceDefinition DockerClusterTemplate { get; } = Infrastructure("DockerClusterTemplate", deprecated: true, hasStatus: false);

    public static ResourceDefinition DockerMachinePool { get; } = Infrastructure("DockerMachinePool", deprecated: true, hasStatus: true);

    public static ResourceDefinition DockerMachinePoolTemplate { get; } = Infrastructure("DockerMachinePoolTemplate", deprecated: true, hasStatus: false);

    public static ResourceDefinition DevCluster { get; } = InfrastructureCluster("DevCluster");

    public static ResourceDefinition DevMachine { get; } = InfrastructureMachine("DevMachine");

    public static ResourceDefinition DevMachineTemplate { get; } = Infrastructure("DevMachineTemplate", deprecated: false, hasStatus: true);

    public static ResourceDefinition DevClusterTemplate { get; } = Infrastructure("DevClusterTemplate", deprecated: false, hasStatus: false);

    public static ResourceDefinition DevMachinePool { get; } = new()
    {
        Group = InfrastructureGroup,
        Kind = "DevMachinePool",
        Plural = "devmachinepools",
        Categories = CapiCategory,
        DefinitionLabels = Contracts,
        Versions = [new("v1beta2") { Columns = [Age] }],
    };

    public static ResourceDefinition DevMachinePoolTemplate { get; } = new()
    {
        Group = InfrastructureGroup,
        Kind = "DevMachinePoolTemplate",
        Plural = "devmachinepooltemplates",
        Categories = CapiCategory,
        DefinitionLabels = Contracts,
        Versions = [new("v1beta2") { HasStatus = false, Columns = [Age] }],
    };

    // The Docker kinds are deprecated in favour of the Dev kinds, in the newest version too.
    private static ResourceDefinition InfrastructureCluster(string kind, bool deprecated = false) => new()
    {
        Group = InfrastructureGroup,
        Kind = kind,
        Plural = kind.ToLowerInvariant() + "s",
        Categories = CapiCategory,
        DefinitionLabels = Contracts,
        Versions =
        [
            new("v1beta2") { Deprecated = deprecated, Columns = [ClusterLabel, Age] },
            new("v1beta1") { Deprecated = true, Columns = [ClusterLabel, Age] },
        ],
    };

    private static ResourceDefinition InfrastructureMachine(string kind, bool deprecated = false) => new()
    {
        Group = InfrastructureGroup,
        Kind = kind,
        Plural = kind.ToLowerInvariant() + "s",
        Categories = CapiCategory,
        DefinitionLabels = Contracts,
        Versions =
        [
            new("v1beta2")
            {
                Deprecated = deprecated,
                Columns =
                [
                    ClusterLabel,
                    Wide(Text("Provider ID", ".spec.providerID")),
                    Text("Failure domain", ".status.failureDomain"),
                    Wide(Address("IP", "InternalIP")),
                    Paused,
                    Text("Provisioned", ".status.initialization.provisioned"),
                    Age,
                ],
            },
            new("v1beta1")
            {
                Deprecated = true,
                Columns = [ClusterLabel, Owner("Machine"), Text("ProviderID", ".spec.providerID"), Text("Ready", ".status.ready"), Age],
            },
        ],
    };

    private static ResourceDefinition Infrastructure(string kind, bool deprecated, bool hasStatus) => new()
    {
        Group = InfrastructureGroup,
        Kind = kind,
        Plural = kind.ToLowerInvariant() + "s",
        Categories = CapiCategory,
        DefinitionLabels = Contracts,
        Versions =
        [
            new("v1beta2") { Deprecated = deprecated, HasStatus = hasStatus, Columns = [Age] },
            // Templates got their status with v1beta2; the pool had one before.
            new("v1beta1") { Deprecated = true, HasStatus = kind.EndsWith("Pool", StringComparison.Ordinal), Columns = [Age] },
        ],
    };
}
