using System.Globalization;
using System.Text.Json.Nodes;
using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Integration.Harness;

namespace CapiWorkshop.Tests.Integration;

[Collection<OnRealApiServer>]
public sealed class ReadingTests(RealApiServer fixture) : ServerTest(fixture)
{
    private const string Machines = "/apis/cluster.x-k8s.io/v1beta2/namespaces/default/machines";

    [Fact]
    public async Task Clusters_have_their_health_counts_and_references()
    {
        ManagementCluster cluster = Connect(Server.Admin);

        IReadOnlyList<CapiCluster> clusters = await GetAsync(cluster, CapiKinds.Cluster);

        clusters.Select(c => c.Name).ShouldBe(["dev-cluster", "k0s-demo-cluster"]);
        CapiCluster dev = clusters[0];
        dev.Phase.ShouldBe(CapiClusterPhase.Provisioned);
        dev.Available.ShouldBe(true);
        (dev.ControlPlane.Desired, dev.ControlPlane.Current, dev.ControlPlane.Ready, dev.ControlPlane.Available, dev.ControlPlane.UpToDate).ShouldBe((1, 1, 1, 1, 1));
        (dev.Workers.Desired, dev.Workers.Current, dev.Workers.Ready, dev.Workers.Available, dev.Workers.UpToDate).ShouldBe((2, 2, 2, 2, 2));
        (dev.ControlPlaneKind, dev.ControlPlaneName).ShouldBe(("KubeadmControlPlane", "dev-cluster-control-plane"));
        (dev.InfrastructureKind, dev.InfrastructureName).ShouldBe(("DockerCluster", "dev-cluster"));
        dev.ControlPlaneEndpoint.ShouldBe("172.18.0.3:6443");
        dev.InfrastructureProvisioned.ShouldBe(true);
        dev.ControlPlaneInitialized.ShouldBe(true);
        dev.IsPaused.ShouldBeFalse();
        dev.ClusterClass.ShouldBeNull();
        dev.Cluster.ShouldBe("dev-cluster");
        dev.Context.ShouldBe("local");
        dev.Labels["environment"].ShouldBe("dev");
        dev.Finalizers.ShouldBe(["cluster.cluster.x-k8s.io"]);
        dev.ApiVersion.ShouldBe("cluster.x-k8s.io/v1beta2");
        dev.ToString().ShouldBe("default/dev-cluster");
        dev.ManagementClusterId.ShouldBe((await Server.KubectlJsonAsync("get", "namespace", "kube-system"))["metadata"]!["uid"]!.GetValue<string>());
        clusters[1].ControlPlaneKind.ShouldBe("K0smotronControlPlane");
    }

    [Fact]
    public async Task MachineDeployments_have_their_counts_and_owner()
    {
        ManagementCluster cluster = Connect(Server.Admin);

        IReadOnlyList<CapiMachineDeployment> deployments = await GetAsync(cluster, CapiKinds.MachineDeployment);

        deployments.Select(d => d.Name).ShouldBe(["dev-cluster-md-0", "k0s-demo-cluster-md-0"]);
        CapiMachineDeployment dev = deployments[0];
        (dev.DesiredReplicas, dev.Replicas, dev.ReadyReplicas, dev.AvailableReplicas, dev.UpToDateReplicas).ShouldBe((2, 2, 2, 2, 2));
        dev.CounterSemantics.ShouldBe(CapiCounterSemantics.MachineConditions);
        dev.Phase.ShouldBe(CapiMachineDeploymentPhase.Running);
        dev.Available.ShouldBe(true);
        dev.IsObserved.ShouldBeTrue();
        dev.Cluster.ShouldBe("dev-cluster");
        dev.Version.ShouldBe("v1.33.2");
        CapiOwnerReference owner = dev.Owners.ShouldHaveSingleItem();
        owner.ToString().ShouldBe("Cluster/dev-cluster");
        owner.Uid.ShouldBe((await GetOneAsync(cluster, CapiKinds.Cluster, "default", "dev-cluster")).Uid);
        deployments[1].Version.ShouldBe("v1.33.2+k0s.0");
    }

