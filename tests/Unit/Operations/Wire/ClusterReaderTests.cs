using System.Text.Json.Nodes;
using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Wire;

public sealed class ClusterReaderTests
{
    [Fact]
    public void A_v1beta2_cluster_is_read_whole()
    {
        CapiCluster cluster = Reading.Cluster(Samples.ClusterV1Beta2);

        cluster.Name.ShouldBe("dev-cluster");
        cluster.Namespace.ShouldBe("team-a");
        cluster.Cluster.ShouldBe("dev-cluster");
        cluster.ApiVersion.ShouldBe("cluster.x-k8s.io/v1beta2");
        cluster.Phase.ShouldBe(CapiClusterPhase.Provisioned);
        cluster.Available.ShouldBe(false);
        cluster.ControlPlane.ShouldBe(new CapiReplicaCounts { Desired = 1, Current = 1, Ready = 1, Available = 1, UpToDate = 1 });
        cluster.Workers.ShouldBe(new CapiReplicaCounts { Desired = 4, Current = 3, Ready = 2, Available = 1, UpToDate = 0 });
        cluster.InfrastructureProvisioned.ShouldBe(true);
        cluster.ControlPlaneInitialized.ShouldBe(true);
        cluster.ControlPlaneKind.ShouldBe("KubeadmControlPlane");
        cluster.ControlPlaneName.ShouldBe("dev-cluster-cp");
        cluster.InfrastructureKind.ShouldBe("DockerCluster");
        cluster.InfrastructureName.ShouldBe("dev-cluster-infra");
        cluster.ControlPlaneEndpoint.ShouldBe("172.18.0.4:6443");
        cluster.ClusterClass.ShouldBe("quick-start");
        cluster.Version.ShouldBe("v1.34.1");
        cluster.IsPaused.ShouldBeFalse();
        cluster.Conditions.Select(c => c.Type).ShouldBe(["Available", "RemoteConnectionProbe", "Paused"], "the deprecated family must not get in");
    }

    [Fact]
    public void A_v1beta1_cluster_of_old_controllers_is_available_when_it_is_Ready_and_tells_no_counts()
    {
        CapiCluster cluster = Reading.Cluster(Samples.ClusterLegacy);

        cluster.ApiVersion.ShouldBe("cluster.x-k8s.io/v1beta1");
        cluster.Available.ShouldBe(true);
        cluster.ControlPlane.ShouldBe(new CapiReplicaCounts());
        cluster.Workers.ShouldBe(new CapiReplicaCounts());
        cluster.Workers.ToString().ShouldBe("?/?");
        cluster.InfrastructureProvisioned.ShouldBe(true);
        cluster.ControlPlaneInitialized.ShouldBe(true);
        cluster.ControlPlaneKind.ShouldBe("K0smotronControlPlane");
        cluster.ClusterClass.ShouldBe("quick-start");
        cluster.Version.ShouldBe("v1.29.0");
        cluster.GetCondition("ControlPlaneReady").ShouldNotBeNull().Severity.ShouldBe("Warning");
    }

    [Fact]
    public void A_v1beta1_cluster_with_the_new_family_takes_conditions_and_counts_from_there()
    {
        CapiCluster cluster = Reading.Cluster(Samples.ClusterBetween);

        cluster.Available.ShouldBe(false, "Ready of the old family is True, Available of the new one is not");
        cluster.Conditions.ShouldHaveSingleItem().Type.ShouldBe("Available");
        cluster.ControlPlane.ShouldBe(new CapiReplicaCounts { Desired = 3, Current = 3, Ready = 2, Available = 2, UpToDate = 3 });
        cluster.Workers.ShouldBe(new CapiReplicaCounts { Desired = 2 });
        cluster.InfrastructureProvisioned.ShouldBe(true);
        cluster.ControlPlaneInitialized.ShouldBe(false);
    }

    [Fact]
    public void A_v1beta1_cluster_whose_new_family_lacks_Available_does_not_fall_back_to_Ready()
    {
        ObjectJson json = ObjectJson.Cluster(version: "v1beta1").Condition("Ready", "True").NewCondition("Deleting", "False");

        Reading.Cluster(json).Available.ShouldBeNull();
    }

    [Fact]
    public void Ready_means_nothing_on_a_v1beta2_cluster() =>
        Reading.Cluster(ObjectJson.Cluster().Condition("Ready", "True")).Available.ShouldBeNull();

    [Fact]
    public void A_cluster_that_nobody_has_touched_says_null_and_not_zero()
    {
        CapiCluster cluster = Reading.Cluster(ObjectJson.Cluster());

        cluster.Phase.ShouldBe(CapiClusterPhase.Unknown);
        cluster.RawPhase.ShouldBeNull();
        cluster.Available.ShouldBeNull();
        cluster.ControlPlane.ShouldBe(new CapiReplicaCounts());
        cluster.Workers.ShouldBe(new CapiReplicaCounts());
        cluster.InfrastructureProvisioned.ShouldBeNull();
        cluster.ControlPlaneInitialized.ShouldBeNull();
        cluster.ControlPlaneKind.ShouldBeNull();
        cluster.InfrastructureName.ShouldBeNull();
        cluster.ControlPlaneEndpoint.ShouldBeNull();
        cluster.ClusterClass.ShouldBeNull();
        cluster.Version.ShouldBeNull();
    }

    [Theory]
    [InlineData("""{"host": "10.0.0.1", "port": 6443}""", "10.0.0.1:6443")]
    [InlineData("""{"host": "10.0.0.1", "port": 0}""", "10.0.0.1")]
    [InlineData("""{"host": "api.example"}""", "api.example")]
    [InlineData("""{"host": "", "port": 0}""", null)]
    [InlineData("""{"port": 6443}""", null)]
    [InlineData("""{}""", null)]
    public void An_endpoint_is_told_as_far_as_it_is_known(string endpoint, string? expected) =>
        Reading.Cluster(ObjectJson.Cluster().Spec("controlPlaneEndpoint", JsonNode.Parse(endpoint))).ControlPlaneEndpoint.ShouldBe(expected);

    [Fact]
    public void Replica_counts_show_ready_of_desired()
    {
        new CapiReplicaCounts { Desired = 4, Ready = 2 }.ToString().ShouldBe("2/4");
        new CapiReplicaCounts { Desired = 4 }.ToString().ShouldBe("?/4");
    }

    [Theory]
    [InlineData("v1beta1")]
    [InlineData("v1beta2")]
    public void A_cluster_with_spec_paused_is_paused(string version) =>
        Reading.Cluster(ObjectJson.Cluster(version: version).Spec("paused", true)).IsPaused.ShouldBeTrue();
}
