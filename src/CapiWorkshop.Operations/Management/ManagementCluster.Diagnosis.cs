using System.Runtime.CompilerServices;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Operations;

public sealed partial class ManagementCluster
{
    /// <summary>
    /// What is wrong with clusters and with this management cluster, what explains the rest first; nothing where all is well. One request a kind, however many
    /// clusters there are, and a few more for each cluster in which a deletion takes too long. What is not there, and what may not be read, is a problem among them.
    /// </summary>
    /// <param name="request">Which clusters.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    public async IAsyncEnumerable<Outcome<CapiFinding>> FindProblemsAsync(FleetRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        string id = await GetIdAsync(cancellationToken).ConfigureAwait(false);
        FleetSurvey survey = await SurveyAsync(request, cancellationToken).ConfigureAwait(false);
        foreach (CapiProblem problem in survey.Problems)
        {
            yield return problem;
        }

        List<CapiProblem> unread = [];
        Task<List<CapiMachineHealthCheck>?> checks = TryAsync(unread, () => ListAllAsync(CapiKinds.MachineHealthCheck, new() { Namespace = survey.Namespace, AllNamespaces = survey.Namespace is null }, cancellationToken));
        Task<List<CapiProvider>?> providers = ReadProvidersAsync(await DiscoverAsync(cancellationToken).ConfigureAwait(false), unread, cancellationToken);
        Task<List<WarningEvent>?> warnings = TryListAsync<WarningEvent>(_api, unread, new(CoreTypes.Event, survey.Namespace, FieldSelector: "type=Warning"), WarningReader.Read, cancellationToken);
        await Task.WhenAll(checks, providers, warnings).ConfigureAwait(false);
        foreach (CapiProblem problem in unread)
        {
            _observer?.Note($"What could not be read is not looked at. {problem.Message}");
        }

        DateTimeOffset now = _clock.GetUtcNow();
        HashSet<(string?, string?)> chosen = [.. survey.Clusters.Select(one => (one.Namespace, (string?)one.Name))];
        DiagnosisFacts facts = new()
        {
            Survey = survey,
            HealthChecks = [.. (await checks.ConfigureAwait(false) ?? []).Where(check => survey.IsWhole || chosen.Contains((check.Namespace, check.Cluster)))],
            Providers = await providers.ConfigureAwait(false),
            Stuck = await ExplainOverdueAsync(survey, now, cancellationToken).ConfigureAwait(false),
            Now = now,
        };
        Dictionary<string, string> latest = (await warnings.ConfigureAwait(false) ?? []).Where(warning => warning.Uid is not null)
            .GroupBy(warning => warning.Uid!, StringComparer.Ordinal).ToDictionary(told => told.Key, told => told.MaxBy(warning => warning.At)!.Text, StringComparer.Ordinal);
        foreach (CapiFinding finding in FleetDiagnosis.Find(facts, latest, Endpoint.Context, id))
        {
            yield return finding;
        }
    }

    /// <summary>Why deletions that take too long do not go on, by the UID of the object that keeps the others waiting.</summary>
    private async Task<ILookup<string, CapiStuckReason>> ExplainOverdueAsync(FleetSurvey survey, DateTimeOffset now, CancellationToken cancellationToken)
    {
        List<(string Uid, CapiStuckReason Reason)> reasons = [];
        foreach (IGrouping<(string? Namespace, string? Cluster), CapiResource> overdue in DiagnosisFacts.Objects(survey).Where(item => DiagnosisRules.IsOverdue(item, now)).GroupBy(item => (item.Namespace, item.Cluster)))
        {
            StuckFacts facts = await GatherStuckFactsAsync(overdue.Key.Namespace, overdue.Key.Cluster, cancellationToken).ConfigureAwait(false);
            foreach (CapiStuckReason reason in StuckExplanation.Explain([.. overdue], facts))
            {
                reasons.AddRange(overdue.Where(item => reason.Subject == $"{item.Kind} {item}").Select(item => (item.Uid, reason)));
            }
        }

        return reasons.ToLookup(pair => pair.Uid, pair => pair.Reason, StringComparer.Ordinal);
    }
}
