using System.Text;
using System.Text.Json.Nodes;
using CapiWorkshop.Operations.Wire;
using FsCheck;
using FsCheck.Fluent;

namespace CapiWorkshop.Tests.Unit.Operations.Wire;

/// <summary>What Debug shows of a body.</summary>
public sealed class BodyExcerptTests
{
    private const int Most = BodyExcerpt.MostShown + 100;

    [Theory]
    [InlineData("""{"kind":"Machine","spec":{"replicas":2,"a":[true,null,1.50,"x"]}}""")]
    [InlineData("[]")]
    [InlineData("""{"text":"ä \"quoted\" \\ <b>&amp;'"}""")]
    [InlineData("")]
    public void Plain_json_is_shown_as_it_is(string json) => BodyExcerpt.Of(Encoding.UTF8.GetBytes(json)).ShouldBe(json);

    [Fact]
    public void Managed_fields_are_left_out() => BodyExcerpt.Of("""{"metadata":{"name":"a","managedFields":[{"manager":"x","fieldsV1":{"f:spec":{}}}],"uid":"u"}}"""u8)
        .ShouldBe("""{"metadata":{"name":"a","uid":"u"}}""");

    [Theory]
    [InlineData("""{"data":{"a":"c2VjcmV0","b":null},"type":"Opaque"}""", """{"data":{"a":"(8 bytes)","b":null},"type":"Opaque"}""")]
    [InlineData("""{"d\u0061ta":"secret","x":1}""", """{"data":"(6 bytes)","x":1}""")]
    [InlineData("""{"Data":["secret",true,12,{"deep":["secret"]}],"x":1}""", """{"Data":["(6 bytes)","(4 bytes)","(2 bytes)",{"deep":["(6 bytes)"]}],"x":1}""")]
    [InlineData("""{"items":[{"data":{"data":"secret","z":"secret"}},{"x":"shown"}]}""", """{"items":[{"data":{"data":"(6 bytes)","z":"(6 bytes)"}},{"x":"shown"}]}""")]
    public void Values_below_a_confidential_field_are_replaced_by_their_size(string json, string shown) => BodyExcerpt.Of(Encoding.UTF8.GetBytes(json), IsData).ShouldBe(shown);

    [Theory]
    [InlineData("secret")]
    [InlineData("""{"data":{"a":"secret"}""")]
    [InlineData("""{"name":"secret"} {"data":1}""")]
    public void What_is_no_json_is_shown_only_where_nothing_is_confidential(string body)
    {
        BodyExcerpt.Of(Encoding.UTF8.GetBytes(body), IsData).ShouldBe($"({body.Length} bytes that are no JSON)");
        BodyExcerpt.Of(Encoding.UTF8.GetBytes(body)).ShouldBe(body);
    }

    [Fact]
    public void No_command_reaches_a_terminal()
    {
        BodyExcerpt.Of("<html>\r\n\u001b[2J\u009b2J"u8).ShouldBe("<html>   [2J 2J");
        BodyExcerpt.Of("""{"a":"\u001b[2J\u009b2J"}"""u8).ShouldNotContain(text => char.IsControl(text));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_long_body_is_cut_and_says_how_long_it_is(bool isConfidential)
    {
        string json = new JsonArray([.. Enumerable.Range(0, 50_000).Select(i => JsonValue.Create(i))]).ToJsonString();

        string shown = BodyExcerpt.Of(Encoding.UTF8.GetBytes(json), isConfidential ? IsData : null);

        shown.ShouldStartWith("[0,1,2,3,");
        shown.ShouldEndWith($"… ({json.Length} bytes in all)");
        shown.Length.ShouldBeLessThan(Most);
    }

    [Fact]
    public void One_long_text_is_cut_too()
    {
        BodyExcerpt.Of(Encoding.UTF8.GetBytes($$"""{"a":"{{new string('x', 10_000)}}"}""")).Length.ShouldBeLessThan(Most);
        BodyExcerpt.Of(Encoding.UTF8.GetBytes(new string('x', 10_000))).Length.ShouldBeLessThan(Most);
    }

    [Fact]
    public void No_more_is_kept_of_a_body_than_can_be_shown()
    {
        BodyExcerpt excerpt = new();
        byte[] piece = Encoding.UTF8.GetBytes("{\"x\":\"" + new string('x', 100_000) + "\"},");
        excerpt.Add("["u8);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            excerpt.Add(piece);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(500_000, "100 MB passed by");
        excerpt.ToText().ShouldEndWith($"({1 + (1_000 * piece.Length)} bytes in all)");
    }

    [Fact]
    public void It_makes_no_difference_in_which_pieces_a_body_comes() => Prop.ForAll(
        Arb.From(JsonGenerators.AnyValue), Arb.From(Gen.Choose(1, 50)), static (json, size) =>
        {
            BodyExcerpt excerpt = new();
            byte[] body = Encoding.UTF8.GetBytes(json);
            foreach (byte[] piece in body.Chunk(size))
            {
                excerpt.Add(piece);
            }

            excerpt.ToText(IsData).ShouldBe(BodyExcerpt.Of(body, IsData));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Whatever_is_confidential_is_never_shown_wherever_the_body_is_cut() => Prop.ForAll(
        Arb.From(JsonGenerators.AnyValue), Arb.From(JsonGenerators.Seed), static (json, seed) =>
        {
            const string secret = "S3cr3t-5o5o5o";
            Random random = new(seed);
            string[] members = [$"\"metadata\":{json}", $"\"data\":{Hide(random, secret, depth: 0).ToJsonString()}", "\"kind\":\"Secret\""];
            random.Shuffle(members);
            byte[] bytes = Encoding.UTF8.GetBytes($"{{{string.Join(',', members)}}}");
            byte[] cut = bytes[..random.Next(bytes.Length + 1)];

            BodyExcerpt.Of(cut, IsData).ShouldNotContain("S3cr");
            BodyExcerpt broken = new();
            broken.Add(cut);
            broken.Add(new byte[random.Next(70_000)]);
            broken.ToText(IsData).ShouldNotContain("S3cr");
        }).QuickCheckThrowOnFailure();

    private static bool IsData(string name) => name.Equals("data", StringComparison.OrdinalIgnoreCase);

    /// <summary>Some value in which a secret stands as a value, never as a name.</summary>
    private static JsonNode Hide(Random random, string secret, int depth) => (depth > 3 ? 0 : random.Next(4)) switch
    {
        1 => new JsonArray(Hide(random, secret, depth + 1), null, Hide(random, secret, depth + 1)),
        2 => new JsonObject { ["data"] = Hide(random, secret, depth + 1), ["name"] = Hide(random, secret, depth + 1) },
        3 => new JsonObject { ["managedFields"] = Hide(random, secret, depth + 1), ["kind"] = "x", ["value"] = Hide(random, secret, depth + 1) },
        _ => JsonValue.Create(string.Concat(Enumerable.Repeat(secret, random.Next(1, 8)))),
    };
}
