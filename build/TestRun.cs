namespace CapiWorkshop.Build;

/// <summary>Builds, runs every suite there is, and ends with one line that sums them up.</summary>
internal static class TestRun
{
    /// <summary>Longer than any suite should take; one that hangs must not hold up the others for ever.</summary>
    public static TimeSpan SuiteLimit { get; } = TimeSpan.FromMinutes(30);

    public static int Run()
    {
        List<SuiteResult> results = [Guard("Build", Build)];
        if (results[0].Failed == 0)
        {
            Repository.DeleteFolder(Repository.TestResults);
            Directory.CreateDirectory(Repository.TestResults);
            Environment.SetEnvironmentVariable("CAPIWORKSHOP_MODULE", Repository.ModuleManifest);
            results.Add(Guard("Cmdlet help", Help));
            results.AddRange(Suites().Select(suite => Guard(suite.Name, suite.Run)));
        }

        return Report(results);
    }

    private static SuiteResult Build()
    {
        ModuleBuild.Compile();
        return new("Build", 0, 0, []);
    }

    private static SuiteResult Help()
    {
        CmdletHelp.Write();
        return new("Cmdlet help", 0, 0, []);
    }

    private static IEnumerable<(string Name, Func<SuiteResult> Run)> Suites()
    {
        yield return ("Unit", () => XunitSuite.Run("Unit"));
        yield return ("Pester", PesterSuite.Run);
        yield return ("Integration", () => XunitSuite.Run("Integration"));
    }

    private static SuiteResult Guard(string name, Func<SuiteResult> run)
    {
        Console.WriteLine();
        Console.WriteLine($"== {name}");
        try
        {
            return run();
        }
        catch (Exception problem)
        {
            // The other suites go on whatever becomes of this one.
            Console.WriteLine(problem is BuildFailure ? problem.Message : problem);
            return SuiteResult.Crashed(name, problem.Message.Split('\n')[0].TrimEnd('\r', ':'));
        }
    }

    private static int Report(List<SuiteResult> results)
    {
        Console.WriteLine();
        foreach (SuiteResult result in results.Where(result => result.Passed + result.Failed + result.SkipReasons.Count > 0))
        {
            Console.WriteLine($"{result.Suite}: {result.Passed} passed, {result.Failed} failed, {result.SkipReasons.Count} skipped");
        }

        foreach (SuiteResult result in results.Where(result => result.Broken is not null))
        {
            Console.WriteLine($"Failed: {result.Suite}: {result.Broken}");
        }

        foreach (SuiteResult result in results)
        {
            foreach (IGrouping<string, string> reason in result.SkipReasons.GroupBy(reason => reason))
            {
                Console.WriteLine($"Skipped: {result.Suite}: {reason.Key} ({reason.Count()})");
            }
        }

        foreach (SuiteResult result in results.Where(result => result.LeftOut is not null))
        {
            Console.WriteLine($"Left out: {result.Suite} suite ({result.LeftOut})");
        }

        int failed = results.Sum(result => result.Failed);
        Console.WriteLine($"{results.Sum(result => result.Passed)} passed, {failed} failed, {results.Sum(result => result.SkipReasons.Count)} skipped");
        return failed == 0 ? 0 : 1;
    }
}
