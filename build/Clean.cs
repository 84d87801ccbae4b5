namespace CapiWorkshop.Build;

/// <summary>Removes everything that a build makes, but for this program, which runs from there.</summary>
internal static class Clean
{
    public static int Run()
    {
        Repository.DeleteFolder(Repository.Output);
        foreach (string project in Repository.Files(Repository.Root, "*.csproj", SearchOption.AllDirectories).Select(project => Path.GetDirectoryName(project)!))
        {
            if (project != Repository.At("build"))
            {
                Repository.DeleteFolder(Path.Combine(project, "bin"));
                Repository.DeleteFolder(Path.Combine(project, "obj"));
            }
        }

        return 0;
    }
}
