namespace CapiWorkshop.Operations.Wire;

/// <summary>What a reader needs to know beside the JSON: whose it is, in which version it was asked for, and what time it is.</summary>
internal sealed class WireContext(string apiVersion, string? context, string managementClusterId, TimeProvider clock)
{
    public string ApiVersion { get; } = apiVersion;

    public string? Context { get; } = context;

    public string ManagementClusterId { get; } = managementClusterId;

    public Utf8StringPool Pool { get; } = new();

    public SharedValues<IReadOnlyDictionary<string, string>> Maps { get; } = new(new MapComparer());

    public SharedValues<IReadOnlyList<string>> Lists { get; } = new(new ListComparer<string>());

    public SharedValues<IReadOnlyList<CapiOwnerReference>> Owners { get; } = new(new ListComparer<CapiOwnerReference>());

    public SharedValues<ConditionVerdict> Verdicts { get; } = new(EqualityComparer<ConditionVerdict>.Default);

    /// <summary>Whether paths and counts are those of v1beta1.</summary>
    public bool IsV1Beta1 { get; } = apiVersion.EndsWith("/v1beta1", StringComparison.Ordinal);

    public DateTimeOffset Now => clock.GetUtcNow();
}
