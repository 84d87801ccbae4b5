using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Controllers;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;
using CapiWorkshop.Tests.Unit.Sandbox.World;

namespace CapiWorkshop.Tests.Unit.Sandbox.Controllers;

public sealed class ScalingTests : IAsyncLifetime
{
    private const string Deployment = "dev-cluster-md-0";
    private readonly WorldBench _bench = WorldBench.Workshop();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public void New_machines_come_up_phase_by_phase()
    {
        string[] before = Names();
        _bench.Scale(Deployment, 4);
        _bench.Get(Kinds.MachineDeployment, Deployment).Text("status", "phase").ShouldBe("Running", "the machines are there at once, if only by name");
        string added = Names().Except(before).First();
        List<string> phases = [];
        for (int at = 0; at < 200; at++)
        {
            string phase = _bench.Get(Kinds.Machine, added).Text("status", "phase")!;
            if (phases.LastOrDefault() != phase)
                phases.Add(phase);
            _bench.Pass(0.1);
        }

        phases.ShouldBe(["Provisioning", "Provisioned", "Running"]);
        JsonObject deployment = _bench.Get(Kinds.MachineDeployment, Deployment);
        deployment.Number("status", "readyReplicas").ShouldBe(4);
        deployment.Number("status", "upToDateReplicas").ShouldBe(4);
        _bench.Get(Kinds.Cluster, "dev-cluster").Number("status", "workers", "availableReplicas").ShouldBe(4);
    }

    [Fact]
    public void Between_being_made_and_being_ready_the_counters_and_conditions_say_so()
    {
        _bench.Scale(Deployment, 3);
        JsonObject deployment = _bench.Get(Kinds.MachineDeployment, Deployment);
        deployment.Number("status", "replicas").ShouldBe(3);
        deployment.Number("status", "availableReplicas").ShouldBe(2);
        Conditions.StatusOf(deployment, "Available").ShouldBe("False", "no machine may be missing");
        Conditions.StatusOf(deployment, "MachinesReady").ShouldBe("False");
        Conditions.StatusOf(_bench.Get(Kinds.Cluster, "dev-cluster"), "Available").ShouldBe("False");
        _bench.Pass(20);
        Conditions.IsTrue(_bench.Get(Kinds.MachineDeployment, Deployment), "Available").ShouldBeTrue();
    }

    [Fact]
    public void Names_and_labels_join_deployment_set_and_machines()
    {
        StoredObject set = _bench.Store.List(Kinds.MachineSet).Items.Single(item => item.Name.StartsWith(Deployment, StringComparison.Ordinal));
        set.Name.ShouldMatch("^dev-cluster-md-0-[bcdfghjklmnpqrstvwxz2456789]{5}$");
        set.Labels[CapiNames.DeploymentLabel].ShouldBe(Deployment);
        set.Labels[CapiNames.TemplateHashLabel].ShouldMatch($"^[0-9]+-{set.Name[^5..]}$");
        foreach (StoredObject machine in _bench.WorkersOf("dev-cluster"))
        {
            machine.Name.ShouldMatch($"^{set.Name}-[bcdfghjklmnpqrstvwxz2456789]{{5}}$");
            machine.Labels[CapiNames.SetLabel].ShouldBe(set.Name);
            machine.Labels[CapiNames.TemplateHashLabel].ShouldBe(set.Labels[CapiNames.TemplateHashLabel]);
            machine.ToJson().Text("spec", "infrastructureRef", "name").ShouldBe(machine.Name);
            _bench.Get(Kinds.DockerMachine, machine.Name).Text("spec", "providerID").ShouldBe($"docker:////{machine.Name}");
            _bench.Get(Kinds.KubeadmConfig, machine.Name).Text("status", "dataSecretName").ShouldBe(machine.Name);
        }
    }

    [Fact]
    public void Scaling_is_told_in_events()
    {
        int before = _bench.Events.Count;
        _bench.Scale(Deployment, 3);
        _bench.Pass(30);
        string set = _bench.Store.List(Kinds.MachineSet).Items.Single(item => item.Name.StartsWith(Deployment, StringComparison.Ordinal)).Name;
        string[] told = [.. _bench.Events.Skip(before)];
        told[0].ShouldBe($"MachineDeployment/{Deployment} SuccessfulScale: Scaled up MachineSet {set}: 2 -> 3");
        told[1].ShouldMatch($"^MachineSet/{set} SuccessfulCreate: Created Machine \"{set}-.....\"$");
        told[2].ShouldMatch($"^Machine/({set}-.....) SuccessfulSetNodeRef: \\1$");
        told.Length.ShouldBe(3);
    }

