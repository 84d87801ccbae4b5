using System.Text;
using System.Text.Json;
using CapiWorkshop.Kubernetes.Reading;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;

namespace CapiWorkshop.Tests.Unit.Kubernetes;

public sealed class WatchLineTests
{
    [Theory]
    [InlineData("ADDED", nameof(WatchLineType.Added))]
    [InlineData("MODIFIED", nameof(WatchLineType.Modified))]
    [InlineData("DELETED", nameof(WatchLineType.Deleted))]
    public void A_change_carries_its_object_and_its_version(string type, string expected)
    {
        Thing thing = Thing.Of("a", 7, "red");

        WatchLine<Thing> line = Read(Thing.Line(type, thing).TrimEnd());

        line.Type.ToString().ShouldBe(expected);
        line.Item.ShouldBe(thing);
        line.ResourceVersion.ShouldBe("7");
        line.Status.ShouldBeNull();
    }

    [Fact]
    public void The_type_may_stand_behind_the_object_and_unknown_fields_anywhere()
    {
        Thing thing = Thing.Of("a", 7);

        WatchLine<Thing> line = Read($$$"""{ "x": {"type": "no", "object": {}}, "object" : {{{thing.ToJson()}}} , "y": [1, {"object": 2}], "type" : "MODIFIED" }""");

        line.Type.ShouldBe(WatchLineType.Modified);
        line.Item.ShouldBe(thing);
    }

    [Fact]
    public void A_bookmark_carries_nothing_but_a_version()
    {
        WatchLine<Thing> line = Read("""{"type":"BOOKMARK","object":{"kind":"Thing","spec":{"metadata":{"resourceVersion":"no"}},"metadata":{"annotations":{"resourceVersion":"no"},"resourceVersion":"12","creationTimestamp":null},"status":{}}}""");

        line.Type.ShouldBe(WatchLineType.Bookmark);
        line.ResourceVersion.ShouldBe("12");
        line.Item.ShouldBeNull();
    }

    [Theory]
    [InlineData("""{"type":"BOOKMARK","object":{}}""")]
    [InlineData("""{"type":"BOOKMARK","object":{"metadata":{}}}""")]
    [InlineData("""{"type":"BOOKMARK","object":{"metadata":null}}""")]
    public void A_bookmark_without_a_version_says_nothing(string line) => Read(line).ResourceVersion.ShouldBeNull();

    [Fact]
    public void An_error_carries_its_status()
    {
        WatchLine<Thing> line = Read(Thing.Error(410, "Expired", "too old resource version: 1 (7)").TrimEnd());

        line.Type.ShouldBe(WatchLineType.Error);
        line.Status.ShouldBe(new StatusBody(410, "Expired", "too old resource version: 1 (7)"));
        line.Item.ShouldBeNull();
        line.ResourceVersion.ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"type":"ADDED"}""")]
    [InlineData("""{"type":"EXPLODED","object":{"metadata":{"name":"a"}}}""")]
    [InlineData("""{"object":{"metadata":{"name":"a"}}}""")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"a"}""")]
    [InlineData("""{"type":7,"object":{"metadata":{"name":"a"}}}""")]
    [InlineData("""{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":7}}}""")]
    public void A_line_that_cannot_be_understood_is_said_to_be_none(string line) => Should.Throw<JsonException>(() => Read(line));

    [Theory]
    [InlineData("""{"type":"ADDED","object":null}""")]
    [InlineData("""{"type":"ADDED","object":[]}""")]
    [InlineData("""{"type":"ADDED","object":"text"}""")]
    public void A_reader_is_never_handed_what_is_no_object(string line)
    {
        bool asked = false;

        Should.Throw<JsonException>(() => WatchLine<Thing>.Read(Encoding.UTF8.GetBytes(line), (ref Utf8JsonReader reader) =>
        {
            asked = reader.TokenType != JsonTokenType.StartObject;
            throw new JsonException("asked");
        }));

        asked.ShouldBeFalse();
    }

    private static WatchLine<Thing> Read(string line) => WatchLine<Thing>.Read(Encoding.UTF8.GetBytes(line), Thing.Read);
}
