using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Connections;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>What the cmdlets that select objects by name, namespace and label have in common.</summary>
public abstract class SelectCapiResourceCommand : CapiConnectedCmdlet
{
    /// <summary>The namespace; the connection's where it is not given.</summary>
    [Parameter]
    [Alias("Ns")]
    [ValidateNotNullOrEmpty]
    public string? Namespace { get; set; }

    /// <summary>Looks in all namespaces.</summary>
    [Parameter]
    public SwitchParameter AllNamespaces { get; set; }

    /// <summary>Kubernetes' label selector, such as <c>environment=dev,tier!=test</c>.</summary>
    [Parameter]
    [Alias("Selector")]
    [ValidateNotNullOrEmpty]
    public string? LabelSelector { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (Namespace is not null && AllNamespaces)
        {
            Throw(new(ProblemId.AmbiguousScope, CapiProblemCategory.InvalidArgument, "Both one namespace and all of them were asked for.", "Use either -Namespace or -AllNamespaces.", Namespace));
        }
    }

    private protected ResourceFilter CreateFilter(string[]? names) =>
        new() { Names = names ?? [], Namespace = Namespace, AllNamespaces = AllNamespaces, LabelSelector = LabelSelector };
}

/// <summary>A cmdlet that gets the objects of one kind.</summary>
/// <typeparam name="T">The model.</typeparam>
public abstract class GetCapiResourceCommand<T> : SelectCapiResourceCommand
    where T : CapiResource
{
    /// <summary>Names; wildcards are allowed. A name without wildcards that is not there is an error.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    private protected abstract CapiKind<T> Kind { get; }

    private protected override void Process() => Get(CreateFilter(Name));

    private protected void Get(ResourceFilter filter, Func<ManagementCluster, CancellationToken, ValueTask>? check = null)
    {
        ManagementCluster cluster = ManagementCluster;
        Start(async (output, token) =>
        {
            if (check is not null)
            {
                await check(cluster, token).ConfigureAwait(false);
            }

            await foreach (Outcome<T> outcome in cluster.GetAsync(Kind, filter, token).ConfigureAwait(false))
            {
                await output.WriteAsync(outcome).ConfigureAwait(false);
            }
        });
    }
}
