using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>What the cmdlets have in common whose objects belong to clusters: these come by name or from the pipeline.</summary>
public abstract class SelectCapiClusterChildCommand : SelectCapiResourceCommand
{
    /// <summary>Clusters, by name (wildcards are allowed) or as CapiCluster from the pipeline.</summary>
    [Parameter(ValueFromPipeline = true)]
    [CapiClusterReference]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ClusterCompleter))]
    [ValidateNotNullOrEmpty]
    public CapiClusterReference[]? Cluster { get; set; }

    private protected sealed override void Process()
    {
        if (Cluster is null)
        {
            Select(CreateFilter(), null);
            return;
        }

        foreach (CapiClusterReference reference in Cluster)
        {
            Select(reference.Narrow(CreateFilter()), reference);
        }
    }

    /// <summary>Starts the work for the objects of one cluster, or of all.</summary>
    private protected abstract void Select(ResourceFilter filter, CapiClusterReference? cluster);
}
