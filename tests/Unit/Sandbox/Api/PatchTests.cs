using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Api.Patches;
using CapiWorkshop.Sandbox.Failures;

namespace CapiWorkshop.Tests.Unit.Sandbox.Api;

public class PatchTests
{
    [Theory]
    [InlineData("""{"a":1}""", """{"a":2,"b":{"c":3}}""", """{"a":2,"b":{"c":3}}""")]
    [InlineData("""{"a":{"b":1,"c":2}}""", """{"a":{"b":null}}""", """{"a":{"c":2}}""")]
    [InlineData("""{"a":[1,2]}""", """{"a":[3]}""", """{"a":[3]}""")]
    [InlineData("""{"a":"x"}""", """{"a":{"b":null,"c":1}}""", """{"a":{"c":1}}""")]
    public void Merge_patches_follow_their_RFC(string document, string patch, string expected)
    {
        JsonObject target = Parse(document);
        MergePatch.Apply(target, Parse(patch));
        Same(target, expected);
    }

    [Theory]
    [InlineData("""{"op":"add","path":"/a/-","value":3}""", """{"a":[1,2,3],"m":{"x/y":1}}""")]
    [InlineData("""{"op":"add","path":"/a/0","value":0}""", """{"a":[0,1,2],"m":{"x/y":1}}""")]
    [InlineData("""{"op":"remove","path":"/a/0"}""", """{"a":[2],"m":{"x/y":1}}""")]
    [InlineData("""{"op":"replace","path":"/m/x~1y","value":[]}""", """{"a":[1,2],"m":{"x/y":[]}}""")]
    [InlineData("""{"op":"replace","path":"/a/1","value":9}""", """{"a":[1,9],"m":{"x/y":1}}""")]
    [InlineData("""{"op":"copy","from":"/a","path":"/b"}""", """{"a":[1,2],"m":{"x/y":1},"b":[1,2]}""")]
    [InlineData("""{"op":"move","from":"/m/x~1y","path":"/n"}""", """{"a":[1,2],"m":{},"n":1}""")]
    [InlineData("""{"op":"test","path":"/a","value":[1,2]}""", """{"a":[1,2],"m":{"x/y":1}}""")]
    public void Json_patches_follow_their_RFC(string operation, string expected) =>
        Same(JsonPatch.Apply(Parse("""{"a":[1,2],"m":{"x/y":1}}"""), new JsonArray(JsonNode.Parse(operation))), expected);

    [Theory]
    [InlineData("""{"op":"remove","path":"/nope"}""")]
    [InlineData("""{"op":"replace","path":"/nope","value":1}""")]
    [InlineData("""{"op":"add","path":"/no/pe","value":1}""")]
    [InlineData("""{"op":"add","path":"/a/9","value":1}""")]
    [InlineData("""{"op":"add","path":"/a/-"}""")]
    [InlineData("""{"op":"test","path":"/a","value":1}""")]
    [InlineData("""{"op":"invent","path":"/a"}""")]
    [InlineData("""{"op":"replace","path":"","value":1}""")]
    public void A_json_patch_that_does_not_fit_is_rejected(string operation) =>
        Should.Throw<ApiFailure>(() => JsonPatch.Apply(Parse("""{"a":[1]}"""), new JsonArray(JsonNode.Parse(operation)))).Code.ShouldBe(422);

    [Theory]
    [InlineData("""{"finalizers":["a"]}""", """{"finalizers":["b"]}""", """{"finalizers":["a","b"]}""")]
    [InlineData("""{"finalizers":["a","b"]}""", """{"$deleteFromPrimitiveList/finalizers":["a"]}""", """{"finalizers":["b"]}""")]
    [InlineData("""{"conditions":[{"type":"A","status":"True","x":1}]}""", """{"conditions":[{"type":"A","status":"False"},{"type":"B"}]}""",
        """{"conditions":[{"type":"A","status":"False","x":1},{"type":"B"}]}""")]
    [InlineData("""{"containers":[{"name":"a"},{"name":"b"}]}""", """{"containers":[{"name":"a","$patch":"delete"}],"$setElementOrder/containers":[]}""",
        """{"containers":[{"name":"b"}]}""")]
    [InlineData("""{"selector":{"a":"1"}}""", """{"selector":{"$patch":"replace","b":"2"}}""", """{"selector":{"b":"2"}}""")]
    public void Lists_that_are_maps_in_disguise_merge_by_key(string document, string patch, string expected)
    {
        JsonObject target = Parse(document);
        KeyedMerge.Apply(target, Parse(patch), builtIn: true);
        Same(target, expected);
    }

    [Fact]
    public void Protobuf_of_a_secret_is_understood()
    {
        // Fields by hand: an envelope of type and object, and in it metadata, one entry of data and the type.
        byte[] metadata = Message((1, Bytes("kubeconfig")), (11, Message((1, Bytes("a")), (2, Bytes("b")))), (14, Bytes("f/1")));
        byte[] secret = Message((1, metadata), (2, Message((1, Bytes("value")), (2, [1, 2, 3]))), (3, Bytes("Opaque")));
        byte[] envelope = Message((1, Message((1, Bytes("v1")), (2, Bytes("Secret")))), (2, secret), (4, []));
        Same(ProtobufBody.Read([.. "k8s\0"u8, .. envelope]), """
            {
              "metadata": { "name": "kubeconfig", "labels": { "a": "b" }, "finalizers": ["f/1"] },
              "data": { "value": "AQID" }, "type": "Opaque", "apiVersion": "v1", "kind": "Secret"
            }
            """);
        Should.Throw<ApiFailure>(() => ProtobufBody.Read("k8s\0\x0a\x7f"u8)).Code.ShouldBe(400, "a length beyond the end");
        Should.Throw<ApiFailure>(() => ProtobufBody.Read("{}"u8)).Code.ShouldBe(400);
    }

    private static byte[] Message(params (int Number, byte[] Value)[] fields) =>
        [.. fields.SelectMany(field => (byte[])[(byte)(field.Number << 3 | 2), (byte)field.Value.Length, .. field.Value])];

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static JsonObject Parse(string text) => JsonNode.Parse(text)!.AsObject();

    private static void Same(JsonObject found, string expected) => JsonNode.DeepEquals(found, Parse(expected)).ShouldBeTrue(found.ToJsonString());
}
