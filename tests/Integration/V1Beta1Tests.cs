using System.Text.Json.Nodes;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Integration.Harness;

namespace CapiWorkshop.Tests.Integration;

[Collection<OnV1Beta1Server>]
public sealed class V1Beta1Tests(V1Beta1Server fixture) : ServerTest(fixture)
{
    [Fact]
    public async Task The_description_says_that_the_old_version_is_spoken()
    {
        CapiManagementCluster described = await Connect(Server.Admin).DescribeAsync(Token);

        described.ApiVersion.ShouldBe("v1beta1");
        described.ServedApiVersions.ShouldBe(["v1beta1"]);
    }

    [Fact]
    public async Task Counts_of_the_old_status_are_of_nodes_and_say_so()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller controller = await Controller.DeployAsync(Server, ns, "workers", 2, Token, ControllerApi.V1Beta1);
        string late = await controller.CreateMachineAsync();
        await controller.ReportAsync();
        long mark = Server.Audit.Mark();
        ManagementCluster cluster = Connect(Server.Admin);

        CapiMachineDeployment deployment = await GetOneAsync(cluster, CapiKinds.MachineDeployment, ns, "workers");
        IReadOnlyList<CapiMachine> machines = await GetAsync(cluster, CapiKinds.Machine, new() { Namespace = ns });

