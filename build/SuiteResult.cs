namespace CapiWorkshop.Build;

/// <summary>What became of one suite.</summary>
/// <param name="Suite">Its name.</param>
/// <param name="Passed">How many tests passed.</param>
/// <param name="Failed">How many failed.</param>
/// <param name="SkipReasons">Why tests were skipped: one entry a test.</param>
internal sealed record SuiteResult(string Suite, int Passed, int Failed, IReadOnlyList<string> SkipReasons)
{
    /// <summary>Why a suite as a whole counts as a failed test.</summary>
    public string? Broken { get; private init; }

    /// <summary>Why a suite was not run.</summary>
    public string? LeftOut { get; private init; }

    public static SuiteResult NotRun(string suite, string reason) => new(suite, 0, 0, []) { LeftOut = reason };

    public static SuiteResult Crashed(string suite, string reason) => new(suite, 0, 1, []) { Broken = reason };

    /// <summary>Holds the counts against the exit code: a suite that ran nothing, or failed without a failed test, must not look well.</summary>
    public SuiteResult CheckedAgainst(int exitCode)
    {
        string? broken = Passed + Failed + SkipReasons.Count == 0 ? "ran no test"
            : Failed == 0 && exitCode != 0 ? $"ended with exit code {exitCode} though no test failed"
            : null;
        return broken is null ? this : this with { Failed = 1, Broken = broken };
    }
}
