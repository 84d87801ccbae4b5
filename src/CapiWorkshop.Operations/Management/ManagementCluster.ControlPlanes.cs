using System.Runtime.CompilerServices;

namespace CapiWorkshop.Operations;

public sealed partial class ManagementCluster
{
    /// <summary>The control planes of all providers; a problem in the place of each name that none of them has, and of each kind that may not be read.</summary>
    /// <param name="filter">Which ones.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    public async IAsyncEnumerable<Outcome<CapiControlPlane>> GetControlPlanesAsync(ResourceFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        NamePattern[] patterns = [.. filter.Names.Select(name => new NamePattern(name))];
        HashSet<NamePattern> missing = [.. patterns.Where(pattern => pattern.IsExact)];
        HashSet<CapiProblem> problems = [];
        bool any = false;
        List<CapiKind<CapiControlPlane>> kinds = await FindControlPlaneKindsAsync(cancellationToken).ConfigureAwait(false);
        foreach (Outcome<CapiControlPlane> outcome in (await Task.WhenAll(kinds.Select(CollectAsync)).ConfigureAwait(false)).SelectMany(found => found))
        {
            if (outcome.Value is not CapiControlPlane controlPlane)
            {
                problems.Add(outcome.Problem!);
            }
            else if (patterns.Length == 0 || Array.Exists(patterns, pattern => pattern.Matches(controlPlane.Name)))
            {
                any = true;
                missing.RemoveWhere(pattern => pattern.Matches(controlPlane.Name));
                yield return outcome;
            }
        }

        // Each kind says of a cluster that is not there that it is not; where one kind has something of it, or a name says so, that is said.
        foreach (CapiProblem problem in problems.Where(problem => problem.Category != CapiProblemCategory.ObjectNotFound || (!any && missing.Count == 0)))
        {
            yield return problem;
        }

        foreach (NamePattern pattern in missing)
        {
            yield return ProblemTable.NotFound("ControlPlane", pattern.Text, NamespaceOf(filter));
        }

        async Task<List<Outcome<CapiControlPlane>>> CollectAsync(CapiKind<CapiControlPlane> kind)
        {
            List<Outcome<CapiControlPlane>> found = [];
            try
            {
                await foreach (Outcome<CapiControlPlane> outcome in GetAsync(kind, filter with { Names = [] }, cancellationToken).ConfigureAwait(false))
                {
                    found.Add(outcome);
                }
            }
            catch (CapiProblemException e)
            {
                found.Add(e.Problem);
            }

            return found;
        }
    }

    /// <summary>The kinds of control planes that providers serve here.</summary>
    internal async Task<List<CapiKind<CapiControlPlane>>> FindControlPlaneKindsAsync(CancellationToken cancellationToken)
    {
        List<CapiKind<CapiControlPlane>> kinds =
            [.. (await FindClusterKindsAsync(cancellationToken).ConfigureAwait(false)).Where(type => type.Group == CapiNames.ControlPlaneGroup && type.Kind.EndsWith("ControlPlane", StringComparison.Ordinal)).Select(CapiKinds.ControlPlane)];
        if (kinds.Count == 0)
        {
            await NoteMissingAsync($"control planes in {CapiNames.ControlPlaneGroup}", cancellationToken).ConfigureAwait(false);
        }

        return kinds;
    }
}
