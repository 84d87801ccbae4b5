using System.Text.Json.Nodes;
using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Integration.Harness;

namespace CapiWorkshop.Tests.Integration;

/// <summary>A removal where the server has rights that are given and taken (RBAC), and a garbage collector of its own.</summary>
[Collection<OnOldServer>]
public sealed class OldServerRemovalTests(OldServer fixture) : ServerTest(fixture, TimeSpan.FromMinutes(4))
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task What_the_garbage_collector_takes_is_waited_for_and_never_asked_for()
    {
        PlayedWorkshop workshop = await PlayedWorkshop.CreateAsync(Server, Token);
        await LeaveToCollectorAsync(workshop.Release, workshop.Proxy);
        await LeaveToCollectorAsync(workshop.Deployment, workshop.Cluster);
        string certificate = $"/api/v1/namespaces/{workshop.Namespace}/secrets/dev-cluster-ca";
        await Server.Raw.CreateAsync(certificate[..certificate.LastIndexOf('/')], new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = "dev-cluster-ca", ["labels"] = new JsonObject { ["cluster.x-k8s.io/cluster-name"] = "dev-cluster" } },
        }, Token);
        await LeaveToCollectorAsync(certificate, workshop.Cluster);
        long mark = Server.Audit.Mark();
        Task<List<Outcome<CapiRemovalResult>>> removal = Removals.RunAsync(Connect(Server.Admin), new() { Scope = new() { Namespace = workshop.Namespace } }, Long, Token);

        await workshop.DeletionAskedAsync(workshop.Proxy);
        await workshop.LetGoAsync(workshop.Proxy);
        await workshop.SeenAsync(workshop.Cluster, PlayedWorkshop.IsDeleting, Token); // when the collector has found the release
        (await workshop.ExistsAsync(workshop.Release)).ShouldBeFalse();
        await workshop.RemoveAsync(workshop.Worker);
        await workshop.RemoveAsync(workshop.ControlPlaneMachine);
        await workshop.LetGoAsync(workshop.Cluster);
        List<Outcome<CapiRemovalResult>> outcomes = await removal;

        outcomes.ShouldAllBe(outcome => outcome.Problem == null && outcome.Value!.IsRemoved != false && outcome.Value.IsIntact != false);
        outcomes[0].Value!.Removed.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{count.Value} {count.Key}").ShouldBe(["1 Cluster", "1 HelmReleaseProxy", "2 Machine", "1 MachineDeployment"]);
        (await workshop.ExistsAsync(workshop.Deployment)).ShouldBeFalse();
        await Eventually.TrueAsync(async () => !await workshop.ExistsAsync(certificate), Token);
        await Removals.ShouldHaveWrittenAsync(Server, mark, Token, $"delete {workshop.Proxy}", $"delete {workshop.Cluster}");
    }

    [Fact]
    public async Task Who_may_not_delete_Clusters_is_told_so_before_and_writes_nothing()
    {
        PlayedWorkshop workshop = await PlayedWorkshop.CreateAsync(Server, Token);
        string kubeconfig = await AdmitAsync(workshop.Namespace, Rule("*", "*", "get", "list", "watch"), Rule("addons.cluster.x-k8s.io", "helmchartproxies", "delete"));
        ManagementCluster cluster = Connect(kubeconfig);
        long mark = Server.Audit.Mark();

        CapiRemovalPlan plan = await cluster.PlanRemovalAsync(new() { Scope = new() { Namespace = workshop.Namespace } }, cancellationToken: Token);
        CapiProblem problem = await FailsAsync(() => Removals.RunAsync(cluster, new() { Scope = new() { Namespace = workshop.Namespace } }, Long, Token));

        CapiRemovalNotice blocker = plan.Blockers.ShouldHaveSingleItem();
        (blocker.Id, blocker.Subject).ShouldBe((RemovalNoticeId.PermissionMissing, "clusters.cluster.x-k8s.io"));
        blocker.WayOut.ShouldContain("kubectl auth can-i delete clusters.cluster.x-k8s.io");
        problem.Id.ShouldBe(ProblemId.RemovalBlocked);
        await Removals.ShouldHaveWrittenAsync(Server, mark, Token);
    }

    [Fact]
    public async Task A_kind_that_may_not_be_listed_is_told_and_done_without()
    {
        PlayedWorkshop workshop = await PlayedWorkshop.CreateAsync(Server, Token);
        await workshop.ShareAsync();
        string kubeconfig = await AdmitAsync(
            workshop.Namespace,
            Rule("cluster.x-k8s.io", "clusters,machines,machinedeployments,machinepools,machinehealthchecks,clusterclasses,machinedrainrules", "get", "list", "watch", "delete", "patch"),
            Rule("addons.cluster.x-k8s.io", "*", "get", "list", "watch", "delete"),
            Rule("infrastructure.cluster.x-k8s.io", "*", "get", "list", "watch"),
            Rule("controlplane.cluster.x-k8s.io", "*", "get", "list", "watch"));
        ManagementCluster cluster = Connect(kubeconfig);
        long mark = Server.Audit.Mark();

        CapiRemovalPlan plan = await RemovalOfDevCluster.PlanAsync(cluster, workshop.Namespace, Token);
        Task control = new PlayedControllers(workshop, _ => Task.CompletedTask).RunAsync(Token);
        await RemovalOfDevCluster.RunAsync(cluster, plan, Token);
        await control;

        plan.Blockers.ShouldBeEmpty();
        plan.Warnings.Where(warning => warning.Id == RemovalNoticeId.KindNotReadable).Select(warning => warning.Subject).ShouldContain("machinesets.cluster.x-k8s.io");
        plan.Items.ShouldNotContain(item => item.Kind == "MachineSet");
        (await workshop.ExistsAsync(workshop.Cluster)).ShouldBeFalse();
        await Removals.ShouldHaveWrittenAsync(Server, mark, Token, $"delete {workshop.OwnProxy}", $"patch {workshop.Cluster}", $"delete {workshop.Cluster}");
    }

    private static JsonObject Rule(string group, string resources, params string[] verbs) => new()
    {
        ["apiGroups"] = new JsonArray(group),
        ["resources"] = new JsonArray([.. resources.Split(',').Select(resource => JsonValue.Create(resource))]),
        ["verbs"] = new JsonArray([.. verbs.Select(verb => JsonValue.Create(verb))]),
    };

    /// <summary>Gives an object an owner, and nothing that keeps it when its owner has gone.</summary>
    private async Task LeaveToCollectorAsync(string path, string ownerPath)
    {
        JsonObject owner = await Server.Raw.GetAsync(ownerPath, Token);
        JsonObject reference = new() { ["apiVersion"] = owner["apiVersion"]!.DeepClone(), ["kind"] = owner["kind"]!.DeepClone(), ["name"] = owner["metadata"]!["name"]!.DeepClone(), ["uid"] = owner["metadata"]!["uid"]!.DeepClone() };
        await Server.Raw.MergePatchAsync(path, new() { ["metadata"] = new JsonObject { ["finalizers"] = null, ["ownerReferences"] = new JsonArray(reference) } }, Token);
    }

    /// <summary>A user with a name of its own and these rights in a namespace, besides those that everybody has.</summary>
    private async Task<string> AdmitAsync(string ns, params JsonObject[] rules)
    {
        const string Rbac = "rbac.authorization.k8s.io";
        string user = "user-of-" + ns;
        JsonObject Named(string kind) => new() { ["apiVersion"] = Rbac + "/v1", ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = user } };
        JsonObject role = Named("Role"), binding = Named("RoleBinding");
        role["rules"] = new JsonArray([.. rules]);
        binding["roleRef"] = new JsonObject { ["apiGroup"] = Rbac, ["kind"] = "Role", ["name"] = user };
        binding["subjects"] = new JsonArray(new JsonObject { ["apiGroup"] = Rbac, ["kind"] = "User", ["name"] = user });
        await Server.Raw.CreateAsync($"/apis/{Rbac}/v1/namespaces/{ns}/roles", role, Token);
        await Server.Raw.CreateAsync($"/apis/{Rbac}/v1/namespaces/{ns}/rolebindings", binding, Token);
        JsonObject question = new()
        {
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["kind"] = "SubjectAccessReview",
            ["spec"] = new JsonObject
            {
                ["user"] = user,
                ["resourceAttributes"] = new JsonObject { ["verb"] = "delete", ["group"] = "addons.cluster.x-k8s.io", ["resource"] = "helmchartproxies", ["namespace"] = ns },
            },
        };
        await Eventually.TrueAsync(
            async () => (await Server.Raw.CreateAsync("/apis/authorization.k8s.io/v1/subjectaccessreviews", question.DeepClone().AsObject(), Token))["status"]!["allowed"]!.GetValue<bool>(), Token);
        return Server.Derive(Server.AdminToken, text => text.Replace("user: {token:", $"user: {{as: {user}, token:", StringComparison.Ordinal));
    }
}
