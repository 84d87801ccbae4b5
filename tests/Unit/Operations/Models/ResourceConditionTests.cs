using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Unit.Operations.Wire;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Models;

public sealed class ResourceConditionTests
{
    [Fact]
    public void Each_condition_says_of_what_it_is_and_since_when()
    {
        CapiMachine machine = Reading.Machine(ObjectJson.Machine("dev-1", "dev").Condition("Ready", "False", "NotReady", "* NodeHealthy: no Node"));

        CapiResourceCondition row = CapiResourceCondition.Of(machine).ShouldHaveSingleItem();

        (row.Kind, row.Name, row.Namespace, row.Cluster).ShouldBe(("Machine", "dev-1", "default", "dev"));
        (row.Type, row.Status, row.Reason, row.Message).ShouldBe(("Ready", CapiConditionStatus.False, "NotReady", "* NodeHealthy: no Node"));
        row.Age.ShouldBe(TimeSpan.FromHours(1));
        (row.Context, row.ManagementClusterId).ShouldBe(("kind-capi", "mc-1"));
        row.ToString().ShouldBe("Machine default/dev-1: Ready=False (NotReady)");
    }

    [Theory]
    [InlineData("Available", "True", false)]
    [InlineData("Available", "False", true)]
    [InlineData("Available", "Unknown", true)]
    [InlineData("Deleting", "False", false)]
    [InlineData("Deleting", "True", true)]
    [InlineData("ScalingDown", "Unknown", true)]
    [InlineData("OwnerRemediated", "False", true)]
    public void What_asks_for_attention_depends_on_the_type(string type, string status, bool expected) =>
        CapiResourceCondition.Of(Reading.Machine(ObjectJson.Machine().Condition(type, status))).ShouldHaveSingleItem().IsAbnormal.ShouldBe(expected);

    [Fact]
    public void Rows_come_in_the_order_of_the_server() =>
        CapiResourceCondition.Of(Reading.Cluster(Samples.ClusterV1Beta2)).Select(row => row.Type).ShouldBe(["Available", "RemoteConnectionProbe", "Paused"]);

    [Fact]
    public void A_time_that_was_not_told_makes_no_age()
    {
        ObjectJson json = ObjectJson.Machine().Condition("Ready", "True");
        json.Json["status"]!["conditions"]![0]!.AsObject().Remove("lastTransitionTime");

        CapiResourceCondition.Of(Reading.Machine(json)).ShouldHaveSingleItem().Age.ShouldBeNull();
    }
}
