using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Wire;

public sealed class MachineDeploymentReaderTests
{
    [Fact]
    public void A_v1beta2_MachineDeployment_is_read_whole()
    {
        CapiMachineDeployment deployment = Reading.MachineDeployment(Samples.MachineDeploymentV1Beta2);

        deployment.Cluster.ShouldBe("dev-cluster");
        Counts(deployment).ShouldBe((5, 4, 3, 2, 1));
        deployment.CounterSemantics.ShouldBe(CapiCounterSemantics.MachineConditions);
        deployment.Available.ShouldBe(true, "the deprecated family must not get in");
        deployment.Phase.ShouldBe(CapiMachineDeploymentPhase.ScalingUp);
        deployment.Version.ShouldBe("v1.34.1");
        deployment.IsRolloutPaused.ShouldBeFalse();
        deployment.IsTopologyOwned.ShouldBeTrue();
        deployment.AutoscalerMinimum.ShouldBe(1);
        deployment.AutoscalerMaximum.ShouldBe(10);
        deployment.Generation.ShouldBe(5);
        deployment.ObservedGeneration.ShouldBe(4);
        deployment.IsObserved.ShouldBeFalse();
        deployment.Owners.ShouldHaveSingleItem().ShouldBe(new CapiOwnerReference("Cluster", "dev-cluster", "cluster.x-k8s.io/v1beta2", "c-1", false));
    }

    [Fact]
    public void The_counts_of_old_controllers_are_read_and_marked_as_node_based()
    {
        CapiMachineDeployment deployment = Reading.MachineDeployment(Samples.MachineDeploymentLegacy);

        Counts(deployment).ShouldBe((5, 5, 4, 3, 2));
        deployment.CounterSemantics.ShouldBe(CapiCounterSemantics.NodeReadiness);
        deployment.Available.ShouldBe(false);
        deployment.Version.ShouldBe("v1.29.0");
        deployment.GetCondition("Available").ShouldNotBeNull().Severity.ShouldBe("Warning");
        deployment.IsTopologyOwned.ShouldBeFalse();
        deployment.AutoscalerMinimum.ShouldBeNull();
        deployment.AutoscalerMaximum.ShouldBeNull();
    }

    [Fact]
    public void The_new_family_inside_v1beta1_wins_in_counts_and_conditions_and_is_marked_so()
    {
        CapiMachineDeployment deployment = Reading.MachineDeployment(Samples.MachineDeploymentBetween);

        Counts(deployment).ShouldBe((5, 5, 4, 3, 2));
        deployment.CounterSemantics.ShouldBe(CapiCounterSemantics.MachineConditions);
        deployment.Available.ShouldBe(true);
    }

    [Fact]
    public void A_count_that_the_new_family_lacks_is_not_taken_from_the_old_one()
    {
        ObjectJson json = ObjectJson.MachineDeployment(version: "v1beta1").Spec("replicas", 3)
            .Status("replicas", 3).Status("readyReplicas", 3).Status("availableReplicas", 3).Status("updatedReplicas", 3).NewStatus("readyReplicas", 1);

        CapiMachineDeployment deployment = Reading.MachineDeployment(json);

        Counts(deployment).ShouldBe((3, 3, 1, null, null));
        deployment.CounterSemantics.ShouldBe(CapiCounterSemantics.MachineConditions);
    }

    [Fact]
    public void The_old_names_of_counts_mean_nothing_in_v1beta2() =>
        Reading.MachineDeployment(ObjectJson.MachineDeployment().Status("updatedReplicas", 3)).UpToDateReplicas.ShouldBeNull();

    [Theory]
    [InlineData("v1beta1")]
    [InlineData("v1beta2")]
    public void Counts_that_are_not_there_are_null(string version)
    {
        CapiMachineDeployment deployment = Reading.MachineDeployment(ObjectJson.MachineDeployment(version: version));

        Counts(deployment).ShouldBe((null, null, null, null, null));
        deployment.Available.ShouldBeNull();
        deployment.Version.ShouldBeNull();
        deployment.RawPhase.ShouldBeNull();
        deployment.ObservedGeneration.ShouldBeNull();
    }

    [Fact]
    public void Zero_is_not_null()
    {
        ObjectJson json = ObjectJson.MachineDeployment().Scaled(0);

        Counts(Reading.MachineDeployment(json)).ShouldBe((0, 0, 0, 0, 0));
    }

    [Fact]
    public void A_rollout_pause_is_not_the_full_stop()
    {
        CapiMachineDeployment deployment = Reading.MachineDeployment(ObjectJson.MachineDeployment().Spec("paused", true));

        deployment.IsRolloutPaused.ShouldBeTrue();
        deployment.IsPaused.ShouldBeFalse();
    }

    [Fact]
    public void The_topology_label_counts_by_its_presence() =>
        Reading.MachineDeployment(ObjectJson.MachineDeployment().Label("topology.cluster.x-k8s.io/owned", "")).IsTopologyOwned.ShouldBeTrue();

    [Theory]
    [InlineData("0", 0)]
    [InlineData("7", 7)]
    [InlineData("", null)]
    [InlineData("many", null)]
    [InlineData("-1", null)]
    [InlineData("1.5", null)]
    [InlineData("99999999999", null)]
    public void Autoscaler_bounds_are_numbers_or_nothing(string text, int? expected)
    {
        ObjectJson json = ObjectJson.MachineDeployment().Annotation("cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size", text);

        Reading.MachineDeployment(json).AutoscalerMinimum.ShouldBe(expected);
    }

    [Fact]
    public void Without_spec_clusterName_the_label_tells_the_cluster()
    {
        ObjectJson json = ObjectJson.MachineDeployment(cluster: "by-label").Spec("clusterName", null);

        Reading.MachineDeployment(json).Cluster.ShouldBe("by-label");
    }

    private static (int? Desired, int? Current, int? Ready, int? Available, int? UpToDate) Counts(CapiMachineDeployment deployment) =>
        (deployment.DesiredReplicas, deployment.Replicas, deployment.ReadyReplicas, deployment.AvailableReplicas, deployment.UpToDateReplicas);
}
