using System.Text.Json;

namespace CapiWorkshop.Operations.Wire;

/// <summary>An Event of Kubernetes, as far as it takes to show it as evidence.</summary>
/// <param name="Uid">The identity of the object that it is about.</param>
/// <param name="At">When it was told last.</param>
/// <param name="Text">Its reason and its message.</param>
internal sealed record WarningEvent(string? Uid, DateTimeOffset? At, string Text);

/// <summary>Reads Kubernetes' <c>Event</c> of the core group.</summary>
internal static class WarningReader
{
    public static WarningEvent Read(ref Utf8JsonReader reader)
    {
        Utf8StringPool pool = new();
        string? uid = null, reason = null, message = null;
        DateTimeOffset? last = null, first = null;
        while (reader.NextProperty(pool, out string name))
        {
            switch (name)
            {
                case "involvedObject" when reader.EnterObject():
                    while (reader.NextProperty(pool, out string field))
                    {
                        switch (field)
                        {
                            case "uid": uid = reader.Text(); break;
                            default: reader.Skip(); break;
                        }
                    }

                    break;
                case "involvedObject": break;
                case "reason": reason = reader.Text(); break;
                case "message": message = reader.Text(); break;
                case "lastTimestamp": last = reader.Time(); break;
                case "eventTime": first = reader.Time(); break;
                default: reader.Skip(); break;
            }
        }

        return new(uid, last ?? first, $"{reason}: {message?.ReplaceLineEndings(" ")}");
    }
}
