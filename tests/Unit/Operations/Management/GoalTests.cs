using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Unit.Operations.Wire;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Management;

/// <summary>Which states are a goal reached.</summary>
public sealed class GoalTests
{
    private static ObjectJson Md => ObjectJson.MachineDeployment("md");

    [Theory]
    [InlineData(CapiMachineDeploymentGoal.Ready, 4, 4, 4, 0, 0, true)]
    [InlineData(CapiMachineDeploymentGoal.Ready, 4, 4, 3, 4, 4, false)]
    [InlineData(CapiMachineDeploymentGoal.Ready, 4, 5, 4, 4, 4, false)]
    [InlineData(CapiMachineDeploymentGoal.Ready, 4, 3, 4, 4, 4, false)]
    [InlineData(CapiMachineDeploymentGoal.UpToDate, 4, 4, 0, 0, 4, true)]
    [InlineData(CapiMachineDeploymentGoal.UpToDate, 4, 4, 4, 4, 3, false)]
    [InlineData(CapiMachineDeploymentGoal.UpToDate, 4, 5, 4, 4, 4, false)]
    [InlineData(CapiMachineDeploymentGoal.Ready, 0, 0, 0, 0, 0, true)]
    [InlineData(CapiMachineDeploymentGoal.Ready, 0, 1, 0, 0, 0, false)]
    [InlineData(CapiMachineDeploymentGoal.Deleted, 4, 4, 4, 4, 4, false)]
    public void Counts_decide(CapiMachineDeploymentGoal goal, int desired, int current, int ready, int available, int upToDate, bool expected) =>
        Reached(Md.Scaled(desired, current, ready, available, upToDate), goal).ShouldBe(expected);

    [Theory]
    [InlineData("True", 2L, true)]
    [InlineData("True", null, true)]
    [InlineData("True", 1L, false)]
    [InlineData("False", 2L, false)]
    [InlineData("Unknown", 2L, false)]
    public void Available_is_the_condition_of_the_newest_specification(string status, long? observed, bool expected) =>
        Reached(Md.Scaled(4, ready: 0, generation: 2).Condition("Available", status, observedGeneration: observed), CapiMachineDeploymentGoal.Available).ShouldBe(expected);

    [Fact]
    public void Without_the_condition_it_is_not_available() => Reached(Md.Scaled(4), CapiMachineDeploymentGoal.Available).ShouldBeFalse();

    [Theory]
    [InlineData(CapiMachineDeploymentGoal.Available)]
    [InlineData(CapiMachineDeploymentGoal.Ready)]
    [InlineData(CapiMachineDeploymentGoal.UpToDate)]
    public void Nothing_is_reached_by_a_state_that_is_stale_or_on_its_way_out(CapiMachineDeploymentGoal goal)
    {
        ObjectJson good = Md.Scaled(4, generation: 2).Condition("Available", "True", observedGeneration: 2);

        Reached(good, goal).ShouldBeTrue();
        Reached(good.Copy().Status("observedGeneration", 1), goal).ShouldBeFalse();
        Reached(good.Copy().Status("observedGeneration", null), goal).ShouldBeFalse();
        Reached(good.Copy().Metadata("deletionTimestamp", "2026-11-20T10:00:00Z"), goal).ShouldBeFalse();
    }

    [Theory]
    [InlineData(CapiMachineDeploymentGoal.Ready)]
    [InlineData(CapiMachineDeploymentGoal.UpToDate)]
    public void Where_nobody_says_how_many_are_asked_for_nothing_is_reached(CapiMachineDeploymentGoal goal) =>
        Reached(Md.Status("observedGeneration", 1), goal).ShouldBeFalse();

    [Fact]
    public void A_scaling_is_done_only_with_every_count_at_the_number()
    {
        Scaled(Md.Scaled(4)).ShouldBeTrue();
        Scaled(Md.Scaled(3)).ShouldBeFalse();
        Scaled(Md.Scaled(4, current: 5)).ShouldBeFalse();
        Scaled(Md.Scaled(4, ready: 3, available: 4)).ShouldBeFalse();
        Scaled(Md.Scaled(4, available: 3)).ShouldBeFalse();
        Scaled(Md.Scaled(4, upToDate: 3)).ShouldBeFalse();
        Scaled(Md.Scaled(4, generation: 2, observed: 1)).ShouldBeFalse();
    }

    [Fact]
    public void Counts_that_the_server_does_not_tell_never_count_as_reached()
    {
        ObjectJson silent = Md.Scaled(4);
        silent.Json["status"]!.AsObject().Remove("availableReplicas");

        Scaled(silent).ShouldBeFalse();
    }

    private static bool Reached(ObjectJson json, CapiMachineDeploymentGoal goal) => MachineDeploymentWaits.IsReached(Reading.MachineDeployment(json), goal);

    private static bool Scaled(ObjectJson json) => MachineDeploymentWaits.IsScaled(Reading.MachineDeployment(json), 4);
}
