using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>A cmdlet that gets the objects of one kind that belong to clusters.</summary>
/// <typeparam name="T">The model.</typeparam>
public abstract class GetCapiClusterChildCommand<T> : GetCapiResourceCommand<T>
    where T : CapiResource
{
    /// <summary>Clusters, by name (wildcards are allowed) or as CapiCluster from the pipeline.</summary>
    [Parameter(ValueFromPipeline = true)]
    [CapiClusterReference]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public CapiClusterReference[]? Cluster { get; set; }

    private protected override void Process()
    {
        if (Cluster is null)
        {
            Get(CreateFilter(Name));
            return;
        }

        foreach (CapiClusterReference reference in Cluster)
        {
            Get(reference.Narrow(CreateFilter(Name)), reference.EnsureBelongsToAsync);
        }
    }
}
