namespace CapiWorkshop.Build;

/// <summary>Runs the benchmarks; each prints a table of its own.</summary>
internal static class Bench
{
    public static int Run()
    {
        string[] benchmarks = Repository.Files(Repository.At("tests", "Benchmarks"), "*.ps1");
        if (benchmarks is [])
        {
            Console.WriteLine("There is no benchmark in tests/Benchmarks.");
            return 0;
        }

        PowerShellHost powerShell = PowerShellHost.Current ?? throw new BuildFailure($"The benchmarks were not run: {PowerShellHost.Missing}.");
        ModuleBuild.Run();
        Environment.SetEnvironmentVariable("CAPIWORKSHOP_MODULE", Repository.ModuleManifest);
        return benchmarks.Select(benchmark => powerShell.Run(benchmark, [])).Max();
    }
}
