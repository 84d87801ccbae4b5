using System.Globalization;
using System.Text;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Formatting;

/// <summary>What stands in the cells of the views (CapiWorkshop.Format.ps1xml). Objects hold numbers and times; only here they become text.</summary>
public static class Cell
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>An age in two units at most, as kubectl shows it: 45s, 18m, 3h12m, 2d4h, 41d.</summary>
    /// <param name="age">The age; null is shown as nothing.</param>
    public static string Age(TimeSpan? age) => age switch
    {
        null => "",
        { TotalSeconds: < 0 } => "0s",
        { TotalSeconds: < 120 } span => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalSeconds}s"),
        { TotalHours: < 1 } span => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalMinutes}m"),
        { TotalDays: < 1 } span => Two((int)span.TotalHours, "h", span.Minutes, "m"),
        { TotalDays: < 10 } span => Two((int)span.TotalDays, "d", span.Hours, "h"),
        TimeSpan span => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalDays}d"),
    };

    /// <summary>How long something took: tenths of a second below a minute, else as an age.</summary>
    /// <param name="duration">How long.</param>
    public static string Duration(TimeSpan duration) =>
        duration.TotalMinutes < 1 ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.0}s") : Age(duration);

    /// <summary>Two counts as <c>2/4</c>, a question mark where the second is unknown; nothing where both are.</summary>
    /// <param name="part">As many as are there.</param>
    /// <param name="whole">As many as there should be.</param>
    public static string Of(int? part, int? whole) => (part, whole) switch
    {
        (null, null) => "",
        (null, int desired) => string.Create(CultureInfo.InvariantCulture, $"0/{desired}"),
        (int count, null) => string.Create(CultureInfo.InvariantCulture, $"{count}/?"),
        (int count, int desired) => string.Create(CultureInfo.InvariantCulture, $"{count}/{desired}"),
    };

    /// <summary>The counts of a control plane or of workers, nothing where none is known.</summary>
    /// <param name="counts">The counts.</param>
    public static string Of(CapiReplicaCounts? counts) => counts is null ? "" : counts.Ready is null && counts.Desired is null ? "" : counts.ToString();

    /// <summary>A phase as the server spells it, with the previous one in front where it changed, and whether the machine is ready.</summary>
    /// <param name="change">The change.</param>
    public static string Phase(CapiMachineChange? change) => change switch
    {
        null => "",
        { PreviousPhase: CapiMachinePhase previous } when previous != change.Phase => $"{previous} -> {Text(change.Machine)}",
        { Machine.Ready: true } => $"{Text(change.Machine)} (Ready)",
        _ => Text(change.Machine),
    };

    /// <summary>A time of day, local; the date is in the object.</summary>
    /// <param name="time">The time.</param>
    public static string Clock(DateTimeOffset? time) => time?.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture) ?? "";

    /// <summary>Providers in one line: name, version, and a word where something is wrong.</summary>
    /// <param name="providers">The providers; null where they may not be read.</param>
    public static string Providers(IReadOnlyList<CapiProvider>? providers) => providers is null
        ? ""
        : string.Join(", ", providers.Select(provider => provider.Available switch { true => provider.ToString(), false => $"{provider} (not available)", null => $"{provider} (health unknown)" }));

    /// <summary>A share with one digit, without its sign.</summary>
    /// <param name="percent">The share; null is shown as nothing.</param>
    public static string Percent(double? percent) => percent?.ToString("0.0", CultureInfo.InvariantCulture) ?? "";

    /// <summary>A saving in per cent; negative where it is a loss.</summary>
    /// <param name="percent">The share; null is shown as nothing.</param>
    public static string Saved(double? percent) => percent is double share ? string.Create(CultureInfo.InvariantCulture, $"{share:0.#} %") : "";

    /// <summary>A number of bytes in the largest binary unit that leaves it above one: 812 MiB, 1.4 GiB.</summary>
    /// <param name="bytes">The number; null is shown as nothing.</param>
    public static string Bytes(long? bytes)
    {
        if (bytes is not long count)
        {
            return "";
        }

        int unit = 0;
        double size = count;
        for (; size >= 1024 && unit < Units.Length - 1; unit++)
        {
            size /= 1024;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{Math.Round(size, size < 10 && unit > 0 ? 1 : 0)} {Units[unit]}");
    }

    /// <summary>Two counts that are compared, <c>5 : 3</c>.</summary>
    /// <param name="reference">The one.</param>
    /// <param name="difference">The other.</param>
    public static string Versus(int? reference, int? difference) => string.Create(CultureInfo.InvariantCulture, $"{Known(reference)} : {Known(difference)}");

    /// <summary>Counts by kind in one line, <c>Cluster 1, Machine 5</c>.</summary>
    /// <param name="counts">The counts.</param>
    public static string Counts(IReadOnlyDictionary<string, int>? counts) =>
        counts is null ? "" : string.Join(", ", counts.Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Key} {count.Value}")));

    /// <summary>How many objects went, of one kind or in all; nothing for the management cluster, unless applications went that are no single cluster's.</summary>
    /// <param name="result">The result.</param>
    /// <param name="kind">The kind; all where it is null.</param>
    public static string Removed(CapiRemovalResult? result, string? kind = null) =>
        result is null || (result.Subject == CapiRemovalSubject.ManagementCluster && (kind is not null || result.Removed.Count == 0)) ? "" : result.Removed.Where(count => kind is null || count.Key == kind).Sum(count => count.Value).ToString(CultureInfo.InvariantCulture);

    /// <summary>Names in one line.</summary>
    /// <param name="names">The names.</param>
    public static string Join(IEnumerable<string>? names) => string.Join(", ", names ?? []);

    /// <summary>What a row of a tree is about, behind the lines that lead to it: an object with its kind, anything else by its name.</summary>
    /// <param name="node">The row.</param>
    public static string Branch(CapiClusterTreeNode? node) =>
        node is null ? "" : node.Branch + (node.Names.Count == 1 ? node.ToString() : node.Name);

    /// <summary>How many objects each stage of a removal is about, in one line.</summary>
    /// <param name="plan">The plan.</param>
    public static string Stages(CapiRemovalPlan? plan) => Counts(plan?.Items.CountBy(item => item.Stage.ToString()).ToDictionary());

    /// <summary>What came of a removal, in a word.</summary>
    /// <param name="result">The result.</param>
    public static string Outcome(CapiRemovalResult? result) => result switch
    {
        null => "",
        { Subject: CapiRemovalSubject.ManagementCluster } => result.IsIntact switch { true => "Intact", false => "Changed", null => "Unknown" },
        _ => result.IsRemoved switch { true => "Removed", false => "Not removed", null => "Unknown" },
    };

    /// <summary>The learning path as an outline, and below it what was found.</summary>
    /// <param name="summary">The summary.</param>
    public static string Summary(CapiWorkshopSummary? summary)
    {
        if (summary is null)
        {
            return "";
        }

        StringBuilder text = new();
        text.AppendLine(CultureInfo.InvariantCulture, $"Learning path: {summary.Modules.Count} modules, {summary.Minutes} minutes");
        foreach (CapiWorkshopModule module in summary.Modules)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {module.Number}  {module.Title} ({module.Minutes} min)");
            text.AppendJoin("", module.Concepts.Select(concept => $"      - {concept}{Environment.NewLine}"));
        }

        text.AppendLine().AppendLine("Skills").AppendJoin("", summary.Skills.Select(skill => $"  - {skill}{Environment.NewLine}"));
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"Architecture found in {summary.Context ?? "this management cluster"}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  {summary.Clusters.Count} workload clusters{List(summary.Clusters.Select(cluster => $"{cluster.Name} ({cluster.ControlPlaneKind ?? "no control plane"})"))}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  {summary.Nodes} nodes: {summary.ControlPlaneMachines} control plane and {summary.WorkerMachines} worker machines");
        text.AppendLine(CultureInfo.InvariantCulture, $"  {Known(summary.ControlPlanePods)} hosted control plane pods");
        text.Append(CultureInfo.InvariantCulture, $"  {summary.Applications.Count} applications{List(summary.Applications.Select(release => $"{release.ChartName} in {release.Cluster}"))}");
        return text.ToString();
    }

    private static string List(IEnumerable<string> items) => string.Join(", ", items) is { Length: > 0 } list ? ": " + list : "";

    private static string Known(int? count) => count?.ToString(CultureInfo.InvariantCulture) ?? "?";

    private static string Text(CapiMachine machine) => machine.RawPhase ?? machine.Phase.ToString();

    private static string Two(int large, string largeUnit, int small, string smallUnit) =>
        small == 0 ? string.Create(CultureInfo.InvariantCulture, $"{large}{largeUnit}") : string.Create(CultureInfo.InvariantCulture, $"{large}{largeUnit}{small}{smallUnit}");
}
