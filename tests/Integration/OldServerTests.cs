using System.Text.Json.Nodes;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Integration.Harness;
using CapiWorkshop.Tests.Support;

namespace CapiWorkshop.Tests.Integration;

/// <summary>What a server cannot do that is some years old is done another way.</summary>
[Collection<OnOldServer>]
public sealed class OldServerTests(OldServer fixture) : ServerTest(fixture)
{
    [Fact]
    public async Task What_is_served_is_found_without_aggregated_discovery()
    {
        ServedResources served = await ConnectApi(Server.Admin).DiscoverAsync(Token);

        served.Find("cluster.x-k8s.io", "machines").Select(type => type.Version).ShouldContain("v1beta2");
    }

    [Fact]
    public async Task Machines_are_listed_in_pages()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        await CreateAsync(ns, "a", "b", "c");

        (await GetAsync(Connect(Server.Admin), CapiKinds.Machine, new() { Namespace = ns, PageSize = 2 })).Select(machine => machine.Name).ShouldBe(["a", "b", "c"]);

        Told.Requests.Count(request => request.PathAndQuery.Contains("limit=2", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public async Task When_the_server_has_forgotten_a_watch_lists_anew_since_it_cannot_be_told_otherwise()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        await CreateAsync(ns, "a", "b");
        await using FaultProxy wire = FaultProxy.Opaque(Server.Port);
        ManagementCluster cluster = Connect(Server.Redirect(Server.Admin, wire.Address));
        await using WatchLog<CapiMachine> watch = new(token => cluster.WatchAsync(CapiKinds.Machine, new() { Namespace = ns }, token));
        await watch.SyncedAsync(Token);
        wire.Cut();
        await Eventually.TrueAsync(() => wire.Refused > 0, Token);

        await Server.Raw.DeleteAsync($"{Machines(ns)}/a", Token);
        await CreateAsync(ns, "c");
        await Server.CompactAsync(Token);
        await Server.StopServerAsync("KILL", Token); // its cache remembers what etcd has forgotten
        await Server.StartServerAsync(Token);
        wire.Mend();
        await watch.ChangedAsync(2, Token);
        await CreateAsync(ns, "d");
        await watch.ChangedAsync(3, Token);

        watch.Changes.ShouldBe(["Added c", "Deleted a", "Added d"]);
        Told.Requests.Count(request => request is { Status: 422 } && request.PathAndQuery.Contains("sendInitialEvents=true", StringComparison.Ordinal)).ShouldBe(1);
    }

    private static string Machines(string ns) => $"/apis/cluster.x-k8s.io/v1beta2/namespaces/{ns}/machines";

    private async Task CreateAsync(string ns, params string[] names)
    {
        foreach (string name in names)
        {
            JsonObject machine = new()
            {
                ["apiVersion"] = "cluster.x-k8s.io/v1beta2",
                ["kind"] = "Machine",
                ["metadata"] = new JsonObject { ["name"] = name },
                ["spec"] = new JsonObject
                {
                    ["clusterName"] = "dev",
                    ["bootstrap"] = new JsonObject { ["dataSecretName"] = "none" },
                    ["infrastructureRef"] = new JsonObject { ["apiGroup"] = "infrastructure.cluster.x-k8s.io", ["kind"] = "DockerMachine", ["name"] = name },
                },
            };
            await Server.Raw.CreateAsync(Machines(ns), machine, Token);
        }
    }
}
