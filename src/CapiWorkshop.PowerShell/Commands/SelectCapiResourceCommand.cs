using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>What the cmdlets that select objects by name, namespace and label have in common.</summary>
public abstract class SelectCapiResourceCommand : ScopedCommand
{
    /// <summary>Names; wildcards are allowed. A name without wildcards that is not there is an error.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Kubernetes' label selector, such as <c>environment=dev,tier!=test</c>.</summary>
    [Parameter]
    [Alias("Selector")]
    [ValidateNotNullOrEmpty]
    public string? LabelSelector { get; set; }

    /// <summary>How many objects to ask the server for at a time, for one that cannot list all of them at once; without it, all are asked for in one request.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? PageSize { get; set; }

    private protected ResourceFilter CreateFilter() => Scope with { Names = Name ?? [], LabelSelector = LabelSelector, PageSize = PageSize };

    /// <summary>Emits the objects of a kind, of one cluster where it is given.</summary>
    private protected void List<T>(CapiKind<T> kind, ResourceFilter filter, CapiClusterReference? parent = null)
        where T : CapiResource => Emit((cluster, token) => cluster.GetAsync(kind, filter, token), parent);

    /// <summary>Emits what is read, of one cluster where it is given.</summary>
    private protected void Emit<T>(Func<ManagementCluster, CancellationToken, IAsyncEnumerable<Outcome<T>>> read, CapiClusterReference? parent = null)
        where T : class
    {
        ManagementCluster cluster = ManagementCluster;
        Start(async (output, token) =>
        {
            if (parent is not null)
            {
                await parent.EnsureBelongsToAsync(cluster, token).ConfigureAwait(false);
            }

            await output.WriteAllAsync(read(cluster, token)).ConfigureAwait(false);
        });
    }
}
