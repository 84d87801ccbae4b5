using System.Globalization;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Formatting;

/// <summary>What stands in the cells of the views (CapiWorkshop.Format.ps1xml). Objects hold numbers and times; only here they become text.</summary>
public static class Cell
{
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

    private static string Text(CapiMachine machine) => machine.RawPhase ?? machine.Phase.ToString();

    private static string Two(int large, string largeUnit, int small, string smallUnit) =>
        small == 0 ? string.Create(CultureInfo.InvariantCulture, $"{large}{largeUnit}") : string.Create(CultureInfo.InvariantCulture, $"{large}{largeUnit}{small}{smallUnit}");
}
