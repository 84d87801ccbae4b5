using System.Text.Json.Nodes;
using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Unit.Operations.Fleet;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Diagnosis;

/// <summary>Everything was made at nine and is looked at at ten: what is told of it has been so for an hour, where a test does not say otherwise.</summary>
public sealed class DiagnosisTests
{
    private const string JustNow = "2026-11-20T09:59:50Z";

    private static ObjectJson Cluster => FleetWorld.ClusterOf("dev", "KubeadmControlPlane")
        .Status("initialization", new JsonObject { ["infrastructureProvisioned"] = true, ["controlPlaneInitialized"] = true });

    private static ObjectJson Machine => FleetWorld.Worker("dev-1", "dev");

    [Fact]
    public async Task Where_all_is_well_nothing_is_found()
    {
        using FleetWorld world = new([.. FleetWorld.Workload("dev"), .. FleetWorld.Hosted("k0s"), ObjectJson.Provider("cluster-api", "capi-system", "cluster-api", "CoreProvider", "v1.14.0"),
            ObjectJson.Deployment("capi-controller-manager", "capi-system", "cluster-api")]);

        (await FindAsync(world)).ShouldBeEmpty();
        world.Api.Made("get").Count.ShouldBe(1, "who it is");
        world.Api.Made("list").Select(request => request.Type!.QualifiedName).ShouldBeUnique();
    }

    [Fact]
    public async Task A_controller_that_is_not_available_comes_first()
    {
        CapiFinding finding = await FindOneAsync(FindingId.ControllerUnavailable, Cluster.Spec("paused", true),
            ObjectJson.Provider("infrastructure-docker", "capd-system", "docker", "InfrastructureProvider", "v1.14.0"), ObjectJson.Deployment("capd-controller-manager", "capd-system", "infrastructure-docker", available: "False"));

        (finding.Severity, finding.Kind, finding.Name, finding.Namespace, finding.Cluster).ShouldBe((CapiFindingSeverity.Error, "Provider", "docker", "capd-system", null));
        finding.Command.ShouldBe("kubectl describe deployments -n capd-system");
    }

    [Fact]
    public async Task A_management_cluster_that_only_has_the_old_version_is_told_once()
    {
        using FleetWorld world = new(ObjectJson.Cluster("old", version: "v1beta1"), ObjectJson.Cluster("older", version: "v1beta1"));
        world.Api.Serve(FakeKubernetesApi.Core("v1beta1"));

        CapiFinding finding = (await FindAsync(world)).ShouldHaveSingleItem();

        (finding.Id, finding.Severity, finding.Name).ShouldBe((FindingId.DeprecatedApiVersion, CapiFindingSeverity.Warning, "cluster-api"));
    }

    [Fact]
    public async Task A_paused_cluster_is_found_and_says_how_it_was_paused()
    {
        CapiFinding bySpec = await FindOneAsync(FindingId.ClusterPaused, Cluster.Spec("paused", true).Condition("Paused", "True", "Paused"));
        CapiFinding byAnnotation = await FindOneAsync(FindingId.ClusterPaused, Cluster.Annotation("cluster.x-k8s.io/paused", "by-hand"));

        bySpec.Evidence.ShouldBe([new(CapiEvidenceSource.Field, "spec.paused: true")]);
        bySpec.Age.ShouldBe(TimeSpan.FromHours(1));
        byAnnotation.Evidence.ShouldBe([new(CapiEvidenceSource.Annotation, "cluster.x-k8s.io/paused: by-hand")]);
        byAnnotation.Since.ShouldBeNull("nobody says since when");
    }

