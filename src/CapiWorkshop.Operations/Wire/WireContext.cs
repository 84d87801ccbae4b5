namespace CapiWorkshop.Operations.Wire;

/// <summary>What a reader needs to know beside the JSON: whose it is, in which version it was asked for, and what time it is.</summary>
internal sealed class WireContext(string apiVersion, string? context, string managementClusterId, TimeProvider clock)
{
    public string ApiVersion { get; } = apiVersion;

    public string? Context { get; } = context;

    public string ManagementClusterId { get; } = managementClusterId;

    public Utf8StringPool Pool { get; } = new();

    /// <summary>Whether paths and counts are those of v1beta1.</summary>
    public bool IsV1Beta1 { get; } = apiVersion.EndsWith("/v1beta1", StringComparison.Ordinal);

    public DateTimeOffset Now => clock.GetUtcNow();
}
