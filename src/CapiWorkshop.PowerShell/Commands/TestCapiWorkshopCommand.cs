using System.Collections;
using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Checks that the workshop was done and that nothing is left of it.</summary>
[Cmdlet(VerbsDiagnostic.Test, "CapiWorkshop")]
[OutputType(typeof(CapiCheckResult), typeof(bool))]
public sealed class TestCapiWorkshopCommand : ScopedCommand
{
    /// <summary>A file that Export-CapiWorkshopState wrote before the cleanup; without it what there is now is checked.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? StatePath { get; set; }

    /// <summary>The parts of the workshop to check.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public CapiWorkshopStage[] Stage { get; set; } = [CapiWorkshopStage.All];

    /// <summary>The workers that were to be there, such as @{ 'dev-cluster' = 4 }: of cluster, namespace/cluster or namespace/cluster/deployment.</summary>
    [Parameter]
    [ReplicaTable]
    public IDictionary? ExpectedReplicas { get; set; }

    /// <summary>Emits one bool instead of the results: whether no check failed.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <summary>That nothing stands in the way of a cleanup takes a look at all kinds, deprecated ones too: nobody asked for these.</summary>
    private protected override bool TellsServerWarnings => false;

    private protected override void Process()
    {
        ManagementCluster management = ManagementCluster;
        WorkshopChecks checks = management.CreateChecks(EngineOpener);
        string? path = StatePath is null ? null : GetUnresolvedProviderPathFromPSPath(StatePath);
        WorkshopCheckRequest request = new() { Scope = Scope, Stages = Stage };
        if (ExpectedReplicas is not null)
        {
            request = request with { ExpectedReplicas = ExpectedReplicas.Keys.Cast<string>().ToDictionary(name => name, name => (int)ExpectedReplicas[name]!, StringComparer.Ordinal) };
        }

        Start(async (output, token) =>
        {
            request = request with { State = path is null ? null : await WorkshopStateFile.ReadAsync(path, token).ConfigureAwait(false) };
            bool failed = false;
            await foreach (CapiCheckResult result in checks.RunAsync(request, token).ConfigureAwait(false))
            {
                failed |= result.Status == CapiCheckStatus.Failed;
                if (!Quiet)
                {
                    await output.WriteAsync((object)result).ConfigureAwait(false);
                }
            }

            if (Quiet)
            {
                await output.WriteAsync((object)!failed).ConfigureAwait(false);
            }
        });
    }
}
