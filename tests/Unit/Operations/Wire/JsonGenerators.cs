using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace CapiWorkshop.Tests.Unit.Operations.Wire;

/// <summary>JSON values as a server, a newer version or a broken proxy might send them.</summary>
internal static class JsonGenerators
{
    /// <summary>Leaves what is not ASCII as it is, as Go's encoder does.</summary>
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] Names =
        ["name", "type", "status", "conditions", "spec", "metadata", "kind", "version", "replicas", "v1beta2", "labels", "uid", "x", "", "containers", "template"];

    private static readonly string[] Values =
        ["null", "true", "false", "0", "-1", "7", "2147483648", "9223372036854775808", "1.5", "1e400", "-0", "\"\"", "\"True\"", "\"Running\"", "\"2026-11-20T09:00:00Z\"",
         "\"9999-12-31T23:59:59-14:00\"", "\"0001-01-01T00:00:00+14:00\"", "\"\\u0000\"", "\"\\ud83d\\ude00\"", "{}", "[]", "[[]]", "[null,1,\"x\",{}]", "{\"a\":{\"b\":[{}]}}"];

    /// <summary>Any string, as JSON. What cannot be written in UTF-8 (half a surrogate pair) becomes the replacement character.</summary>
    public static Gen<string> Strings { get; } = ArbMap.Default.GeneratorFor<NonNull<string>>().Select(text => JsonSerializer.Serialize(text.Get, Plain));

    /// <summary>Any value, as JSON; fields of objects often have names that mean something.</summary>
    public static Gen<string> AnyValue { get; } = Gen.Sized(size => Value(Math.Min(size, 3)));

    /// <summary>A source of decisions that a failing test can tell and repeat.</summary>
    public static Gen<int> Seed { get; } = Gen.Choose(0, int.MaxValue - 1);

    /// <summary>The same value with the properties of all its objects in another order.</summary>
    public static JsonNode? Shuffled(JsonNode? node, Random random)
    {
        switch (node)
        {
            case JsonObject o:
                KeyValuePair<string, JsonNode?>[] members = [.. o];
                random.Shuffle(members);
                return new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Shuffled(member.Value, random))));
            case JsonArray a:
                return new JsonArray([.. a.Select(element => Shuffled(element, random))]);
            default:
                return node?.DeepClone();
        }
    }

    /// <summary>Puts a value in the place of one field or element, wherever in the tree it stands.</summary>
    public static void ReplaceOne(JsonNode root, int which, JsonNode? value)
    {
        List<Action> places = [];
        Collect(root);
        places[which % places.Count]();

        void Collect(JsonNode? node)
        {
            switch (node)
            {
                case JsonObject o:
                    foreach ((string name, JsonNode? child) in o)
                    {
                        places.Add(() => o[name] = value);
                        Collect(child);
                    }

                    break;
                case JsonArray a:
                    for (int i = 0; i < a.Count; i++)
                    {
                        int index = i;
                        places.Add(() => a[index] = value);
                        Collect(a[i]);
                    }

                    break;
            }
        }
    }

    private static Gen<string> Value(int depth)
    {
        Gen<string> scalar = Gen.OneOf(Gen.Elements(Values), Strings);
        if (depth <= 0)
        {
            return scalar;
        }

        Gen<string> inner = Value(depth - 1);
        Gen<string> array = inner.ListOf(3).Select(items => $"[{string.Join(',', items)}]");
        Gen<string> member = from name in Gen.Elements(Names) from value in inner select $"\"{name}\":{value}";
        Gen<string> @object = member.ListOf(3).Select(members => $"{{{string.Join(',', members)}}}");
        return Gen.Frequency((3, scalar), (1, array), (2, @object));
    }
}