    [Fact]
    public async Task Machines_have_their_node_addresses_and_role()
    {
        ManagementCluster cluster = Connect(Server.Admin);

        IReadOnlyList<CapiMachine> machines = await GetAsync(cluster, CapiKinds.Machine);

        machines.Count.ShouldBe(5);
        machines.Where(m => m.IsControlPlane).Select(m => m.Name).ShouldBe(["dev-cluster-control-plane-5nq8w"]);
        machines.ShouldAllBe(m => m.Phase == CapiMachinePhase.Running && m.Ready == true && m.Available == true && m.UpToDate == true && m.Blocker == null);
        CapiMachine worker = machines.Single(m => m.Name == "dev-cluster-md-0-x7k2p-9ftzd");
        worker.NodeName.ShouldBe("dev-cluster-md-0-x7k2p-9ftzd");
        worker.ProviderId.ShouldBe("docker:////dev-cluster-md-0-x7k2p-9ftzd");
        (worker.InternalIP, worker.ExternalIP).ShouldBe(("172.18.0.5", "172.18.0.5"));
        worker.OSImage.ShouldBe("Debian GNU/Linux 12 (bookworm)");
        worker.MachineDeployment.ShouldBe("dev-cluster-md-0");
        worker.InfrastructureKind.ShouldBe("DockerMachine");
        worker.Version.ShouldBe("v1.33.2");
        worker.FailureDomain.ShouldBeNull();
        worker.PhaseChangedAt.ShouldBe(new DateTimeOffset(2026, 11, 20, 9, 14, 5, TimeSpan.Zero));
        worker.Owners.ShouldHaveSingleItem().ToString().ShouldBe("MachineSet/dev-cluster-md-0-x7k2p");
    }

    [Fact]
    public async Task What_is_read_is_what_kubectl_reads()
    {
        ManagementCluster cluster = Connect(Server.Admin);

        await CompareAsync("clusters.cluster.x-k8s.io", await GetAsync(cluster, CapiKinds.Cluster, new() { AllNamespaces = true }));
        await CompareAsync("machinedeployments.cluster.x-k8s.io", await GetAsync(cluster, CapiKinds.MachineDeployment, new() { AllNamespaces = true }));
        await CompareAsync("machines.cluster.x-k8s.io", await GetAsync(cluster, CapiKinds.Machine, new() { AllNamespaces = true }));

        async Task CompareAsync(string resource, IEnumerable<CapiResource> read)
        {
            JsonArray items = (await Server.KubectlJsonAsync("get", resource, "--all-namespaces"))["items"]!.AsArray();
            items.Count.ShouldBePositive();
            read.Select(item => Describe(
                item.Namespace, item.Name, item.Uid, item.ResourceVersion, item.Generation, item.CreatedAt,
                item.Conditions.Select(c => (c.Type, c.Status.ToString(), c.Reason)), item.Labels, item.Owners.Select(o => o.Uid)))
                .ShouldBe(items.Select(item => Describe(
                    Text(item!["metadata"]!["namespace"]), Text(item["metadata"]!["name"]), Text(item["metadata"]!["uid"]), Text(item["metadata"]!["resourceVersion"]),
                    item["metadata"]!["generation"]!.GetValue<long>(), DateTimeOffset.Parse(Text(item["metadata"]!["creationTimestamp"])!, CultureInfo.InvariantCulture),
                    (item["status"]?["conditions"]?.AsArray() ?? []).Select(c => (Text(c!["type"])!, Text(c["status"])!, Text(c["reason"]))),
                    (item["metadata"]!["labels"]?.AsObject() ?? []).ToDictionary(l => l.Key, l => Text(l.Value)!),
                    (item["metadata"]!["ownerReferences"]?.AsArray() ?? []).Select(o => Text(o!["uid"])!))));
        }

        static string? Text(JsonNode? node) => node?.GetValue<string>();

        static string Describe(
            string? ns, string? name, string? uid, string? version, long? generation, DateTimeOffset? created,
            IEnumerable<(string, string, string?)> conditions, IEnumerable<KeyValuePair<string, string>> labels, IEnumerable<string> owners) =>
            $"{ns}/{name} {uid} {version} {generation} {created:O} [{string.Join(' ', conditions)}] [{string.Join(' ', labels.OrderBy(l => l.Key, StringComparer.Ordinal))}] [{string.Join(' ', owners)}]";
    }

