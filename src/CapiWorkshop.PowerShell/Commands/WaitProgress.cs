using System.Globalization;
using System.Management.Automation;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>The progress bar of one wait.</summary>
internal sealed class WaitProgress
{
    private static int _last;
    private readonly int _id = Interlocked.Increment(ref _last);
    private readonly string _activity;

    public WaitProgress(string activity) => _activity = activity;

    public ProgressRecord Show(MachineDeploymentProgress progress) => new(_id, _activity, progress.Status)
    {
        PercentComplete = progress.Percent ?? -1,
        CurrentOperation = string.Create(CultureInfo.InvariantCulture, $"{progress.Deployment.Replicas ?? 0} machines exist, {progress.Deployment.UpToDateReplicas ?? 0} up to date"),
    };

    public ProgressRecord Completed() => new(_id, _activity, "Done") { RecordType = ProgressRecordType.Completed };
}
