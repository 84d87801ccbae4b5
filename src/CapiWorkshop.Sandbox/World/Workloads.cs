using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.World;

/// <summary>Puts workloads into a cluster that have been up since they were made: statuses say so, and whose pod is whose can be followed.</summary>
internal static class Workloads
{
    private const string HashLabel = "pod-template-hash";

    /// <summary>A Deployment with its ReplicaSet and its pods. The labels of the pods are its selector, too.</summary>
    /// <param name="labels">Of the Deployment itself; those of its pods where it is null.</param>
    public static StoredObject AddDeployment(
        ClusterApi api, string @namespace, string name, PodTemplate pod, PodHost host, int replicas = 1, IReadOnlyDictionary<string, string>? labels = null)
    {
        string hash = TemplateHash(name, pod);
        string replicaSetName = $"{name}-{hash}";
        PodTemplate hashed = pod with { Labels = new Dictionary<string, string>(pod.Labels) { [HashLabel] = hash } };

        JsonObject content = Workload(@namespace, name, labels ?? pod.Labels, pod, replicas);
        JsonObject spec = content["spec"]!.AsObject();
        spec["progressDeadlineSeconds"] = 600;
        spec["revisionHistoryLimit"] = 10;
        spec["strategy"] = new JsonObject { ["type"] = "RollingUpdate", ["rollingUpdate"] = new JsonObject { ["maxSurge"] = "25%", ["maxUnavailable"] = "25%" } };
        JsonObject status = content["status"]!.AsObject();
        status["updatedReplicas"] = replicas;
        string now = Now(api);
        status["conditions"] = new JsonArray(
            DeploymentCondition("Available", now, "MinimumReplicasAvailable", "Deployment has minimum availability."),
            DeploymentCondition("Progressing", now, "NewReplicaSetAvailable", $"ReplicaSet \"{replicaSetName}\" has successfully progressed."));
        StoredObject deployment = api.Store.Create(Kinds.Deployment, content, WriteScope.Everything);

        content = Workload(@namespace, replicaSetName, hashed.Labels, hashed, replicas);
        content["metadata"]!["ownerReferences"] = new JsonArray(Controller(deployment));
        content["status"]!["fullyLabeledReplicas"] = replicas;
        StoredObject replicaSet = api.Store.Create(Kinds.ReplicaSet, content, WriteScope.Everything);
        for (int replica = 0; replica < replicas; replica++)
            AddPod(api, @namespace, new JsonObject { ["generateName"] = replicaSetName + "-" }, hashed, host, replicaSet);
        return deployment;
    }

    /// <summary>A running pod.</summary>
    /// <param name="metadata">A name, or how to make one, and whatever else this pod has of its own.</param>
    public static StoredObject AddPod(ClusterApi api, string @namespace, JsonObject metadata, PodTemplate pod, PodHost host, StoredObject? owner = null)
    {
        metadata["namespace"] = @namespace;
        metadata["labels"] = Map(pod.Labels);
        if (owner is not null)
            metadata["ownerReferences"] = new JsonArray(Controller(owner));
        string address = pod.HostNetwork ? host.Address : host.NextPodAddress();
        JsonObject spec = PodSpec(pod);
        spec["nodeName"] = host.Node;
        return api.Store.Create(Kinds.Pod, new JsonObject { ["metadata"] = metadata, ["spec"] = spec, ["status"] = PodStatus(pod, host, address, Now(api)) }, WriteScope.Everything);
    }

    private static JsonObject Workload(string @namespace, string name, IReadOnlyDictionary<string, string> labels, PodTemplate pod, int replicas) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["namespace"] = @namespace,
            ["labels"] = Map(labels),
            ["annotations"] = new JsonObject { ["deployment.kubernetes.io/revision"] = "1" },
        },
        ["spec"] = new JsonObject
        {
            ["replicas"] = replicas,
            ["selector"] = new JsonObject { ["matchLabels"] = Map(pod.Labels) },
            ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = Map(pod.Labels) }, ["spec"] = PodSpec(pod) },
        },
        ["status"] = new JsonObject { ["observedGeneration"] = 1, ["replicas"] = replicas, ["readyReplicas"] = replicas, ["availableReplicas"] = replicas },
    };

    private static JsonObject PodSpec(PodTemplate pod)
    {
        JsonObject container = new() { ["name"] = pod.Container, ["image"] = pod.Image, ["imagePullPolicy"] = "IfNotPresent" };
        if (pod.Args.Count > 0)
            container["args"] = new JsonArray([.. pod.Args.Select(arg => JsonValue.Create(arg))]);
        JsonObject spec = new() { ["containers"] = new JsonArray(container), ["restartPolicy"] = "Always", ["schedulerName"] = "default-scheduler" };
        if (pod.HostNetwork)
            spec["hostNetwork"] = true;
        return spec;
    }

    private static JsonObject PodStatus(PodTemplate pod, PodHost host, string address, string now) => new()
    {
        ["phase"] = "Running",
        ["conditions"] = new JsonArray(
            PodCondition("PodReadyToStartContainers", now), PodCondition("Initialized", now), PodCondition("Ready", now), PodCondition("ContainersReady", now),
            PodCondition("PodScheduled", now)),
        ["containerStatuses"] = new JsonArray(new JsonObject
        {
            ["name"] = pod.Container,
            ["image"] = pod.Image,
            ["ready"] = true,
            ["started"] = true,
            ["restartCount"] = 0,
            ["state"] = new JsonObject { ["running"] = new JsonObject { ["startedAt"] = now } },
            ["lastState"] = new JsonObject(),
        }),
        ["hostIP"] = host.Address,
        ["podIP"] = address,
        ["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address }),
        ["qosClass"] = "BestEffort",
        ["startTime"] = now,
    };

    private static JsonObject PodCondition(string type, string now) =>
        new() { ["type"] = type, ["status"] = "True", ["lastProbeTime"] = null, ["lastTransitionTime"] = now };

    private static JsonObject DeploymentCondition(string type, string now, string reason, string message) => new()
    {
        ["type"] = type,
        ["status"] = "True",
        ["lastTransitionTime"] = now,
        ["lastUpdateTime"] = now,
        ["reason"] = reason,
        ["message"] = message,
    };

    /// <summary>A kubelet does not ask for its node to wait when it mirrors the pods of it.</summary>
    private static JsonObject Controller(StoredObject owner) =>
        (OwnerReference.To(owner, controller: true) with { Blocks = owner.Resource != Kinds.Node }).ToJson();

    private static JsonObject Map(IReadOnlyDictionary<string, string> labels) => new(labels.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value)));

    private static string Now(ClusterApi api) => api.Time.GetUtcNow().ToKubernetesTime();

    /// <summary>Ten letters as Kubernetes has them there: digits, moved out of the way of words.</summary>
    private static string TemplateHash(string name, PodTemplate pod)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{name} {pod.Image}"));
        return string.Create(10, hash, (letters, bytes) =>
        {
            for (int at = 0; at < letters.Length; at++)
                letters[at] = "456789bcdf"[bytes[at] % 10];
        });
    }
}
