namespace CapiWorkshop.Operations;

/// <summary>The rules by which a fleet is looked over, those first whose findings explain others.</summary>
/// <remarks>
/// Source of the patience: the defaults of Cluster API's controllers (nodeStartupTimeout 10 min; remote connection grace period 50 s; deletions that take more than
/// 15 min, drains more than 5 min, are told by MachineDeployments).
/// </remarks>
internal static class DiagnosisRules
{
    private static readonly TimeSpan Startup = TimeSpan.FromMinutes(10), Outage = TimeSpan.FromMinutes(1), Deletion = TimeSpan.FromMinutes(15), Drain = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan CertificateWarning = TimeSpan.FromDays(30), CertificateAlarm = TimeSpan.FromDays(7);

    private const CapiFindingSeverity Error = CapiFindingSeverity.Error, Warning = CapiFindingSeverity.Warning;

    public static IReadOnlyList<DiagnosisRule> All { get; } =
    [
        new(FindingId.ControllerUnavailable, Error, "everything that this controller looks after: nothing happens to its objects", "Look at the Pods of the controller and at their log.", Controllers),
        new(FindingId.DeprecatedApiVersion, Warning, "an upgrade of Cluster API to v1.16 or newer, which does not serve v1beta1 any more", "Upgrade Cluster API to v1.11 or newer.", OldVersions),
        new(FindingId.ClusterPaused, Warning, "every change of the cluster: its controllers leave it alone, deletions included", "Resume it when whatever it was paused for is done.", Paused),
        new(FindingId.ClusterUnreachable, Error, "drains, Node deletions, and all that is known about its Nodes", "See whether its API server runs and can be reached from the management cluster.", Unreachable),
        new(FindingId.InfrastructureNotReady, Error, "the control plane and all machines, which wait for it", "Read what the infrastructure provider says of it.", Infrastructure),
        new(FindingId.TopologyNotReconciled, Error, "changes of the cluster's topology and its upgrades", "Correct what the condition says in the Cluster's topology or its ClusterClass.", Topology),
        new(FindingId.ControlPlaneNotAvailable, Error, "workers that are to join, and upgrades", "Look at its machines, or where it is hosted, at its Pods.", ControlPlanes),
        new(FindingId.CertificateExpires, Warning, "the API server of the cluster, once they have ended", "Roll the control plane out anew: its machines get new certificates.", Certificates),
        new(FindingId.MachineFailed, Error, "the replacement of the machine: its controller does nothing more about it", "Delete the machine; its owner makes another one.", Failed),
        new(FindingId.InfrastructureGone, Error, "the machine: what it stood for is not there any more", "Delete the machine; its owner makes another one.", Gone),
        new(FindingId.BootstrapNotReady, Error, "the machine: without bootstrap data nothing is made for it", "Read what the bootstrap provider says of its configuration.", Bootstrap),
        new(FindingId.MachineNotProvisioned, Error, "the machine: it has no infrastructure", "Read what the infrastructure provider says: quotas, credentials and images are what is most often wrong.", Provisioning),
        new(FindingId.NodeNotJoined, Error, "the machine: it runs, and has not become a Node", "Read the log of its bootstrap (cloud-init), and see whether it reaches the API server of its cluster.", NotJoined),
        new(FindingId.NodeNotReady, Warning, "Pods, which are not placed on it", "See whether the cluster has a network plugin (CNI), and what its Node says.", NotReady),
        new(FindingId.MachineUnhealthy, Warning, "nothing as long as it can be replaced", "See why it is unhealthy, and whether its owner replaces it.", Unhealthy),
        new(FindingId.RemediationRestricted, Error, "the replacement of unhealthy machines: too many of them are", "See what the machines have in common; then repair it, or raise the limit of the MachineHealthCheck.", Restricted),
        new(FindingId.DeploymentNotAvailable, Warning, "rollouts, and whatever needs those machines", "Look at its machines.", Deployments),
        new(FindingId.ReleaseFailed, Error, "the application in this cluster", "Correct what Helm says, in the HelmChartProxy or in the cluster.", Releases),
        new(FindingId.DeletionStuck, Error, "the deletion, and that of whatever it is part of", "Look at the object, and at the log of its controller.", Deletions),
    ];

    /// <summary>An object whose deletion takes longer than it should.</summary>
    public static bool IsOverdue(CapiResource item, DateTimeOffset now) =>
        now - item.DeletionRequestedAt > (item.GetCondition("Deleting")?.Reason == "DrainingNode" || item.GetCondition("DrainingSucceeded") is { Status: CapiConditionStatus.False } ? Drain : Deletion);

    private static IEnumerable<DiagnosisHit> Controllers(DiagnosisFacts facts) =>
        from provider in facts.Providers ?? []
        where provider.Available == false
        select new DiagnosisHit(
            new("Provider", provider.Name, provider.Namespace, null, null, $"kubectl describe deployments -n {provider.Namespace}"),
            "is not available",
            null,
            new CapiEvidence(CapiEvidenceSource.Condition, $"Available is not True of Deployment {string.Join(", ", provider.Deployments)}"));

