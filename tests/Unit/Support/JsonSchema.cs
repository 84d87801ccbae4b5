using System.Text.Json;
using System.Text.Json.Nodes;

namespace CapiWorkshop.Tests.Unit.Support;

/// <summary>The part of JSON Schema that the schemas of this repository use: type, const, enum, properties, required, additionalProperties, items and references.</summary>
internal static class JsonSchema
{
    /// <summary>What is not as the schema says.</summary>
    public static IEnumerable<string> Faults(JsonNode schema, JsonNode? value, HashSet<string>? visited = null) => Faults(schema, schema, value, "$", visited ?? []);

    private static IEnumerable<string> Faults(JsonNode root, JsonNode schema, JsonNode? value, string path, HashSet<string> visited)
    {
        if (schema["$ref"]?.GetValue<string>() is string reference)
        {
            visited.Add(reference);
            return Faults(root, root["$defs"]![reference.Split('/')[^1]]!, value, path, visited);
        }

        if (schema["const"] is JsonNode only)
        {
            return JsonNode.DeepEquals(only, value) ? [] : [$"{path} is not {only}"];
        }

        if (schema["enum"] is JsonArray words)
        {
            return words.Any(word => JsonNode.DeepEquals(word, value)) ? [] : [$"{path} is none of {words.ToJsonString()}"];
        }

        string[] types = schema["type"] switch { JsonArray several => [.. several.Select(type => type!.GetValue<string>())], JsonNode one => [one.GetValue<string>()], _ => throw new InvalidDataException($"the schema of {path} has no type") };
        string type = value?.GetValueKind() switch
        {
            null => "null",
            JsonValueKind.True or JsonValueKind.False => "boolean",
            JsonValueKind.Number => "integer",
            { } kind => kind == JsonValueKind.String ? "string" : kind == JsonValueKind.Array ? "array" : "object",
        };
        return !types.Contains(type) ? [$"{path} is no {types[0]}"] : value switch
        {
            JsonArray items => items.SelectMany((item, i) => Faults(root, schema["items"]!, item, $"{path}[{i}]", visited)),
            JsonObject item => Members(item),
            _ => [],
        };

        IEnumerable<string> Members(JsonObject item)
        {
            JsonObject properties = schema["properties"]?.AsObject() ?? [];
            IEnumerable<string> unknown = schema["additionalProperties"]!.GetValue<bool>() ? [] : item.Where(member => !properties.ContainsKey(member.Key)).Select(member => $"{path} has no {member.Key}");
            IEnumerable<string> missing = (schema["required"]?.AsArray() ?? []).Select(name => name!.GetValue<string>()).Where(name => !item.ContainsKey(name)).Select(name => $"{path} lacks {name}");
            return [.. unknown, .. missing, .. item.Where(member => properties.ContainsKey(member.Key)).SelectMany(member => Faults(root, properties[member.Key]!, member.Value, $"{path}.{member.Key}", visited))];
        }
    }
}
