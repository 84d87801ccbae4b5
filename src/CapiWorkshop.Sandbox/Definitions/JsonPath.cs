using System.Text.Json.Nodes;

namespace CapiWorkshop.Sandbox.Definitions;

/// <summary>
/// The part of Kubernetes' JSONPath that printer columns use: <c>.field</c>, <c>['field\.with\.dots']</c>, <c>[0]</c> and <c>[?(@.field=="value")]</c>.
/// </summary>
internal sealed class JsonPath
{
    private readonly List<Step> _steps;

    private JsonPath(List<Step> steps) => _steps = steps;

    public static JsonPath Parse(string text)
    {
        List<Step> steps = [];
        int at = 0;
        while (at < text.Length)
        {
            if (text[at] == '.')
            {
                int end = text.AsSpan(at + 1).IndexOfAny('.', '[') is >= 0 and int next ? at + 1 + next : text.Length;
                steps.Add(new Field(text[(at + 1)..end]));
                at = end;
            }
            else
            {
                int close = text.IndexOf(']', at);
                steps.Add(ParseBracket(text[(at + 1)..close]));
                at = close + 1;
            }
        }

        return new(steps);
    }

    /// <summary>The first value found, or null.</summary>
    public JsonNode? First(JsonNode? start) => _steps.Aggregate(start, (node, step) => node is null ? null : step.Take(node));

    private static Step ParseBracket(string inside)
    {
        if (inside.StartsWith("?(@.", StringComparison.Ordinal))
        {
            string[] sides = inside[4..^1].Split("==", 2);
            return new Filter(sides[0], Unquote(sides[1]));
        }

        return int.TryParse(inside, out int index) ? new Index(index) : new Field(Unquote(inside).Replace(@"\.", ".", StringComparison.Ordinal));
    }

    private static string Unquote(string text) => text.Trim().Trim('"', '\'');

    private abstract record Step
    {
        public abstract JsonNode? Take(JsonNode node);
    }

    private sealed record Field(string Name) : Step
    {
        public override JsonNode? Take(JsonNode node) => (node as JsonObject)?[Name];
    }

    private sealed record Index(int At) : Step
    {
        public override JsonNode? Take(JsonNode node) => node is JsonArray items && At < items.Count ? items[At] : null;
    }

    private sealed record Filter(string Name, string Value) : Step
    {
        public override JsonNode? Take(JsonNode node) => (node as JsonArray)?.FirstOrDefault(item => (item as JsonObject)?[Name]?.ToString() == Value);
    }
}
