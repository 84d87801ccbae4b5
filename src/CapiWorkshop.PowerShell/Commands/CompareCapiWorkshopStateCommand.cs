using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Connections;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Tells what differs between two saved states, or between a saved state and what there is now.</summary>
[Cmdlet(VerbsData.Compare, "CapiWorkshopState")]
[OutputType(typeof(CapiStateChange))]
public sealed class CompareCapiWorkshopStateCommand : CapiConnectedCmdlet
{
    /// <summary>The earlier state, or its file.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [CapiStateReference]
    [ValidateNotNull]
    public CapiStateReference? ReferenceObject { get; set; }

    /// <summary>The later state, or its file; what there is now where it is not given.</summary>
    [Parameter(Position = 1, ValueFromPipeline = true)]
    [CapiStateReference]
    [ValidateNotNull]
    public CapiStateReference? DifferenceObject { get; set; }

    private protected override void Process()
    {
        Func<CancellationToken, Task<CapiWorkshopState>> readBefore = ReferenceObject!.Reader(GetUnresolvedProviderPathFromPSPath);
        Func<CancellationToken, Task<CapiWorkshopState>>? readAfter = DifferenceObject?.Reader(GetUnresolvedProviderPathFromPSPath);
        ManagementCluster? management = readAfter is null ? ManagementCluster : null;
        Func<Operations.Ports.IContainerEngine>? engine = management is null ? null : EngineOpener;
        Start(async (output, token) =>
        {
            CapiWorkshopState before = await readBefore(token).ConfigureAwait(false);
            CapiWorkshopState after = readAfter is not null
                ? await readAfter(token).ConfigureAwait(false)
                : await management!.TakeStateAsync(new() { Namespace = before.Namespace, AllNamespaces = before.Namespace is null }, engine, token).ConfigureAwait(false);
            if (before.ManagementCluster.Id != after.ManagementCluster.Id)
            {
                output.Warn("The two states are of different management clusters.");
            }

            if (before.Containers is null != after.Containers is null)
            {
                output.Warn("Only one of the states knows of containers: they are left out.");
            }

            foreach (CapiStateChange change in WorkshopStateComparison.Compare(before, after))
            {
                await output.WriteAsync((object)change).ConfigureAwait(false);
            }
        });
    }
}
