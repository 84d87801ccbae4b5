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
        Versions = [new("v1alpha1") { Columns = [.. Readiness] }],
    };

    public static ResourceDefinition HelmReleaseProxy { get; } = new()
    {
        Group = AddonsGroup,
        Kind = "HelmReleaseProxy",
        Plural = "helmreleaseproxies",
        ShortNames = ["hrp"],
        Versions =
        [
            new("v1alpha1")
            {
                Columns = [Text("Cluster", ".spec.clusterRef.name"), .. Readiness, Text("Status", ".status.status"), Text("Revision", ".status.revision")],
            },
        ],
    };

    private static PrinterColumn[] Readiness =>
    [
        Condition("Ready"),
        Condition("Ready", "Reason", "reason"),
        Wide(Condition("Ready", "Message", "message"), priority: 1),
    ];
}
