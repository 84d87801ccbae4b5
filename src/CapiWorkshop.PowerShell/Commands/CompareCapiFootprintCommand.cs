using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Parameters;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Compares what clusters take: containers, nodes, hosted control planes, processor time and memory, as measured now.</summary>
[Cmdlet(VerbsData.Compare, "CapiFootprint")]
[OutputType(typeof(CapiFootprint))]
public sealed class CompareCapiFootprintCommand : ScopedCommand
{
    private readonly List<CapiClusterReference> _differences = [];

    /// <summary>The cluster to compare with, by name or as CapiCluster.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [CapiClusterReference]
    [ValidateNotNullOrEmpty]
    [ValidateCount(1, 1)]
    public CapiClusterReference[] ReferenceObject { get; set; } = [];

    /// <summary>The clusters to compare, by name (wildcards are allowed) or as CapiCluster from the pipeline.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [CapiClusterReference]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public CapiClusterReference[] DifferenceObject { get; set; } = [];

    private protected override void Process() => _differences.AddRange(DifferenceObject);

    private protected override void Finish()
    {
        ManagementCluster management = ManagementCluster;
        FootprintComparison comparison = new(management, management.CreateMeter(EngineOpener));
        CapiClusterReference[] references = [ReferenceObject[0], .. _differences];
        ResourceFilter[] filters = [.. references.Select(reference => reference.Select(Scope))];
        Start(async (output, token) =>
        {
            foreach (CapiClusterReference reference in references)
            {
                await reference.EnsureBelongsToAsync(management, token).ConfigureAwait(false);
            }

            await foreach (Outcome<CapiFootprint> footprint in comparison.RunAsync(filters[0], filters[1..], token).ConfigureAwait(false))
            {
                foreach (CapiProblem problem in footprint.Value?.Problems ?? [])
                {
                    output.Warn($"What could not be read is left empty. {problem.Message} {problem.Action}");
                }

                await output.WriteAsync(footprint).ConfigureAwait(false);
            }
        });
    }
}
