using System.Globalization;
using System.Text.RegularExpressions;

namespace CapiWorkshop.Sandbox.Definitions;

/// <summary>The kinds of one API group, and its versions in order of preference.</summary>
internal sealed partial class ResourceGroup(string name, IReadOnlyList<ResourceDefinition> resources)
{
    public string Name { get; } = name;

    public IReadOnlyList<ResourceDefinition> Resources { get; } = [.. resources.OrderBy(resource => resource.Plural, StringComparer.Ordinal)];

    public IReadOnlyList<string> Versions { get; } =
        [.. resources.SelectMany(resource => resource.Versions).Select(version => version.Name).Distinct().OrderByDescending(Maturity)];

    /// <summary>Built-in groups come before custom ones, metrics after all.</summary>
    public int Rank { get; } = name == Kinds.MetricsGroup ? 2 : resources.Any(resource => resource.Custom) ? 1 : 0;

    public IEnumerable<ResourceDefinition> ServedAs(string version) => Resources.Where(resource => resource.Version(version) is not null);

    public string GroupVersion(string version) => Name.Length == 0 ? version : $"{Name}/{version}";

    /// <summary>v2 before v1, v1 before v1beta2, v1beta2 before v1beta1, those before v1alpha1.</summary>
    private static (int Stage, int Major, int Minor) Maturity(string version)
    {
        Match match = VersionShape().Match(version);
        int Part(string group) => match.Groups[group].Success ? int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture) : 0;
        int stage = match.Groups["stage"].Value switch { "alpha" => 0, "beta" => 1, _ => 2 };
        return (stage, Part("major"), Part("minor"));
    }

    [GeneratedRegex("^v(?<major>[0-9]+)((?<stage>alpha|beta)(?<minor>[0-9]+))?$")]
    private static partial Regex VersionShape();
}
