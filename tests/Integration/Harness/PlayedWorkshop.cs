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
            JsonObject item = JsonNode.Parse(RealParts.Sample(sample))!.AsObject();
            item["metadata"]!["namespace"] = workshop.Namespace;
            item.Remove("status");
            await server.Raw.CreateAsync(path[..path.LastIndexOf('/')], item, token);
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

    /// <summary>Waits until somebody has asked for the deletion of an object; its finalizer keeps it.</summary>
    public Task DeletionAskedAsync(string path) => Eventually.TrueAsync(() => IsDeletingAsync(path), _token, $"the deletion of {path}");

    public async Task<bool> IsDeletingAsync(string path) => (await _server.Raw.GetAsync(path, _token))["metadata"]!["deletionTimestamp"] is not null;

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

    private async Task RemoveAsync(string path)
    {
        await _server.Raw.DeleteAsync(path, _token);
        if (await ExistsAsync(path))
        {
            await LetGoAsync(path);
        }
    }

    private Task<JsonObject> LetGoAsync(string path) => _server.Raw.MergePatchAsync(path, new() { ["metadata"] = new JsonObject { ["finalizers"] = null } }, _token);

    private string Path(string api, string plural, string name) => $"/apis/{api}/namespaces/{Namespace}/{plural}/{name}";
}
