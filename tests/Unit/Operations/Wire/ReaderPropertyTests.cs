using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Wire;
using CapiWorkshop.Tests.Unit.Support;
using FsCheck;
using FsCheck.Fluent;

namespace CapiWorkshop.Tests.Unit.Operations.Wire;

/// <summary>What holds of all readers and all objects.</summary>
public sealed class ReaderPropertyTests
{
    private static readonly Config Thorough = Config.QuickThrowOnFailure.WithMaxTest(1000).WithQuietOnSuccess(true);

    private static readonly Specimen[] Specimens =
    [
        new(Samples.ClusterV1Beta2, ClusterReader.Read),
        new(Samples.ClusterLegacy, ClusterReader.Read),
        new(Samples.ClusterBetween, ClusterReader.Read),
        new(Samples.MachineDeploymentV1Beta2, MachineDeploymentReader.Read),
        new(Samples.MachineDeploymentLegacy, MachineDeploymentReader.Read),
        new(Samples.MachineDeploymentBetween, MachineDeploymentReader.Read),
        new(Samples.MachineV1Beta2, MachineReader.Read),
        new(Samples.MachineLegacy, MachineReader.Read),
        new(Samples.MachineBetween, MachineReader.Read),
        new(Samples.MachineSet, MachineSetReader.Read),
        new(Samples.MachinePool, MachinePoolReader.Read),
        new(Samples.KubeadmControlPlane, (ref reader, wire) => ControlPlaneReader.Read(ref reader, wire, "KubeadmControlPlane")),
        new(Samples.K0smotronControlPlaneLegacy, (ref reader, wire) => ControlPlaneReader.Read(ref reader, wire, "K0smotronControlPlane")),
        new(Samples.MachineHealthCheck, MachineHealthCheckReader.Read),
        new(Samples.ClusterClass, ClusterClassReader.Read),
        new(Samples.HelmChartProxy, HelmChartProxyReader.Read),
        new(Samples.HelmReleaseProxy, HelmReleaseProxyReader.Read),
        new(ObjectJson.Deployment("controller", "capi-system", "cluster-api", "registry.example/controller:v1.14.0"), (ref reader, _) => new InventoryReading().Deployment(ref reader)),
        new(ObjectJson.Provider("cluster-api", "capi-system", "cluster-api", "CoreProvider", "v1.14.0"), (ref reader, _) => new InventoryReading().Provider(ref reader)),
        new(ObjectJson.Node("node-1"), (ref reader, _) => new InventoryReading().Node(ref reader)),
        new(ObjectJson.KubeSystem("k"), (ref reader, _) => new InventoryReading().Uid(ref reader) ?? "none"),
    ];

    private static Gen<Specimen> AnySpecimen => Gen.Elements(Specimens);