    private static IEnumerable<DiagnosisHit> OldVersions(DiagnosisFacts facts) => facts.Survey.Clusters.FirstOrDefault(cluster => cluster.ApiVersion.EndsWith("/v1beta1", StringComparison.Ordinal)) is CapiCluster old
        ? [new(new("Provider", "cluster-api", null, null, null, "Get-CapiProvider cluster-api"), "serves its API only in versions that have been deprecated since v1.11", null, new CapiEvidence(CapiEvidenceSource.Field, $"apiVersion: {old.ApiVersion}"))]
        : [];

    private static IEnumerable<DiagnosisHit> Paused(DiagnosisFacts facts) =>
        from cluster in facts.Survey.Clusters
        where cluster.IsPaused
        select cluster.Annotations.TryGetValue(CapiNames.PausedAnnotation, out string? value)
            ? new DiagnosisHit(DiagnosisSubject.Of(cluster), "is paused by an annotation", cluster.GetCondition("Paused")?.LastTransitionTime, new CapiEvidence(CapiEvidenceSource.Annotation, $"{CapiNames.PausedAnnotation}: {value}"))
            : new DiagnosisHit(DiagnosisSubject.Of(cluster), "is paused", cluster.GetCondition("Paused")?.LastTransitionTime, new CapiEvidence(CapiEvidenceSource.Field, "spec.paused: true"));

    private static IEnumerable<DiagnosisHit> Unreachable(DiagnosisFacts facts) =>
        Broken(facts, facts.Survey.Clusters.Where(cluster => cluster.ControlPlaneInitialized == true), "RemoteConnectionProbe", Outage, "cannot be reached from the management cluster");

    private static IEnumerable<DiagnosisHit> Infrastructure(DiagnosisFacts facts) =>
        Broken(facts, facts.Survey.Clusters.Where(cluster => cluster.InfrastructureProvisioned != true), "InfrastructureReady", Startup, "has no infrastructure");

    private static IEnumerable<DiagnosisHit> Topology(DiagnosisFacts facts) =>
        Broken(facts, facts.Survey.Clusters, "TopologyReconciled", TimeSpan.Zero, "is not what its topology asks for", condition => condition.Reason?.Contains("Fail", StringComparison.Ordinal) == true);

    private static IEnumerable<DiagnosisHit> ControlPlanes(DiagnosisFacts facts) =>
        from controlPlane in facts.Survey.ControlPlanes
        let condition = controlPlane.GetCondition("Available")
        where condition is { Status: CapiConditionStatus.False } && facts.IsLonger(condition.LastTransitionTime, controlPlane.Initialized == true ? Outage : Startup)
        select DiagnosisHit.Of(controlPlane, "is not available", condition);

    private static IEnumerable<DiagnosisHit> Certificates(DiagnosisFacts facts) =>
        from machine in facts.Survey.Machines
        let left = machine.CertificatesExpireAt - facts.Now
        where left < CertificateWarning
        select new DiagnosisHit(
            DiagnosisSubject.Of(machine),
            left < TimeSpan.Zero ? "has certificates that have ended" : $"has certificates that end within {(int)Math.Ceiling(left.Value.TotalDays)} days",
            null,
            new CapiEvidence(CapiEvidenceSource.Field, $"status.certificatesExpiryDate: {machine.CertificatesExpireAt:yyyy-MM-dd'T'HH:mm:ss'Z'}"))
        {
            Severity = left < CertificateAlarm ? Error : null,
        };

    private static IEnumerable<DiagnosisHit> Failed(DiagnosisFacts facts) =>
        from machine in Living(facts)
        where machine.Phase == CapiMachinePhase.Failed
        select new DiagnosisHit(DiagnosisSubject.Of(machine), "has failed for good", machine.PhaseChangedAt, [new CapiEvidence(CapiEvidenceSource.Field, "status.phase: Failed"), .. machine.Blocker is CapiCondition blocker ? [DiagnosisHit.Show(blocker)] : Array.Empty<CapiEvidence>()]);

    private static IEnumerable<DiagnosisHit> Gone(DiagnosisFacts facts) =>
        Broken(facts, Living(facts), "InfrastructureReady", TimeSpan.Zero, "has lost its infrastructure", condition => IsGone(condition));

    private static IEnumerable<DiagnosisHit> Bootstrap(DiagnosisFacts facts) =>
        from machine in Living(facts)
        let condition = machine.GetCondition("BootstrapConfigReady") ?? machine.GetCondition("BootstrapReady")
        where machine.Phase == CapiMachinePhase.Pending && condition is { Status: not CapiConditionStatus.True } && facts.IsLonger(machine.CreatedAt, Startup)
            && (machine.IsControlPlane || facts.ClusterOf(machine)?.ControlPlaneInitialized != false) // workers wait for the control plane, and that is as it should be
        select DiagnosisHit.Of(machine, "has no bootstrap data", condition) with { Since = machine.CreatedAt };

