using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Engine;
using CapiWorkshop.Sandbox.Storage;
using CapiWorkshop.Sandbox.World;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>Runs the load balancer in front of a kubeadm control plane. A cluster whose control plane is hosted is somebody else's to fill in.</summary>
internal sealed class DockerClusterController(ControllerContext context) : Controller(context, Kinds.DockerCluster)
{
    private const int ApiPort = 6443;
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(2);

    protected override ControllerIdentity Identity { get; } = new("dockercluster", "dockercluster-controller", ControllerIdentity.Docker);

    public override IReadOnlyList<ResourceDefinition> AlsoWatches { get; } = [Kinds.Cluster];

    protected override void Reconcile(StoredObject item, JsonObject content)
    {
        StoredObject? cluster = ClusterOf(item, content);
        if (IsPaused(content, cluster?.ToJson()))
            return;
        string balancer = $"{cluster?.Name ?? item.Name}-lb";
        if (item.IsDeleting)
        {
            Context.Containers.Remove(balancer);
            Metadata.RemoveFinalizer(content, CapiNames.DockerClusterFinalizer);
            return;
        }

        Metadata.AddFinalizer(content, CapiNames.DockerClusterFinalizer);
        if (cluster is null || Metadata.Annotation(content, CapiNames.ManagedBy) is not null)
            return;
        bool running = Elapsed(item, "load balancer", StartTime);
        if (running)
        {
            SandboxContainer container = Context.Containers.Run(balancer, "kindest/haproxy:v20230606-42a2262b",
                DockerMachineController.ContainerLabels(cluster.Name, "external-load-balancer"), ContainerLoads.LoadBalancer);
            if (content.Child("spec", "controlPlaneEndpoint") is null)
                content.Ensure("spec")["controlPlaneEndpoint"] = new JsonObject { ["host"] = container.Address, ["port"] = ApiPort };
            content.Ensure("status", "initialization")["provisioned"] = true;
        }

        Conditions.SetFlag(content, Now, "LoadBalancerAvailable", running, running ? "" : "Load balancer container is starting");
        Conditions.Summarize(content, Now, "Ready", "Ready", "NotReady", "ReadyUnknown", "LoadBalancerAvailable");
    }
}