    [Fact]
    public void On_the_way_down_the_leaving_machine_counts_until_it_is_gone()
    {
        _bench.Scale(Deployment, 1);
        JsonObject deployment = _bench.Get(Kinds.MachineDeployment, Deployment);
        deployment.Text("status", "phase").ShouldBe("ScalingDown");
        Conditions.Find(deployment, "ScalingDown").Text("message").ShouldBe("Scaling down from 2 to 1 replicas");
        _bench.Phases("dev-cluster").Count(phase => phase == "Deleting").ShouldBe(1);
        _bench.Pass(5);
        _bench.WorkersOf("dev-cluster").Count.ShouldBe(1);
        _bench.Get(Kinds.MachineDeployment, Deployment).Text("status", "phase").ShouldBe("Running");
        _bench.World.Workloads.Find("default", "dev-cluster")!.Api.Store.List(Kinds.Node).Items.Count.ShouldBe(2, "the node went with its machine");
    }

    [Fact]
    public void A_marked_machine_goes_first()
    {
        string last = Names()[^1];
        _bench.Change(Kinds.Machine, last, content => Metadata.Annotate(content, CapiNames.DeleteFirst, "yes"));
        _bench.Scale(Deployment, 1);
        _bench.Pass(5);
        Names().ShouldNotContain(last);
    }

    [Fact]
    public void Without_a_mark_the_name_decides()
    {
        string first = Names()[0];
        _bench.Scale(Deployment, 1);
        _bench.Pass(5);
        Names().ShouldNotContain(first);
    }

    [Fact]
    public void A_pod_moves_off_a_node_that_leaves()
    {
        ObjectStore workload = _bench.World.Workloads.Find("default", "dev-cluster")!.Api.Store;
        string node = workload.List(Kinds.Pod, "default").Items.Single().ToJson().Text("spec", "nodeName")!;
        _bench.Change(Kinds.Machine, node, content => Metadata.Annotate(content, CapiNames.DeleteFirst, ""));
        _bench.Scale(Deployment, 1);
        _bench.Pass(5);
        workload.List(Kinds.Pod, "default").Items.ShouldHaveSingleItem().ToJson().Text("spec", "nodeName").ShouldNotBe(node);
        _bench.Events.ShouldContain($"Machine/{node} SuccessfulDrainNode: success draining Machine's node \"{node}\"");
    }

    [Fact]
    public void To_zero_and_back()
    {
        _bench.Scale(Deployment, 0);
        _bench.Pass(5);
        JsonObject deployment = _bench.Get(Kinds.MachineDeployment, Deployment);
        deployment.Number("status", "replicas").ShouldBe(0);
        Conditions.Find(deployment, "MachinesReady").Text("reason").ShouldBe("NoReplicas");
        Conditions.IsTrue(deployment, "Available").ShouldBeTrue();
        _bench.Scale(Deployment, 2);
        _bench.Pass(20);
        _bench.Phases("dev-cluster").ShouldBe(["Running", "Running"]);
    }

    [Fact]
    public void A_machine_deleted_by_hand_is_replaced_only_when_it_is_gone()
    {
        string victim = Names()[0];
        _bench.Delete(Kinds.Machine, victim);
        _bench.Pass(1);
        Names().ShouldContain(victim);
        Names().Length.ShouldBe(2);
        _bench.Pass(5);
        Names().ShouldNotContain(victim);
        Names().Length.ShouldBe(2);
    }

