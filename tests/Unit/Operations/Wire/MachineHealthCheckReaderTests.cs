using System.Text.Json.Nodes;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Wire;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Wire;

public sealed class MachineHealthCheckReaderTests
{
    [Fact]
    public void A_check_of_v1beta2_is_read_whole()
    {
        CapiMachineHealthCheck check = Read(Samples.MachineHealthCheck);

        (check.Kind, check.Cluster).ShouldBe(("MachineHealthCheck", "dev"));
        (check.ExpectedMachines, check.HealthyMachines, check.RemediationsAllowed, check.RemediationAllowed).ShouldBe((3, 1, 0, false));
        check.Targets.ShouldBe(["dev-1", "dev-2", "dev-3"]);
        check.Selector.ShouldBe("nodepool=a");
        (check.MaxUnhealthy, check.UnhealthyRange).ShouldBe(("40%", "[1-2]"));
        check.NodeStartupTimeout.ShouldBe(TimeSpan.FromMinutes(10));
    }

    [Theory]
    [InlineData("10m0s", 600)]
    [InlineData("1h30m", 5400)]
    [InlineData("0s", 0)]
    public void A_check_of_v1beta1_spells_its_time_as_Go_does(string text, int seconds)
    {
        CapiMachineHealthCheck check = Read(Check("v1beta1").Spec("nodeStartupTimeout", text).Spec("maxUnhealthy", 2).Spec("unhealthyRange", "[3-5]"));

        check.NodeStartupTimeout.ShouldBe(TimeSpan.FromSeconds(seconds));
        (check.MaxUnhealthy, check.UnhealthyRange).ShouldBe(("2", "[3-5]"));
    }

    [Fact]
    public void What_a_check_does_not_say_is_null()
    {
        CapiMachineHealthCheck check = Read(Check("v1beta2").Spec("remediation", new JsonObject { ["triggerIf"] = new JsonObject { ["unhealthyLessThanOrEqualTo"] = new JsonArray() } }));

        (check.MaxUnhealthy, check.UnhealthyRange, check.NodeStartupTimeout, check.ExpectedMachines, check.RemediationAllowed).ShouldBe((null, null, null, null, null));
        check.Targets.ShouldBeEmpty();
    }

    private static ObjectJson Check(string version) => ObjectJson.Of("cluster.x-k8s.io/" + version, "MachineHealthCheck", "dev-mhc").Spec("clusterName", "dev");

    private static CapiMachineHealthCheck Read(ObjectJson json) => Reading.Read(json, MachineHealthCheckReader.Read);
}
