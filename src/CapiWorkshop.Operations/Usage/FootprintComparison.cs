using System.Runtime.CompilerServices;

namespace CapiWorkshop.Operations;

/// <summary>Compares clusters by what one reading says of all of them.</summary>
/// <param name="cluster">The management cluster.</param>
/// <param name="meter">Measures.</param>
public sealed class FootprintComparison(ManagementCluster cluster, ResourceMeter meter)
{
    /// <summary>One comparison for each cluster; a problem in the place of each that is not there.</summary>
    /// <param name="reference">The cluster that all others are compared with: one name, no wildcards.</param>
    /// <param name="differences">The others.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <exception cref="CapiProblemException"><c>InvalidPattern</c> where the reference may be several; <c>ClusterNotFound</c> where it is none.</exception>
    public async IAsyncEnumerable<Outcome<CapiFootprint>> RunAsync(
        ResourceFilter reference, IReadOnlyList<ResourceFilter> differences, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(differences);
        if (reference.Names is not [string name] || ResourceFilter.IsPattern(name))
        {
            string names = string.Join(", ", reference.Names);
            throw new CapiProblem(ProblemId.InvalidPattern, CapiProblemCategory.InvalidArgument, $"'{names}' is not the name of one cluster.",
                "Name one cluster to compare with; the others may have wildcards.", names).ToException();
        }

        List<CapiCluster> found = await cluster.ListAllAsync(CapiKinds.Cluster, reference, cancellationToken).ConfigureAwait(false);
        if (found is not [CapiCluster only])
        {
            throw new CapiProblem(ProblemId.AmbiguousScope, CapiProblemCategory.InvalidArgument, $"There are several Clusters '{name}': {string.Join(", ", found)}.",
                "Name the namespace of the one to compare with.", name).ToException();
        }

        UsageRequest request = new() { IncludeManagementCluster = false, Clusters = [reference, .. differences] };
        CapiResourceUsage? first = null;
        await foreach (Outcome<CapiResourceUsage> row in meter.ReadAsync(request, cancellationToken).ConfigureAwait(false))
        {
            if (first is null)
            {
                first = row.Value ?? throw row.Problem!.ToException(); // nothing can be compared with nothing
            }
            else
            {
                yield return row.Value is CapiResourceUsage usage ? new CapiFootprint(first, usage) : row.Problem!;
            }
        }
    }
}
