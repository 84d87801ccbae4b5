using System.Globalization;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;
using CapiWorkshop.Sandbox.World;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>Runs a control plane in the management cluster: a StatefulSet for the controllers, one for etcd where it is asked for, and the way to
/// them.</summary>
internal sealed class K0smotronClusterController(ControllerContext context) : Controller(context, Kinds.K0smotronCluster)
{
    private static readonly TimeSpan PodTime = TimeSpan.FromSeconds(2);

    protected override ControllerIdentity Identity { get; } = new("cluster", "k0smotroncluster-controller", ControllerIdentity.K0smotron, "control-plane");

    public override IReadOnlyList<ResourceDefinition> AlsoWatches { get; } = [Kinds.Pod];

    protected override void Reconcile(StoredObject item, JsonObject content)
    {
        if (item.IsDeleting)
        {
            // All else has an owner, and goes with it. Claims outlive it unless they were told not to.
            foreach (StoredObject claim in ClaimsToDelete(item, content))
                Remove(Kinds.PersistentVolumeClaim, claim.Namespace, claim.Name);
            Metadata.RemoveFinalizer(content, CapiNames.K0smotronClusterFinalizer);
            return;
        }

        string name = $"kmc-{item.Name}";
        string image = $"{content.Text("spec", "image")}:{content.Text("spec", "version")}";
        int desired = (int)(content.Number("spec", "replicas") ?? 1);
        bool stored = true;
        if (content.Text("spec", "storage", "type") == "etcd")
            stored = Run(item, $"{name}-etcd", "etcd", content.Text("spec", "storage", "etcd", "image")!, desired, claim: "etcd-data") >= desired;
        MakeWayIn(item, content, name);
        // Without its storage a control plane does not start.
        int ready = stored ? Run(item, name, "controller", image, desired, claim: content.Text("spec", "persistence", "type") == "pvc" ? name : null) : 0;
        JsonObject status = content.Ensure("status");
        status["replicas"] = Context.Index.OfCluster(Kinds.Pod, item.Namespace, item.Name).Count(pod => pod.Labels.GetValueOrDefault("component") == "cluster");
        status["readyReplicas"] = ready;
        status["updatedReplicas"] = ready;
        status["selector"] = $"app=k0smotron,cluster={item.Name},component=cluster";
    }

    private List<StoredObject> ClaimsToDelete(StoredObject item, JsonObject content) =>
        [.. Context.Index.OfCluster(Kinds.PersistentVolumeClaim, item.Namespace, item.Name)
        .Where(claim => claim.Labels.GetValueOrDefault("component") == "etcd"
            ? content.Flag("spec", "storage", "etcd", "autoDeletePVCs") == true
            : content.Flag("spec", "persistence", "autoDeletePVCs") == true)];

    private static JsonObject LabelsOf(StoredObject item, string component)
    {
        JsonObject labels = new()
        {
            ["app"] = "k0smotron",
            ["cluster"] = item.Name,
            ["component"] = component,
            ["app.kubernetes.io/component"] = component == "cluster" ? "control-plane" : component,
            [CapiNames.ClusterLabel] = item.Name,
        };
        if (component == "cluster")
            labels[CapiNames.ControlPlaneLabel] = "true";
        return labels;
    }

