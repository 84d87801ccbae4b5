using System.Text.Json;

namespace CapiWorkshop.Build;

/// <summary>Runs tests/Pester in a PowerShell of its own, on the module as users get it.</summary>
internal static class PesterSuite
{
    private const string Name = "Pester";

    private static readonly Version Needed = new(5, 7);

    public static SuiteResult Run()
    {
        if (PowerShellHost.Current is not PowerShellHost powerShell)
        {
            return SuiteResult.NotRun(Name, PowerShellHost.Missing);
        }

        if (!(powerShell.ModuleVersion("Pester") >= Needed))
        {
            return SuiteResult.NotRun(Name, $"no Pester {Needed} or newer on this machine");
        }

        string summary = Path.Combine(Repository.TestResults, "Pester.json");
        string details = Path.Combine(Repository.TestResults, "Pester.xml");
        int exitCode = powerShell.Run(Repository.At("build", "Invoke-PesterSuite.ps1"), [Repository.At("tests", "Pester"), summary, details], TestRun.SuiteLimit);
        if (!File.Exists(summary))
        {
            return SuiteResult.Crashed(Name, $"ended with exit code {exitCode} and wrote no results");
        }

        Summary counts = JsonSerializer.Deserialize<Summary>(File.ReadAllText(summary))!;
        return new SuiteResult(Name, counts.Passed, counts.Failed, counts.SkipReasons).CheckedAgainst(exitCode);
    }

    private sealed record Summary(int Passed, int Failed, string[] SkipReasons);
}
