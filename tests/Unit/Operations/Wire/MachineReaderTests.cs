using System.Text.Json.Nodes;
using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Wire;

public sealed class MachineReaderTests
{
    [Fact]
    public void A_v1beta2_machine_is_read_whole()
    {
        CapiMachine machine = Reading.Machine(Samples.MachineV1Beta2);

        machine.Cluster.ShouldBe("dev-cluster");
        machine.Phase.ShouldBe(CapiMachinePhase.Deleting);
        machine.Ready.ShouldBe(false);
        machine.Available.ShouldBe(false);
        machine.UpToDate.ShouldBe(true);
        machine.NodeName.ShouldBe("node-1");
        machine.ProviderId.ShouldBe("docker:////dev-cluster-md-0-x7k2p-9ftzd");
        machine.Version.ShouldBe("v1.34.1");
        machine.FailureDomain.ShouldBe("fd-real");
        machine.InternalIP.ShouldBe("172.18.0.5");
        machine.ExternalIP.ShouldBe("203.0.113.5");
        machine.OSImage.ShouldBe("Debian GNU/Linux 12 (bookworm)");
        machine.IsControlPlane.ShouldBeFalse();
        machine.MachineDeployment.ShouldBe("dev-cluster-md-0");
        machine.InfrastructureKind.ShouldBe("DockerMachine");
        machine.PhaseChangedAt.ShouldBe(new DateTimeOffset(2026, 11, 20, 9, 50, 1, TimeSpan.Zero));
        machine.DeletionRequestedAt.ShouldBe(new DateTimeOffset(2026, 11, 20, 9, 50, 0, TimeSpan.Zero));
        machine.Finalizers.ShouldBe(["machine.cluster.x-k8s.io", "foregroundDeletion"]);
        machine.Owners.ShouldHaveSingleItem().ShouldBe(new CapiOwnerReference("MachineSet", "dev-cluster-md-0-x7k2p", "cluster.x-k8s.io/v1beta2", "ms-1", true));
        machine.Blocker.ShouldNotBeNull().ToString().ShouldBe("Deleting=True (DrainingNode)");
    }

    [Fact]
    public void A_v1beta1_machine_of_old_controllers_knows_Ready_but_neither_Available_nor_UpToDate()
    {
        CapiMachine machine = Reading.Machine(Samples.MachineLegacy);

        machine.Phase.ShouldBe(CapiMachinePhase.Running);
        machine.Ready.ShouldBe(false, "Running says nothing about the Node's health");
        machine.Available.ShouldBeNull();
        machine.UpToDate.ShouldBeNull();
        machine.NodeName.ShouldBe("old-cp-abcde");
        machine.FailureDomain.ShouldBe("fd-1");
        machine.InternalIP.ShouldBe("172.18.0.6");
        machine.ExternalIP.ShouldBeNull();
        machine.OSImage.ShouldBeNull();
        machine.IsControlPlane.ShouldBeTrue();
        machine.MachineDeployment.ShouldBeNull();
        machine.InfrastructureKind.ShouldBe("DockerMachine");
        machine.DeletionRequestedAt.ShouldBeNull();
    }

    [Fact]
    public void The_new_conditions_inside_v1beta1_win()
    {
        CapiMachine machine = Reading.Machine(Samples.MachineBetween);

        machine.Ready.ShouldBe(false);
        machine.Available.ShouldBe(false);
        machine.UpToDate.ShouldBe(true);
        machine.NodeName.ShouldBe("node-2");
    }

    [Fact]
    public void A_machine_that_has_just_been_made_says_null()
    {
        CapiMachine machine = Reading.Machine(ObjectJson.Machine().Status("phase", "Pending"));

        machine.Phase.ShouldBe(CapiMachinePhase.Pending);
        machine.Ready.ShouldBeNull();
        machine.NodeName.ShouldBeNull();
        machine.ProviderId.ShouldBeNull();
        machine.Version.ShouldBeNull();
        machine.FailureDomain.ShouldBeNull();
        machine.InternalIP.ShouldBeNull();
        machine.PhaseChangedAt.ShouldBeNull();
        machine.Blocker.ShouldBeNull();
    }

    [Fact]
    public void The_control_plane_label_counts_by_its_presence() =>
        Reading.Machine(ObjectJson.Machine().Label("cluster.x-k8s.io/control-plane", "")).IsControlPlane.ShouldBeTrue();

    [Fact]
    public void Addresses_of_unknown_types_and_shapes_are_passed_over()
    {
        ObjectJson json = ObjectJson.Machine().Status("addresses", JsonNode.Parse(
            """[null, 7, "x", ["y"], {}, {"type": "InternalIP"}, {"type": "Pigeon", "address": "coop"}, {"address": "10.0.0.1", "type": "InternalIP"}, {"type": "InternalIP", "address": "10.0.0.2"}]"""));

        CapiMachine machine = Reading.Machine(json);

        machine.InternalIP.ShouldBe("10.0.0.1");
        machine.ExternalIP.ShouldBeNull();
    }
}
