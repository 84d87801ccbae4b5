using System.Management.Automation;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>One progress bar. Every bar of a session has a number of its own, so that several can be seen at once.</summary>
/// <param name="activity">What is being done.</param>
internal sealed class ActivityProgress(string activity)
{
    private static int _last;
    private readonly int _id = Interlocked.Increment(ref _last);

    /// <summary>How far it is.</summary>
    /// <param name="status">A line for people.</param>
    /// <param name="percent">0 to 100; null where it cannot be said.</param>
    /// <param name="operation">What is being waited for; null for nothing in particular.</param>
    public ProgressRecord Show(string status, int? percent, string? operation) => new(_id, activity, status) { PercentComplete = percent ?? -1, CurrentOperation = operation };

    public ProgressRecord Completed() => new(_id, activity, "Done") { RecordType = ProgressRecordType.Completed };
}
