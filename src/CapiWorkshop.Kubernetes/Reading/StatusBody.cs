using System.Text.Json;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Kubernetes.Reading;

/// <summary>Kubernetes' <c>Status</c> object: how a server says what went wrong.</summary>
/// <param name="Code">The HTTP status; null where the object does not tell.</param>
/// <param name="Reason">A word for programs.</param>
/// <param name="Message">A sentence for people.</param>
/// <param name="Details">More words for programs.</param>
internal sealed record StatusBody(int? Code, string? Reason, string? Message, StatusDetails Details = default)
{
    /// <summary>Reads it from a body of any kind; what is no Status says nothing.</summary>
    public static StatusBody Read(ReadOnlySpan<byte> body)
    {
        StatusBody status = new(null, null, null);
        try
        {
            Utf8JsonReader reader = new(body);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return status;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = Utf8StringPool.Decode(ref reader);
                reader.Read();
                switch (name)
                {
                    case "code" when reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int number):
                        status = status with { Code = number };
                        break;
                    case "reason" when reader.TokenType == JsonTokenType.String:
                        status = status with { Reason = Utf8StringPool.Decode(ref reader) };
                        break;
                    case "message" when reader.TokenType == JsonTokenType.String:
                        status = status with { Message = Utf8StringPool.Decode(ref reader) };
                        break;
                    case "details" when reader.TokenType == JsonTokenType.StartObject:
                        using (JsonDocument details = JsonDocument.ParseValue(ref reader))
                        {
                            status = status with { Details = ReadDetails(details.RootElement) };
                        }

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

        return status;
    }

    private static StatusDetails ReadDetails(JsonElement details) => new(
        Text(details, "kind"),
        Text(details, "name"),
        details.TryGetProperty("causes", out JsonElement causes) && causes.ValueKind == JsonValueKind.Array && causes.GetArrayLength() > 0 ? Text(causes[0], "reason") : null);

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
