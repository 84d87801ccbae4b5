using System.Runtime.CompilerServices;

namespace CapiWorkshop.Operations;

public sealed partial class ManagementCluster
{
    /// <summary>
    /// What clusters consist of, as the rows of a tree, in its order: one request a kind, however many clusters there are. What is not there, and what may not be
    /// read, is a problem among them, and the rest is told without it.
    /// </summary>
    /// <param name="request">Which clusters.</param>
    /// <param name="options">How the tree is to be shown.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    public async IAsyncEnumerable<Outcome<CapiClusterTreeNode>> GetClusterTreeAsync(
        FleetRequest request, ClusterTreeOptions options, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(options);
        FleetSurvey survey = await SurveyAsync(request, cancellationToken).ConfigureAwait(false);
        foreach (CapiProblem problem in survey.Problems)
        {
            yield return problem;
        }

        foreach (CapiClusterTreeNode row in new ClusterTree(survey, options).Rows())
        {
            yield return row;
        }
    }

    private async Task<FleetSurvey> SurveyAsync(FleetRequest request, CancellationToken cancellationToken)
    {
        using FleetSurveying surveying = new(this, request);
        return await surveying.SurveyAsync(cancellationToken).ConfigureAwait(false);
    }
}
