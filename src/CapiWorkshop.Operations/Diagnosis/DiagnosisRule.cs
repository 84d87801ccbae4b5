namespace CapiWorkshop.Operations;

/// <summary>One thing that can be wrong, and how it shows.</summary>
/// <param name="Id">The id of its findings.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Blocks">What cannot go on because of it, in half a sentence.</param>
/// <param name="Advice">What to do about it.</param>
/// <param name="Find">Finds it.</param>
internal sealed record DiagnosisRule(string Id, CapiFindingSeverity Severity, string Blocks, string Advice, Func<DiagnosisFacts, IEnumerable<DiagnosisHit>> Find);

/// <summary>An object that a rule found something wrong with.</summary>
/// <param name="Item">The object.</param>
/// <param name="Message">What is wrong with it, behind its name: <c>has no Node yet</c>.</param>
/// <param name="Since">Since when; null where that is not known.</param>
/// <param name="Evidence">What shows it.</param>
internal sealed record DiagnosisHit(DiagnosisSubject Item, string Message, DateTimeOffset? Since, params IReadOnlyList<CapiEvidence> Evidence)
{
    /// <summary>Another advice than the rule's.</summary>
    public string? Advice { get; init; }

    /// <summary>Another severity than the rule's.</summary>
    public CapiFindingSeverity? Severity { get; init; }

    public static DiagnosisHit Of(CapiResource item, string message, CapiCondition condition) =>
        new(DiagnosisSubject.Of(item), Sentence(message, condition), condition.LastTransitionTime, Show(condition));

    public static CapiEvidence Show(CapiCondition condition) =>
        new(CapiEvidenceSource.Condition, condition.Message is null ? condition.ToString() : $"{condition}: {condition.Message.ReplaceLineEndings(" ")}");

    private static string Sentence(string message, CapiCondition condition) => condition.Message is string said ? $"{message}: {said.ReplaceLineEndings(" ").TrimEnd('.')}" : message;
}

/// <summary>What a finding is about, and the command that shows more of it.</summary>
internal sealed record DiagnosisSubject(string Kind, string Name, string? Namespace, string? Cluster, string? Uid, string Command)
{
    public static DiagnosisSubject Of(CapiResource item) => new(item.Kind, item.Name, item.Namespace, item.Cluster, item.Uid, item switch
    {
        OwnedObject owned => $"kubectl describe {owned.Type.QualifiedName} {item.Name} -n {item.Namespace}",
        CapiControlPlane => $"Get-CapiControlPlane {item.Name} -Namespace {item.Namespace} | Get-CapiCondition -Condition Abnormal",
        _ => $"Get-Capi{item.Kind} {item.Name} -Namespace {item.Namespace} | Get-CapiCondition -Condition Abnormal",
    });
}