    private static IEnumerable<DiagnosisHit> Provisioning(DiagnosisFacts facts) =>
        from machine in Living(facts)
        let condition = machine.GetCondition("InfrastructureReady")
        where machine.Phase == CapiMachinePhase.Provisioning && condition is { Status: not CapiConditionStatus.True } && !IsGone(condition) && facts.IsLonger(machine.PhaseChangedAt ?? machine.CreatedAt, Startup)
        select DiagnosisHit.Of(machine, "is not provisioned", condition) with { Since = machine.PhaseChangedAt ?? machine.CreatedAt };

    private static IEnumerable<DiagnosisHit> NotJoined(DiagnosisFacts facts) =>
        from machine in Living(facts)
        where machine.Phase == CapiMachinePhase.Provisioned && machine.NodeName is null && facts.IsLonger(machine.PhaseChangedAt ?? machine.CreatedAt, Startup)
        select new DiagnosisHit(
            DiagnosisSubject.Of(machine),
            "has no Node",
            machine.PhaseChangedAt ?? machine.CreatedAt,
            [new CapiEvidence(CapiEvidenceSource.Field, "status.nodeRef is not set"), .. machine.Blocker is CapiCondition blocker ? [DiagnosisHit.Show(blocker)] : Array.Empty<CapiEvidence>()]);

    private static IEnumerable<DiagnosisHit> NotReady(DiagnosisFacts facts) =>
        from machine in Living(facts)
        where machine.Phase == CapiMachinePhase.Running && facts.ClusterOf(machine)?.Holds("RemoteConnectionProbe") != false // else nobody knows how its Node does
        let condition = machine.GetCondition("NodeReady") is { Status: CapiConditionStatus.False } ready ? ready : machine.GetCondition("NodeHealthy")
        where condition is { Status: CapiConditionStatus.False } && facts.IsLonger(condition.LastTransitionTime, Outage)
        select DiagnosisHit.Of(machine, "has a Node that is not ready", condition);

    private static IEnumerable<DiagnosisHit> Unhealthy(DiagnosisFacts facts) => Broken(facts, Living(facts), "HealthCheckSucceeded", TimeSpan.Zero, "is unhealthy");

    private static IEnumerable<DiagnosisHit> Restricted(DiagnosisFacts facts) => Broken(facts, facts.HealthChecks, "RemediationAllowed", TimeSpan.Zero, "replaces no machine");

    private static IEnumerable<DiagnosisHit> Deployments(DiagnosisFacts facts) =>
        Broken(facts, facts.Survey.MachineDeployments.Where(deployment => facts.ClusterOf(deployment)?.ControlPlaneInitialized != false), "Available", Startup, "has too few machines that are available");

    private static IEnumerable<DiagnosisHit> Releases(DiagnosisFacts facts) =>
        from release in facts.Survey.Releases
        where release.DeletionRequestedAt is null && facts.ClusterOf(release) is null or { ControlPlaneInitialized: not false }
        let condition = release.Conditions.FirstOrDefault(one => one is { Type: not "Ready", Status: CapiConditionStatus.False } && one.Reason?.EndsWith("Failed", StringComparison.Ordinal) == true)
        where condition is not null
        select DiagnosisHit.Of(release, "is not installed", condition);

    private static IEnumerable<DiagnosisHit> Deletions(DiagnosisFacts facts) =>
        from item in DiagnosisFacts.Objects(facts.Survey)
        from reason in facts.Stuck[item.Uid]
        select new DiagnosisHit(
            DiagnosisSubject.Of(item),
            reason.Message,
            item.DeletionRequestedAt,
            [new CapiEvidence(CapiEvidenceSource.Field, $"metadata.finalizers: {string.Join(", ", item.Finalizers)}"), .. item.GetCondition("Deleting") is { Status: CapiConditionStatus.True } deleting ? [DiagnosisHit.Show(deleting)] : Array.Empty<CapiEvidence>()])
        {
            Advice = reason.WayOut,
        };

    /// <summary>What is being deleted has its own rule.</summary>
    private static IEnumerable<CapiMachine> Living(DiagnosisFacts facts) => facts.Survey.Machines.Where(machine => machine.DeletionRequestedAt is null && !machine.IsPaused);

    private static bool IsGone(CapiCondition condition) => condition.Reason is "ObjectDeleted" or "InfrastructureDeleted";

    private static IEnumerable<DiagnosisHit> Broken(DiagnosisFacts facts, IEnumerable<CapiResource> items, string type, TimeSpan patience, string message, Func<CapiCondition, bool>? also = null) =>
        from item in items
        where item.DeletionRequestedAt is null && !item.IsPaused
        let condition = item.GetCondition(type)
        where condition is { Status: CapiConditionStatus.False } && facts.IsLonger(condition.LastTransitionTime, patience) && also?.Invoke(condition) != false
        select DiagnosisHit.Of(item, message, condition);
}
