using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Connections;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Gets the providers of a management cluster, and how their controllers do.</summary>
[Cmdlet(VerbsCommon.Get, "CapiProvider")]
[OutputType(typeof(CapiProvider))]
public sealed class GetCapiProviderCommand : CapiConnectedCmdlet
{
    /// <summary>Names; wildcards are allowed. A name without wildcards that is not there is an error.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    private protected override void Process()
    {
        ManagementCluster cluster = ManagementCluster;
        Start((output, token) => output.WriteAllAsync(cluster.GetProvidersAsync(Name ?? [], token)));
    }
}
