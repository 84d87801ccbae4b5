using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Wire;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Wire;

/// <summary>MachineSets, MachinePools and control planes; what they have in common with MachineDeployments is tried there.</summary>
public sealed class ScaledReaderTests
{
    [Fact]
    public void A_MachineSet_knows_its_deployment_and_its_version()
    {
        CapiMachineSet set = Reading.Read(Samples.MachineSet, MachineSetReader.Read);

        (set.Kind, set.Name, set.Cluster, set.MachineDeployment).ShouldBe(("MachineSet", "dev-md-0-x7k2p", "dev", "dev-md-0"));
        Counts(set).ShouldBe((3, 3, 2, 1, 3));
        (set.Version, set.InfrastructureKind).ShouldBe(("v1.34.1", "DockerMachineTemplate"));
        set.IsObserved.ShouldBeTrue();
        set.GetCondition("MachinesReady")!.Status.ShouldBe(CapiConditionStatus.False);
    }

    [Fact]
    public void A_MachinePool_of_v1beta2_is_read_whole()
    {
        CapiMachinePool pool = Reading.Read(Samples.MachinePool, MachinePoolReader.Read);

        (pool.Kind, pool.Cluster, pool.Phase, pool.RawPhase).ShouldBe(("MachinePool", "dev", CapiMachinePoolPhase.ScalingUp, "ScalingUp"));
        Counts(pool).ShouldBe((4, 2, 2, 1, 2));
        (pool.InfrastructureProvisioned, pool.InfrastructureKind, pool.ReplicasManagedBy).ShouldBe((true, "DockerMachinePool", "external-autoscaler"));
        pool.Ready.ShouldBeNull("it has no such condition");
    }

    [Fact]
    public void A_MachinePool_of_v1beta1_tells_of_its_infrastructure_elsewhere() =>
        Reading.Read(ObjectJson.Of("cluster.x-k8s.io/v1beta1", "MachinePool", "mp").Status("infrastructureReady", true), MachinePoolReader.Read).InfrastructureProvisioned.ShouldBe(true);

    [Fact]
    public void A_kubeadm_control_plane_is_read_whole()
    {
        CapiControlPlane plane = ControlPlane(Samples.KubeadmControlPlane);

        (plane.Kind, plane.Provider, plane.Cluster, plane.IsHosted).ShouldBe(("KubeadmControlPlane", "Kubeadm", "dev", false));
        Counts(plane).ShouldBe((3, 3, 3, 2, 1));
        (plane.Available, plane.Initialized).ShouldBe((true, true));
        (plane.Version, plane.RunningVersion).ShouldBe(("v1.34.1", "v1.33.5"));
        plane.CounterSemantics.ShouldBe(CapiCounterSemantics.MachineConditions);
    }

    [Fact]
    public void A_hosted_control_plane_of_v1beta1_says_how_many_are_missing()
    {
        CapiControlPlane plane = ControlPlane(Samples.K0smotronControlPlaneLegacy);

        (plane.Kind, plane.Provider, plane.IsHosted).ShouldBe(("K0smotronControlPlane", "K0smotron", true));
        Counts(plane).ShouldBe((3, 3, 2, 1, 2));
        (plane.Available, plane.Initialized).ShouldBe((true, true));
        plane.Cluster.ShouldBe("old", "its owner says so, where no label does");
        plane.CounterSemantics.ShouldBe(CapiCounterSemantics.NodeReadiness);
    }

    [Fact]
    public void The_new_counts_within_v1beta1_are_not_filled_up_from_the_old_ones()
    {
        ObjectJson json = ObjectJson.Of("controlplane.cluster.x-k8s.io/v1beta1", "KubeadmControlPlane", "cp").Spec("replicas", 3)
            .Status("unavailableReplicas", 1).Status("readyReplicas", 2).NewStatus("readyReplicas", 3);

        Counts(ControlPlane(json)).ShouldBe((3, null, 3, null, null));
    }

    [Fact]
    public void Whoever_says_that_it_is_managed_elsewhere_is_hosted() =>
        ControlPlane(ObjectJson.Of("controlplane.cluster.x-k8s.io/v1beta2", "AWSManagedControlPlane", "cp").Status("externalManagedControlPlane", true)).IsHosted.ShouldBeTrue();

    [Fact]
    public void What_a_control_plane_does_not_say_is_null()
    {
        CapiControlPlane plane = ControlPlane(ObjectJson.Of("controlplane.cluster.x-k8s.io/v1beta2", "K0sControlPlane", "cp"));

        Counts(plane).ShouldBe((null, null, null, null, null));
        (plane.Available, plane.Initialized, plane.Version, plane.RunningVersion, plane.Cluster).ShouldBe((null, null, null, null, null));
        plane.IsHosted.ShouldBeFalse();
    }

    private static CapiControlPlane ControlPlane(ObjectJson json)
    {
        string kind = json.Json["kind"]!.GetValue<string>();
        return Reading.Read(json, (ref reader, wire) => ControlPlaneReader.Read(ref reader, wire, kind));
    }

    private static (int? Desired, int? Current, int? Ready, int? Available, int? UpToDate) Counts(CapiScalableResource item) =>
        (item.DesiredReplicas, item.Replicas, item.ReadyReplicas, item.AvailableReplicas, item.UpToDateReplicas);
}
