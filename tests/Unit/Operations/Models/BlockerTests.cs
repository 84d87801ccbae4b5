using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Unit.Operations.Wire;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Models;

/// <summary>The condition that tells why a machine is not ready.</summary>
public sealed class BlockerTests
{
    [Fact]
    public void A_ready_machine_has_none() =>
        Blocker(ObjectJson.Machine().Condition("Ready", "True").Condition("NodeHealthy", "False")).ShouldBeNull();

    [Fact]
    public void A_machine_about_which_nothing_is_said_has_none() => Blocker(ObjectJson.Machine()).ShouldBeNull();

    [Fact]
    public void The_first_step_that_is_not_done_is_told_and_not_the_summary() =>
        Blocker(ObjectJson.Machine()
            .Condition("Available", "False", "NotReady").Condition("Ready", "False", "NotReady").Condition("UpToDate", "False", "NotUpToDate")
            .Condition("BootstrapConfigReady", "True").Condition("InfrastructureReady", "False", "NotReady").Condition("NodeHealthy", "Unknown", "InspectionFailed"))
            .ShouldBe("InfrastructureReady=False (NotReady)");

    [Fact]
    public void A_condition_of_negative_polarity_blocks_when_it_is_True() =>
        Blocker(ObjectJson.Machine().Condition("Ready", "False").Condition("NodeHealthy", "True").Condition("Deleting", "True", "DrainingNode")).ShouldBe("Deleting=True (DrainingNode)");

    [Fact]
    public void A_condition_of_negative_polarity_does_not_block_when_it_is_False() =>
        Blocker(ObjectJson.Machine().Condition("Ready", "False", "NotReady").Condition("Deleting", "False", "NotDeleting").Condition("Updating", "False", "NotUpdating"))
            .ShouldBe("Ready=False (NotReady)");

    [Fact]
    public void What_is_bad_comes_before_what_is_unknown() =>
        Blocker(ObjectJson.Machine().Condition("Ready", "False").Condition("NodeHealthy", "Unknown", "ConnectionDown").Condition("HealthCheckSucceeded", "False", "UnhealthyNode"))
            .ShouldBe("HealthCheckSucceeded=False (UnhealthyNode)");

    [Fact]
    public void What_is_unknown_comes_before_the_summary_and_the_first_of_them_is_told() =>
        Blocker(ObjectJson.Machine().Condition("Ready", "Unknown", "ReadyUnknown").Condition("InfrastructureReady", "Unknown", "Waiting").Condition("NodeHealthy", "Unknown", "InspectionFailed"))
            .ShouldBe("InfrastructureReady=Unknown (Waiting)");

    [Fact]
    public void A_pause_is_not_a_reason_of_its_own() =>
        Blocker(ObjectJson.Machine().Condition("Ready", "Unknown").Condition("Paused", "True", "Paused")).ShouldBe("Ready=Unknown");

    [Fact]
    public void Machines_of_old_controllers_have_one_too() =>
        Reading.Machine(Samples.MachineLegacy).Blocker.ShouldNotBeNull().ToString().ShouldBe("NodeHealthy=False (NodeConditionsFailed)");

    private static string? Blocker(ObjectJson json) => Reading.Machine(json).Blocker?.ToString();
}
