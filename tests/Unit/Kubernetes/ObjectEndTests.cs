using System.Text;
using CapiWorkshop.Kubernetes.Reading;

namespace CapiWorkshop.Tests.Unit.Kubernetes;

public sealed class ObjectEndTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("""{"a":{"b":[{},{"c":{}}]},"d":"e"}""")]
    [InlineData("""{"}":"{","\"}":"\\","\\\\\"{":"}}\\\"}"}""")]
    [InlineData("""{ "grün ✓ 😀" : "\u007d\n" }""")]
    public void The_end_is_found_when_its_byte_is_there_and_not_before(string json)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(json + ",{}}]}");
        int length = Encoding.UTF8.GetByteCount(json);
        ObjectEnd end = default;

        for (int arrived = 0; arrived < length; arrived++)
        {
            end.Find(bytes.AsSpan(0, arrived)).ShouldBeNull();
        }

        end.Find(bytes).ShouldBe(length);
        default(ObjectEnd).Find(bytes).ShouldBe(length);
    }
}
