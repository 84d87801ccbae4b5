using System.Text.RegularExpressions;
using System.Xml.Linq;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace CapiWorkshop.Build;

/// <summary>Turns cmdlets and their pages into MAML, the XML that Get-Help reads.</summary>
internal static partial class HelpXml
{
    private static readonly XNamespace Root = "http://msh";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    public static XDocument Of(IEnumerable<(Cmdlet Cmdlet, HelpPage Page)> help) =>
        new(new XElement(
            Root + "helpItems",
            new XAttribute("schema", "maml"),
            new XAttribute(XNamespace.Xmlns + "maml", Maml),
            new XAttribute(XNamespace.Xmlns + "command", Command),
            new XAttribute(XNamespace.Xmlns + "dev", Dev),
            help.Select(entry => Of(entry.Cmdlet, entry.Page))));

    private static XElement Of(Cmdlet cmdlet, HelpPage page)
    {
        Dictionary<string, string[]> texts = page.Parts("Parameters").ToDictionary(
            part => part.Heading.TrimStart('-'),
            part => part.Blocks.SelectMany(page.Paragraphs).ToArray());
        return new(
            Command + "command",
            new XElement(
                Command + "details",
                new XElement(Command + "name", cmdlet.Name),
                new XElement(Command + "verb", cmdlet.Verb),
                new XElement(Command + "noun", cmdlet.Noun),
                Description(page.Synopsis)),
            Description(Texts(page, "Description")),
            new XElement(Command + "syntax", cmdlet.Sets.Select(set => new XElement(
                Command + "syntaxItem",
                new XElement(Maml + "name", cmdlet.Name),
                cmdlet.ParametersOf(set).Select(entry => Of(entry.Parameter, entry.Binding, TextOf(entry.Parameter)))))),
            new XElement(Command + "parameters", cmdlet.Parameters.OrderBy(parameter => parameter.IsStandard).ThenBy(parameter => parameter.Name)
                .Select(parameter => Of(parameter, Summary(parameter), TextOf(parameter)))),
            new XElement(Command + "inputTypes", Types(page, "Inputs").Select(type => new XElement(Command + "inputType", type))),
            new XElement(Command + "returnValues", Types(page, "Outputs").Select(type => new XElement(Command + "returnValue", type))),
            new XElement(Maml + "alertSet", new XElement(Maml + "alert", Paragraphs(Texts(page, "Notes")))),
            new XElement(Command + "examples", page.Parts("Examples").Select((part, index) => Example(page, part, index + 1))),
            new XElement(Command + "relatedLinks", Links(page)));

        IEnumerable<string> TextOf(Parameter parameter) => texts.TryGetValue(parameter.Name, out string[]? text) ? text : [StandardText(parameter)];
    }

    private static XElement Of(Parameter parameter, Binding binding, IEnumerable<string> text)
    {
        string[] paragraphs = [.. text];
        string standard = paragraphs.Select(paragraph => Default().Match(paragraph)).LastOrDefault(match => match.Success)?.Groups["value"].Value
            ?? (parameter.IsSwitch ? "False" : "None");
        return new(
            Command + "parameter",
            new XAttribute("required", binding.Mandatory),
            new XAttribute("variableLength", parameter.Type.IsArray),
            new XAttribute("globbing", parameter.Wildcards),
            new XAttribute("pipelineInput", PipelineInput(binding)),
            new XAttribute("position", binding.Position?.ToString(null, null) ?? "named"),
            new XAttribute("aliases", parameter.Aliases is [] ? "none" : string.Join(", ", parameter.Aliases)),
            new XElement(Maml + "name", parameter.Name),
            Description(paragraphs),
            parameter.Choices is [] ? null : new XElement(
                Command + "parameterValueGroup",
                parameter.Choices.Select(choice => ValueElement(choice, required: false, variableLength: false))),
            parameter.IsSwitch ? null : ValueElement(parameter.TypeName, required: true, parameter.Type.IsArray),
            new XElement(Dev + "type", new XElement(Maml + "name", parameter.TypeName), new XElement(Maml + "uri")),
            new XElement(Dev + "defaultValue", standard));
    }

