namespace CapiWorkshop.Build;

/// <summary>Runs the workshop's operations module against the sandbox: from PowerShell where there is one, else from plain .NET.</summary>
internal static class Demo
{
    public static int Run()
    {
        if (PowerShellHost.Current is not PowerShellHost powerShell)
        {
            Console.WriteLine($"There is {PowerShellHost.Missing}: this is the same tour in plain .NET.");
            return RunTour();
        }

        ModuleBuild.Run();
        Environment.SetEnvironmentVariable("CAPIWORKSHOP_MODULE", Repository.ModuleManifest);
        return powerShell.RunInteractive(Repository.At("examples", "operations-and-cleanup.ps1"));
    }

    private static int RunTour()
    {
        string project = Repository.At("examples", "CapiWorkshop.Tour");
        Tool.Dotnet("build", project, "-c", "Release", "--nologo");
        return Tool.Run("dotnet", [Path.Combine(Repository.BuiltBy(project), "CapiWorkshop.Tour.dll")]);
    }
}
