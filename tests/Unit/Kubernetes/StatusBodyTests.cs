using System.Text;
using CapiWorkshop.Kubernetes.Reading;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;

namespace CapiWorkshop.Tests.Unit.Kubernetes;

public sealed class StatusBodyTests
{
    [Fact]
    public void A_status_is_read() => Read(Thing.Status(409, "Conflict", "changed meanwhile")).ShouldBe(new StatusBody(409, "Conflict", "changed meanwhile"));

    [Fact]
    public void What_stands_deeper_is_not_the_status_itself() => Read("""
        {"kind":"Status","details":{"name":"a","kind":["no"],"code":1,"reason":"no","causes":[{"reason":"no","message":"no"}]},"reason":"Invalid","message":"not \"so\"","code":422}
        """).ShouldBe(new StatusBody(422, "Invalid", "not \"so\"", new(null, "a", "no")));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("<html><body>502 Bad Gateway</body></html>")]
    [InlineData("upstream connect error")]
    [InlineData("""{"code":"409","reason":null,"message":["a"]}""")]
    [InlineData("""{"code":4e99}""")]
    [InlineData("""{"code":1.5}""")]
    public void What_is_no_status_says_nothing(string body) => Read(body).ShouldBe(new StatusBody(null, null, null));

    [Fact]
    public void A_status_that_is_cut_off_says_what_it_said_so_far() =>
        Read("""{"kind":"Status","code":503,"message":"the server is down","reas""").ShouldBe(new StatusBody(503, null, "the server is down"));

    [Fact]
    public void Bytes_that_are_no_text_say_nothing() => StatusBody.Read([0x1f, 0x8b, 0x08, 0x00, 0xff]).ShouldBe(new StatusBody(null, null, null));

    private static StatusBody Read(string body) => StatusBody.Read(Encoding.UTF8.GetBytes(body));
}
