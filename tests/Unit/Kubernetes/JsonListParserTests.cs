using System.Text;
using System.Text.Json;
using CapiWorkshop.Kubernetes.Reading;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;
using FsCheck;
using FsCheck.Fluent;

namespace CapiWorkshop.Tests.Unit.Kubernetes;

public sealed class JsonListParserTests
{
    /// <summary>Values that look like parts of a list, to be put where they are none.</summary>
    private static readonly string[] Decoys =
    [
        "1", "-1.5e+10", "true", "null", "\"\"", "\"]}\"", "\"\\\"items\\\": [\"", "\"\\\\\"", "\"grün ✓ 😀\"", "[]", "{}", "[[], [{}], [[1, 2]]]",
        """{"items": [{"metadata": {"resourceVersion": "decoy"}}], "metadata": {"resourceVersion": "decoy", "continue": ""}}""",
        """[{"items": [], "metadata": {"resourceVersion": "decoy"}}]""",
        """{"resourceVersion": "decoy"}""",
    ];

    private static readonly Gen<string> Decoy = Gen.Elements(Decoys);

    private static readonly Gen<string> Space = Gen.Elements("", "", "", " ", "\n  ", "\r\n\t");

    private static readonly Gen<int[]> Chunks = Gen.Choose(1, 40).NonEmptyListOf().Select(sizes => sizes.ToArray());

    private static readonly Gen<Sample> Samples =
        from names in Gen.Choose(0, 100_000).Select(number => $"item-{number}").ListOf(12).Resize(12)
        from decoys in Decoy.ListOf(12)
        from shuffle in Gen.Shuffle(new[] { 0, 1, 2, 3, 4 })
        from order in Gen.Shuffle(new[] { 0, 1, 2, 3 })
        from space in Space.ArrayOf(6)
        from version in Gen.Choose(0, int.MaxValue)
        from count in Gen.Choose(0, 12)
        from chunks in Chunks
        select Build([.. names.Take(count)], [.. decoys], shuffle, order, space, $"{version}", chunks);

