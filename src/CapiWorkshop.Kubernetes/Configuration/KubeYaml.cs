using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace CapiWorkshop.Kubernetes.Configuration;

/// <summary>YAML's ways of saying things, as far as kubeconfigs use them: version 1.1's, which is what kubectl reads.</summary>
internal static partial class KubeYaml
{
    private const string MergeKey = "<<";

    /// <summary>What a mapping says of a key, itself or through a merge key; null, too, where it says nothing in YAML's many ways.</summary>
    public static YamlNode? Find(YamlMappingNode mapping, string key)
    {
        if (mapping.Children.TryGetValue(new YamlScalarNode(key), out YamlNode? value))
        {
            return IsNothing(value) ? null : value;
        }

        return mapping.Children.TryGetValue(new YamlScalarNode(MergeKey), out YamlNode? merged)
            ? (merged as YamlSequenceNode ?? [merged]).OfType<YamlMappingNode>().Select(other => Find(other, key)).FirstOrDefault(found => found is not null)
            : null;
    }

    /// <summary>Whether a scalar is a text: not one of those that YAML takes for a number or a truth value unless they are quoted.</summary>
    public static bool IsText(YamlScalarNode scalar) => scalar.Style != ScalarStyle.Plain || (Truth(scalar) is null && !Number().IsMatch(scalar.Value ?? ""));

    /// <summary>The truth value that a scalar is; null where it is none.</summary>
    public static bool? Truth(YamlScalarNode scalar) => scalar.Style != ScalarStyle.Plain ? null : scalar.Value switch
    {
        "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "y" or "Y" or "on" or "On" or "ON" => true,
        "false" or "False" or "FALSE" or "no" or "No" or "NO" or "n" or "N" or "off" or "Off" or "OFF" => false,
        _ => null,
    };

    /// <summary>The same as JSON.</summary>
    public static void Write(Utf8JsonWriter json, YamlNode node)
    {
        switch (node)
        {
            case YamlMappingNode mapping:
                json.WriteStartObject();
                foreach (YamlScalarNode key in mapping.Children.Keys.OfType<YamlScalarNode>())
                {
                    json.WritePropertyName(key.Value ?? "");
                    Write(json, mapping.Children[key]);
                }

                json.WriteEndObject();
                break;
            case YamlSequenceNode list:
                json.WriteStartArray();
                foreach (YamlNode item in list)
                {
                    Write(json, item);
                }

                json.WriteEndArray();
                break;
            case YamlScalarNode scalar when IsNothing(scalar):
                json.WriteNullValue();
                break;
            case YamlScalarNode scalar when Truth(scalar) is bool truth:
                json.WriteBooleanValue(truth);
                break;
            case YamlScalarNode { Value: string text } scalar when !IsText(scalar) && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number):
                json.WriteNumberValue(number);
                break;
            default:
                json.WriteStringValue((node as YamlScalarNode)?.Value);
                break;
        }
    }

    private static bool IsNothing(YamlNode node) => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" or "Null" or "NULL" };

    [GeneratedRegex(@"^[-+]?(0[xX][0-9a-fA-F_]+|0b[01_]+|0o?[0-7_]+|[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|\.[0-9][0-9_]*([eE][-+]?[0-9]+)?|\.(inf|Inf|INF))$|^\.(nan|NaN|NAN)$")]
    private static partial Regex Number();
}
