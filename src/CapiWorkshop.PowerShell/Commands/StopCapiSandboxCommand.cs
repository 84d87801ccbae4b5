using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Connections;
using CapiWorkshop.PowerShell.Pipeline;
using CapiWorkshop.PowerShell.Sandboxes;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Ends sandboxes. After that this runspace uses no kubeconfig's current context by itself.</summary>
[Cmdlet(VerbsLifecycle.Stop, "CapiSandbox", DefaultParameterSetName = ByName, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(void))]
public sealed class StopCapiSandboxCommand : CapiCmdlet
{
    private const string ByName = "ByName";
    private const string ByObject = "ByObject";

    /// <summary>Names; wildcards are allowed. A name without wildcards that is not there is an error.</summary>
    [Parameter(Position = 0, ParameterSetName = ByName)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["capi-sandbox"];

    /// <summary>The sandboxes to end.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByObject)]
    public CapiSandbox? InputObject { get; set; }

    private protected override void Process()
    {
        foreach (Outcome<CapiSandbox> outcome in InputObject is null ? SandboxRegistry.Select(Name) : [InputObject])
        {
            if (outcome.Problem is CapiProblem problem)
            {
                WriteError(ToErrorRecord(problem));
            }
            else if (ShouldProcess($"Sandbox {outcome.Value} at {outcome.Value!.Server}", "Stop"))
            {
                End(outcome.Value);
            }
        }
    }

    private void End(CapiSandbox sandbox)
    {
        RunspaceConnections connections = RunspaceConnections.Current;
        sandbox.Connection?.Close();
        RunToEnd((_, _) => Task.Run(sandbox.Stop, CancellationToken.None));
        if (connections.Default is null)
        {
            connections.Disconnect(null);
        }
    }
}