    [Fact]
    public async Task A_label_selector_is_left_to_the_server()
    {
        ManagementCluster cluster = Connect(Server.Admin);
        long mark = Server.Audit.Mark();

        IReadOnlyList<CapiCluster> clusters = await GetAsync(cluster, CapiKinds.Cluster, new() { LabelSelector = "environment in (dev),!archived" });

        clusters.ShouldHaveSingleItem().Name.ShouldBe("dev-cluster");
        (await ListsAsync(mark)).ShouldBe(["/apis/cluster.x-k8s.io/v1beta2/namespaces/default/clusters?labelSelector=environment in (dev),!archived"]);
    }

    [Fact]
    public async Task A_cluster_is_asked_for_by_its_label()
    {
        ManagementCluster cluster = Connect(Server.Admin);
        long mark = Server.Audit.Mark();

        IReadOnlyList<CapiMachine> machines = await GetAsync(cluster, CapiKinds.Machine, new() { Cluster = "k0s-demo-cluster" });

        machines.Count.ShouldBe(2);
        machines.ShouldAllBe(machine => machine.Cluster == "k0s-demo-cluster");
        (await ListsAsync(mark)).ShouldBe([Machines + "?labelSelector=cluster.x-k8s.io/cluster-name=k0s-demo-cluster"]);
    }

    [Fact]
    public async Task The_machines_of_a_cluster_that_does_not_exist_are_a_problem_and_not_none()
    {
        ManagementCluster cluster = Connect(Server.Admin);

        IReadOnlyList<Outcome<CapiMachine>> outcomes = await AskAsync(cluster, CapiKinds.Machine, new() { Cluster = "dev-clutser" });

        outcomes.ShouldHaveSingleItem().Problem!.Id.ShouldBe("ClusterNotFound");
    }

    [Fact]
    public async Task A_namespace_is_its_own_and_all_namespaces_are_all()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller controller = await Controller.DeployAsync(Server, ns, "workers", 1, Token);
        ManagementCluster cluster = Connect(Server.Admin);

        (await GetAsync(cluster, CapiKinds.Machine, new() { Namespace = ns })).Select(m => m.Name).ShouldBe(await controller.MachinesAsync());
        (await GetAsync(cluster, CapiKinds.Machine)).Count.ShouldBe(5);
        IReadOnlyList<CapiMachine> all = await GetAsync(cluster, CapiKinds.Machine, new() { AllNamespaces = true });
        all.Count(m => m.Namespace == ns).ShouldBe(1);
        all.Count(m => m.Namespace == "default").ShouldBe(5);
        (await GetAsync(cluster, CapiKinds.Machine, new() { Namespace = "no-such-namespace" })).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_exact_name_is_one_small_request()
    {
        ManagementCluster cluster = Connect(Server.Admin);
        await cluster.DescribeAsync(Token);
        long mark = Server.Audit.Mark();

        CapiMachine machine = await GetOneAsync(cluster, CapiKinds.Machine, "default", "dev-cluster-md-0-x7k2p-9ftzd");

        machine.Name.ShouldBe("dev-cluster-md-0-x7k2p-9ftzd");
        AuditEntry request = (await Server.Audit.SinceAsync(mark, Token)).ShouldHaveSingleItem();
        (request.Verb, request.Uri).ShouldBe(("get", Machines + "/dev-cluster-md-0-x7k2p-9ftzd"));
    }

    [Fact]
    public async Task A_name_that_is_missing_is_a_problem_in_its_place_and_harms_no_other()
    {
        ManagementCluster cluster = Connect(Server.Admin);

        IReadOnlyList<Outcome<CapiMachine>> outcomes = await AskAsync(cluster, CapiKinds.Machine, new() { Names = ["dev-cluster-md-0-x7k2p-9ftzd", "no-such-machine", "dev-cluster-md-0-x7k2p-q4lmx"] });

        outcomes.Select(outcome => outcome.Value?.Name ?? outcome.Problem!.Id).ShouldBe(["dev-cluster-md-0-x7k2p-9ftzd", "MachineNotFound", "dev-cluster-md-0-x7k2p-q4lmx"]);
        outcomes[1].Problem!.Target.ShouldBe("default/no-such-machine");
    }

