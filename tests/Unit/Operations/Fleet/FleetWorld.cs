using System.Text.Json.Nodes;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Operations.Management;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Fleet;

/// <summary>Clusters with everything that belongs to them, on a fake API that serves every kind.</summary>
internal sealed class FleetWorld : IDisposable
{
    private readonly World _world;

    public FleetWorld(params IEnumerable<ObjectJson> objects) => _world = new(new FakeKubernetesApi().Serve(Served).With(objects));

    public static IEnumerable<ResourceType> Served =>
    [
        .. FakeKubernetesApi.Core("v1beta2", "v1beta1"), .. FakeKubernetesApi.Addons, .. FakeKubernetesApi.Provided, FakeKubernetesApi.Inventory, FakeKubernetesApi.K0smotronCluster,
        new("controlplane.cluster.x-k8s.io", "v1beta2", "k0smotroncontrolplanes", "K0smotronControlPlane"),
        new("cluster.x-k8s.io", "v1beta2", "machinepools", "MachinePool"),
        new("cluster.x-k8s.io", "v1beta2", "machinehealthchecks", "MachineHealthCheck"),
    ];

    public FakeKubernetesApi Api => _world.Api;

    public ManagementCluster Cluster => _world.Cluster;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A kubeadm cluster: one control plane machine, one deployment with workers, a release of a chart.</summary>
    public static IEnumerable<ObjectJson> Workload(string name, int workers = 2, string ns = "default")
    {
        ObjectJson cluster = ClusterOf(name, "KubeadmControlPlane", ns);
        ObjectJson controlPlane = ObjectJson.Of("controlplane.cluster.x-k8s.io/v1beta2", "KubeadmControlPlane", name + "-cp", ns).Label("cluster.x-k8s.io/cluster-name", name).Owner(cluster)
            .Scaled(1).Condition("Available", "True", "Available");
        ObjectJson deployment = ObjectJson.MachineDeployment(name + "-md-0", name, ns).Owner(cluster).Scaled(workers).Condition("Available", "True", "Available");
        ObjectJson set = ObjectJson.Of("cluster.x-k8s.io/v1beta2", "MachineSet", name + "-md-0-abcde", ns).Spec("clusterName", name)
            .Label("cluster.x-k8s.io/cluster-name", name).Label("cluster.x-k8s.io/deployment-name", name + "-md-0").Owner(deployment).Scaled(workers).Condition("MachinesReady", "True", "Ready");
        return
        [
            cluster, Infrastructure(name, ns), controlPlane, deployment, set,
            Ready(ObjectJson.Machine(name + "-cp-1", name, ns).Label("cluster.x-k8s.io/control-plane", "").Owner(controlPlane)),
            .. Enumerable.Range(1, workers).Select(i => Ready(Worker($"{name}-md-0-{i}", name, ns).Owner(set))),
            ObjectJson.HelmReleaseProxy("nginx", name, ns).Status("status", "deployed").Condition("Ready", "True", "Ready"),
        ];
    }

    /// <summary>A hosted cluster without any worker.</summary>
    public static IEnumerable<ObjectJson> Hosted(string name)
    {
        ObjectJson cluster = ClusterOf(name, "K0smotronControlPlane");
        return
        [
            cluster, Infrastructure(name),
            ObjectJson.Of("controlplane.cluster.x-k8s.io/v1beta2", "K0smotronControlPlane", name + "-cp").Label("cluster.x-k8s.io/cluster-name", name).Owner(cluster).Scaled(3).Condition("Available", "True", "Available"),
            ObjectJson.MachineDeployment(name + "-md-0", name).Owner(cluster).Scaled(0).Condition("Available", "True", "Available"),
        ];
    }

    public static ObjectJson Worker(string name, string cluster, string ns = "default") => ObjectJson.Machine(name, cluster, ns).Label("cluster.x-k8s.io/deployment-name", cluster + "-md-0");

    public static ObjectJson Ready(ObjectJson machine) => machine.Status("phase", "Running").Condition("Ready", "True", "Ready");

    public static ObjectJson ClusterOf(string name, string controlPlaneKind, string ns = "default") => ObjectJson.Cluster(name, ns)
        .Spec("infrastructureRef", new JsonObject { ["kind"] = "DockerCluster", ["name"] = name + "-infra" })
        .Spec("controlPlaneRef", new JsonObject { ["kind"] = controlPlaneKind, ["name"] = name + "-cp" })
        .Status("controlPlane", Counts(1)).Status("workers", Counts(2)).Condition("Available", "True", "Available").Condition("WorkersAvailable", "True", "Available");

    public async Task<List<Outcome<CapiClusterTreeNode>>> AskAsync(FleetRequest? request = null, ClusterTreeOptions? options = null)
    {
        List<Outcome<CapiClusterTreeNode>> outcomes = [];
        await foreach (Outcome<CapiClusterTreeNode> outcome in Cluster.GetClusterTreeAsync(request ?? new(), options ?? new(), Token))
        {
            outcomes.Add(outcome);
        }

        return outcomes;
    }

    /// <summary>The tree as it is drawn, a line a row.</summary>
    public async Task<List<string>> DrawAsync(FleetRequest? request = null, ClusterTreeOptions? options = null) =>
        [.. (await AskAsync(request, options)).Select(outcome => outcome.Value is CapiClusterTreeNode node ? $"{node.Branch}{node} {node.Ready} {node.Status}".TrimEnd() : $"{outcome.Problem!.Id} {outcome.Problem.Target}")];

    public void Dispose() => _world.Dispose();

    private static ObjectJson Infrastructure(string cluster, string ns = "default") =>
        ObjectJson.Of("infrastructure.cluster.x-k8s.io/v1beta2", "DockerCluster", cluster + "-infra", ns).Label("cluster.x-k8s.io/cluster-name", cluster).Condition("Ready", "True", "Ready");

    private static JsonObject Counts(int count) => new() { ["desiredReplicas"] = count, ["replicas"] = count, ["readyReplicas"] = count, ["availableReplicas"] = count, ["upToDateReplicas"] = count };
}