    [Fact]
    public async Task A_cluster_that_cannot_be_reached_is_found_and_its_Nodes_are_not_blamed()
    {
        CapiFinding finding = await FindOneAsync(FindingId.ClusterUnreachable, Cluster.Condition("RemoteConnectionProbe", "False", "ProbeFailed", "Remote connection probe failed"),
            Machine.Status("phase", "Running").Condition("NodeHealthy", "False", "NodeNotHealthy"));

        finding.Message.ShouldBe("Cluster default/dev cannot be reached from the management cluster: Remote connection probe failed.");
        finding.Evidence.ShouldBe([new(CapiEvidenceSource.Condition, "RemoteConnectionProbe=False (ProbeFailed): Remote connection probe failed")]);
        finding.Blocks.ShouldNotBeEmpty();
        finding.Advice.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Infrastructure_that_does_not_come_is_found() =>
        await FindOneAsync(FindingId.InfrastructureNotReady, FleetWorld.ClusterOf("dev", "KubeadmControlPlane").Condition("InfrastructureReady", "False", "NotReady", "no quota"));

    [Fact]
    public async Task A_topology_that_cannot_be_applied_is_found_and_one_that_waits_is_not()
    {
        await FindOneAsync(FindingId.TopologyNotReconciled, Cluster.Condition("TopologyReconciled", "False", "ReconcileFailed", "no such class"));
        await FindNoneAsync(Cluster.Condition("TopologyReconciled", "False", "MachineDeploymentsUpgradePending"));
    }

    [Fact]
    public async Task A_control_plane_that_is_not_available_is_found()
    {
        CapiFinding finding = await FindOneAsync(FindingId.ControlPlaneNotAvailable, Cluster,
            ObjectJson.Of("controlplane.cluster.x-k8s.io/v1beta2", "KubeadmControlPlane", "dev-cp").Label("cluster.x-k8s.io/cluster-name", "dev").Condition("Available", "False", "NotAvailable", "etcd has no leader"));

        (finding.Kind, finding.Cluster, finding.Command).ShouldBe(("KubeadmControlPlane", "dev", "Get-CapiControlPlane dev-cp -Namespace default | Get-CapiCondition -Condition Abnormal"));
    }

    [Theory]
    [InlineData("2026-12-10T10:00:00Z", CapiFindingSeverity.Warning, "within 20 days")]
    [InlineData("2026-11-22T10:00:00Z", CapiFindingSeverity.Error, "within 2 days")]
    [InlineData("2026-11-19T10:00:00Z", CapiFindingSeverity.Error, "have ended")]
    public async Task Certificates_that_end_soon_are_found(string at, CapiFindingSeverity severity, string message)
    {
        CapiFinding finding = await FindOneAsync(FindingId.CertificateExpires, Cluster, FleetWorld.Ready(Machine).Status("certificatesExpiryDate", at));

        finding.Severity.ShouldBe(severity);
        finding.Message.ShouldContain(message);
        finding.Evidence.ShouldBe([new(CapiEvidenceSource.Field, $"status.certificatesExpiryDate: {at}")]);
    }

    [Fact]
    public async Task Certificates_that_are_good_for_months_are_not() =>
        await FindNoneAsync(Cluster, FleetWorld.Ready(Machine).Status("certificatesExpiryDate", "2027-11-20T10:00:00Z"));

    [Fact]
    public async Task A_machine_without_bootstrap_data_is_found_unless_it_waits_for_its_control_plane()
    {
        ObjectJson waiting = Machine.Status("phase", "Pending").Condition("BootstrapConfigReady", "False", "NotReady", "no data");

        (await FindOneAsync(FindingId.BootstrapNotReady, Cluster, waiting)).Since.ShouldBe(new DateTimeOffset(2026, 11, 20, 9, 0, 0, TimeSpan.Zero));
        await FindNoneAsync(FleetWorld.ClusterOf("dev", "KubeadmControlPlane").Status("initialization", new JsonObject { ["infrastructureProvisioned"] = true, ["controlPlaneInitialized"] = false }), waiting);
    }

    [Fact]
    public async Task A_machine_that_is_not_provisioned_is_found_once_that_takes_too_long()
    {
        ObjectJson machine = Machine.Status("phase", "Provisioning").Condition("InfrastructureReady", "False", "NotReady", "quota exceeded");

        (await FindOneAsync(FindingId.MachineNotProvisioned, Cluster, machine)).Message.ShouldBe("Machine default/dev-1 is not provisioned: quota exceeded.");
        await FindNoneAsync(Cluster, machine.Copy().Status("lastUpdated", JustNow));
    }

    [Fact]
    public async Task A_machine_that_does_not_become_a_Node_is_found()
    {
        CapiFinding finding = await FindOneAsync(FindingId.NodeNotJoined, Cluster, Machine.Status("phase", "Provisioned").Condition("NodeHealthy", "Unknown", "InspectionFailed", "Waiting for a Node"));

        finding.Evidence.Select(piece => piece.ToString()).ShouldBe(["Field: status.nodeRef is not set", "Condition: NodeHealthy=Unknown (InspectionFailed): Waiting for a Node"]);
        await FindNoneAsync(Cluster, Machine.Status("phase", "Provisioned").Status("lastUpdated", JustNow));
    }

    [Fact]
    public async Task A_Node_that_is_not_ready_is_found() =>
        (await FindOneAsync(FindingId.NodeNotReady, Cluster, Machine.Status("phase", "Running").Condition("NodeReady", "False", "NodeNotReady", "cni plugin not initialized"))).Severity.ShouldBe(CapiFindingSeverity.Warning);

    [Fact]
    public async Task A_machine_whose_infrastructure_was_deleted_is_found_at_once() =>
        await FindOneAsync(FindingId.InfrastructureGone, Cluster, At(Machine.Status("phase", "Running").Condition("InfrastructureReady", "False", "ObjectDeleted"), JustNow));

    [Fact]
    public async Task A_machine_that_old_controllers_gave_up_is_found() => await FindOneAsync(FindingId.MachineFailed, Cluster, Machine.Status("phase", "Failed"));

    [Fact]
    public async Task An_unhealthy_machine_and_a_check_that_holds_back_are_found()
    {
        ObjectJson check = ObjectJson.Of("cluster.x-k8s.io/v1beta2", "MachineHealthCheck", "dev-mhc").Spec("clusterName", "dev").Condition("RemediationAllowed", "False", "TooManyUnhealthy", "2 of 2");
        using FleetWorld world = new(Cluster, Machine.Status("phase", "Running").Condition("HealthCheckSucceeded", "False", "UnhealthyNode"), check, ObjectJson.Cluster("other"));

        (await FindAsync(world)).Select(finding => finding.Id).ShouldBe([FindingId.MachineUnhealthy, FindingId.RemediationRestricted]);
        (await FindAsync(world, new() { Clusters = [new("other")] })).ShouldBeEmpty("they are of another cluster");
    }

    [Fact]
    public async Task A_deployment_without_enough_machines_is_found_once_that_takes_too_long()
    {
        ObjectJson deployment = ObjectJson.MachineDeployment("dev-md-0", "dev").Condition("Available", "False", "NotAvailable", "0 available replicas");

        (await FindOneAsync(FindingId.DeploymentNotAvailable, Cluster, deployment)).Command.ShouldBe("Get-CapiMachineDeployment dev-md-0 -Namespace default | Get-CapiCondition -Condition Abnormal");
        await FindNoneAsync(Cluster, At(deployment.Copy(), JustNow));
    }

    [Fact]
    public async Task A_release_that_failed_is_found_and_one_that_is_under_way_is_not()
    {
        ObjectJson release = ObjectJson.HelmReleaseProxy("nginx", "dev");

        await FindOneAsync(FindingId.ReleaseFailed, Cluster, release.Copy().Condition("HelmReleaseReady", "False", "HelmInstallOrUpgradeFailed", "no such chart"));
        await FindNoneAsync(Cluster, release.Condition("HelmReleaseReady", "False", "PreparingToHelmInstall"));
    }

    [Fact]
    public async Task A_deletion_that_takes_too_long_is_explained()
    {
        ObjectJson machine = Deleted(Machine, "2026-11-20T09:30:00Z").Annotation("pre-drain.delete.hook.machine.cluster.x-k8s.io/backup", "");

        CapiFinding finding = await FindOneAsync(FindingId.DeletionStuck, Cluster, machine);

        finding.Message.ShouldContain("pre-drain.delete.hook.machine.cluster.x-k8s.io/backup");
        finding.Message.ShouldStartWith("Machine default/dev-1 ");
        finding.Advice.ShouldContain("kubectl annotate machine dev-1");
        finding.Age.ShouldBe(TimeSpan.FromMinutes(30));
        await FindNoneAsync(Cluster, Deleted(Machine, "2026-11-20T09:50:00Z").Annotation("pre-drain.delete.hook.machine.cluster.x-k8s.io/backup", ""));
    }

    [Fact]
    public async Task A_drain_is_told_of_sooner() =>
        await FindOneAsync(FindingId.DeletionStuck, Cluster, Deleted(Machine, "2026-11-20T09:54:00Z").Condition("Deleting", "True", "DrainingNode", "PodDisruptionBudget"));

    [Fact]
    public async Task The_last_warning_about_an_object_is_evidence()
    {
        static ObjectJson Warning(string name, string reason, string at)
        {
            ObjectJson warning = ObjectJson.Of("v1", "Event", name);
            (warning.Json["type"], warning.Json["reason"], warning.Json["message"], warning.Json["lastTimestamp"]) = ("Warning", reason, "it is so", at);
            warning.Json["involvedObject"] = new JsonObject { ["kind"] = "Machine", ["name"] = "dev-1", ["uid"] = "uid-of-dev-1" };
            return warning;
        }

        CapiFinding finding = await FindOneAsync(FindingId.NodeNotJoined, Cluster, Machine.Status("phase", "Provisioned"), Warning("a", "FailedLater", "2026-11-20T09:40:00Z"), Warning("b", "FailedFirst", "2026-11-20T09:20:00Z"));

        finding.Evidence[^1].ShouldBe(new CapiEvidence(CapiEvidenceSource.Event, "FailedLater: it is so"));
    }

    [Fact]
    public async Task What_may_not_be_read_besides_costs_itself_only()
    {
        using FleetWorld world = new(Cluster.Spec("paused", true));
        foreach (string plural in (string[])["events", "providers", "deployments", "machinehealthchecks"])
        {
            world.Api.Refuse("list", plural, 403);
        }

        (await FindAsync(world)).ShouldHaveSingleItem().Id.ShouldBe(FindingId.ClusterPaused);
    }

    [Fact]
    public void Each_rule_has_its_id_and_its_words()
    {
        IReadOnlyList<DiagnosisRule> rules = DiagnosisRules.All;

        rules.Select(rule => rule.Id).ShouldBe(typeof(FindingId).GetFields().Select(field => (string)field.GetValue(null)!), ignoreOrder: true);
        rules.ShouldAllBe(rule => rule.Blocks.Length > 0 && !rule.Blocks.EndsWith('.') && rule.Advice.EndsWith('.'));
    }

    private static ObjectJson Deleted(ObjectJson item, string at) => item.Metadata("deletionTimestamp", at).Finalizer("machine.cluster.x-k8s.io").Status("phase", "Deleting");

    private static ObjectJson At(ObjectJson item, string time)
    {
        foreach (JsonNode? condition in item.Json["status"]!["conditions"]!.AsArray())
        {
            condition!["lastTransitionTime"] = time;
        }

        return item;
    }

    private static async Task FindNoneAsync(params ObjectJson[] objects)
    {
        using FleetWorld world = new(objects);
        (await FindAsync(world)).ShouldBeEmpty();
    }

    private static async Task<CapiFinding> FindOneAsync(string id, params ObjectJson[] objects)
    {
        using FleetWorld world = new(objects);
        List<CapiFinding> findings = await FindAsync(world);
        findings[0].Id.ShouldBe(id);
        findings.Count(finding => finding.Id != FindingId.ClusterPaused).ShouldBeLessThanOrEqualTo(1, "one cause is told once");
        return findings[0];
    }

    private static async Task<List<CapiFinding>> FindAsync(FleetWorld world, FleetRequest? request = null)
    {
        List<CapiFinding> findings = [];
        await foreach (Outcome<CapiFinding> outcome in world.Cluster.FindProblemsAsync(request ?? new(), TestContext.Current.CancellationToken))
        {
            findings.Add(outcome.Value.ShouldNotBeNull(outcome.Problem?.Message));
        }

        return findings;
    }
}
