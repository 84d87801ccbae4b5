namespace CapiWorkshop.Build;

/// <summary>Where things are in the checkout.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Solution { get; } = At("CapiWorkshop.sln");

    public static Manifest Manifest { get; } = Manifest.Read(At("CapiWorkshop.psd1"));

    public static string Output { get; } = At("output");

    public static string TestResults { get; } = At("output", "TestResults");

    public static string Module { get; } = At("output", "CapiWorkshop", Manifest.Version);

    public static string ModuleManifest { get; } = Path.Combine(Module, "CapiWorkshop.psd1");

    public static string At(params string[] parts) => Path.Combine([Root, .. parts]);

    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    /// <summary>Where a project's Release build lies: this program is such a build itself, so its own folder has the framework's name.</summary>
    public static string BuiltBy(string projectFolder) =>
        Path.Combine(projectFolder, "bin", "Release", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)));

    /// <summary>Files of one folder in a stable order; none where there is no such folder.</summary>
    public static string[] Files(string folder, string pattern, SearchOption depth = SearchOption.TopDirectoryOnly) =>
        Directory.Exists(folder) ? [.. Directory.GetFiles(folder, pattern, depth).Order(StringComparer.Ordinal)] : [];

    public static void DeleteFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "CapiWorkshop.sln")))
            {
                return folder.FullName;
            }
        }

        throw new BuildFailure("CapiWorkshop.sln is in none of the folders above this program.");
    }
}
