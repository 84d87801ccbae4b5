using System.Runtime.CompilerServices;
using System.Text.Json;

namespace CapiWorkshop.Operations.Wire;

/// <summary>
/// Makes equal strings one: the thousands of objects of a list share condition types, reasons, label keys, cluster names and versions. A fixed table
/// in which a newcomer takes the place of another, so it never grows. Belongs to one list or watch at a time; not thread-safe.
/// </summary>
internal sealed class Utf8StringPool
{
    private const int Slots = 1024;
    private const int LongestPooled = 64;
    private readonly string?[] _strings = new string?[Slots];

    // Compiled well at once: the first list of a session would be over before the runtime found out that these loops matter.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public string Get(ref Utf8JsonReader reader)
    {
        if (reader.HasValueSequence || reader.ValueIsEscaped || reader.ValueSpan.Length > LongestPooled)
        {
            return Decode(ref reader);
        }

        ReadOnlySpan<byte> bytes = reader.ValueSpan;
        if (bytes.IsEmpty)
        {
            return "";
        }

        uint hash = 2166136261; // FNV-1a: short keys, no adversary, no state
        foreach (byte b in bytes)
        {
            hash = (hash ^ b) * 16777619;
        }

        ref string? slot = ref _strings[hash % Slots];
        if (slot is not null && Matches(slot, bytes))
        {
            return slot;
        }

        return slot = Decode(ref reader);
    }

    /// <summary>Any string of JSON, which may hold half a surrogate pair: that is no text.</summary>
    /// <exception cref="JsonException">It is no text.</exception>
    public static string Decode(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("A text is no valid Unicode.", e);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Matches(string candidate, ReadOnlySpan<byte> bytes)
    {
        if (candidate.Length != bytes.Length)
        {
            return false; // never equal, or not ASCII: then it is read anew
        }

        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] > 127 || candidate[i] != bytes[i])
            {
                return false;
            }
        }

        return true;
    }
}
