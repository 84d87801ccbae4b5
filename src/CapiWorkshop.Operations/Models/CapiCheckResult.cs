namespace CapiWorkshop.Operations;

/// <summary>How a check ended.</summary>
public enum CapiCheckStatus
{
    /// <summary>What should be so is so.</summary>
    Passed,

    /// <summary>It is not, or could not be found out.</summary>
    Failed,

    /// <summary>There was nothing to be checked with.</summary>
    Skipped,
}

/// <summary>A part of the workshop that can be checked by itself.</summary>
public enum CapiWorkshopStage
{
    /// <summary>All of them.</summary>
    All,

    /// <summary>The workers were scaled, and can be.</summary>
    Scaling,

    /// <summary>What every cluster uses can be measured.</summary>
    Monitoring,

    /// <summary>Applications came to the clusters by themselves.</summary>
    Automation,

    /// <summary>Nothing is left, and the management cluster is as it was.</summary>
    Cleanup,
}

/// <summary>One check of a workshop.</summary>
public sealed record CapiCheckResult
{
    internal CapiCheckResult(string name, string title, CapiCheckStatus status, string message, DateTimeOffset checkedAt)
    {
        Name = name;
        Title = title;
        Status = status;
        Message = message;
        CheckedAt = checkedAt;
    }

    /// <summary>A constant word to select by, such as <c>NoMachines</c>.</summary>
    public string Name { get; }

    /// <summary>The stage that it belongs to.</summary>
    public CapiWorkshopStage Stage { get; internal init; }

    /// <summary>What should be so, for people.</summary>
    public string Title { get; }

    /// <summary>How it ended.</summary>
    public CapiCheckStatus Status { get; }

    /// <summary>What was found, in a sentence.</summary>
    public string Message { get; }

    /// <summary>The kubeconfig context; null where none was used.</summary>
    public string? Context { get; internal init; }

    /// <summary>Which management cluster was asked.</summary>
    public string ManagementClusterId { get; internal init; } = "";

    /// <summary>When it was checked, UTC.</summary>
    public DateTimeOffset CheckedAt { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Status}: {Title}";
}
