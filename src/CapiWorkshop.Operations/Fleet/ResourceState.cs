namespace CapiWorkshop.Operations;

/// <summary>How an object does, in a word: what one would say of it to somebody who asks.</summary>
/// <param name="Ready">Whether it works; null where nothing says so.</param>
/// <param name="Status">Why it does not, or what its condition says.</param>
/// <param name="Message">A sentence on why it does not; null where it does.</param>
/// <param name="Since">Since when, UTC.</param>
internal readonly record struct ResourceState(bool? Ready, string? Status, string? Message, DateTimeOffset? Since)
{
    public static ResourceState Of(CapiResource item)
    {
        CapiCondition? summary = SummaryOf(item);
        bool? ready = item switch
        {
            CapiCluster cluster => cluster.Available,
            CapiControlPlane controlPlane => controlPlane.Available,
            _ => summary is null ? null : item.Holds(summary.Type),
        };
        if (item.DeletionRequestedAt is not null)
        {
            return new(ready, "Deleting", item.GetCondition("Deleting")?.Message ?? summary?.Message, item.DeletionRequestedAt);
        }

        CapiCondition? telling = ready == true ? summary : (item as CapiMachine)?.Blocker ?? summary;
        string? status = item.IsPaused ? "Paused"
            : ready == true && item is CapiHelmReleaseProxy { Status: string said } ? said
            : telling?.Reason ?? (ready == true ? telling?.Type : telling?.ToString());
        return new(ready, status, ready == true ? null : telling?.Message, telling?.LastTransitionTime);
    }

    /// <summary>The condition that sums up the others: of what consists of others, whether enough of them work.</summary>
    private static CapiCondition? SummaryOf(CapiResource item) => item switch
    {
        CapiMachine => item.GetCondition("Ready"),
        CapiMachineSet => item.GetCondition("MachinesReady") ?? item.GetCondition("Ready"),
        _ => item.GetCondition("Available") ?? item.GetCondition("Ready") ?? item.GetCondition("ResourcesApplied"),
    };
}
