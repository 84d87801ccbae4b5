using System.Buffers;
using System.Text.Json;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations.Wire;

/// <summary>The few changes that this library makes to objects which somebody else looks after. Each names the identity that it is meant for.</summary>
internal static class ObjectPatch
{
    /// <summary>Takes a label off, where it still has the value that was seen.</summary>
    public static Patch Unlabel(string uid, string key, string value) => Json(writer =>
    {
        string path = "/metadata/labels/" + Escape(key);
        Test(writer, "/metadata/uid", uid);
        Test(writer, path, value);
        Remove(writer, path);
    });

    /// <summary>Takes finalizers off, where the list is still the one that was seen.</summary>
    public static Patch RemoveFinalizers(string uid, IReadOnlyList<string> seen, IReadOnlyList<string> left) => Json(writer =>
    {
        const string Path = "/metadata/finalizers";
        Test(writer, "/metadata/uid", uid);
        Operation(writer, "test", Path, () => WriteList(writer, seen));
        if (left.Count == 0)
        {
            Remove(writer, Path);
        }
        else
        {
            Operation(writer, "replace", Path, () => WriteList(writer, left));
        }
    });

    /// <summary>Resumes what is paused, in both ways that there are for a Cluster. A merge patch: whichever of them is set, or none.</summary>
    public static Patch Unpause(string uid, bool isCluster)
    {
        ArrayBufferWriter<byte> body = new();
        using Utf8JsonWriter writer = new(body);
        writer.WriteStartObject();
        writer.WriteStartObject("metadata");
        writer.WriteString("uid", uid); // a server takes it for the identity that is meant
        writer.WriteStartObject("annotations");
        writer.WriteNull(CapiNames.PausedAnnotation);
        writer.WriteEndObject();
        writer.WriteEndObject();
        if (isCluster)
        {
            writer.WriteStartObject("spec");
            writer.WriteBoolean("paused", false);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.Flush();
        return Patch.Merge(body.WrittenMemory);
    }

    private static Patch Json(Action<Utf8JsonWriter> operations)
    {
        ArrayBufferWriter<byte> body = new();
        using Utf8JsonWriter writer = new(body);
        writer.WriteStartArray();
        operations(writer);
        writer.WriteEndArray();
        writer.Flush();
        return Patch.Json(body.WrittenMemory);
    }

    private static void Test(Utf8JsonWriter writer, string path, string value) => Operation(writer, "test", path, () => writer.WriteStringValue(value));

    private static void Remove(Utf8JsonWriter writer, string path) => Operation(writer, "remove", path, null);

    private static void Operation(Utf8JsonWriter writer, string name, string path, Action? value)
    {
        writer.WriteStartObject();
        writer.WriteString("op", name);
        writer.WriteString("path", path);
        if (value is not null)
        {
            writer.WritePropertyName("value");
            value();
        }

        writer.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter writer, IReadOnlyList<string> items)
    {
        writer.WriteStartArray();
        foreach (string item in items)
        {
            writer.WriteStringValue(item);
        }

        writer.WriteEndArray();
    }

    /// <summary>A key as a JSON pointer spells it (RFC 6901).</summary>
    private static string Escape(string key) => key.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
