using System.Text;
using System.Text.Json;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Tests.Unit.Operations.Wire;

public sealed class SharedValuesTests
{
    [Fact]
    public void Objects_of_one_list_share_what_is_equal()
    {
        WireContext wire = Reading.Context("cluster.x-k8s.io/v1beta2");
        string json = Samples.MachineV1Beta2.ToString();
        CapiMachine first = Read(json, wire), second = Read(json, wire);

        second.Labels.ShouldBeSameAs(first.Labels);
        second.Annotations.ShouldBeSameAs(first.Annotations);
        second.Finalizers.ShouldBeSameAs(first.Finalizers);
        second.Owners.ShouldBeSameAs(first.Owners);
        Reading.Everything(second).ShouldBe(Reading.Everything(first));
    }

    [Fact]
    public void What_differs_is_not_shared()
    {
        WireContext wire = Reading.Context("cluster.x-k8s.io/v1beta2");
        string json = Samples.MachineV1Beta2.ToString();
        CapiMachine first = Read(json, wire), second = Read(json.Replace("dev-cluster", "other", StringComparison.Ordinal), wire);

        second.Labels.ShouldNotBe(first.Labels);
        second.Owners.ShouldNotBe(first.Owners);
        Reading.Everything(second).ShouldBe(Reading.Everything(first).Replace("dev-cluster", "other", StringComparison.Ordinal));
    }

    [Fact]
    public void Values_whose_hashes_meet_take_turns()
    {
        SharedValues<string> shared = new(EqualityComparer<string>.Create(string.Equals, _ => 7));
        string a = new('a', 1), b = new('b', 1);

        shared.Get(a).ShouldBeSameAs(a);
        shared.Get(b).ShouldBeSameAs(b);
        shared.Get(new('b', 1)).ShouldBeSameAs(b);
        shared.Get("a").ShouldBe("a");
    }

    private static CapiMachine Read(string json, WireContext wire)
    {
        Utf8JsonReader reader = new(Encoding.UTF8.GetBytes(json));
        reader.Read();
        return MachineReader.Read(ref reader, wire);
    }
}