    /// <summary>Brings up a StatefulSet pod by pod; how many are there.</summary>
    private int Run(StoredObject item, string name, string container, string image, int desired, string? claim)
    {
        string component = container == "etcd" ? "etcd" : "cluster";
        JsonObject labels = LabelsOf(item, component);
        StoredObject set = Store.Find(Kinds.StatefulSet, item.Namespace, name) ?? Store.Create(Kinds.StatefulSet, new JsonObject
        {
            ["metadata"] = Owned(item, name, labels),
            ["spec"] = new JsonObject
            {
                ["replicas"] = desired,
                ["serviceName"] = name,
                ["selector"] = new JsonObject
                {
                    ["matchLabels"] = new JsonObject { ["app"] = "k0smotron", ["cluster"] = item.Name, ["component"] = component },
                },
                ["template"] = new JsonObject
                {
                    ["metadata"] = new JsonObject { ["labels"] = labels.DeepClone() },
                    ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = container, ["image"] = image }) },
                },
            },
        });
        int ready = 0;
        while (ready < desired)
        {
            string pod = string.Create(CultureInfo.InvariantCulture, $"{name}-{ready}");
            if (Store.Find(Kinds.Pod, item.Namespace, pod) is null)
            {
                if (!Elapsed(item, pod, PodTime))
                    break;
                AddPod(item, set, pod, container, image, labels, claim);
            }

            ready++;
        }

        // etcd is never made smaller: its members would have to be told first.
        int surplus = desired;
        while (component == "cluster" && Store.Find(Kinds.Pod, item.Namespace, $"{name}-{surplus}") is { } extra)
        {
            Store.Delete(Kinds.Pod, extra.Namespace, extra.Name);
            surplus++;
        }

        Store.Update(Kinds.StatefulSet, item.Namespace, name, draft =>
        {
            if (component == "cluster" || draft.Number("spec", "replicas") < desired)
                draft["spec"]!["replicas"] = desired;
            draft["status"] = new JsonObject
            {
                ["observedGeneration"] = draft.Number("metadata", "generation"),
                ["replicas"] = ready,
                ["readyReplicas"] = ready,
                ["availableReplicas"] = ready,
                ["currentReplicas"] = ready,
                ["updatedReplicas"] = ready,
            };
        }, WriteScope.Everything);
        return ready;
    }

    private void AddPod(StoredObject item, StoredObject set, string name, string container, string image, JsonObject labels, string? claim)
    {
        JsonObject pod = WorkloadContent.Pod(Context.Management, item.Namespace!, labels.DeepClone().AsObject(), container, image, ManagementContent.Node,
            ManagementContent.NodeAddress);
        JsonObject metadata = pod.Ensure("metadata");
        metadata["name"] = name;
        metadata["ownerReferences"] = new JsonArray(OwnerReference.To(set, controller: true).ToJson());
        metadata["labels"]!["statefulset.kubernetes.io/pod-name"] = name;
        Store.Create(Kinds.Pod, pod, WriteScope.Everything);
        if (claim is null || Store.Find(Kinds.PersistentVolumeClaim, item.Namespace, $"{claim}-{name}") is not null)
            return;
        Store.Create(Kinds.PersistentVolumeClaim, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = $"{claim}-{name}", ["namespace"] = item.Namespace, ["labels"] = labels.DeepClone() },
            ["spec"] = new JsonObject
            {
                ["accessModes"] = new JsonArray("ReadWriteOnce"),
                ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = "1Gi" } },
                ["storageClassName"] = "standard",
                ["volumeMode"] = "Filesystem",
            },
            ["status"] = new JsonObject
            {
                ["phase"] = "Bound",
                ["accessModes"] = new JsonArray("ReadWriteOnce"),
                ["capacity"] = new JsonObject { ["storage"] = "1Gi" },
            },
        }, WriteScope.Everything);
    }

    private void MakeWayIn(StoredObject item, JsonObject content, string name)
    {
        if (Store.Find(Kinds.ConfigMap, item.Namespace, $"{name}-config") is null)
        {
            Store.Create(Kinds.ConfigMap, new JsonObject
            {
                ["metadata"] = Owned(item, $"{name}-config", LabelsOf(item, "config")),
                ["data"] = new JsonObject { ["K0SMOTRON_K0S_YAML"] = $"apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\nmetadata:\n  name: {item.Name}\n" },
            });
        }

        string type = content.Text("spec", "service", "type") ?? "ClusterIP";
        string service = name + type switch { "NodePort" => "-nodeport", "LoadBalancer" => "-lb", _ => "" };
        if (Store.Find(Kinds.Service, item.Namespace, service) is not null)
            return;
        string address = $"10.96.{Fnv1A.Hash(item.Key) % 250}.{(Fnv1A.Hash(item.Uid) % 250) + 1}";
        JsonObject Port(string port, string field, int fallback)
        {
            long number = content.Number("spec", "service", field) ?? fallback;
            JsonObject described = new() { ["name"] = port, ["port"] = number, ["protocol"] = "TCP", ["targetPort"] = number };
            if (type != "ClusterIP")
                described["nodePort"] = number;
            return described;
        }

        Store.Create(Kinds.Service, new JsonObject
        {
            ["metadata"] = Owned(item, service, LabelsOf(item, "cluster")),
            ["spec"] = new JsonObject
            {
                ["type"] = type,
                ["clusterIP"] = address,
                ["clusterIPs"] = new JsonArray(address),
                ["selector"] = new JsonObject { ["app"] = "k0smotron", ["cluster"] = item.Name, ["component"] = "cluster" },
                ["ports"] = new JsonArray(Port("api", "apiPort", 30443), Port("konnectivity", "konnectivityPort", 30132)),
            },
            ["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() },
        }, WriteScope.Everything);
    }

    private static JsonObject Owned(StoredObject item, string name, JsonObject labels) => new()
    {
        ["name"] = name,
        ["namespace"] = item.Namespace,
        ["labels"] = labels.DeepClone(),
        ["ownerReferences"] = new JsonArray(OwnerReference.To(item, controller: true).ToJson()),
    };
}
