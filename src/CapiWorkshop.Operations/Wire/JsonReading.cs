using System.Globalization;
using System.Text.Json;

namespace CapiWorkshop.Operations.Wire;

/// <summary>
/// The steps that all readers take. Each value method moves from a property's name onto its value; what is of another type than expected is
/// skipped and read as null, so that a field that changes its type in some version costs that field and nothing else.
/// </summary>
internal static class JsonReading
{
    /// <summary>Moves to the next property of the object the reader is in and tells its name; false at the object's end.</summary>
    public static bool NextProperty(this ref Utf8JsonReader reader, Utf8StringPool pool, out string name)
    {
        if (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            name = pool.Get(ref reader);
            return true;
        }

        name = "";
        return false;
    }

    /// <summary>From a property's name into the object that is its value; false (and past it) if it is none.</summary>
    public static bool EnterObject(this ref Utf8JsonReader reader) => Enter(ref reader, JsonTokenType.StartObject);

    /// <summary>From a property's name into the array that is its value; false (and past it) if it is none.</summary>
    public static bool EnterArray(this ref Utf8JsonReader reader) => Enter(ref reader, JsonTokenType.StartArray);

    /// <summary>The strings of the array that is a property's value; null (and past it) if it is none.</summary>
    public static List<string>? Strings(this ref Utf8JsonReader reader, Utf8StringPool pool)
    {
        if (!EnterArray(ref reader))
        {
            return null;
        }

        List<string> strings = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                strings.Add(pool.Get(ref reader));
            }
            else
            {
                reader.Skip();
            }
        }

        return strings;
    }

    /// <summary>What a field says in each object of the array that is a property's value; null (and past it) if it is none.</summary>
    public static List<string>? Texts(this ref Utf8JsonReader reader, string field, Utf8StringPool pool)
    {
        if (!EnterArray(ref reader))
        {
            return null;
        }

        List<string> texts = [];
        while (reader.NextObject())
        {
            string? found = null;
            while (reader.NextProperty(pool, out string name))
            {
                if (name == field)
                {
                    found = reader.Text(pool);
                }
                else
                {
                    reader.Skip();
                }
            }

            if (found is not null)
            {
                texts.Add(found);
            }
        }

        return texts;
    }

    /// <summary>Inside an array, moves to the next element that is an object; false at the array's end.</summary>
    public static bool NextObject(this ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    /// <summary>A string that says something; null for an empty one.</summary>
    public static string? Text(this ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return null;
        }

        string text = Utf8StringPool.Decode(ref reader);
        return text.Length == 0 ? null : text;
    }

    /// <summary>A string that says something and recurs in many objects: equal ones become one.</summary>
    public static string? Text(this ref Utf8JsonReader reader, Utf8StringPool pool)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return null;
        }

        string text = pool.Get(ref reader);
        return text.Length == 0 ? null : text;
    }

    public static long? Long(this ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long value))
        {
            return value;
        }

        reader.Skip();
        return null;
    }

    public static int? Int(this ref Utf8JsonReader reader) => Long(ref reader) is long value and >= int.MinValue and <= int.MaxValue ? (int)value : null;

    public static bool? Bool(this ref Utf8JsonReader reader)
    {
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.True:
                return true;
            case JsonTokenType.False:
                return false;
            default:
                reader.Skip();
                return null;
        }
    }

    public static DateTimeOffset? Time(this ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return null;
        }

        if (reader.TryGetDateTimeOffset(out DateTimeOffset time)
            || DateTimeOffset.TryParse(Utf8StringPool.Decode(ref reader), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time))
        {
            return time.ToUniversalTime();
        }

        return null;
    }

    private static bool Enter(ref Utf8JsonReader reader, JsonTokenType start)
    {
        reader.Read();
        if (reader.TokenType == start)
        {
            return true;
        }

        reader.Skip();
        return false;
    }
}
