using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>What the cmdlets have in common that measure clusters. All clusters of the pipeline are measured together: that takes no longer than one.</summary>
public abstract class UsageCommand : ScopedCommand
{
    private readonly List<CapiClusterReference> _clusters = [];
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    /// <summary>Clusters, by name (wildcards are allowed) or as CapiCluster from the pipeline. Without any, all are measured, and the management cluster with them.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [CapiClusterReference]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public CapiClusterReference[]? Cluster { get; set; }

    private protected sealed override void Process() => _clusters.AddRange(Cluster ?? []);

    private protected sealed override void Finish()
    {
        // An empty pipeline asks for nothing; no pipeline and no name ask for everything.
        if (_clusters.Count == 0 && MyInvocation.ExpectingInput)
        {
            return;
        }

        ManagementCluster management = ManagementCluster;
        ResourceMeter meter = management.CreateMeter(EngineOpener);
        UsageRequest request = new()
        {
            IncludeManagementCluster = _clusters.Count == 0,
            Clusters = _clusters.Count == 0
                ? [Scope]
                : [.. from reference in _clusters
                      group reference by reference.Namespace into those
                      select those.First().Select(Scope) with { Names = [.. those.Select(reference => reference.Name)] }],
        };
        Start(async (output, token) =>
        {
            foreach (CapiClusterReference reference in _clusters)
            {
                await reference.EnsureBelongsToAsync(management, token).ConfigureAwait(false);
            }

            await MeasureAsync(meter, request, output, token).ConfigureAwait(false);
        });
    }

    /// <summary>Measures and emits, once or more often.</summary>
    private protected abstract Task MeasureAsync(ResourceMeter meter, UsageRequest request, Output output, CancellationToken cancellationToken);

    /// <summary>One reading. What is missing in it is said once, however many rows and readings lack it.</summary>
    private protected async Task ReadAsync(ResourceMeter meter, UsageRequest request, Output output, CancellationToken cancellationToken)
    {
        await foreach (Outcome<CapiResourceUsage> row in meter.ReadAsync(request, cancellationToken).ConfigureAwait(false))
        {
            foreach (CapiProblem problem in row.Value?.Problems ?? [])
            {
                if (_told.Add(problem.Message))
                {
                    output.Warn($"What could not be read is left empty. {problem.Message} {problem.Action}");
                }
            }

            await output.WriteAsync(row).ConfigureAwait(false);
        }
    }
}