    [Fact]
    public void A_list_cut_into_any_pieces_gives_the_same_items_and_version() =>
        Prop.ForAll(Samples.ToArbitrary(), sample =>
        {
            (List<string> items, string? version, long bytes) = ReadAll(Encoding.UTF8.GetBytes(sample.Json), sample.Chunks);
            return items.SequenceEqual(sample.Names) && version == sample.ResourceVersion && bytes <= Encoding.UTF8.GetByteCount(sample.Json);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void A_list_that_is_cut_off_anywhere_never_comes_to_its_end() =>
        Prop.ForAll(
            (from sample in Samples
             from share in Gen.Choose(0, 999)
             select (sample, share)).ToArbitrary(),
            cut =>
            {
                byte[] whole = Encoding.UTF8.GetBytes(cut.sample.Json.TrimEnd());
                byte[] part = whole[..(int)((long)whole.Length * cut.share / 1000)];
                List<string> items = [];
                bool ended = ReachesEnd(part, cut.sample.Chunks, items);
                return !ended && items.SequenceEqual(cut.sample.Names.Take(items.Count));
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void A_list_that_is_cut_off_at_each_of_its_bytes_never_comes_to_its_end()
    {
        byte[] whole = Encoding.UTF8.GetBytes(Thing.ListOf("7", Thing.Of("a", 1, "grün"), Thing.Of("b", 2)));

        int[] ends = [.. Enumerable.Range(0, whole.Length).Where(length => ReachesEnd(whole[..length], [16], []))];

        ends.ShouldBeEmpty();
        ReachesEnd(whole, [16], []).ShouldBeTrue();
    }

    [Theory]
    [InlineData("""{"metadata":{"resourceVersion":"7"},"items":[{"name":"a"}]}""")]
    [InlineData("""{"items":[{"name":"a"}],"metadata":{"resourceVersion":"7"}}""")]
    [InlineData("""{"items":[{"name":"a"}],"metadata":{"continue":{"resourceVersion":"no"},"resourceVersion":"7","remainingItemCount":[{"resourceVersion":"no"}]}}""")]
    public void The_version_may_stand_before_or_behind_the_items(string json)
    {
        (List<string> items, string? version, _) = ReadAll(json);

        items.ShouldBe(["a"]);
        version.ShouldBe("7");
    }

    [Theory]
    [InlineData("""{"metadata":{"resourceVersion":"7"},"items":null}""", "7")]
    [InlineData("""{"metadata":{"resourceVersion":"7"},"items":[]}""", "7")]
    [InlineData("""{"items":[ ],"metadata":{}}""", null)]
    [InlineData("""{"items":[],"metadata":null}""", null)]
    [InlineData("""{"items":[],"metadata":{"resourceVersion":null}}""", null)]
    public void A_list_may_be_empty(string json, string? expected)
    {
        (List<string> items, string? version, _) = ReadAll(json);

        items.ShouldBeEmpty();
        version.ShouldBe(expected);
    }

    [Fact]
    public void Items_and_metadata_within_an_item_are_the_items_own()
    {
        (List<string> items, string? version, _) = ReadAll("""
            {"items":[
              {"name":"a","items":[{"name":"inner"}],"metadata":{"resourceVersion":"inner"}},
              {"metadata":{"items":[1],"resourceVersion":"inner"},"name":"b"}
            ],"metadata":{"resourceVersion":"7"}}
            """);

        items.ShouldBe(["a", "b"]);
        version.ShouldBe("7");
    }

    [Fact]
    public void An_item_may_be_larger_than_every_buffer()
    {
        string huge = new('x', 3_000_000);
        (List<string> items, string? version, long bytes) = ReadAll($$$"""{"items":[{"name":"a"},{"filler":"{{{huge}}}","name":"b"},{"name":"c"}],"metadata":{"resourceVersion":"7"}}""", 100_000);

        items.ShouldBe(["a", "b", "c"]);
        version.ShouldBe("7");
        bytes.ShouldBeGreaterThan(3_000_000);
    }

    [Fact]
    public void What_is_not_an_item_may_be_larger_than_every_buffer()
    {
        string huge = new('x', 1_000_000);

        ReadAll($$$"""{"other":["{{{huge}}}"],"items":[{"name":"a"}],"metadata":{"filler":"{{{huge}}}","resourceVersion":"7"}}""", 50_000).ShouldSatisfyAllConditions(
            read => read.Items.ShouldBe(["a"]),
            read => read.Version.ShouldBe("7"));
    }

    [Fact]
    public void An_item_is_handed_on_as_soon_as_its_last_byte_is_there()
    {
        string head = """{"items":[{"name":"a"}""";
        using ChunkedStream stream = new(Encoding.UTF8.GetBytes(head + ",{\"name\":\"b\"}]}"), head.Length, 1);
        using JsonListParser<string> parser = new(ReadName);

        parser.Next(out _).ShouldBe(JsonListParser<string>.Step.More);
        Fill(parser, stream).ShouldBeTrue();
        parser.Next(out string? item).ShouldBe(JsonListParser<string>.Step.Item);

        item.ShouldBe("a");
        parser.Next(out _).ShouldBe(JsonListParser<string>.Step.More);
        parser.Bytes.ShouldBe(head.Length);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"metadata":{"resourceVersion":"7"}}""")]
    [InlineData("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","code":403}""")]
    [InlineData("{\"items\":{}}")]
    [InlineData("<html></html>")]
    [InlineData("{\"items\":[1]}")]
    [InlineData("{\"items\":[null]}")]
    [InlineData("{\"items\":[[]]}")]
    [InlineData("{\"items\":[{}}")]
    [InlineData("{\"items\":[}")]
    [InlineData("{\"items\":[{} {}]}")]
    [InlineData("{'items':[]}")]
    [InlineData("{\"items\":[{\"name\":\"a\"},{\"name\":nonsense}]}")]
    public void What_is_no_list_of_objects_is_said_to_be_none(string json) => Should.Throw<JsonException>(() => ReadAll(json));

    [Fact]
    public void After_its_end_a_list_stays_at_its_end()
    {
        using JsonListParser<string> parser = new(ReadName);
        using ChunkedStream stream = new("{\"items\":[]}\n\n"u8.ToArray());

        parser.Next(out _);
        Fill(parser, stream);

        parser.Next(out _).ShouldBe(JsonListParser<string>.Step.End);
        parser.Next(out _).ShouldBe(JsonListParser<string>.Step.End);
    }

    private static Sample Build(string[] names, string[] decoys, int[] itemOrder, int[] order, string[] space, string version, int[] chunks)
    {
        string Item(string name, int i)
        {
            string[] members = [$"\"name\":{space[0]}\"{name}\"", $"\"items\":{decoys[i % 12]}", $"\"metadata\":{space[1]}{decoys[(i + 1) % 12]}", $"\"other\":{decoys[(i + 2) % 12]}", "\"\":0"];
            return "{" + space[2] + string.Join("," + space[3], itemOrder.Select(at => members[at])) + "}";
        }

        string[] list =
        [
            "\"kind\":\"ThingList\"",
            $"\"metadata\":{space[4]}{{\"continue\":{decoys[3]},\"resourceVersion\":\"{version}\",\"more\":{decoys[4]}}}",
            $"\"items\":[{space[5]}{string.Join("," + space[0], names.Select(Item))}{space[1]}]",
            $"\"other\":{decoys[5]}",
        ];
        return new("{" + string.Join(space[2] + ",", order.Select(at => list[at])) + space[3] + "}" + space[4], names, version, chunks);
    }

    private static (List<string> Items, string? Version, long Bytes) ReadAll(string json, params int[] chunks) => ReadAll(Encoding.UTF8.GetBytes(json), chunks);

    private static (List<string> Items, string? Version, long Bytes) ReadAll(byte[] json, params int[] chunks)
    {
        using JsonListParser<string> parser = new(ReadName);
        using ChunkedStream stream = new(json, chunks);
        List<string> items = [];
        bool ended = false;
        while (true)
        {
            switch (parser.Next(out string? item))
            {
                case JsonListParser<string>.Step.Item:
                    items.Add(item!);
                    break;
                case JsonListParser<string>.Step.End:
                    return (items, parser.ResourceVersion, parser.Bytes);
                case JsonListParser<string>.Step.More when ended:
                    throw new EndOfStreamException();
                default:
                    ended = !Fill(parser, stream);
                    break;
            }
        }
    }

    private static bool ReachesEnd(byte[] json, int[] chunks, List<string> items)
    {
        using JsonListParser<string> parser = new(ReadName);
        using ChunkedStream stream = new(json, chunks);
        try
        {
            bool ended = false;
            while (true)
            {
                switch (parser.Next(out string? item))
                {
                    case JsonListParser<string>.Step.Item:
                        items.Add(item!);
                        break;
                    case JsonListParser<string>.Step.End:
                        return true;
                    case JsonListParser<string>.Step.More when ended:
                        return false;
                    default:
                        ended = !Fill(parser, stream);
                        break;
                }
            }
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool Fill(JsonListParser<string> parser, Stream stream) => parser.FillAsync(stream, TestContext.Current.CancellationToken).AsTask().GetAwaiter().GetResult();

    private static string ReadName(ref Utf8JsonReader reader)
    {
        string name = "";
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isName = reader.ValueTextEquals("name"u8);
            reader.Read();
            if (isName)
            {
                name = reader.GetString()!;
            }

            reader.Skip();
        }

        return name;
    }

    private sealed record Sample(string Json, string[] Names, string ResourceVersion, int[] Chunks)
    {
        public override string ToString() => $"{Json} in pieces of {string.Join(", ", Chunks)}";
    }
}
