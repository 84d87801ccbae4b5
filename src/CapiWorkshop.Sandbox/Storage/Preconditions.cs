namespace CapiWorkshop.Sandbox.Storage;

/// <summary>What a writer expects to find; null means no expectation.</summary>
internal sealed record Preconditions(string? Uid = null, string? ResourceVersion = null)
{
    public static Preconditions None { get; } = new();
}
