namespace CapiWorkshop.Sandbox.Definitions;

/// <summary>The columns that many kinds share, and short ways to write the others.</summary>
internal static class Columns
{
    /// <summary>CAPI gives its wide columns this priority; kubectl only asks whether it is above 0.</summary>
    private const int WidePriority = 10;

    public static PrinterColumn Name { get; } = new("Name", "string", 0, ".metadata.name")
    {
        Format = "name",
        Description = "Name must be unique within a namespace.",
    };

    public static PrinterColumn Age { get; } = new("Age", "date", 0, ".metadata.creationTimestamp");

    public static PrinterColumn Cluster { get; } = Text("Cluster", ".spec.clusterName");

    public static PrinterColumn ClusterLabel { get; } = Text("Cluster", @".metadata.labels['cluster\.x-k8s\.io/cluster-name']");

    public static PrinterColumn Paused { get; } = Wide(Condition("Paused"));

    public static PrinterColumn Phase { get; } = Text("Phase", ".status.phase");

    public static PrinterColumn Version { get; } = Text("Version", ".spec.version");

    public static PrinterColumn TemplateVersion { get; } = Text("Version", ".spec.template.spec.version");

    public static PrinterColumn OwnerClass { get; } = Owner("ClusterClass");

    public static PrinterColumn Text(string name, string path) => new(name, "string", 0, path);

    public static PrinterColumn Count(string name, string path) => new(name, "integer", 0, path);

    public static PrinterColumn Flag(string name, string path) => new(name, "boolean", 0, path);

    public static PrinterColumn Condition(string type, string? name = null, string field = "status") =>
        Text(name ?? type, $".status.conditions[?(@.type==\"{type}\")].{field}");

    public static PrinterColumn Address(string name, string type) => Text(name, $".status.addresses[?(@.type==\"{type}\")].address");

    public static PrinterColumn Owner(string kind) => Text(kind, $".metadata.ownerReferences[?(@.kind==\"{kind}\")].name");

    public static PrinterColumn Wide(PrinterColumn column, int priority = WidePriority) => column with { Priority = priority };
}
