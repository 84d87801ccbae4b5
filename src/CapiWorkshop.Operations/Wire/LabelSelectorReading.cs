using System.Text.Json;

namespace CapiWorkshop.Operations.Wire;

/// <summary>A LabelSelector object as the text that kubectl and the API take: <c>a=b,c in (d,e),!f</c>.</summary>
internal static class LabelSelectorReading
{
    /// <summary>Reads it; the reader stands on its property's name. Empty for a selector that matches everything, null where there is none.</summary>
    public static string? Text(ref Utf8JsonReader reader, WireContext wire)
    {
        if (!reader.EnterObject())
        {
            return null;
        }

        List<string> terms = [];
        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "matchLabels": ReadLabels(ref reader, wire, terms); break;
                case "matchExpressions": ReadExpressions(ref reader, wire, terms); break;
                default: reader.Skip(); break;
            }
        }

        return string.Join(',', terms.Order(StringComparer.Ordinal));
    }

    private static void ReadLabels(ref Utf8JsonReader reader, WireContext wire, List<string> terms)
    {
        if (!reader.EnterObject())
        {
            return;
        }

        while (reader.NextProperty(wire.Pool, out string key))
        {
            terms.Add($"{key}={reader.Text(wire.Pool)}");
        }
    }

    private static void ReadExpressions(ref Utf8JsonReader reader, WireContext wire, List<string> terms)
    {
        if (!reader.EnterArray())
        {
            return;
        }

        while (reader.NextObject())
        {
            string? key = null, @operator = null;
            List<string>? values = null;
            while (reader.NextProperty(wire.Pool, out string name))
            {
                switch (name)
                {
                    case "key": key = reader.Text(wire.Pool); break;
                    case "operator": @operator = reader.Text(wire.Pool); break;
                    case "values": values = reader.Strings(wire.Pool); break;
                    default: reader.Skip(); break;
                }
            }

            terms.Add(@operator switch
            {
                "In" => $"{key} in ({string.Join(',', values ?? [])})",
                "NotIn" => $"{key} notin ({string.Join(',', values ?? [])})",
                "DoesNotExist" => $"!{key}",
                _ => key ?? "",
            });
        }
    }
}
