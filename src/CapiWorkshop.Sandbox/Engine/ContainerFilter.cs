using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CapiWorkshop.Sandbox.Engine;

/// <summary>What <c>--filter</c> becomes on the wire: values by key. Values of one key are alternatives, except labels, which all have to be there.</summary>
internal sealed class ContainerFilter
{
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, string[]> _terms;

    private ContainerFilter(Dictionary<string, string[]> terms) => _terms = terms;

    /// <summary>Clients send <c>{"label":{"a=b":true}}</c>; older ones <c>{"label":["a=b"]}</c>.</summary>
    public static ContainerFilter Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return new([]);
        try
        {
            return new(JsonNode.Parse(text)!.AsObject().ToDictionary(term => term.Key, term => term.Value switch
            {
                JsonArray values => [.. values.Select(value => value!.ToString())],
                _ => (string[])[.. term.Value!.AsObject().Where(value => value.Value!.GetValue<bool>()).Select(value => value.Key)],
            }));
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException or NullReferenceException)
        {
            throw EngineFailure.BadRequest("invalid filter");
        }
    }

    public bool Has(string key) => Values(key).Length > 0;

    public string[] Values(string key) => _terms.GetValueOrDefault(key, []);

    /// <summary>The containers that a list is about. What a container of the sandbox never has, such as a volume, no filter finds.</summary>
    public IEnumerable<SandboxContainer> Apply(ContainerHost host, IReadOnlyList<SandboxContainer> containers)
    {
        foreach (string key in _terms.Keys)
            Check(key);
        SandboxContainer? before = Bound(host, "before"), since = Bound(host, "since");
        return containers.Where(container => Matches(container)
            && (before is null || container.CreatedAt < before.CreatedAt)
            && (since is null || container.CreatedAt > since.CreatedAt));
    }

    public bool HasLabels(SandboxContainer container) => Array.TrueForAll(Values("label"), wanted =>
    {
        string[] sides = wanted.Split('=', 2);
        return container.Labels.TryGetValue(sides[0], out string? value) && (sides.Length == 1 || value == sides[1]);
    });

    private void Check(string key)
    {
        if (key is not ("ancestor" or "before" or "exited" or "expose" or "health" or "id" or "is-task" or "isolation" or "label" or "name" or "network" or "publish"
            or "since" or "status" or "volume"))
        {
            throw EngineFailure.BadRequest($"invalid filter '{key}'");
        }

        if (key == "status" && Values(key).FirstOrDefault(value => value is not ("created" or "running" or "paused" or "restarting" or "removing" or "exited" or "dead")) is { } state)
            throw EngineFailure.BadRequest($"invalid filter 'status={state}'");
        if (key == "exited" && Values(key).FirstOrDefault(value => !int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)) is { } code)
            throw EngineFailure.BadRequest($"invalid filter 'exited={code}'");
    }

    private SandboxContainer? Bound(ContainerHost host, string key) => Values(key).Select(host.Get).LastOrDefault();

    private bool Matches(SandboxContainer container) => HasLabels(container) && _terms.All(term => term.Key is "label" or "before" or "since" or "isolation"
        || term.Value.Length == 0 || Array.Exists(term.Value, value => Matches(container, term.Key, value)));

    private static bool Matches(SandboxContainer container, string key, string value) => key switch
    {
        "id" => container.Id.StartsWith(value, StringComparison.Ordinal),
        "name" => IsNamed(container, value),
        "status" => value == ContainerDocuments.StateName(container),
        "exited" => container.State is ContainerState.Exited && container.ExitCode == int.Parse(value, CultureInfo.InvariantCulture),
        "ancestor" => container.Image == value || container.Image.Split(':', '@')[0] == value,
        "network" => value == ContainerDocuments.Network,
        "health" => value == "none",
        "is-task" => value is "false" or "0",
        _ => false,
    };

    /// <summary>A name is a pattern that may hit anywhere; with and without the slash that Docker keeps in front of names.</summary>
    private static bool IsNamed(SandboxContainer container, string pattern)
    {
        try
        {
            Regex regex = new(pattern, RegexOptions.CultureInvariant, PatternTimeout);
            return regex.IsMatch(container.Name) || regex.IsMatch("/" + container.Name);
        }
        catch (Exception failure) when (failure is ArgumentException or RegexMatchTimeoutException)
        {
            return container.Name == pattern;
        }
    }
}
