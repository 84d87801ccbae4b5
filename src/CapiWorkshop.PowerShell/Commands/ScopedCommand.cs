using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Connections;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>What the cmdlets have in common that look at one namespace or at all of them.</summary>
public abstract class ScopedCommand : CapiConnectedCmdlet
{
    /// <summary>The namespace; the connection's where it is not given.</summary>
    [Parameter]
    [Alias("Ns")]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Namespace { get; set; }

    /// <summary>Looks in all namespaces.</summary>
    [Parameter]
    public SwitchParameter AllNamespaces { get; set; }

    private protected ResourceFilter Scope => new() { Namespace = Namespace, AllNamespaces = AllNamespaces };

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (Namespace is not null && AllNamespaces)
        {
            Throw(new(ProblemId.AmbiguousScope, CapiProblemCategory.InvalidArgument, "Both one namespace and all of them were asked for.", "Use either -Namespace or -AllNamespaces.", Namespace));
        }
    }
}
