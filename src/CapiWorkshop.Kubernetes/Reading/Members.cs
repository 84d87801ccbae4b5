using System.Text.Json;

namespace CapiWorkshop.Kubernetes.Reading;

/// <summary>Finds single members of an object that is there as a whole.</summary>
internal static class Members
{
    /// <summary>Moves a reader from an object's start onto the value of a member. False where it stands on no object, or there is no such member.</summary>
    public static bool TryEnter(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool found = reader.ValueTextEquals(name);
            reader.Read();
            if (found)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }
}
