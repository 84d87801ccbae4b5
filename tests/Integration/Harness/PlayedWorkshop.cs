using System.Text.Json.Nodes;

namespace CapiWorkshop.Tests.Integration.Harness;

/// <summary>
/// The workshop's dev-cluster with its application in a namespace of its own, and the controllers that take it away: each step is the test's, in Cluster
/// API's order. Shares nothing with the code under test.
/// </summary>
public sealed class PlayedWorkshop
{
    private const string Core = "cluster.x-k8s.io/v1beta2";
    private const string Addons = "addons.cluster.x-k8s.io/v1alpha1";
    private const string Infrastructure = "infrastructure.cluster.x-k8s.io/v1beta2";

    private readonly ApiServer _server;
    private readonly CancellationToken _token;

    private PlayedWorkshop(ApiServer server, string ns, CancellationToken token)
    {
        _server = server;
        _token = token;
        Namespace = ns;
    }

    public string Namespace { get; }

    public string Proxy => Path(Addons, "helmchartproxies", "nginx-ingress");

    public string Release => Path(Addons, "helmreleaseproxies", "nginx-ingress-dev-cluster-7h2kd");

    public string Cluster => Path(Core, "clusters", "dev-cluster");

    public string Deployment => Path(Core, "machinedeployments", "dev-cluster-md-0");

    public string Worker => Path(Core, "machines", "dev-cluster-md-0-x7k2p-9ftzd");

    public string ControlPlaneMachine => Path(Core, "machines", "dev-cluster-control-plane-5nq8w");

    public string MachineSet => Path(Core, "machinesets", "dev-cluster-md-0-x7k2p");

    public string ControlPlane => Path("controlplane.cluster.x-k8s.io/v1beta2", "kubeadmcontrolplanes", "dev-cluster-control-plane");

    public string WorkerInfrastructure => Path(Infrastructure, "dockermachines", "dev-cluster-md-0-x7k2p-9ftzd");

    public string ControlPlaneInfrastructure => Path(Infrastructure, "dockermachines", "dev-cluster-control-plane-5nq8w");

    public string ClusterInfrastructure => Path(Infrastructure, "dockerclusters", "dev-cluster");

    /// <summary>The application that dev-cluster alone has; see <see cref="ShareAsync"/>.</summary>
    public string OwnProxy => Path(Addons, "helmchartproxies", "metrics-server");

    public string OwnRelease => Path(Addons, "helmreleaseproxies", "metrics-server-dev-cluster-7h2kd");

    /// <summary>What a removal of dev-cluster leaves as it is: the application that both have, and the other cluster.</summary>
    public IReadOnlyList<string> Bystanders =>
    [
        Proxy, Path(Addons, "helmreleaseproxies", "nginx-ingress-k0s-demo-cluster-7h2kd"), Path(Core, "clusters", "k0s-demo-cluster"),
        Path(Core, "machinedeployments", "k0s-demo-cluster-md-0"), Path(Core, "machines", "k0s-demo-cluster-md-0-x7k2p-c2w6h"),
    ];

