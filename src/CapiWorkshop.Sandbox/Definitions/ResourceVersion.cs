namespace CapiWorkshop.Sandbox.Definitions;

/// <summary>One served API version of a kind.</summary>
internal sealed record ResourceVersion(string Name)
{
    public bool Deprecated { get; init; }

    public bool HasStatus { get; init; } = true;

    public ScalePaths? Scale { get; init; }

    public IReadOnlyList<PrinterColumn> Columns { get; init; } = [];
}
