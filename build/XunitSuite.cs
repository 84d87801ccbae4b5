using System.Xml.Linq;

namespace CapiWorkshop.Build;

/// <summary>Runs one xunit project; such a project is a program of its own.</summary>
internal static class XunitSuite
{
    public static SuiteResult Run(string suite)
    {
        string folder = Repository.At("tests", suite);
        string name = $"CapiWorkshop.Tests.{suite}";
        if (!File.Exists(Path.Combine(folder, name + ".csproj")))
        {
            return SuiteResult.NotRun(suite, $"no {name} in this checkout");
        }

        string program = Path.Combine(Repository.BuiltBy(folder), name + ".dll");
        string results = Path.Combine(Repository.TestResults, suite + ".xml");
        int exitCode = Tool.Run("dotnet", [program, "-noLogo", "-noColor", "-xml", results], TestRun.SuiteLimit);
        if (!File.Exists(results))
        {
            return SuiteResult.Crashed(suite, $"ended with exit code {exitCode} and wrote no results");
        }

        XElement[] assemblies = [.. XDocument.Load(results).Descendants("assembly")];
        return new SuiteResult(
            suite,
            Sum(assemblies, "passed"),
            Sum(assemblies, "failed") + Sum(assemblies, "errors"),
            [.. assemblies.Descendants("test").Where(test => (string?)test.Attribute("result") == "Skip").Select(test => (string?)test.Element("reason") ?? "no reason given")])
            .CheckedAgainst(exitCode);
    }

    private static int Sum(XElement[] assemblies, string count) => assemblies.Sum(assembly => (int?)assembly.Attribute(count) ?? 0);
}
