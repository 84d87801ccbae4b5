using System.Text;
using System.Text.Json.Nodes;

namespace CapiWorkshop.Tests.Unit.Support;

/// <summary>A Kubernetes object as JSON, built field by field: each test names the fields it is about.</summary>
internal sealed class ObjectJson
{
    public const string CreatedAt = "2026-11-20T09:00:00Z";

    private static readonly Dictionary<string, string> Plurals = new(StringComparer.Ordinal)
    {
        ["Cluster"] = "clusters.cluster.x-k8s.io",
        ["MachineDeployment"] = "machinedeployments.cluster.x-k8s.io",
        ["Machine"] = "machines.cluster.x-k8s.io",
        ["MachineSet"] = "machinesets.cluster.x-k8s.io",
        ["MachinePool"] = "machinepools.cluster.x-k8s.io",
        ["MachineHealthCheck"] = "machinehealthchecks.cluster.x-k8s.io",
        ["ClusterClass"] = "clusterclasses.cluster.x-k8s.io",
        ["K0smotronControlPlane"] = "k0smotroncontrolplanes.controlplane.cluster.x-k8s.io",
        ["KubeadmControlPlane"] = "kubeadmcontrolplanes.controlplane.cluster.x-k8s.io",
        ["DockerCluster"] = "dockerclusters.infrastructure.cluster.x-k8s.io",
        ["DockerMachineTemplate"] = "dockermachinetemplates.infrastructure.cluster.x-k8s.io",
        ["ClusterResourceSet"] = "clusterresourcesets.addons.cluster.x-k8s.io",
        ["Provider"] = "providers.clusterctl.cluster.x-k8s.io",
        ["HelmChartProxy"] = "helmchartproxies.addons.cluster.x-k8s.io",
        ["HelmReleaseProxy"] = "helmreleaseproxies.addons.cluster.x-k8s.io",
        ["DockerMachine"] = "dockermachines.infrastructure.cluster.x-k8s.io",
        ["Deployment"] = "deployments.apps",
        ["Event"] = "events",
        ["Node"] = "nodes",
        ["Pod"] = "pods",
        ["Secret"] = "secrets",
        ["PersistentVolumeClaim"] = "persistentvolumeclaims",
        ["ValidatingWebhookConfiguration"] = "validatingwebhookconfigurations.admissionregistration.k8s.io",
        ["Namespace"] = "namespaces",
    };

    private ObjectJson(JsonObject json) => Json = json;

    public JsonObject Json { get; }

    public string ApiVersion => Text(Json["apiVersion"])!;

    public string QualifiedName => ApiVersion.StartsWith("k0smotron.io/", StringComparison.Ordinal) ? "clusters.k0smotron.io" : Plurals[Text(Json["kind"])!];

    public string Name => Text(Json["metadata"]!["name"])!;

    public string? Namespace => Text(Json["metadata"]!["namespace"]);

    public string Uid => Text(Json["metadata"]!["uid"])!;

    public static ObjectJson Parse(string json) => new(JsonNode.Parse(json)!.AsObject());

    /// <summary>A new object: what every server adds is there, the rest is the test's.</summary>
    public static ObjectJson Of(string apiVersion, string kind, string name, string? ns = "default")
    {
        JsonObject metadata = new()
        {
            ["name"] = name,
            ["uid"] = "uid-of-" + name,
            ["resourceVersion"] = "100",
            ["generation"] = 1,
            ["creationTimestamp"] = CreatedAt,
        };
        if (ns is not null)
        {
            metadata["namespace"] = ns;
        }

        return new(new() { ["apiVersion"] = apiVersion, ["kind"] = kind, ["metadata"] = metadata });
    }

    public static ObjectJson Cluster(string name = "dev-cluster", string ns = "default", string version = "v1beta2") =>
        Of("cluster.x-k8s.io/" + version, "Cluster", name, ns);

    public static ObjectJson MachineDeployment(string name = "dev-cluster-md-0", string cluster = "dev-cluster", string ns = "default", string version = "v1beta2") =>
        Of("cluster.x-k8s.io/" + version, "MachineDeployment", name, ns).Label("cluster.x-k8s.io/cluster-name", cluster).Spec("clusterName", cluster);

    public static ObjectJson Machine(string name = "dev-cluster-md-0-x7k2p-9ftzd", string cluster = "dev-cluster", string ns = "default", string version = "v1beta2") =>
        Of("cluster.x-k8s.io/" + version, "Machine", name, ns).Label("cluster.x-k8s.io/cluster-name", cluster).Spec("clusterName", cluster);

    public static ObjectJson KubeSystem(string uid) => Of("v1", "Namespace", "kube-system", null).Metadata("uid", uid);

    public static ObjectJson Node(string name, string? ready = "True")
    {
        ObjectJson node = Of("v1", "Node", name, null).Condition("MemoryPressure", "False");
        return ready is null ? node : node.Condition("Ready", ready);
    }

    /// <summary>A controller's Deployment; its manager stands behind a proxy container, as kube-rbac-proxy does.</summary>
    public static ObjectJson Deployment(string name, string ns, string provider, string? image = null, string? available = "True")
    {
        ObjectJson deployment = Of("apps/v1", "Deployment", name, ns).Label("cluster.x-k8s.io/provider", provider);
        JsonArray containers = [new JsonObject { ["name"] = "kube-rbac-proxy", ["image"] = "registry.example/kube-rbac-proxy:v0.0.1" }];
        if (image is not null)
        {
            containers.Add(new JsonObject { ["name"] = "manager", ["image"] = image });
        }

        deployment.Spec("template", new JsonObject { ["metadata"] = new JsonObject(), ["spec"] = new JsonObject { ["containers"] = containers } });
        return available is null ? deployment : deployment.Condition("Progressing", "True").Condition("Available", available);
    }

