namespace CapiWorkshop.Build;

/// <summary>Runs the benchmarks; each prints tables of its own.</summary>
internal static class Bench
{
    public static int Run()
    {
        ModuleBuild.Run();
        string folder = Repository.At("tests", "Benchmarks");
        int exitCode = Tool.Run("dotnet", [Path.Combine(Repository.BuiltBy(folder), "CapiWorkshop.Benchmarks.dll")]);
        if (PowerShellHost.Current is not PowerShellHost powerShell)
        {
            Console.WriteLine($"Left out: what PowerShell runs ({PowerShellHost.Missing})");
            return exitCode;
        }

        Environment.SetEnvironmentVariable("CAPIWORKSHOP_MODULE", Repository.ModuleManifest);
        return Repository.Files(folder, "*.ps1").Select(benchmark => powerShell.Run(benchmark, [])).Append(exitCode).Max();
    }
}
