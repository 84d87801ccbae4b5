using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Failures;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Tests.Unit.Sandbox.Storage;

public class SelectorTests
{
    private static readonly Dictionary<string, string> Labels = new() { ["app"] = "web", ["tier"] = "gold", ["example.com/empty"] = "" };

    [Theory]
    [InlineData("", true)]
    [InlineData("app=web", true)]
    [InlineData("app==web", true)]
    [InlineData("app=db", false)]
    [InlineData("app!=db", true)]
    [InlineData("app!=web", false)]
    [InlineData("missing!=web", true)]
    [InlineData("app in (db, web)", true)]
    [InlineData("app in (db)", false)]
    [InlineData("app notin (db,cache)", true)]
    [InlineData("missing notin (db)", true)]
    [InlineData("missing in (db)", false)]
    [InlineData("app", true)]
    [InlineData("missing", false)]
    [InlineData("!missing", true)]
    [InlineData("!app", false)]
    [InlineData("example.com/empty=", true)]
    [InlineData("app=web,tier in (gold,silver),!missing", true)]
    [InlineData("app=web,tier in (tin,silver)", false)]
    public void Label_selectors_match_as_in_Kubernetes(string text, bool matches) => LabelSelector.Parse(text).Matches(Labels).ShouldBe(matches);

    [Theory]
    [InlineData("a=b=c")]
    [InlineData("a in b")]
    [InlineData("=x")]
    [InlineData("a,,b")]
    public void What_is_no_selector_is_a_bad_request(string text) => Should.Throw<ApiFailure>(() => LabelSelector.Parse(text)).Code.ShouldBe(400);

    [Fact]
    public void An_equality_has_one_value() =>
        Should.Throw<ApiFailure>(() => LabelSelector.Parse("a=b=c")).Message.ShouldBe("found '=', expected: ',' or 'end of string'");

    [Theory]
    [InlineData("metadata.name=p", true)]
    [InlineData("metadata.name!=p", false)]
    [InlineData("spec.nodeName=n1,status.phase!=Failed", true)]
    [InlineData("spec.nodeName=n2", false)]
    [InlineData("status.podIP=", true)]
    public void Field_selectors_read_the_fields_of_their_kind(string text, bool matches)
    {
        StoreBench bench = new();
        StoredObject pod = bench.Store.Create(Kinds.Pod, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "p" },
            ["spec"] = new JsonObject { ["nodeName"] = "n1" },
            ["status"] = new JsonObject { ["phase"] = "Running" },
        }, WriteScope.Everything);
        FieldSelector.Parse(text, Kinds.Pod).Matches(pod).ShouldBe(matches);
    }

    [Fact]
    public void Other_fields_are_refused_by_name() =>
        Should.Throw<ApiFailure>(() => FieldSelector.Parse("spec.x=1", Kinds.Machine)).Message.ShouldBe("field label not supported: spec.x");
}
