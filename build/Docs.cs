namespace CapiWorkshop.Build;

/// <summary>Writes what the cmdlets say of themselves into their pages.</summary>
internal static class Docs
{
    public static int Run()
    {
        ModuleBuild.Compile();
        IReadOnlyList<Cmdlet> cmdlets = CmdletReader.Read();
        foreach (HelpPage page in HelpPage.ReadAll())
        {
            Cmdlet? cmdlet = cmdlets.FirstOrDefault(cmdlet => cmdlet.Name == Path.GetFileNameWithoutExtension(page.Path));
            if (cmdlet is not null && page.Syntax is string syntax && syntax != SyntaxLines.Of(cmdlet))
            {
                File.WriteAllText(page.Path, page.WithSyntax(SyntaxLines.Of(cmdlet)));
                Console.WriteLine($"Written: {Repository.Relative(page.Path)}");
            }
        }

        CmdletHelp.Write();
        Console.WriteLine("The pages in docs/cmdlets are up to date.");
        return 0;
    }
}
