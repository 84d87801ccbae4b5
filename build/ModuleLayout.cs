namespace CapiWorkshop.Build;

/// <summary>
/// Lays the module out as users get it: at the root what PowerShell loads itself, and in deps/ every assembly that
/// touches a third-party package, which the module loads in a load context of its own. The sandbox, a program, has sandbox/.
/// </summary>
internal static class ModuleLayout
{
    private const string CmdletProject = "CapiWorkshop.PowerShell";

    private static readonly string[] RootAssemblies = ["CapiWorkshop.PowerShell.dll", "CapiWorkshop.Operations.dll"];
    private static readonly string[] IsolatedProjects = ["CapiWorkshop.Kubernetes", "CapiWorkshop.Containers"];

    public static string CmdletAssembly { get; } = Path.Combine(Repository.Module, "CapiWorkshop.PowerShell.dll");

    public static string Dependencies { get; } = Path.Combine(Repository.Module, "deps");

    public static string HelpFolder { get; } = Path.Combine(Repository.Module, "en-US");

    public static void Write()
    {
        Repository.DeleteFolder(Path.Combine(Repository.Output, "CapiWorkshop"));
        string cmdletProject = Repository.At("src", CmdletProject);
        foreach (string assembly in RootAssemblies)
        {
            Copy(Path.Combine(Repository.BuiltBy(cmdletProject), assembly), Repository.Module);
        }

        Copy(Repository.At("CapiWorkshop.psd1"), Repository.Module);
        Copy(Repository.At("LICENSE"), Repository.Module);
        Copy(Path.Combine(cmdletProject, "CapiWorkshop.Format.ps1xml"), Repository.Module);
        foreach (string project in IsolatedProjects)
        {
            WriteDependencies(Repository.At("src", project));
        }

        SandboxLayout.Write();
        Copy(Repository.At("validation", "CapiWorkshop.Validation.Tests.ps1"), Path.Combine(Repository.Module, "validation"));
        foreach (string topic in Repository.Files(Repository.At("docs"), "about_*.help.txt"))
        {
            Copy(topic, HelpFolder);
        }
    }

    public static void Copy(string file, string folder)
    {
        if (!File.Exists(file))
        {
            throw new BuildFailure($"The module needs {Repository.Relative(file)}, which is not there.");
        }

        Directory.CreateDirectory(folder);
        File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
    }

    private static void WriteDependencies(string project)
    {
        // Publishing adds to what an earlier version may have left there.
        string published = Path.Combine(Repository.BuiltBy(project), "publish");
        Repository.DeleteFolder(published);
        Tool.Dotnet("publish", project, "-c", "Release", "--no-build", "--nologo", "-o", published);
        foreach (string file in Repository.Files(published, "*", SearchOption.AllDirectories).Where(BelongsInDependencies))
        {
            string folder = Path.GetDirectoryName(Path.GetRelativePath(published, file))!;
            Copy(file, Path.Combine(Dependencies, folder));
        }
    }

    private static bool BelongsInDependencies(string file)
    {
        string name = Path.GetFileName(file);
        return !RootAssemblies.Contains(name)
            && name != "System.Management.Automation.dll"
            && !name.EndsWith(".deps.json", StringComparison.Ordinal)
            && Path.GetExtension(name) is not (".pdb" or ".xml");
    }
}
