using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Unit.Operations.Management;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Removal;

public sealed class StuckExplanationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("paused", StuckReasonId.Paused, "is paused")]
    [InlineData("hook", StuckReasonId.DeletionHook, "pre-drain.delete.hook.machine.cluster.x-k8s.io/backup")]
    [InlineData("drain", StuckReasonId.Draining, "PDB web")]
    [InlineData("drain v1beta1", StuckReasonId.Draining, "PDB web")]
    [InlineData("volumes", StuckReasonId.VolumesAttached, "pv-1")]
    [InlineData("foreign finalizer", StuckReasonId.ForeignFinalizer, "backup.example/keep")]
    [InlineData("controller", StuckReasonId.ControllerUnavailable, "capi-system")]
    [InlineData("nothing to be seen", StuckReasonId.WaitingForController, "machine.cluster.x-k8s.io")]
    public async Task A_Machine_is_stuck_for_a_reason(string why, string id, string told)
    {
        ObjectJson machine = Deleting(ObjectJson.Machine("m", "dev").Finalizer("machine.cluster.x-k8s.io"));
        using World world = new(new FakeKubernetesApi().With(RemovalWorld.Objects));
        switch (why)
        {
            case "paused": machine.Annotation("cluster.x-k8s.io/paused", ""); break;
            case "hook": machine.Annotation("pre-drain.delete.hook.machine.cluster.x-k8s.io/backup", "ops").Condition("Deleting", "True", "WaitingForPreDrainHook"); break;
            case "drain": machine.Condition("Deleting", "True", "DrainingNode", "PDB web"); break;
            case "drain v1beta1": machine.Condition("DrainingSucceeded", "False", "DrainingFailed", "PDB web"); break;
            case "volumes": machine.Condition("Deleting", "True", "WaitingForVolumeDetach", "pv-1"); break;
            case "foreign finalizer": machine.Finalizer("backup.example/keep"); break;
            case "controller": world.Api.Update(ObjectJson.Deployment("capi-controller-manager", "capi-system", "cluster-api", "controller:v1.14.0", "False")); break;
        }

        CapiStuckReason reason = (await ExplainAsync(world, CapiKinds.Machine, machine)).ShouldHaveSingleItem();

        (reason.Id, reason.Subject).ShouldBe((id, "Machine default/m"));
        reason.Message.ShouldContain(told);
        reason.WayOut.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task The_way_out_of_a_foreign_finalizer_is_commands_that_run()
    {
        using World world = new();
        ObjectJson machine = Deleting(ObjectJson.Machine("m", "dev").Finalizer("backup.example/keep"));

        string wayOut = (await ExplainAsync(world, CapiKinds.Machine, machine)).ShouldHaveSingleItem().WayOut;

        wayOut.ShouldContain("kubectl get Machine.cluster.x-k8s.io m -n default -o yaml --show-managed-fields");
        wayOut.ShouldEndWith("Repair-CapiStuckResource Machine m -Namespace default -Finalizer backup.example/keep");
    }

    [Theory]
    [InlineData(false, StuckReasonId.KubeConfigMissing)]
    [InlineData(true, StuckReasonId.WorkloadUnreachable)]
    public async Task A_release_needs_its_cluster(bool hasSecret, string id)
    {
        using World world = new();
        if (hasSecret)
        {
            world.Api.Add(ObjectJson.KubeConfig("dev", "apiVersion: v1"));
        }

        ObjectJson release = Deleting(ObjectJson.HelmReleaseProxy("nginx", "dev").Finalizer("helmreleaseproxy.addons.cluster.x-k8s.io").Condition("ClusterAvailable", "False", "GetKubeconfigFailed", "connection refused"));

        (await ExplainAsync(world, CapiKinds.HelmReleaseProxy, release)).ShouldHaveSingleItem().Id.ShouldBe(id);
    }

    [Fact]
    public async Task The_hook_that_kubeadm_takes_off_by_itself_is_a_reason_only_when_it_is_waited_for()
    {
        using World world = new();
        ObjectJson machine = Deleting(ObjectJson.Machine("m", "dev").Finalizer("machine.cluster.x-k8s.io").Annotation("pre-terminate.delete.hook.machine.cluster.x-k8s.io/kcp-cleanup", ""));

        (await ExplainAsync(world, CapiKinds.Machine, machine)).ShouldHaveSingleItem().Id.ShouldBe(StuckReasonId.WaitingForController);
        (await ExplainAsync(world, CapiKinds.Machine, machine.Copy().Condition("Deleting", "True", "WaitingForPreTerminateHook"))).ShouldHaveSingleItem().Id.ShouldBe(StuckReasonId.DeletionHook);
    }

    [Fact]
    public async Task What_nobody_asked_to_go_is_not_stuck()
    {
        using World world = new();

        (await ExplainAsync(world, CapiKinds.Machine, ObjectJson.Machine("m", "dev").Annotation("cluster.x-k8s.io/paused", ""))).ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_only_waits_for_others_gives_no_reason_of_its_own()
    {
        using World world = new();
        CapiCluster cluster = await ReadAsync(world, CapiKinds.Cluster, Deleting(ObjectJson.Cluster("dev").Finalizer("cluster.cluster.x-k8s.io").Condition("Deleting", "True", "WaitingForWorkersDeletion", "* Machines: m")));
        CapiMachine machine = await ReadAsync(world, CapiKinds.Machine, Deleting(ObjectJson.Machine("m", "dev").Finalizer("backup.example/keep")));

        StuckExplanation.Explain([cluster, machine], new(null, null)).ShouldHaveSingleItem().Subject.ShouldBe("Machine default/m");
        StuckExplanation.Explain([cluster], new(null, null)).ShouldHaveSingleItem().Message.ShouldContain("* Machines: m");
    }

    [Fact]
    public async Task An_object_of_another_management_cluster_is_refused()
    {
        using World world = new();
        CapiMachine machine = await ReadAsync(world, CapiKinds.Machine, Deleting(ObjectJson.Machine("m", "dev")));

        (await Should.ThrowAsync<CapiProblemException>(() => world.Cluster.ExplainStuckAsync(machine with { ManagementClusterId = "another" }, Token))).Problem.Id.ShouldBe(ProblemId.WrongManagementCluster);
    }

    private static ObjectJson Deleting(ObjectJson item) => item.Metadata("deletionTimestamp", ObjectJson.CreatedAt);

    private static async Task<IReadOnlyList<CapiStuckReason>> ExplainAsync<T>(World world, CapiKind<T> kind, ObjectJson item)
        where T : CapiResource => await world.Cluster.ExplainStuckAsync(await ReadAsync(world, kind, item), Token);

    private static async Task<T> ReadAsync<T>(World world, CapiKind<T> kind, ObjectJson item)
        where T : CapiResource
    {
        world.Api.Update(item);
        return (await world.GetAsync(kind, new() { Names = [item.Name] })).ShouldHaveSingleItem().Value.ShouldNotBeNull();
    }
}
