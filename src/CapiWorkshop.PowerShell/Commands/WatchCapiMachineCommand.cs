using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Parameters;
using CapiWorkshop.PowerShell.Pipeline;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Tells the changes of machines as they happen.</summary>
[Cmdlet(VerbsCommon.Watch, "CapiMachine")]
[OutputType(typeof(CapiMachineChange))]
public sealed class WatchCapiMachineCommand : SelectCapiClusterChildCommand
{
    private CancellationTokenSource? _deadline;
    private int _emitted;

    /// <summary>Ends the watch when it says true of a change, which it sees as <c>$_</c>. That change is emitted, too.</summary>
    [Parameter]
    public ScriptBlock? Until { get; set; }

    /// <summary>Ends the watch after so many changes.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? Count { get; set; }

    /// <summary>Ends the watch after this time, without an error: seconds as a number, or a text such as 90s, 5m or 1h30m. Without it the watch has no end.</summary>
    [Parameter]
    [Duration]
    [Alias("TimeoutSec")]
    public TimeSpan? Timeout { get; set; }

    /// <summary>Leaves out what is there at the beginning.</summary>
    [Parameter]
    public SwitchParameter NoInitial { get; set; }

    /// <inheritdoc/>
    private protected override bool IsOrdered => false;

    /// <inheritdoc/>
    private protected override int Limit => int.MaxValue;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _deadline?.Dispose();
    }

    private protected override void Select(ResourceFilter filter, CapiClusterReference? cluster)
    {
        ManagementCluster management = ManagementCluster;
        _deadline ??= Timeout is TimeSpan timeout ? new(timeout) : new();
        CancellationToken deadline = _deadline.Token;
        Start(async (output, token) =>
        {
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(token, deadline);
            try
            {
                if (cluster is not null)
                {
                    await cluster.EnsureBelongsToAsync(management, either.Token).ConfigureAwait(false);
                }

                await foreach (CapiMachineChange change in management.WatchMachinesAsync(filter, initial: !NoInitial, either.Token).ConfigureAwait(false))
                {
                    await output.RunAsync(() => Emit(change)).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested && !token.IsCancellationRequested)
            {
                // the time is over: for a watch that is an end like any other
            }
        });
    }

    /// <summary>On the pipeline thread, so that exactly as many come as were asked for and the condition may be a script block.</summary>
    private void Emit(CapiMachineChange change)
    {
        WriteObject(change);
        if (++_emitted == Count || Until?.IsTrueFor(change) == true)
        {
            StopWork();
        }
    }
}
