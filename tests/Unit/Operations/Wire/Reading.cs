using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Wire;
using CapiWorkshop.Tests.Unit.Support;
using Microsoft.Extensions.Time.Testing;

namespace CapiWorkshop.Tests.Unit.Operations.Wire;

/// <summary>Reads one object as the library does, at a time that stands still.</summary>
internal static class Reading
{
    public static readonly DateTimeOffset Now = new(2026, 11, 20, 10, 0, 0, TimeSpan.Zero);

    public static CapiCluster Cluster(ObjectJson json) => Read(json, ClusterReader.Read);

    public static CapiMachineDeployment MachineDeployment(ObjectJson json) => Read(json, MachineDeploymentReader.Read);

    public static CapiMachine Machine(ObjectJson json) => Read(json, MachineReader.Read);

    public static WireContext Context(string apiVersion) => new(apiVersion, "kind-capi", "mc-1", new FakeTimeProvider(Now));

    public static T Read<T>(ObjectJson json, WireReader<T> reader) => Read(json.ToString(), json.ApiVersion, reader);

    public static T Read<T>(string json, string apiVersion, WireReader<T> reader) => Read(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(json)), apiVersion, reader);

    public static T Read<T>(ReadOnlySequence<byte> json, string apiVersion, WireReader<T> reader)
    {
        Utf8JsonReader utf8 = new(json);
        utf8.Read();
        T item = reader(ref utf8, Context(apiVersion));
        utf8.TokenType.ShouldBe(JsonTokenType.EndObject);
        utf8.CurrentDepth.ShouldBe(0);
        return item;
    }

    /// <summary>All that a model says, in one order, to compare two of them.</summary>
    public static string Everything(object? model) => Sorted(JsonSerializer.SerializeToNode(model, model?.GetType() ?? typeof(object)))?.ToJsonString() ?? "null";

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(o.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        JsonArray a => new JsonArray([.. a.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
