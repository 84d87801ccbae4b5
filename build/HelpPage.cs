using System.Text.RegularExpressions;
using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace CapiWorkshop.Build;

/// <summary>One page of docs/cmdlets, as far as help needs it: headings, and the blocks under each.</summary>
internal sealed partial class HelpPage
{
    private readonly string _source;

    private HelpPage(string path, string source)
    {
        Path = path;
        _source = source;
        Sections = Split(Markdown.Parse(source), level: 2);
        Title = Split(Markdown.Parse(source), level: 1)[^1].Heading;
    }

    public string Path { get; }

    public string Title { get; }

    /// <summary>The text between the title and the first section.</summary>
    public IReadOnlyList<string> Synopsis => [.. Sections[0].Blocks.Where(block => block is not HeadingBlock).SelectMany(Paragraphs)];

    /// <summary>What stands in the code block between the syntax markers; null if the markers are missing.</summary>
    public string? Syntax => SyntaxBlock().Match(_source) is { Success: true } match ? match.Groups["text"].Value : null;

    private List<Section> Sections { get; }

    public static IReadOnlyList<HelpPage> ReadAll() =>
        [.. Repository.Files(Repository.At("docs", "cmdlets"), "*-*.md").Select(path => new HelpPage(path, File.ReadAllText(path).ReplaceLineEndings("\n")))];

    public Section? Find(string heading) => Sections.FirstOrDefault(section => section.Heading.Equals(heading, StringComparison.OrdinalIgnoreCase));

    /// <summary>The parts of a section that have a heading of their own.</summary>
    public IReadOnlyList<Section> Parts(string heading) =>
        Find(heading) is Section section ? [.. Split(section.Blocks, level: 3).Where(part => part.Heading.Length > 0)] : [];

    public string WithSyntax(string syntax) => SyntaxBlock().Replace(_source, $"<!-- syntax -->\n```text\n{syntax.Replace("$", "$$", StringComparison.Ordinal)}\n```\n<!-- /syntax -->");

    public string Text(Block block) => string.Join('\n', Paragraphs(block));

    /// <summary>A block as plain text; lists and code keep their lines.</summary>
    public IEnumerable<string> Paragraphs(Block block) => block switch
    {
        HtmlBlock => [],
        LeafBlock { Inline: ContainerInline inline } => [Text(inline)],
        ListBlock list => [string.Join('\n', list.Select((item, index) => (list.IsOrdered ? $"{index + 1}. " : "- ") + Text(item)))],
        CodeBlock code => [code.Lines.ToString()],
        ContainerBlock container => container.SelectMany(Paragraphs),
        _ => [_source.Substring(block.Span.Start, block.Span.Length)],
    };

    public static string Text(ContainerInline inlines) => string.Concat(inlines.Select(inline => inline switch
    {
        LiteralInline literal => literal.Content.ToString(),
        CodeInline code => code.Content,
        LineBreakInline lineBreak => lineBreak.IsHard ? "\n" : " ",
        AutolinkInline link => link.Url,
        HtmlInline html => html.Tag,
        HtmlEntityInline entity => entity.Transcoded.ToString(),
        LinkInline link when IsOnline(link.Url) => $"{Text(link)} ({link.Url})",
        ContainerInline nested => Text(nested),
        _ => string.Empty,
    }));

    public static bool IsOnline(string? url) => Uri.TryCreate(url, UriKind.Absolute, out Uri? target) && target.Scheme is "https" or "http";

    private static List<Section> Split(IEnumerable<Block> blocks, int level)
    {
        List<Section> sections = [new(string.Empty, [])];
        foreach (Block block in blocks)
        {
            if (block is HeadingBlock heading && heading.Level == level)
            {
                sections.Add(new(heading.Inline is null ? string.Empty : Text(heading.Inline).Trim(), []));
            }
            else
            {
                sections[^1].Blocks.Add(block);
            }
        }

        return sections;
    }

    [GeneratedRegex(@"<!-- syntax -->\s*(?:```\w*\n(?<text>.*?)\n?```\s*)?<!-- /syntax -->", RegexOptions.Singleline)]
    private static partial Regex SyntaxBlock();

    /// <summary>A heading and what stands under it.</summary>
    internal sealed record Section(string Heading, List<Block> Blocks);
}