    [Fact]
    public async Task A_name_in_all_namespaces_is_a_field_selector()
    {
        ManagementCluster cluster = Connect(Server.Admin);
        long mark = Server.Audit.Mark();

        IReadOnlyList<Outcome<CapiCluster>> outcomes = await AskAsync(cluster, CapiKinds.Cluster, new() { Names = ["dev-cluster"], AllNamespaces = true });

        outcomes.Select(outcome => outcome.Value!.Name).Distinct().ShouldBe(["dev-cluster"]); // other tests have namesakes in namespaces of their own
        (await ListsAsync(mark)).ShouldBe(["/apis/cluster.x-k8s.io/v1beta2/clusters?fieldSelector=metadata.name=dev-cluster"]);
    }

    [Fact]
    public async Task A_wildcard_is_one_list_and_finding_nothing_is_no_problem()
    {
        ManagementCluster cluster = Connect(Server.Admin);
        long mark = Server.Audit.Mark();

        (await GetAsync(cluster, CapiKinds.Machine, new() { Names = ["DEV-cluster-md-?-*"] })).Count.ShouldBe(2);
        (await GetAsync(cluster, CapiKinds.Machine, new() { Names = ["nothing-*"] })).ShouldBeEmpty();

        (await ListsAsync(mark)).ShouldBe([Machines, Machines]);
    }

    [Fact]
    public async Task Clusters_of_k0smotron_are_not_taken_for_Cluster_APIs()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        await Server.Raw.CreateAsync($"/apis/k0smotron.io/v1beta1/namespaces/{ns}/clusters", Named("k0smotron.io/v1beta1", "k0s-demo-cluster", new() { ["replicas"] = 1 }), Token);
        ManagementCluster cluster = Connect(Server.Admin);
        (await GetAsync(cluster, CapiKinds.Cluster, new() { Namespace = ns })).ShouldBeEmpty();

        JsonObject spec = JsonNode.Parse("""{"infrastructureRef":{"apiGroup":"infrastructure.cluster.x-k8s.io","kind":"DockerCluster","name":"x"}}""")!.AsObject();
        string uid = (await Server.Raw.CreateAsync($"/apis/cluster.x-k8s.io/v1beta2/namespaces/{ns}/clusters", Named("cluster.x-k8s.io/v1beta2", "k0s-demo-cluster", spec), Token))["metadata"]!["uid"]!.GetValue<string>();
        long mark = Server.Audit.Mark();

        CapiCluster found = (await GetAsync(cluster, CapiKinds.Cluster, new() { Namespace = ns })).ShouldHaveSingleItem();

        found.Uid.ShouldBe(uid);
        found.Phase.ShouldBe(CapiClusterPhase.Unknown); // no controller has said anything yet
        found.RawPhase.ShouldBeNull();
        found.Available.ShouldBeNull();
        found.Workers.Desired.ShouldBeNull();
        (await ListsAsync(mark)).ShouldBe([$"/apis/cluster.x-k8s.io/v1beta2/namespaces/{ns}/clusters"]);

