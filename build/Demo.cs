namespace CapiWorkshop.Build;

/// <summary>Runs the workshop's operations module against the sandbox.</summary>
internal static class Demo
{
    public static int Run()
    {
        string script = Repository.At("examples", "operations-and-cleanup.ps1");
        if (!File.Exists(script))
        {
            throw new BuildFailure($"There is no {Repository.Relative(script)} yet: the demo arrives with the sandbox.");
        }

        PowerShellHost powerShell = PowerShellHost.Current ?? throw new BuildFailure($"The demo was not run: {PowerShellHost.Missing}.");
        ModuleBuild.Run();
        Environment.SetEnvironmentVariable("CAPIWORKSHOP_MODULE", Repository.ModuleManifest);
        return powerShell.RunInteractive(script);
    }
}