    [Fact]
    public void The_order_of_properties_does_not_matter()
    {
        var cases = from specimen in AnySpecimen from seed in JsonGenerators.Seed select (specimen, seed);

        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            string shuffled = JsonGenerators.Shuffled(c.specimen.Json.Json, new Random(c.seed))!.ToJsonString();
            return c.specimen.Read(shuffled) == c.specimen.Read(c.specimen.Json.ToString());
        }).Check(Thorough);
    }

    /// <summary>A field of another type, a newer server's structure, a proxy's nonsense: it may cost the object, never its neighbours or the program.</summary>
    [Fact]
    public void Whatever_stands_in_the_place_of_a_field_only_its_own_object_can_be_lost()
    {
        var cases = from specimen in AnySpecimen
                    from place in JsonGenerators.Seed
                    from value in JsonGenerators.AnyValue
                    select (specimen, place, value);

        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            JsonNode broken = c.specimen.Json.Json.DeepClone();
            JsonGenerators.ReplaceOne(broken, c.place, Parse(c.value));
            ReadsItsNeighbour(c.specimen, broken.ToJsonString());
        }).Check(Thorough);
    }

    [Fact]
    public void Fields_that_nobody_knows_change_nothing()
    {
        var cases = from specimen in AnySpecimen
                    from seed in JsonGenerators.Seed
                    from value in JsonGenerators.AnyValue
                    select (specimen, seed, value);

        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            JsonObject json = c.specimen.Json.Json.DeepClone().AsObject();
            JsonObject[] places = [.. ((JsonObject?[])[json, json["metadata"] as JsonObject, json["spec"] as JsonObject, json["status"] as JsonObject]).OfType<JsonObject>()];
            JsonObject place = places[c.seed % places.Length];
            place.Insert(c.seed % (place.Count + 1), "neverHeardOf", Parse(c.value));
            return c.specimen.Read(json.ToJsonString()) == c.specimen.Read(c.specimen.Json.ToString());
        }).Check(Thorough);
    }

    [Fact]
    public void Where_the_network_cuts_the_bytes_does_not_matter()
    {
        var cases = from specimen in AnySpecimen from cut in JsonGenerators.Seed from length in Gen.Choose(1, 64) select (specimen, cut, length);

        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            byte[] bytes = Encoding.UTF8.GetBytes(c.specimen.Json.ToString());
            int first = c.cut % bytes.Length;
            int second = Math.Min(first + c.length, bytes.Length);
            return c.specimen.Read(Segment.Chain(bytes.AsMemory(..first), bytes.AsMemory(first..second), bytes.AsMemory(second..))) == c.specimen.Read(c.specimen.Json.ToString());
        }).Check(Thorough);
    }

    /// <summary>JSON's grammar allows half a surrogate pair as an escape; .NET cannot make a string of it. Go never sends it, so the object may be refused, but as bad data.</summary>
    [Theory]
    [InlineData("status", "phase")]
    [InlineData("metadata", "name")]
    [InlineData("metadata", "creationTimestamp")]
    [InlineData("spec", "version")]
    public void Half_a_surrogate_pair_is_bad_data_and_no_crash(string parent, string field)
    {
        ObjectJson json = ObjectJson.Machine().Status("phase", "Running");
        json.Json[parent]![field] = "HALF";

        ReadsItsNeighbour(new(json, MachineReader.Read), json.ToString().Replace("HALF", @"\ud800", StringComparison.Ordinal));
    }

    private static JsonNode? Parse(string json) => JsonNode.Parse(json, documentOptions: new() { AllowDuplicateProperties = true }) is JsonNode node ? Undoubled(node) : null;

    /// <summary>A tree cannot hold the same name twice: the last one stays.</summary>
    private static JsonNode? Undoubled(JsonNode node) => JsonNode.Parse(JsonSerializer.Serialize(ToPlain(JsonSerializer.SerializeToElement(node))));

    private static object? ToPlain(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().GroupBy(p => p.Name).ToDictionary(g => g.Key, g => ToPlain(g.Last().Value)),
        JsonValueKind.Array => element.EnumerateArray().Select(ToPlain).ToArray(),
        _ => element,
    };

    private static void ReadsItsNeighbour(Specimen specimen, string broken)
    {
        Utf8JsonReader reader = new(Encoding.UTF8.GetBytes($"[{broken},{specimen.Json}]"));
        reader.Read();
        reader.Read();
        try
        {
            _ = specimen.Reader(ref reader, Reading.Context(specimen.Json.ApiVersion));
        }
        catch (InvalidDataException)
        {
            // an object without an identity; its neighbour is read all the same
        }
        catch (JsonException)
        {
            return; // the bytes are no JSON, so there is no neighbour to find
        }

        reader.TokenType.ShouldBe(JsonTokenType.EndObject);
        reader.CurrentDepth.ShouldBe(1);
        reader.Read().ShouldBeTrue();
        object neighbour = specimen.Reader(ref reader, Reading.Context(specimen.Json.ApiVersion));
        Reading.Everything(neighbour).ShouldBe(specimen.Read(specimen.Json.ToString()));
        reader.Read().ShouldBeTrue();
        reader.TokenType.ShouldBe(JsonTokenType.EndArray);
    }

    private sealed record Specimen(ObjectJson Json, WireReader<object> Reader)
    {
        public string Read(string json) => Reading.Everything(Reading.Read(json, Json.ApiVersion, Reader));

        public string Read(ReadOnlySequence<byte> json) => Reading.Everything(Reading.Read(json, Json.ApiVersion, Reader));

        public override string ToString() => $"{Json.ApiVersion} {Json.QualifiedName}";
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public static ReadOnlySequence<byte> Chain(params ReadOnlyMemory<byte>[] parts)
        {
            Segment? first = null, last = null;
            foreach (ReadOnlyMemory<byte> part in parts)
            {
                Segment next = new() { Memory = part, RunningIndex = last is null ? 0 : last.RunningIndex + last.Memory.Length };
                first ??= next;
                if (last is not null)
                {
                    last.Next = next;
                }

                last = next;
            }

            return new(first!, 0, last!, last!.Memory.Length);
        }
    }
}
