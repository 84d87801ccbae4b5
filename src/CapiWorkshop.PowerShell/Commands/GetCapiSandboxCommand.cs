using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Pipeline;
using CapiWorkshop.PowerShell.Sandboxes;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Gets the sandboxes that run: those that this process started, and the detached ones.</summary>
[Cmdlet(VerbsCommon.Get, "CapiSandbox")]
[OutputType(typeof(CapiSandbox))]
public sealed class GetCapiSandboxCommand : CapiCmdlet
{
    /// <summary>Names; wildcards are allowed. A name without wildcards that is not there is an error.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    private protected override void Process()
    {
        foreach (Outcome<CapiSandbox> outcome in SandboxRegistry.Select(Name))
        {
            if (outcome.Problem is CapiProblem problem)
            {
                WriteError(ToErrorRecord(problem));
            }
            else
            {
                WriteObject(outcome.Value);
            }
        }
    }
}
