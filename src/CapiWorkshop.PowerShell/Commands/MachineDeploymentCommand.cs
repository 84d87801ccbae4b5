using System.Globalization;
using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Connections;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>What the cmdlets that act on MachineDeployments, by name or from the pipeline, have in common.</summary>
public abstract class MachineDeploymentCommand : CapiConnectedCmdlet
{
    private protected const string ByName = "ByName";
    private protected const string ByObject = "ByObject";

    private MachineDeploymentWaits? _waits;

    /// <summary>Names; wildcards are allowed. A name without wildcards that is not there is an error.</summary>
    [Parameter(Position = 0, Mandatory = true, ParameterSetName = ByName)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>The namespace; the connection's where it is not given.</summary>
    [Parameter(ParameterSetName = ByName)]
    [Alias("Ns")]
    [ValidateNotNullOrEmpty]
    public string? Namespace { get; set; }

    /// <summary>The MachineDeployments, from the pipeline.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public CapiMachineDeployment[] InputObject { get; set; } = [];

    /// <summary>How long to wait: seconds as a number, or a text such as 90s, 5m or 1h30m.</summary>
    [Parameter]
    [Duration]
    [Alias("TimeoutSec")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    private protected override bool IsOrdered => false;

    /// <summary>Waiting costs nothing: everything waits on one watch.</summary>
    private protected override int Limit => int.MaxValue;

    /// <summary>Only on the pipeline thread, so that there is one.</summary>
    private protected MachineDeploymentWaits Waits => _waits ??= ManagementCluster.CreateMachineDeploymentWaits();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _waits?.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(2));
    }

    private protected override void Leave()
    {
        if (_waits is not null)
        {
            RunToEnd((_, _) => _waits.DisposeAsync().AsTask());
        }
    }

    private protected static ProgressRecord Show(ActivityProgress bar, MachineDeploymentProgress progress) => bar.Show(
        progress.Status,
        progress.Percent,
        string.Create(CultureInfo.InvariantCulture, $"{progress.Deployment.Replicas ?? 0} machines exist, {progress.Deployment.UpToDateReplicas ?? 0} up to date"));

    /// <summary>The MachineDeployments that this record names, read now where only a name is known. Delivered on the pipeline thread.</summary>
    private protected IReadOnlyList<CapiMachineDeployment> ReadTargets()
    {
        if (ParameterSetName == ByObject)
        {
            return InputObject;
        }

        ManagementCluster cluster = ManagementCluster;
        List<CapiMachineDeployment> targets = [];
        bool told = false;
        RunToEnd(async (output, token) =>
        {
            ResourceFilter filter = new() { Names = Name, Namespace = Namespace };
            await foreach (Outcome<CapiMachineDeployment> outcome in cluster.GetAsync(CapiKinds.MachineDeployment, filter, token).ConfigureAwait(false))
            {
                if (outcome.Value is CapiMachineDeployment deployment)
                {
                    targets.Add(deployment);
                }
                else
                {
                    told = true;
                    await output.WriteAsync(outcome).ConfigureAwait(false);
                }
            }

            // Whoever lists with a wildcard sees that nothing came; whoever acts should be told.
            if (targets.Count == 0 && !told)
            {
                output.Warn($"No MachineDeployment in namespace '{Namespace ?? cluster.Endpoint.Namespace}' matches {string.Join(", ", Name.Select(name => $"'{name}'"))}: nothing was done.");
            }
        });
        return targets;
    }
}
