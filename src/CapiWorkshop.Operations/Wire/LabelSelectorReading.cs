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
        while (reader.NextProperty())
        {
            if (reader.ValueTextEquals("matchLabels"u8))
            {
                bool entered = reader.EnterObject();
                while (entered && reader.NextProperty())
                {
                    string key = wire.Pool.Get(ref reader);
                    terms.Add($"{key}={reader.Text(wire.Pool)}");
                }
            }
            else if (reader.ValueTextEquals("matchExpressions"u8))
            {
                bool entered = reader.EnterArray();
                while (entered && reader.NextObject())
                {
                    terms.Add(Expression(ref reader, wire));
                }
            }
            else
            {
                reader.Skip();
            }
        }

        return string.Join(',', terms);
    }

    private static string Expression(ref Utf8JsonReader reader, WireContext wire)
    {
        string? key = null, @operator = null;
        List<string> values = [];
        while (reader.NextProperty())
        {
            if (reader.ValueTextEquals("key"u8))
            {
                key = reader.Text(wire.Pool);
            }
            else if (reader.ValueTextEquals("operator"u8))
            {
                @operator = reader.Text(wire.Pool);
            }
            else if (reader.ValueTextEquals("values"u8))
            {
                bool entered = reader.EnterArray();
                while (entered && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    if (reader.TokenType == JsonTokenType.String)
                    {
                        values.Add(reader.GetString()!);
                    }
                    else
                    {
                        reader.Skip();
                    }
                }
            }
            else
            {
                reader.Skip();
            }
        }

        return @operator switch
        {
            "In" => $"{key} in ({string.Join(',', values)})",
            "NotIn" => $"{key} notin ({string.Join(',', values)})",
            "DoesNotExist" => $"!{key}",
            _ => key ?? "",
        };
    }
}