        static JsonObject Named(string apiVersion, string name, JsonObject spec) =>
            new() { ["apiVersion"] = apiVersion, ["kind"] = "Cluster", ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = spec };
    }

    [Fact]
    public async Task A_list_is_one_request_without_pages()
    {
        ManagementCluster cluster = Connect(Server.Admin);
        await cluster.DescribeAsync(Token);
        long mark = Server.Audit.Mark();

        await GetAsync(cluster, CapiKinds.Machine, new() { AllNamespaces = true });

        AuditEntry request = (await Server.Audit.SinceAsync(mark, Token)).ShouldHaveSingleItem();
        (request.Verb, request.Uri, request.Code).ShouldBe(("list", "/apis/cluster.x-k8s.io/v1beta2/machines", 200));
    }

    [Fact]
    public async Task A_list_comes_in_pages_where_that_is_asked_for()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        Controller controller = await Controller.DeployAsync(Server, ns, "workers", 5, Token);
        long mark = Server.Audit.Mark();

        IReadOnlyList<CapiMachine> machines = await GetAsync(Connect(Server.Admin), CapiKinds.Machine, new() { Namespace = ns, PageSize = 2 });

        machines.Select(machine => machine.Name).ShouldBe(await controller.MachinesAsync(), ignoreOrder: true);
        (await Server.Audit.SinceAsync(mark, Token)).Where(request => request.Uri.Contains("/machines", StringComparison.Ordinal))
            .ShouldAllBe(request => request.Verb == "list" && request.Asked.Contains("limit=2", StringComparison.Ordinal) && request.Code == 200);
        Told.Requests.Count(request => request.PathAndQuery.Contains("limit=2", StringComparison.Ordinal)).ShouldBe(3);
    }

    [Fact]
    public async Task A_list_that_is_compressed_and_larger_than_any_buffer_arrives_whole()
    {
        string ns = await Server.CreateNamespaceAsync(Token);
        JsonObject template = JsonNode.Parse(RealParts.Sample("07-machine-dev-cluster-md-0-x7k2p-9ftzd.json"))!.AsObject();
        template.Remove("status");
        template["metadata"]!["namespace"] = ns;
        string[] names = [.. Enumerable.Range(0, 150).Select(i => $"machine-{i:000}")];
        await Parallel.ForEachAsync(names, Token, async (name, token) =>
        {
            JsonObject machine = template.DeepClone().AsObject();
            machine["metadata"]!["name"] = name;
            machine["metadata"]!["annotations"] = new JsonObject { ["text"] = string.Concat(Enumerable.Repeat(name + " \u00e4\u20ac\U0001F600 \\\" ", 100)) };
            await Server.Raw.CreateAsync($"/apis/cluster.x-k8s.io/v1beta2/namespaces/{ns}/machines", machine, token);
        });
        ManagementCluster cluster = Connect(Server.Admin);

        IReadOnlyList<CapiMachine> machines = await GetAsync(cluster, CapiKinds.Machine, new() { Namespace = ns });

        machines.Select(machine => machine.Name).ShouldBe(names);
        machines.ShouldAllBe(machine => machine.Annotations["text"] == string.Concat(Enumerable.Repeat(machine.Name + " \u00e4\u20ac\U0001F600 \\\" ", 100)));
        Told.Requests.Single(request => request.PathAndQuery.EndsWith("/machines", StringComparison.Ordinal)).Bytes.ShouldBeGreaterThan(400_000);
    }

    [Fact]
    public async Task What_the_server_serves_is_asked_once_for_a_connection_and_all_views_of_it()
    {
        long mark = Server.Audit.Mark();
        ManagementCluster cluster = Connect(Server.Admin);
        Observer other = new();
        ManagementCluster view = cluster.Observe(other);

        await Task.WhenAll(GetAsync(cluster, CapiKinds.Machine), GetAsync(view, CapiKinds.Machine), GetAsync(cluster, CapiKinds.Cluster));
        await GetAsync(view, CapiKinds.MachineDeployment);
        await view.DescribeAsync(Token);

        IReadOnlyList<AuditEntry> requests = await Server.Audit.SinceAsync(mark, Token);
        requests.Count(request => request.Uri.StartsWith("/apis?", StringComparison.Ordinal) || request.Uri == "/apis").ShouldBe(1);
        requests.Count(request => request.Uri == "/api/v1/namespaces/kube-system").ShouldBe(1);
        requests.ShouldAllBe(request => request.UserAgent.StartsWith("CapiWorkshop/", StringComparison.Ordinal) && request.User == "admin");
        other.Requests.ShouldContain(request => request.PathAndQuery.EndsWith("/machinedeployments", StringComparison.Ordinal) && request.Status == 200 && request.Bytes > 0);
    }

    [Fact]
    public async Task The_management_cluster_describes_itself()
    {
        CapiManagementCluster described = await Connect(Server.Admin).DescribeAsync(Token);

        described.ApiVersion.ShouldBe("v1beta2");
        described.ServedApiVersions.ShouldBe(["v1beta2", "v1beta1"]);
        described.KubernetesVersion.ShouldBe((await Server.KubectlJsonAsync("version"))["serverVersion"]!["gitVersion"]!.GetValue<string>());
        described.Server.ShouldBe(Server.Address);
        described.Context.ShouldBe("local");
        described.Nodes.ShouldBe(0);
        described.Ready.ShouldBeNull(); // no node, no provider: nothing speaks for it and nothing against it
        described.Problems.ShouldBeEmpty();
    }

    private async Task<IEnumerable<string>> ListsAsync(long mark) =>
        (await Server.Audit.SinceAsync(mark, Token)).Where(request => request.Verb == "list").Select(request => request.Asked);
}
