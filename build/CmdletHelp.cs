namespace CapiWorkshop.Build;

/// <summary>Writes the help file that Get-Help reads, or says which page is not what its cmdlet is.</summary>
internal static class CmdletHelp
{
    public static void Write()
    {
        IReadOnlyList<Cmdlet> cmdlets = CmdletReader.Read();
        IReadOnlyList<HelpPage> pages = HelpPage.ReadAll();
        string[] problems = [.. HelpCheck.Problems(cmdlets, pages)];
        if (problems is not [])
        {
            throw new BuildFailure(string.Join(Environment.NewLine, ["The cmdlets' help is not complete:", .. problems.Select(problem => $"  {problem}")]));
        }

        Directory.CreateDirectory(ModuleLayout.HelpFolder);
        HelpXml.Of(cmdlets.Join(pages, cmdlet => cmdlet.Name, page => page.Title, (cmdlet, page) => (cmdlet, page)))
            .Save(Path.Combine(ModuleLayout.HelpFolder, Path.GetFileName(ModuleLayout.CmdletAssembly) + "-Help.xml"));
    }
}
