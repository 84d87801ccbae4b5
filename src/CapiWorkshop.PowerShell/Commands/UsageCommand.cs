using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>What the cmdlets have in common that measure clusters. Without any cluster, all are measured, and the management cluster with them.</summary>
public abstract class UsageCommand : ClusterSetCommand
{
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    private protected sealed override Func<Output, CancellationToken, Task> Prepare(ManagementCluster management, IReadOnlyList<CapiClusterReference> clusters)
    {
        ResourceMeter meter = management.CreateMeter(EngineOpener);
        UsageRequest request = new()
        {
            IncludeManagementCluster = clusters.Count == 0,
            Clusters = clusters.Count == 0
                ? [Scope]
                : [.. from reference in clusters
                      group reference by reference.Namespace into those
                      select those.First().Select(Scope) with { Names = [.. those.Select(reference => reference.Name)] }],
        };
        return (output, token) => MeasureAsync(meter, request, output, token);
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