    private static XElement ValueElement(string value, bool required, bool variableLength) =>
        new(Command + "parameterValue", new XAttribute("required", required), new XAttribute("variableLength", variableLength), value);

    /// <summary>What holds for a parameter across its sets.</summary>
    private static Binding Summary(Parameter parameter) => new(
        Binding.EverySet,
        parameter.Bindings.All(binding => binding.Mandatory),
        parameter.Bindings.Min(binding => binding.Position),
        parameter.Bindings.Any(binding => binding.ByValue),
        parameter.Bindings.Any(binding => binding.ByPropertyName));

    private static string PipelineInput(Binding binding) => binding switch
    {
        { ByValue: true, ByPropertyName: true } => "True (ByValue, ByPropertyName)",
        { ByValue: true } => "True (ByValue)",
        { ByPropertyName: true } => "True (ByPropertyName)",
        _ => "False",
    };

    private static string StandardText(Parameter parameter) => parameter.Name == "WhatIf"
        ? "Shows what would happen if the cmdlet ran. Nothing is changed."
        : "Asks for confirmation before anything is changed.";

    private static XElement Example(HelpPage page, HelpPage.Section part, int number)
    {
        FencedCodeBlock? code = part.Blocks.OfType<FencedCodeBlock>().FirstOrDefault();
        return new(
            Command + "example",
            new XElement(Maml + "title", $"--- Example {number}: {part.Heading} ---"),
            new XElement(Dev + "code", code?.Lines.ToString()),
            // Get-Help puts no blank line between examples: an empty paragraph does.
            new XElement(Dev + "remarks", Paragraphs(part.Blocks.Where(block => block != code).SelectMany(page.Paragraphs).Append(""))));
    }

    /// <summary>Each paragraph or list item names one type, in code at its start, and may say more about it; or it says None.</summary>
    private static IEnumerable<XElement[]> Types(HelpPage page, string heading)
    {
        foreach (Block block in Items(page.Find(heading)))
        {
            string text = page.Text(block);
            string name = Inlines(block).FirstOrDefault() is CodeInline code ? code.Content : None().Match(text).Value;
            yield return
            [
                new(Dev + "type", new XElement(Maml + "name", name), new XElement(Maml + "uri")),
                Description([text[name.Length..].TrimStart(' ', ':', ',', '.')]),
            ];
        }
    }

    private static IEnumerable<XElement> Links(HelpPage page) =>
        from block in Items(page.Find("Related links"))
        let link = Inlines(block).OfType<LinkInline>().FirstOrDefault()
        select new XElement(
            Maml + "navigationLink",
            new XElement(Maml + "linkText", link is null ? page.Text(block) : HelpPage.Text(link)),
            new XElement(Maml + "uri", HelpPage.IsOnline(link?.Url) ? link!.Url : null));

    private static IEnumerable<Block> Items(HelpPage.Section? section) =>
        (section?.Blocks ?? []).SelectMany(block => block is ListBlock list ? list.AsEnumerable() : [block]);

    private static IEnumerable<Inline> Inlines(Block block) =>
        (block as LeafBlock ?? (block as ContainerBlock)?.Descendants<LeafBlock>().FirstOrDefault())?.Inline?.AsEnumerable() ?? [];

    private static IEnumerable<string> Texts(HelpPage page, string heading) => page.Find(heading)?.Blocks.SelectMany(page.Paragraphs) ?? [];

    private static XElement Description(IEnumerable<string> paragraphs) => new(Maml + "description", Paragraphs(paragraphs));

    private static IEnumerable<XElement> Paragraphs(IEnumerable<string> paragraphs) => paragraphs.Select(paragraph => new XElement(Maml + "para", paragraph));

    /// <summary>A parameter's text may end in its default: "Default: 10 minutes."</summary>
    [GeneratedRegex(@"\bDefault: (?<value>.+?)\.?$")]
    private static partial Regex Default();

    [GeneratedRegex(@"^None\b")]
    private static partial Regex None();
}
