using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;
using CapiWorkshop.Sandbox.World;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>Has a control plane run as pods: hands it over to k0smotron's own Cluster and reports what comes of it.</summary>
internal sealed class K0smotronControlPlaneController(ControllerContext context) : Controller(context, Kinds.K0smotronControlPlane)
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(3);

    protected override ControllerIdentity Identity { get; } = new("k0smotroncontrolplane", "k0smotroncontrolplane-controller", ControllerIdentity.K0smotron,
        "control-plane");

    public override IReadOnlyList<ResourceDefinition> AlsoWatches { get; } = [Kinds.Cluster];

    protected override void Reconcile(StoredObject item, JsonObject content)
    {
        StoredObject? cluster = ClusterOf(item, content);
        if (IsPaused(content, cluster?.ToJson()) || cluster is null)
            return;
        if (item.IsDeleting)
        {
            if (!Remove(Kinds.K0smotronCluster, item.Namespace, cluster.Name))
                return;
            Context.Workloads.Close(item.Namespace, cluster.Name);
            Metadata.RemoveFinalizer(content, CapiNames.K0smotronControlPlaneFinalizer);
            return;
        }

        Metadata.AddFinalizer(content, CapiNames.K0smotronControlPlaneFinalizer);
        JsonObject? hosted = Host(item, content, cluster)?.ToJson();
        ProvideEndpoint(item, content, cluster);

        long ready = hosted.Number("status", "readyReplicas") ?? 0;
        JsonObject status = content.Ensure("status");
        status["externalManagedControlPlane"] = true;
        status["selector"] = $"{CapiNames.ClusterLabel}={cluster.Name},{CapiNames.ControlPlaneLabel}=true";
        ScalingStatus.Count(content, hosted.Number("status", "replicas") ?? 0, ready, ready, hosted.Number("status", "updatedReplicas") ?? 0);
        if (ready > 0 && Elapsed(item, "api", StartTime))
        {
            WorkloadCluster workload = Context.Workloads.Open(item.Namespace!, cluster.Name, Version(content), hosted: true);
            if (Store.Find(Kinds.Secret, item.Namespace, CapiNames.KubeConfigSecret(cluster.Name)) is null)
                Store.Create(Kinds.Secret, Secrets.Describe(item, CapiNames.KubeConfigSecret(cluster.Name), new() { ["value"] = workload.KubeConfig }));
            content.Ensure("status", "initialization")["controlPlaneInitialized"] = true;
            status["version"] = content.Text("spec", "version");
        }

        bool available = ready > 0 && Context.Workloads.Find(item.Namespace, cluster.Name) is not null;
        Conditions.SetFlag(content, Now, "Available", available, available ? "" : "The API of the control plane does not answer yet",
            negative: "KubeSystemNamespaceNotAccessible");
    }

    /// <summary>k0s writes its build with a plus where image tags need a hyphen.</summary>
    private static string Version(JsonObject content) => (content.Text("spec", "version") ?? "v1.33.2-k0s.0").Replace("-k0s", "+k0s", StringComparison.Ordinal);

    private StoredObject? Host(StoredObject item, JsonObject content, StoredObject cluster)
    {
        JsonObject spec = content.Child("spec")!.DeepClone().AsObject();
        spec["replicas"] ??= 1;
        if (Store.Find(Kinds.K0smotronCluster, item.Namespace, cluster.Name) is { } there)
        {
            if (!JsonNode.DeepEquals(there.ToJson()["spec"], spec))
                Store.Update(Kinds.K0smotronCluster, item.Namespace, cluster.Name, draft => draft["spec"] = spec);
            return there;
        }

        Note(item, $"Created k0smotron Cluster {cluster.Name}");
        return Store.Create(Kinds.K0smotronCluster, new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = cluster.Name,
                ["namespace"] = item.Namespace,
                ["labels"] = new JsonObject { [CapiNames.ClusterLabel] = cluster.Name },
                ["finalizers"] = new JsonArray(CapiNames.K0smotronClusterFinalizer),
                ["ownerReferences"] = new JsonArray(OwnerReference.To(item, controller: true).ToJson()),
            },
            ["spec"] = spec,
        });
    }

    /// <summary>Infrastructure that is marked as k0smotron's has nothing of its own to offer: where the API is, only the control plane knows.</summary>
    private void ProvideEndpoint(StoredObject item, JsonObject content, StoredObject cluster)
    {
        if (Context.Follow(cluster.ToJson().Child("spec", "infrastructureRef"), item.Namespace) is not { } infrastructure)
            return;
        JsonObject there = infrastructure.ToJson();
        if (Metadata.Annotation(there, CapiNames.ManagedBy) != "k0smotron" || there.Flag("status", "initialization", "provisioned") == true)
            return;
        Store.Update(infrastructure.Resource, infrastructure.Namespace, infrastructure.Name, draft =>
        {
            draft.Ensure("spec")["controlPlaneEndpoint"] = new JsonObject
            {
                ["host"] = ManagementContent.NodeAddress,
                ["port"] = content.Number("spec", "service", "apiPort") ?? 30443,
            };
            draft.Ensure("status", "initialization")["provisioned"] = true;
            Conditions.SetFlag(draft, Now, "Ready", true, negative: "NotReady");
        }, WriteScope.Everything);
    }
}
