namespace CapiWorkshop.Build;

/// <summary>Compiles the solution and lays out the module.</summary>
internal static class ModuleBuild
{
    public static int Run()
    {
        Compile();
        CmdletHelp.Write();
        Console.WriteLine($"CapiWorkshop {Repository.Manifest.Version} is in {Repository.Relative(Repository.Module)}.");
        return 0;
    }

    /// <summary>All of the build but the cmdlets' help, so that a page that lags behind keeps nobody from running the tests.</summary>
    public static void Compile()
    {
        Tool.Dotnet("build", Repository.Solution, "-c", "Release", "--nologo");
        ModuleLayout.Write();
    }
}
