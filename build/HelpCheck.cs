using Markdig.Syntax;

namespace CapiWorkshop.Build;

/// <summary>Holds the pages of docs/cmdlets against the cmdlets.</summary>
internal static class HelpCheck
{
    public static IEnumerable<string> Problems(IReadOnlyList<Cmdlet> cmdlets, IReadOnlyList<HelpPage> pages)
    {
        Dictionary<string, HelpPage> byName = pages.ToDictionary(page => Path.GetFileNameWithoutExtension(page.Path));
        return
        [
            .. cmdlets.SelectMany(cmdlet => byName.TryGetValue(cmdlet.Name, out HelpPage? page)
                ? Problems(cmdlet, page).Select(problem => $"{Repository.Relative(page.Path)}: {problem}")
                : [$"docs/cmdlets/{cmdlet.Name}.md: is missing"]),
            .. byName.Keys.Except(cmdlets.Select(cmdlet => cmdlet.Name)).Select(name => $"docs/cmdlets/{name}.md: there is no such cmdlet"),
        ];
    }

    private static IEnumerable<string> Problems(Cmdlet cmdlet, HelpPage page)
    {
        if (page.Title != cmdlet.Name)
        {
            yield return $"its title is '{page.Title}', not '{cmdlet.Name}'";
        }

        if (page.Synopsis is [])
        {
            yield return "has no synopsis between the title and the first section";
        }

        if (page.Find("Description") is null)
        {
            yield return "has no '## Description'";
        }

        if (!page.Parts("Examples").Any(part => part.Blocks.OfType<FencedCodeBlock>().Any()))
        {
            yield return "has no example with a code block under '## Examples'";
        }

        if (page.Syntax != SyntaxLines.Of(cmdlet))
        {
            yield return page.Syntax is null
                ? "has no '<!-- syntax -->' and '<!-- /syntax -->' lines"
                : "its syntax is not the cmdlet's; the task Docs writes it anew";
        }

        string[] documented = [.. page.Parts("Parameters").Select(part => part.Heading.TrimStart('-'))];
        foreach (string missing in cmdlet.Parameters.Where(parameter => !parameter.IsStandard).Select(parameter => parameter.Name).Except(documented))
        {
            yield return $"lacks parameter -{missing}";
        }

        foreach (string repeated in documented.CountBy(name => name).Where(count => count.Value > 1).Select(count => count.Key))
        {
            yield return $"describes -{repeated} more than once";
        }

        foreach (string unknown in documented.Except(cmdlet.Parameters.Select(parameter => parameter.Name)))
        {
            yield return $"describes -{unknown}, which the cmdlet does not have";
        }
    }
}