    [Theory]
    [InlineData(CapiNames.PreDrainHook, "WaitingForPreDrainHook")]
    [InlineData(CapiNames.PreTerminateHook, "WaitingForPreTerminateHook")]
    public void A_hook_holds_a_deletion_until_it_is_taken_off(string hook, string reason)
    {
        string victim = Names()[0];
        _bench.Change(Kinds.Machine, victim, content => Metadata.Annotate(content, $"{hook}/test", ""));
        _bench.Delete(Kinds.Machine, victim);
        _bench.Pass(600);
        JsonObject waiting = _bench.Get(Kinds.Machine, victim);
        Conditions.Find(waiting, "Deleting").Text("reason").ShouldBe(reason);
        waiting.Text("status", "phase").ShouldBe("Deleting");
        _bench.Change(Kinds.Machine, victim, content => content["metadata"]!["annotations"]!.AsObject().Remove($"{hook}/test"));
        _bench.Pass(5);
        Names().ShouldNotContain(victim);
    }

    [Fact]
    public void A_new_version_replaces_machines_one_after_the_other()
    {
        string[] before = Names();
        _bench.Change(Kinds.MachineDeployment, Deployment, content => content["spec"]!["template"]!["spec"]!["version"] = "v1.34.0");
        Conditions.IsTrue(_bench.Get(Kinds.MachineDeployment, Deployment), "RollingOut").ShouldBeTrue();
        for (int at = 0; at < 60; at++)
        {
            List<StoredObject> staying = [.. _bench.WorkersOf("dev-cluster").Where(machine => !machine.IsDeleting)];
            staying.Count.ShouldBeInRange(2, 3, "one over at most");
            staying.Count(machine => Conditions.IsTrue(machine.ToJson(), "Available")).ShouldBeGreaterThanOrEqualTo(2, "none under");
            _bench.Pass(1);
        }

        Names().Intersect(before).ShouldBeEmpty();
        Versions().ShouldBe(["v1.34.0", "v1.34.0"]);
        _bench.Store.List(Kinds.MachineSet).Items.Count(set => set.Name.StartsWith(Deployment, StringComparison.Ordinal)).ShouldBe(1, "the old set went");
        JsonObject deployment = _bench.Get(Kinds.MachineDeployment, Deployment);
        Metadata.Annotation(deployment, CapiNames.Revision).ShouldBe("2");
        Conditions.StatusOf(deployment, "RollingOut").ShouldBe("False");
        deployment.Number("status", "upToDateReplicas").ShouldBe(2);
    }

    [Fact]
    public void An_order_to_roll_out_replaces_machines_of_the_same_template()
    {
        string[] before = Names();
        _bench.Change(Kinds.MachineDeployment, Deployment,
            content => content["spec"]!["rollout"]!["after"] = (_bench.World.Clock.GetUtcNow() + TimeSpan.FromMinutes(1)).ToKubernetesTime());
        Names().ShouldBe(before);
        _bench.Pass(180);
        Names().Intersect(before).ShouldBeEmpty();
        Names().Length.ShouldBe(2);
    }

    [Fact]
    public void A_paused_deployment_scales_but_rolls_nothing_out()
    {
        string[] before = Names();
        _bench.Change(Kinds.MachineDeployment, Deployment, content =>
        {
            content["spec"]!["paused"] = true;
            content["spec"]!["template"]!["spec"]!["version"] = "v1.34.0";
            content["spec"]!["replicas"] = 3;
        });
        _bench.Pass(120);
        before.ShouldBeSubsetOf(Names());
        Names().Length.ShouldBe(3);
        Conditions.StatusOf(_bench.Get(Kinds.MachineDeployment, Deployment), "Paused").ShouldBe("False");
        Versions().ShouldBe(["v1.33.2", "v1.33.2", "v1.33.2"]);
    }

    [Fact]
    public void In_a_paused_cluster_nothing_happens()
    {
        _bench.Change(Kinds.Cluster, "dev-cluster", content => content["spec"]!["paused"] = true);
        Conditions.IsTrue(_bench.Get(Kinds.MachineDeployment, Deployment), "Paused").ShouldBeTrue();
        _bench.Scale(Deployment, 4);
        _bench.Delete(Kinds.Machine, Names()[0]);
        _bench.Pass(600);
        Names().Length.ShouldBe(2);
        _bench.Change(Kinds.Cluster, "dev-cluster", content => content["spec"]!["paused"] = false);
        _bench.Pass(60);
        Names().Length.ShouldBe(4);
    }

    private string?[] Versions() => [.. _bench.WorkersOf("dev-cluster").Select(machine => machine.ToJson().Text("spec", "version"))];

    private string[] Names() => [.. _bench.WorkersOf("dev-cluster").Select(machine => machine.Name)];
}
