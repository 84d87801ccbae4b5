using System.Text;
using System.Text.Json;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Containers.Reading;

/// <summary>The small answers: versions and messages.</summary>
internal static class EngineReading
{
    private const int LongestMessage = 300;

    /// <summary>The engine's own version out of <c>GET /version</c>; the reader stands on the object.</summary>
    public static string? Version(ref Utf8JsonReader reader) => Text(ref reader, "Version");

    /// <summary>What an engine says about a failure: <c>{"message": "..."}</c>, or a line of plain text from old ones. Null where it says nothing that fits in a sentence.</summary>
    public static string? Message(ReadOnlySpan<byte> body)
    {
        string? message;
        try
        {
            Utf8JsonReader reader = new(body);
            message = reader.Read() ? Text(ref reader, "message") : null;
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            message = body is [(byte)'<', ..] ? null : Encoding.UTF8.GetString(body); // a page of some proxy is no sentence
        }

        message = message?.Split('\n')[0].Trim().TrimEnd('.');
        return message is { Length: > 0 and <= LongestMessage } ? message : null;
    }

    private static string? Text(ref Utf8JsonReader reader, string property)
    {
        string? text = null;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        Utf8StringPool pool = new();
        while (reader.NextProperty(pool, out string name))
        {
            if (name == property)
            {
                text = reader.Text();
            }
            else
            {
                reader.Skip();
            }
        }

        return text;
    }
}
