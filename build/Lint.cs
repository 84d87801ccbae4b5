namespace CapiWorkshop.Build;

/// <summary>Checks the form of the sources; changes nothing.</summary>
internal static class Lint
{
    public static int Run()
    {
        Tool.Dotnet("restore", Repository.Solution);
        int format = Tool.Run("dotnet", ["format", Repository.Solution, "--verify-no-changes", "--severity", "warn", "--no-restore"]);
        return format == 0 & Scripts() == 0 ? 0 : 1;
    }

    private static int Scripts()
    {
        if (PowerShellHost.Current is not PowerShellHost powerShell)
        {
            Console.WriteLine($"Left out: PowerShell scripts ({PowerShellHost.Missing})");
            return 0;
        }

        if (powerShell.ModuleVersion("PSScriptAnalyzer") is null)
        {
            Console.WriteLine("Left out: PowerShell scripts (no PSScriptAnalyzer on this machine)");
            return 0;
        }

        return powerShell.Run(Repository.At("build", "Invoke-ScriptLint.ps1"), [Repository.Root]);
    }
}