        deployment.ApiVersion.ShouldBe("cluster.x-k8s.io/v1beta1");
        deployment.CounterSemantics.ShouldBe(CapiCounterSemantics.NodeReadiness);
        (deployment.DesiredReplicas, deployment.Replicas, deployment.ReadyReplicas, deployment.AvailableReplicas, deployment.UpToDateReplicas).ShouldBe((2, 3, 2, 2, 3));
        deployment.Phase.ShouldBe(CapiMachineDeploymentPhase.ScalingDown);
        deployment.Available.ShouldBe(true);
        deployment.Conditions.Select(condition => condition.Type).ShouldBe(["Ready", "Available"]);
        deployment.Version.ShouldBe("v1.33.2");
        machines.Count.ShouldBe(3);
        machines.ShouldAllBe(machine => machine.ApiVersion == "cluster.x-k8s.io/v1beta1" && machine.Available == null && machine.UpToDate == null);
        CapiMachine running = machines.First(machine => machine.Name != late);
        (running.Phase, running.Ready, running.NodeName, running.InfrastructureKind).ShouldBe((CapiMachinePhase.Running, true, running.Name, "DockerMachine"));
        CapiMachine pending = machines.Single(machine => machine.Name == late);
        (pending.Phase, pending.Ready, pending.NodeName).ShouldBe((CapiMachinePhase.Pending, false, null));
        pending.Blocker!.Type.ShouldBe("InfrastructureReady");
        pending.Blocker.Severity.ShouldBe("Info");
        (await Server.Audit.SinceAsync(mark, Token)).Where(request => request.Uri.Contains("cluster.x-k8s.io", StringComparison.Ordinal))
            .ShouldAllBe(request => request.Uri.StartsWith("/apis/cluster.x-k8s.io/v1beta1/", StringComparison.Ordinal) && request.Code == 200);
    }

    [Fact]
    public async Task The_new_status_of_v1_9_and_v1_10_is_preferred_where_it_is_there()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller controller = await Controller.DeployAsync(Server, ns, "workers", 2, Token, ControllerApi.V1Beta1WithNewStatus);
        await Server.Raw.MergePatchAsync(controller.Path + "/status", new() { ["status"] = new JsonObject { ["readyReplicas"] = 1, ["updatedReplicas"] = 1 } }, Token);
        ManagementCluster cluster = Connect(Server.Admin);

        CapiMachineDeployment deployment = await GetOneAsync(cluster, CapiKinds.MachineDeployment, ns, "workers");
        IReadOnlyList<CapiMachine> machines = await GetAsync(cluster, CapiKinds.Machine, new() { Namespace = ns });

        deployment.ApiVersion.ShouldBe("cluster.x-k8s.io/v1beta1");
        deployment.CounterSemantics.ShouldBe(CapiCounterSemantics.MachineConditions);
        (deployment.Replicas, deployment.ReadyReplicas, deployment.AvailableReplicas, deployment.UpToDateReplicas).ShouldBe((2, 2, 2, 2)); // not 1: the families never mix
        deployment.GetCondition("MachinesReady")!.ObservedGeneration.ShouldBe(1);
        machines.Count.ShouldBe(2);
        machines.ShouldAllBe(machine => machine.Ready == true && machine.Available == true && machine.UpToDate == true && machine.NodeName == machine.Name);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cluster_is_read_from_either_status(bool newStatus)
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        JsonObject cluster = JsonNode.Parse("""
            {
              "apiVersion": "cluster.x-k8s.io/v1beta1", "kind": "Cluster",
              "metadata": { "name": "old" },
              "spec": {
                "paused": true,
                "topology": { "class": "quick-start", "version": "v1.31.0" },
                "controlPlaneEndpoint": { "host": "172.18.0.9", "port": 6443 },
                "controlPlaneRef": { "apiVersion": "controlplane.cluster.x-k8s.io/v1beta1", "kind": "KubeadmControlPlane", "name": "old-cp" },
                "infrastructureRef": { "apiVersion": "infrastructure.cluster.x-k8s.io/v1beta1", "kind": "DockerCluster", "name": "old-infra" }
              }
            }
            """)!.AsObject();
        await Server.Raw.CreateAsync($"/apis/cluster.x-k8s.io/v1beta1/namespaces/{ns}/clusters", cluster, Token);
        JsonObject status = JsonNode.Parse("""
            { "status": { "phase": "Provisioned", "infrastructureReady": true, "controlPlaneReady": true, "observedGeneration": 1,
              "conditions": [ { "type": "Ready", "status": "True", "lastTransitionTime": "2026-11-20T09:14:05Z" },
                              { "type": "ControlPlaneInitialized", "status": "True", "lastTransitionTime": "2026-11-20T09:14:05Z" } ] } }
            """)!.AsObject();
        if (newStatus)
        {
            status["status"]!["v1beta2"] = JsonNode.Parse("""
                { "controlPlane": { "desiredReplicas": 1, "replicas": 1, "readyReplicas": 1, "availableReplicas": 1, "upToDateReplicas": 1 },
                  "workers": { "desiredReplicas": 3, "replicas": 3, "readyReplicas": 2, "availableReplicas": 2, "upToDateReplicas": 3 },
                  "conditions": [ { "type": "Available", "status": "False", "reason": "NotAvailable", "message": "* WorkersAvailable", "lastTransitionTime": "2026-11-20T09:14:05Z" } ] }
                """);
        }

        await Server.Raw.MergePatchAsync($"/apis/cluster.x-k8s.io/v1beta1/namespaces/{ns}/clusters/old/status", status, Token);

        CapiCluster read = await GetOneAsync(Connect(Server.Admin), CapiKinds.Cluster, ns, "old");

        read.ApiVersion.ShouldBe("cluster.x-k8s.io/v1beta1");
        read.Phase.ShouldBe(CapiClusterPhase.Provisioned);
        (read.InfrastructureProvisioned, read.ControlPlaneInitialized).ShouldBe((true, true));
        (read.ControlPlaneKind, read.ControlPlaneName, read.InfrastructureKind, read.InfrastructureName).ShouldBe(("KubeadmControlPlane", "old-cp", "DockerCluster", "old-infra"));
        (read.ControlPlaneEndpoint, read.ClusterClass, read.Version, read.IsPaused).ShouldBe(("172.18.0.9:6443", "quick-start", "v1.31.0", true));
        read.Available.ShouldBe(!newStatus); // Ready of the old family, Available of the new
        (read.Workers.Desired, read.Workers.Ready).ShouldBe(newStatus ? (3, 2) : (null, null));
        read.Conditions.Count.ShouldBe(newStatus ? 1 : 2);
    }

    [Theory]
    [InlineData(ControllerApi.V1Beta1)]
    [InlineData(ControllerApi.V1Beta1WithNewStatus)]
    public async Task Scaling_and_waiting_work_up_and_down_to_none(ControllerApi api)
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller controller = await Controller.DeployAsync(Server, ns, "workers", 1, Token, api);
        ManagementCluster cluster = Connect(Server.Admin);
        await using MachineDeploymentWaits waits = cluster.CreateMachineDeploymentWaits();
        foreach (int replicas in (int[])[3, 1, 0])
        {
            CapiMachineDeployment before = await GetOneAsync(cluster, CapiKinds.MachineDeployment, ns, "workers");
            long mark = Server.Audit.Mark();
            await cluster.ScaleAsync(new(before, replicas), Token);
            (await Server.Audit.SinceAsync(mark, Token)).Single(request => request.Verb == "patch").Uri.ShouldBe($"/apis/cluster.x-k8s.io/v1beta1/namespaces/{ns}/machinedeployments/workers/scale?fieldManager=capiworkshop");
            Progress progress = new();
            Task<MachineDeploymentWaitResult> wait = waits.WaitForScaleAsync(ns, "workers", replicas, TimeSpan.FromMinutes(5), progress.Report, Token);
            await progress.SeenAsync(state => state.Generation == before.Generation + 1, wait, Token);
            wait.IsCompleted.ShouldBeFalse();

            await controller.ReconcileAsync();
            MachineDeploymentWaitResult result = await wait;

            result.Problem.ShouldBeNull();
            (result.Deployment!.Replicas ?? 0).ShouldBe(replicas);
            result.Deployment.IsObserved.ShouldBeTrue();
            (await controller.MachinesAsync()).Count.ShouldBe(replicas);
        }
    }

    [Fact]
    public async Task A_MachineDeployment_is_rehearsed_in_the_old_version()
    {
        string ns = await Server.CreateNamespaceAsync(Token);

        await Rehearsal.PassesAsync(Server, Connect(Server.Admin), ns, "v1beta1", Token);
    }

    [Fact]
    public async Task A_watch_tells_of_old_machines_too()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller controller = await Controller.DeployAsync(Server, ns, "workers", 1, Token, ControllerApi.V1Beta1);
        ManagementCluster cluster = Connect(Server.Admin);
        await using WatchLog<CapiMachine> watch = new(token => cluster.WatchAsync(CapiKinds.Machine, new() { Namespace = ns }, token));
        await watch.SyncedAsync(Token);

        string machine = (await controller.MachinesAsync()).ShouldHaveSingleItem();
        await controller.BeginMachineDeletionAsync(machine);
        await controller.FinishMachineDeletionAsync(machine);
        await watch.ChangedAsync(3, Token);

        watch.Changes.ShouldBe([$"Modified {machine}", $"Modified {machine}", $"Deleted {machine}"]);
        watch.Events.Last(change => change.Type == ResourceEventType.Modified).Item!.Phase.ShouldBe(CapiMachinePhase.Deleting);
    }
}
