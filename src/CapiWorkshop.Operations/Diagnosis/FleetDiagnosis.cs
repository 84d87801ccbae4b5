namespace CapiWorkshop.Operations;

/// <summary>Applies all rules to what was read. Asks nobody.</summary>
internal static class FleetDiagnosis
{
    /// <param name="facts">What was read.</param>
    /// <param name="warnings">The last warning that was told of an object, by its UID.</param>
    /// <param name="context">The kubeconfig context; null where none was used.</param>
    /// <param name="managementClusterId">Which management cluster it is.</param>
    public static IEnumerable<CapiFinding> Find(DiagnosisFacts facts, IReadOnlyDictionary<string, string> warnings, string? context, string managementClusterId) =>
        from rule in DiagnosisRules.All
        from hit in rule.Find(facts)
        let subject = hit.Item
        let name = $"{subject.Kind} {(subject.Namespace is null ? subject.Name : $"{subject.Namespace}/{subject.Name}")}"
        select new CapiFinding
        {
            Id = rule.Id,
            Severity = hit.Severity ?? rule.Severity,
            Kind = subject.Kind,
            Name = subject.Name,
            Namespace = subject.Namespace,
            Cluster = subject.Cluster,
            Message = hit.Message.StartsWith(name, StringComparison.Ordinal) ? hit.Message : $"{name} {hit.Message}.",
            Since = hit.Since,
            Evidence = subject.Uid is string uid && warnings.TryGetValue(uid, out string? warning) ? [.. hit.Evidence, new(CapiEvidenceSource.Event, warning)] : hit.Evidence,
            Blocks = rule.Blocks,
            Advice = hit.Advice ?? rule.Advice,
            Command = subject.Command,
            ObservedAt = facts.Now,
            Context = context,
            ManagementClusterId = managementClusterId,
        };
}
