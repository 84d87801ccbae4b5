namespace CapiWorkshop.Sandbox.World;

/// <summary>What the pods of one workload have in common.</summary>
/// <param name="Container">The name of the only container.</param>
internal sealed record PodTemplate(string Container, string Image)
{
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    public IReadOnlyList<string> Args { get; init; } = [];

    public bool HostNetwork { get; init; }
}
