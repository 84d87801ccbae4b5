using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>What the cmdlets have in common that look at clusters, and at all of the pipeline together: that takes no longer than one.</summary>
public abstract class ClusterSetCommand : ScopedCommand
{
    private readonly List<CapiClusterReference> _clusters = [];

    /// <summary>Clusters, by name (wildcards are allowed) or as CapiCluster from the pipeline. Without any, all are looked at.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [CapiClusterReference]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ClusterCompleter))]
    [ValidateNotNullOrEmpty]
    public CapiClusterReference[]? Cluster { get; set; }

    private protected sealed override void Process() => _clusters.AddRange(Cluster ?? []);

    private protected sealed override void Finish()
    {
        // An empty pipeline asks for nothing; no pipeline and no name ask for everything.
        if (_clusters.Count == 0 && MyInvocation.ExpectingInput)
        {
            return;
        }

        ManagementCluster management = ManagementCluster;
        Func<Output, CancellationToken, Task> work = Prepare(management, _clusters);
        Start(async (output, token) =>
        {
            foreach (CapiClusterReference reference in _clusters)
            {
                await reference.EnsureBelongsToAsync(management, token).ConfigureAwait(false);
            }

            await work(output, token).ConfigureAwait(false);
        });
    }

    /// <summary>Prepares, on the pipeline thread, the work for the clusters; none for all of the scope.</summary>
    private protected abstract Func<Output, CancellationToken, Task> Prepare(ManagementCluster management, IReadOnlyList<CapiClusterReference> clusters);
}
