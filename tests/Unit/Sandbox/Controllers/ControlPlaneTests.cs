using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Controllers;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;
using CapiWorkshop.Sandbox.World;
using CapiWorkshop.Tests.Unit.Sandbox.World;

namespace CapiWorkshop.Tests.Unit.Sandbox.Controllers;

public sealed class ControlPlaneTests : IAsyncLifetime
{
    private const string Plane = "new-control-plane";
    private readonly WorldBench _bench = WorldBench.Empty();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public void Workers_wait_for_the_control_plane_and_it_for_the_infrastructure()
    {
        _bench.Apply(Manifests.KubeadmCluster("new", workers: 2));
        _bench.Get(Kinds.Cluster, "new").Text("status", "phase").ShouldBe("Provisioning");
        _bench.MachinesOf("new").Count.ShouldBe(2, "the control plane has not begun");
        _bench.Pass(5);
        _bench.Get(Kinds.Cluster, "new").Text("status", "phase").ShouldBe("Provisioned");
        _bench.MachinesOf("new").Count.ShouldBe(3);
        _bench.Phases("new").ShouldBe(["Pending", "Pending"]);
        JsonObject waiting = _bench.WorkersOf("new")[0].ToJson();
        Conditions.Find(_bench.Get(Kinds.DockerMachine, _bench.WorkersOf("new")[0].Name),
            "ContainerProvisioned").Text("reason").ShouldBe("WaitingForControlPlaneInitialized");
        Conditions.Find(waiting, "NodeHealthy").Text("reason").ShouldBe("InspectionFailed");
        Conditions.StatusOf(waiting, "Ready").ShouldBe("False");
        _bench.Find(Kinds.Secret, "new-kubeconfig").ShouldBeNull();

        _bench.Pass(13);
        _bench.Phases("new").ShouldBe(["Provisioning", "Provisioning"]);
        _bench.Pass(20);
        _bench.Phases("new").ShouldBe(["Running", "Running"]);
        _bench.Events.Where(text => text.StartsWith("Cluster/new ", StringComparison.Ordinal)).Select(text => text.Split(' ', ':')[1])
            .ShouldBe(["Provisioning", "InfrastructureReady", "Provisioned", "ControlPlaneInitialized"]);
        JsonObject secret = _bench.Get(Kinds.Secret, "new-kubeconfig");
        secret.Text("type").ShouldBe("cluster.x-k8s.io/secret");
        secret.Text("metadata", "labels", CapiNames.ClusterLabel).ShouldBe("new");
        System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(secret.Text("data", "value")!)).ShouldBe("the way into default/new");
    }

    [Fact]
    public void A_control_plane_grows_one_machine_at_a_time()
    {
        _bench.Apply(Manifests.KubeadmCluster("new", workers: 0, controlPlanes: 3));
        int[] counts = [.. Enumerable.Range(0, 60).Select(_ =>
        {
            _bench.Pass(1);
            _bench.MachinesOf("new").Count(machine => !Conditions.IsTrue(machine.ToJson(), "Ready")).ShouldBeLessThanOrEqualTo(1);
            return _bench.MachinesOf("new").Count;
        })];
        counts.Distinct().ShouldBe([0, 1, 2, 3]);
        JsonObject plane = _bench.Get(Kinds.KubeadmControlPlane, Plane);
        plane.Number("status", "readyReplicas").ShouldBe(3);
        Conditions.IsTrue(plane, "Available").ShouldBeTrue();
        plane.Flag("status", "initialization", "controlPlaneInitialized").ShouldBe(true);
        _bench.MachinesOf("new").ShouldAllBe(machine => machine.Labels[CapiNames.ControlPlaneNameLabel] == Plane
            && machine.Labels[CapiNames.ControlPlaneLabel].Length == 0);
        _bench.World.Workloads.Find("default", "new")!.Api.Store.List(Kinds.Node).Items
            .ShouldAllBe(node => node.Labels.ContainsKey("node-role.kubernetes.io/control-plane"));
    }

    [Fact]
    public void A_new_version_reaches_a_control_plane_without_a_gap()
    {
        _bench.Apply(Manifests.KubeadmCluster("new", workers: 0));
        _bench.Pass(30);
        string first = _bench.MachinesOf("new").ShouldHaveSingleItem().Name;
        _bench.Change(Kinds.KubeadmControlPlane, Plane, content => content["spec"]!["version"] = "v1.34.0");
        Conditions.IsTrue(_bench.Get(Kinds.KubeadmControlPlane, Plane), "RollingOut").ShouldBeTrue();
        Conditions.StatusOf(_bench.Get(Kinds.Machine, first), "UpToDate").ShouldBe("False");
        for (int at = 0; at < 40; at++)
        {
            _bench.Pass(1);
            _bench.MachinesOf("new").ShouldContain(machine => Conditions.IsTrue(machine.ToJson(), "NodeHealthy"));
        }

        JsonObject left = _bench.MachinesOf("new").ShouldHaveSingleItem().ToJson();
        left.Text("metadata", "name").ShouldNotBe(first);
        left.Text("spec", "version").ShouldBe("v1.34.0");
    }

    [Fact]
    public void A_control_plane_stays_while_there_are_workers()
    {
        _bench.Apply(Manifests.KubeadmCluster("new", workers: 1));
        _bench.Pass(60);
        _bench.Delete(Kinds.KubeadmControlPlane, Plane);
        _bench.Pass(60);
        Conditions.Find(_bench.Get(Kinds.KubeadmControlPlane, Plane), "Deleting").Text("reason").ShouldBe("WaitingForWorkersDeletion");
        _bench.MachinesOf("new").Count.ShouldBe(2);
    }

    [Fact]
    public void A_hosted_control_plane_is_pods_of_the_management_cluster()
    {
        _bench.Apply(Manifests.K0smotronCluster("new", workers: 1));
        _bench.Pass(60);
        Labelled(Kinds.Pod, CapiNames.ControlPlaneLabel, "true").Select(pod => pod.Name).ShouldBe(["kmc-new-0", "kmc-new-1", "kmc-new-2"]);
        Labelled(Kinds.Pod, "component", "etcd").Count.ShouldBe(3);
        _bench.Get(Kinds.StatefulSet, "kmc-new").Number("status", "readyReplicas").ShouldBe(3);
        _bench.Find(Kinds.Service, "kmc-new-nodeport").ShouldNotBeNull();
        _bench.Find(Kinds.ConfigMap, "kmc-new-config").ShouldNotBeNull();
        _bench.MachinesOf("new").ShouldHaveSingleItem().Labels.ContainsKey(CapiNames.ControlPlaneLabel).ShouldBeFalse();
        _bench.World.Containers.List().ShouldAllBe(container => container.Name != "new-lb");
        JsonObject plane = _bench.Get(Kinds.K0smotronControlPlane, "new-cp");
        plane.Flag("status", "externalManagedControlPlane").ShouldBe(true);
        plane.Number("status", "readyReplicas").ShouldBe(3);
        Conditions.IsTrue(_bench.Get(Kinds.Cluster, "new"), "Available").ShouldBeTrue();

        _bench.Change(Kinds.K0smotronControlPlane, "new-cp", content => content["spec"]!["replicas"] = 1);
        _bench.Pass(10);
        Labelled(Kinds.Pod, CapiNames.ControlPlaneLabel, "true").Count.ShouldBe(1);
        Labelled(Kinds.Pod, "component", "etcd").Count.ShouldBe(3, "etcd only grows");
    }

    [Fact]
    public void A_hosted_control_plane_is_up_sooner_than_one_on_a_machine()
    {
        _bench.Apply(Manifests.KubeadmCluster("machines", workers: 0));
        _bench.Apply(Manifests.K0smotronCluster("pods", workers: 0));
        _bench.Pass(60);
        _bench.Events.Where(text => text.Contains("ControlPlaneInitialized", StringComparison.Ordinal)).Select(text =>
            text.Split(' ')[0]).ShouldBe(["Cluster/pods", "Cluster/machines"]);
    }

    [Fact]
    public void A_node_that_somebody_deletes_is_missed()
    {
        _bench.Apply(Manifests.KubeadmCluster("new", workers: 1));
        _bench.Pass(60);
        string worker = _bench.WorkersOf("new")[0].Name;
        _bench.World.Workloads.Find("default", "new")!.Api.Store.Delete(Kinds.Node, null, worker);
        _bench.Step();
        Conditions.Find(_bench.Get(Kinds.Machine, worker), "NodeHealthy").Text("reason").ShouldBe("NodeDeleted");
        _bench.Get(Kinds.MachineDeployment, "new-md-0").Number("status", "readyReplicas").ShouldBe(0);
    }

    [Fact]
    public void A_health_check_counts_its_machines()
    {
        _bench.Apply(Manifests.KubeadmCluster("new", workers: 2));
        _bench.Apply("""
            [{
              "apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "MachineHealthCheck", "metadata": { "name": "check" },
              "spec": { "clusterName": "new", "selector": { "matchLabels": { "cluster.x-k8s.io/deployment-name": "new-md-0" } } }
            }]
            """);
        _bench.Get(Kinds.MachineHealthCheck, "check").Number("status", "currentHealthy").ShouldBe(0);
        _bench.Pass(60);
        JsonObject check = _bench.Get(Kinds.MachineHealthCheck, "check");
        check.Number("status", "expectedMachines").ShouldBe(2);
        check.Number("status", "currentHealthy").ShouldBe(2);
    }

    [Fact]
    public void Controllers_write_into_the_logs_of_their_pods()
    {
        JsonObject pod = WorkloadContent.Pod(_bench.Api, "capi-system", new() { [CapiNames.ProviderLabel] = "cluster-api" }, "manager", "image", "node",
            "172.18.0.2");
        pod["metadata"]!["name"] = "capi-controller-manager-1";
        _bench.Store.Create(Kinds.Pod, pod, WriteScope.Everything);
        _bench.Apply(Manifests.KubeadmCluster("new", workers: 1));
        string line = _bench.Api.Logs.Of("capi-system", "capi-controller-manager-1", "manager").ReadFrom(0).Lines.First(line =>
            line.Text.Contains("Created MachineSet", StringComparison.Ordinal)).Text;
        line.ShouldMatch("""^I[0-9]{4} [0-9:.]{15} +1 machinedeployment_controller\.go\] "Created MachineSet default/new-md-0-.*" controller="machinedeployment" controllerGroup="cluster.x-k8s.io" controllerKind="MachineDeployment" MachineDeployment="default/new-md-0" namespace="default" name="new-md-0"$""");
    }

    [Fact]
    public async Task A_fleet_is_made_like_any_other_cluster()
    {
        await using SandboxWorld world = SandboxWorld.Create(new() { Clusters = 2, WorkersPerCluster = 3 }, _bench);
        foreach (string name in (string[])["fleet-001", "fleet-002"])
        {
            JsonObject cluster = world.Management.Store.Get(Kinds.Cluster, "default", name).ToJson();
            Conditions.IsTrue(cluster, "Available").ShouldBeTrue();
            cluster.Number("status", "workers", "availableReplicas").ShouldBe(3);
        }

        world.Management.Store.List(Kinds.K0smotronControlPlane).Items.Select(plane => plane.Name).ShouldContain("fleet-002-cp");
    }

    private List<StoredObject> Labelled(ResourceDefinition kind, string label, string value) =>
        [.. _bench.Store.List(kind, "default", ObjectFilter.ByLabels((label, value))).Items];
}