    /// <summary>An entry of clusterctl's inventory: its fields stand at the top level.</summary>
    public static ObjectJson Provider(string name, string ns, string? providerName, string type, string version)
    {
        ObjectJson provider = Of("clusterctl.cluster.x-k8s.io/v1alpha3", "Provider", name, ns);
        (provider.Json["type"], provider.Json["version"]) = (type, version);
        if (providerName is not null)
        {
            provider.Json["providerName"] = providerName;
        }

        return provider;
    }

    /// <summary>A Pod; of the hosted control plane of a Cluster where one is named.</summary>
    public static ObjectJson Pod(string name, string? controlPlaneOf = null, string ns = "default")
    {
        ObjectJson pod = Of("v1", "Pod", name, ns);
        return controlPlaneOf is null ? pod : pod.Label("cluster.x-k8s.io/cluster-name", controlPlaneOf).Label("cluster.x-k8s.io/control-plane", "true");
    }

    /// <summary>The secret in which a Cluster's kubeconfig lies.</summary>
    public static ObjectJson KubeConfig(string cluster, string? text, string ns = "default")
    {
        ObjectJson secret = Of("v1", "Secret", cluster + "-kubeconfig", ns);
        secret.Json["data"] = text is null ? new JsonObject() : new JsonObject { ["value"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text)) };
        return secret;
    }

    public static ObjectJson HelmChartProxy(string name, string ns = "default") => Of("addons.cluster.x-k8s.io/v1alpha1", "HelmChartProxy", name, ns);

    public static ObjectJson HelmReleaseProxy(string proxy, string cluster, string ns = "default") =>
        Of("addons.cluster.x-k8s.io/v1alpha1", "HelmReleaseProxy", $"{proxy}-{cluster}", ns)
            .Label("helmreleaseproxy.addons.cluster.x-k8s.io/helmchartproxy-name", proxy).Label("cluster.x-k8s.io/cluster-name", cluster)
            .Spec("clusterRef", new JsonObject { ["kind"] = "Cluster", ["name"] = cluster });

    public ObjectJson Copy() => new(Json.DeepClone().AsObject());

    public ObjectJson Metadata(string name, JsonNode? value) => Set(Json, "metadata", name, value);

    public ObjectJson Owner(ObjectJson owner)
    {
        JsonArray owners = Json["metadata"]!["ownerReferences"] as JsonArray ?? [];
        owners.Add(new JsonObject { ["apiVersion"] = owner.ApiVersion, ["kind"] = Text(owner.Json["kind"]), ["name"] = owner.Name, ["uid"] = owner.Uid, ["controller"] = owners.Count == 0 });
        return Metadata("ownerReferences", owners.Parent is null ? owners : owners.DeepClone());
    }

    public ObjectJson Finalizer(string name) => Metadata("finalizers", new JsonArray(name));

    public ObjectJson Label(string key, string value) => Set(Child(Json, "metadata"), "labels", key, value);

    public ObjectJson Annotation(string key, string value) => Set(Child(Json, "metadata"), "annotations", key, value);

    public ObjectJson Spec(string name, JsonNode? value) => Set(Json, "spec", name, value);

    public ObjectJson Status(string name, JsonNode? value) => Set(Json, "status", name, value);

    /// <summary>status.v1beta2.name: where CAPI 1.9 and later keep the new family in an object that is read as v1beta1.</summary>
    public ObjectJson NewStatus(string name, JsonNode? value) => Set(Child(Json, "status"), "v1beta2", name, value);

    public ObjectJson Condition(string type, string status, string? reason = null, string? message = null, long? observedGeneration = null)
    {
        AddCondition(Child(Json, "status"), type, status, reason, message, observedGeneration);
        return this;
    }

    public ObjectJson NewCondition(string type, string status, string? reason = null)
    {
        AddCondition(Child(Child(Json, "status"), "v1beta2"), type, status, reason, null, null);
        return this;
    }

    /// <summary>As a controller that has done its work leaves a MachineDeployment (v1beta2).</summary>
    public ObjectJson Scaled(int desired, int? current = null, int? ready = null, int? available = null, int? upToDate = null, long generation = 1, long? observed = null)
    {
        Metadata("generation", generation);
        Spec("replicas", desired);
        Status("observedGeneration", observed ?? generation);
        Status("replicas", current ?? desired);
        Status("readyReplicas", ready ?? desired);
        Status("availableReplicas", available ?? ready ?? desired);
        return Status("upToDateReplicas", upToDate ?? desired);
    }

    public override string ToString() => Json.ToJsonString();

    private static string? Text(JsonNode? node) => node?.GetValue<string>();

    private static JsonObject Child(JsonObject parent, string name)
    {
        if (parent[name] is not JsonObject child)
        {
            parent[name] = child = [];
        }

        return child;
    }

    private static void AddCondition(JsonObject status, string type, string value, string? reason, string? message, long? observedGeneration)
    {
        if (status["conditions"] is not JsonArray conditions)
        {
            status["conditions"] = conditions = [];
        }

        JsonObject condition = new() { ["type"] = type, ["status"] = value, ["lastTransitionTime"] = CreatedAt };
        if (reason is not null)
        {
            condition["reason"] = reason;
        }

        if (message is not null)
        {
            condition["message"] = message;
        }

        if (observedGeneration is not null)
        {
            condition["observedGeneration"] = observedGeneration;
        }

        conditions.Add((JsonNode)condition);
    }

    private ObjectJson Set(JsonObject parent, string child, string name, JsonNode? value)
    {
        Child(parent, child)[name] = value;
        return this;
    }
}
