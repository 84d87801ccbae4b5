using System.Management.Automation;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Pipeline;

namespace CapiWorkshop.Tests.Unit;

/// <summary>Forbids the arrows that the architecture does not draw, and keeps the manifest's lists true.</summary>
public sealed partial class ArchitectureTests
{
    /// <summary>Who may reference what. A project that is not here has not been drawn yet.</summary>
    private static readonly Dictionary<string, (string[] Projects, string[] Packages)> Arrows = new(StringComparer.Ordinal)
    {
        ["CapiWorkshop.Operations"] = ([], []),
        ["CapiWorkshop.Kubernetes"] = (["CapiWorkshop.Operations"], ["Polly.Core", "YamlDotNet"]),
        ["CapiWorkshop.Containers"] = (["CapiWorkshop.Operations"], []),
        ["CapiWorkshop.Sandbox"] = ([], []),
        ["CapiWorkshop.PowerShell"] = (["CapiWorkshop.Operations", "CapiWorkshop.Kubernetes", "CapiWorkshop.Containers"], ["PowerShellStandard.Library"]),
    };

    internal static readonly DirectoryInfo Root = FindRoot();

    public static TheoryData<string> Projects => [.. Root.GetDirectories("src")[0].GetFiles("*.csproj", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 })
        .Select(file => Path.GetFileNameWithoutExtension(file.Name))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_is_drawn(string project)
    {
        Arrows.ShouldContainKey(project, "draw it in the architecture first");
        XDocument file = XDocument.Load(Path.Combine(Root.FullName, "src", project, project + ".csproj"));

        References(file, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'))).ShouldBeSubsetOf(Arrows[project].Projects);
        References(file, "PackageReference").ShouldBeSubsetOf(Arrows[project].Packages);
        References(file, "Reference").ShouldBeEmpty("assemblies come from projects and packages");
    }

    [Fact]
    public void The_domain_is_built_against_nothing_but_the_runtime()
    {
        string[] references = ReferencesOf(typeof(ManagementCluster).Assembly);

        references.ShouldAllBe(name => name.StartsWith("System.", StringComparison.Ordinal) || name == "System" || name == "Microsoft.Win32.Primitives");
        references.ShouldNotContain("System.Net.Http");
        references.ShouldNotContain("System.Net.Sockets");
        references.ShouldNotContain("System.Management.Automation");
    }

    [Fact]
    public void The_Kubernetes_client_knows_neither_PowerShell_nor_containers()
    {
        string[] references = ReferencesOf(typeof(KubernetesApi).Assembly);

        references.ShouldContain("CapiWorkshop.Operations");
        references.ShouldNotContain("System.Management.Automation");
        references.Where(name => name.StartsWith("CapiWorkshop.", StringComparison.Ordinal)).ShouldHaveSingleItem();
    }

    [Fact]
    public void The_cmdlets_speak_neither_HTTP_nor_YAML()
    {
        string[] references = ReferencesOf(typeof(PipelinePump).Assembly);

        references.ShouldContain("System.Management.Automation");
        references.ShouldNotContain("System.Net.Http");
        references.ShouldNotContain("YamlDotNet");
        references.ShouldNotContain("Polly.Core");
        references.Where(name => name.StartsWith("CapiWorkshop.", StringComparison.Ordinal)).ShouldBeSubsetOf(Arrows["CapiWorkshop.PowerShell"].Projects);
    }

    [Fact]
    public void The_manifest_exports_the_cmdlets_that_there_are_by_name()
    {
        string block = CmdletsToExport().Match(Manifest()).Groups["names"].Value;
        string[] exported = [.. Quoted().Matches(Comment().Replace(block, "")).Select(match => match.Groups["text"].Value)];
        IEnumerable<string> written =
            from type in typeof(PipelinePump).Assembly.GetTypes()
            from attribute in type.GetCustomAttributesData()
            where attribute.AttributeType == typeof(CmdletAttribute)
            select $"{attribute.ConstructorArguments[0].Value}-{attribute.ConstructorArguments[1].Value}";

        exported.ShouldNotBeEmpty();
        exported.ShouldAllBe(name => !name.Contains('*', StringComparison.Ordinal));
        exported.Order(StringComparer.Ordinal).ShouldBe(written.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_manifest_and_the_changelog_name_the_same_version()
    {
        string changelog = File.ReadAllText(Path.Combine(Root.FullName, "CHANGELOG.md"));
        string[] headings = [.. VersionHeading().Matches(changelog).Select(match => match.Groups["version"].Value)];

        headings.First(heading => heading != "Unreleased").ShouldBe(ModuleVersion().Match(Manifest()).Groups["version"].Value);
    }

    private static DirectoryInfo FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "global.json")))
        {
            folder = folder.Parent;
        }

        return folder ?? throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds global.json.");
    }

    private static string Manifest() => File.ReadAllText(Path.Combine(Root.FullName, "CapiWorkshop.psd1"));

    private static string[] References(XDocument file, string item) => [.. file.Descendants(item).Select(element => (string)element.Attribute("Include")!)];

    private static string[] ReferencesOf(Assembly assembly) => [.. assembly.GetReferencedAssemblies().Select(name => name.Name!)];

    [GeneratedRegex(@"CmdletsToExport\s*=\s*@\((?<names>[^)]*)\)")]
    private static partial Regex CmdletsToExport();

    [GeneratedRegex("'(?<text>[^']*)'")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"#.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"ModuleVersion\s*=\s*'(?<version>[^']+)'")]
    private static partial Regex ModuleVersion();

    [GeneratedRegex(@"^##\s+\[?(?<version>[^\]\s]+)", RegexOptions.Multiline)]
    private static partial Regex VersionHeading();
}
