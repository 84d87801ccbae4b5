using System.Text.Json;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Kubernetes.Reading;

/// <summary>Kubernetes' <c>Status</c> object: how a server says what went wrong.</summary>
/// <param name="Code">The HTTP status; null where the object does not tell.</param>
/// <param name="Reason">A word for programs.</param>
/// <param name="Message">A sentence for people.</param>
internal sealed record StatusBody(int? Code, string? Reason, string? Message)
{
    /// <summary>Reads it from a body of any kind; what is no Status says nothing.</summary>
    public static StatusBody Read(ReadOnlySpan<byte> body)
    {
        int? code = null;
        string? reason = null, message = null;
        try
        {
            Utf8JsonReader reader = new(body);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return new(null, null, null);
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = Utf8StringPool.Decode(ref reader);
                reader.Read();
                switch (name)
                {
                    case "code" when reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int number):
                        code = number;
                        break;
                    case "reason" when reader.TokenType == JsonTokenType.String:
                        reason = Utf8StringPool.Decode(ref reader);
                        break;
                    case "message" when reader.TokenType == JsonTokenType.String:
                        message = Utf8StringPool.Decode(ref reader);
                        break;
                    default:
                        reader.Skip();
                        break;
                }
            }
        }
        catch (JsonException)
        {
            // a proxy's page, or a body cut short: the HTTP status has to do
        }

        return new(code, reason, message);
    }
}
