using static CapiWorkshop.Sandbox.Definitions.Columns;

namespace CapiWorkshop.Sandbox.Definitions;

internal static partial class Kinds
{
    /// <summary>Neither Helm kind has an age column.</summary>
    public static ResourceDefinition HelmChartProxy { get; } = new()
    {
        Group = AddonsGroup,
        Kind = "HelmChartProxy",
        Plural = "helmchartproxies",
        ShortNames = ["hcp"],
        Defaults = ReleaseDefaults,
        Versions = [new("v1alpha1") { Columns = [.. Readiness] }],
    };

    public static ResourceDefinition HelmReleaseProxy { get; } = new()
    {
        Group = AddonsGroup,
        Kind = "HelmReleaseProxy",
        Plural = "helmreleaseproxies",
        ShortNames = ["hrp"],
        Defaults = ReleaseDefaults,
        Versions =
        [
            new("v1alpha1")
            {
                Columns = [Text("Cluster", ".spec.clusterRef.name"), .. Readiness, Text("Status", ".status.status"), Text("Revision", ".status.revision")],
            },
        ],
    };

    private static (string Path, string Json)[] ReleaseDefaults =>
        [("spec.options.enableClientCache", "false"), ("spec.options.install.createNamespace", "true"), ("spec.options.upgrade.maxHistory", "10")];

    private static PrinterColumn[] Readiness =>
    [
        Condition("Ready"),
        Condition("Ready", "Reason", "reason"),
        Wide(Condition("Ready", "Message", "message"), priority: 1),
    ];
}