    public static async Task<PlayedWorkshop> CreateAsync(ApiServer server, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(server);
        PlayedWorkshop workshop = new(server, await server.CreateNamespaceAsync(token), token);
        foreach ((string sample, string path) in ((string, string)[])
            [
                ("00-cluster-dev-cluster.json", workshop.Cluster),
                ("05-machinedeployment-dev-cluster-md-0.json", workshop.Deployment),
                ("03-machine-dev-cluster-control-plane-5nq8w.json", workshop.ControlPlaneMachine),
                ("07-machine-dev-cluster-md-0-x7k2p-9ftzd.json", workshop.Worker),
                ("20-helmchartproxy-nginx-ingress.json", workshop.Proxy),
                ("21-helmreleaseproxy-nginx-ingress-dev-cluster-7h2kd.json", workshop.Release),
            ])
        {
            await workshop.AddAsync(RealParts.Sample(sample), path);
        }

        // Its API is nowhere: the add-on's controller, which the test plays, is the one that reaches it, and Cluster API says so.
        JsonObject secret = new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = "dev-cluster-kubeconfig", ["namespace"] = workshop.Namespace },
        };
        await server.Raw.CreateAsync($"/api/v1/namespaces/{workshop.Namespace}/secrets", secret, token);
        JsonObject reached = new() { ["type"] = "RemoteConnectionProbe", ["status"] = "True", ["reason"] = "ProbeSucceeded", ["message"] = "", ["lastTransitionTime"] = "2026-11-20T09:00:00Z" };
        await server.Raw.MergePatchAsync(workshop.Cluster + "/status", new() { ["status"] = new JsonObject { ["conditions"] = new JsonArray(reached) } }, token);
        return workshop;
    }

    /// <summary>
    /// The rest of the workshop: the parts of dev-cluster that its providers look after, an application of its own, and another cluster that shares the first
    /// application with it.
    /// </summary>
    public async Task ShareAsync()
    {
        const string Mine = "dev-cluster", Other = "k0s-demo-cluster";
        foreach ((string sample, string path) in ((string, string)[])
            [
                (RealParts.Sample("01-dockercluster-dev-cluster.json"), ClusterInfrastructure),
                (RealParts.Sample("02-kubeadmcontrolplane-dev-cluster-control-plane.json"), ControlPlane),
                (RealParts.Sample("04-dockermachine-dev-cluster-control-plane-5nq8w.json"), ControlPlaneInfrastructure),
                (RealParts.Sample("06-machineset-dev-cluster-md-0-x7k2p.json"), MachineSet),
                (RealParts.Sample("08-dockermachine-dev-cluster-md-0-x7k2p-9ftzd.json"), WorkerInfrastructure),
                (RealParts.Sample("22-helmchartproxy-metrics-server.json").Replace("\"environment\"", "\"metrics\"", StringComparison.Ordinal), OwnProxy),
                (RealParts.Sample("23-helmreleaseproxy-metrics-server-k0s-demo-cluster-7h2kd.json").Replace(Other, Mine, StringComparison.Ordinal), OwnRelease),
                (RealParts.Sample("21-helmreleaseproxy-nginx-ingress-dev-cluster-7h2kd.json").Replace(Mine, Other, StringComparison.Ordinal), Bystanders[1]),
                (RealParts.Sample("11-cluster-k0s-demo-cluster.json").Replace("\"demo\"", "\"dev\"", StringComparison.Ordinal), Bystanders[2]),
                (RealParts.Sample("14-machinedeployment-k0s-demo-cluster-md-0.json"), Bystanders[3]),
                (RealParts.Sample("16-machine-k0s-demo-cluster-md-0-x7k2p-c2w6h.json"), Bystanders[4]),
            ])
        {
            await AddAsync(sample, path);
        }

        await _server.Raw.MergePatchAsync(Cluster, new() { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["metrics"] = "demo" } } }, _token);
    }

    /// <summary>Waits until somebody has asked for the deletion of an object; its finalizer keeps it.</summary>
    public async Task DeletionAskedAsync(string path)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(_token);
        deadline.CancelAfter(Eventually.Limit);
        await SeenAsync(path, IsDeleting, deadline.Token);
    }

    /// <summary>Waits until an object is in a state.</summary>
    public Task SeenAsync(string path, Func<JsonObject, bool> state, CancellationToken cancellationToken) => _server.Raw.SeenAsync(path, state, cancellationToken);

    public static bool IsDeleting(JsonObject item) => item?["metadata"]!["deletionTimestamp"] is not null;

    public async Task<bool> IsDeletingAsync(string path) => IsDeleting(await _server.Raw.GetAsync(path, _token));

    public Task<bool> ExistsAsync(string path) => _server.Raw.ExistsAsync(path, _token);

    /// <summary>The Helm add-on: releases are uninstalled, then their proxy goes.</summary>
    public async Task UninstallAsync()
    {
        await RemoveAsync(Release);
        await LetGoAsync(Proxy);
    }

    /// <summary>Cluster API: workers, then the control plane, then the Cluster.</summary>
    public async Task TearDownAsync()
    {
        await RemoveAsync(Worker);
        await RemoveAsync(Deployment);
        await RemoveAsync(ControlPlaneMachine);
        await LetGoAsync(Cluster);
    }

    private Task<JsonObject> AddAsync(string sample, string path)
    {
        JsonObject item = JsonNode.Parse(sample)!.AsObject();
        item["metadata"]!["namespace"] = Namespace;
        item.Remove("status");
        return _server.Raw.CreateAsync(path[..path.LastIndexOf('/')], item, _token);
    }

    /// <summary>A controller takes away what belongs to its own.</summary>
    public async Task RemoveAsync(string path)
    {
        await DeleteAsync(path);
        if (await ExistsAsync(path))
        {
            await LetGoAsync(path);
        }
    }

    /// <summary>A controller asks for the deletion of what belongs to its own.</summary>
    public Task DeleteAsync(string path) => _server.Raw.DeleteAsync(path, _token);

    /// <summary>A controller lets go of an object.</summary>
    public Task LetGoAsync(string path) => _server.Raw.MergePatchAsync(path, new() { ["metadata"] = new JsonObject { ["finalizers"] = null } }, _token);

    private string Path(string api, string plural, string name) => $"/apis/{api}/namespaces/{Namespace}/{plural}/{name}";
}
