using System.Text.RegularExpressions;
using CapiWorkshop.Sandbox.World;
using CapiWorkshop.Tests.Integration.Harness;

namespace CapiWorkshop.Tests.Integration.Sandbox;

/// <summary>The workshop's commands, as a user types them, on a sandbox that nobody but kubectl and docker has to do with.</summary>
public sealed partial class KubectlWorkshopTests : IAsyncLifetime
{
    private const string Management = "capi-management-control-plane";
    private const string NothingFound = "No resources found in default namespace.";

    /// <summary>Two minutes of the workshop are two seconds.</summary>
    private const int TimeScale = 60;

    private SandboxProcess _sandbox = null!;

    private Kubectl Kubectl => _sandbox.Kubectl;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(Kubectl.Missing is not null, Kubectl.Missing ?? "");
        Assert.SkipUnless(RealParts.HasTool("docker"), "docker is not installed");
        _sandbox = await SandboxProcess.StartAsync(TimeScale, TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => _sandbox?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Workers_are_scaled_and_watched()
    {
        // The watch has to be there before there is something to see, and to have seen all before it ends.
        string[] seen = await LinesAsync("""
            log=$(mktemp)
            kubectl get machines -l cluster.x-k8s.io/cluster-name=dev-cluster -w --no-headers -o custom-columns=NAME:.metadata.name,PHASE:.status.phase > $log &
            until [ $(wc -l < $log) -ge 3 ]; do sleep 0.05; done
            kubectl scale machinedeployment dev-cluster-md-0 --replicas=4 >&2
            until [ $(grep Running $log | sort -u | wc -l) -ge 5 ]; do sleep 0.05; done
            kill $!
            cat $log; rm $log
            """);

        string[] phases = [.. seen.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).GroupBy(cells => cells[0])
            .Where(machine => machine.First()[1] != "Running").Select(machine => string.Join(' ', machine.Select(cells => cells[1]).Distinct()))];
        phases.Length.ShouldBe(2);
        phases.ShouldAllBe(path => Way().IsMatch(path));

        await Kubectl.OutputAsync("wait", "machinedeployment/dev-cluster-md-0", "--for=jsonpath={.status.availableReplicas}=4", "--timeout=60s");
        (await Kubectl.OutputAsync("wait", "machinedeployment/dev-cluster-md-0", "--for=condition=Available")).ShouldBe("machinedeployment.cluster.x-k8s.io/dev-cluster-md-0 condition met");
        (await LinesAsync("kubectl get machines -l cluster.x-k8s.io/cluster-name=dev-cluster -o name")).Length.ShouldBe(5);
        (await (await _sandbox.WorkloadAsync("dev-cluster")).OutputAsync("get", "nodes", "-o", "name")).Split('\n').Length.ShouldBe(5);
    }

    [Fact]
    public async Task Containers_come_and_go_with_their_machines()
    {
        const string OfCluster = "label=io.x-k8s.kind.cluster=dev-cluster";
        (await _sandbox.ContainersAsync(OfCluster)).Length.ShouldBe(4, "a balancer, a control plane and two workers");

        await ScaleAsync("dev-cluster", 4);
        string[] machines = [.. (await LinesAsync("kubectl get machines -l cluster.x-k8s.io/cluster-name=dev-cluster --no-headers -o custom-columns=N:.metadata.name")), "dev-cluster-lb"];
        (await _sandbox.ContainersAsync(OfCluster)).ShouldBe(machines.Order(StringComparer.Ordinal));

        await ScaleAsync("dev-cluster", 1);
        await Kubectl.OutputAsync("wait", "machinedeployment/dev-cluster-md-0", "--for=jsonpath={.status.replicas}=1", "--timeout=60s");
        (await _sandbox.ContainersAsync(OfCluster)).Length.ShouldBe(3);
    }

    /// <summary>A script such as the workshop's: it finds the deployment, scales it and counts the machines that run.</summary>
    [Fact]
    public async Task A_script_scales_and_monitors()
    {
        string[] lines = await LinesAsync("""
            set -eu
            cluster=k0s-demo-cluster wanted=3
            md=$(kubectl get machinedeployment -l cluster.x-k8s.io/cluster-name=$cluster -o jsonpath='{.items[0].metadata.name}')
            echo "$md $(kubectl get machinedeployment $md -o jsonpath='{.spec.replicas}')"
            kubectl scale machinedeployment $md --replicas=$wanted
            while true; do
              running=$(kubectl get machines -l cluster.x-k8s.io/deployment-name=$md --no-headers 2>/dev/null | grep -c Running || true)
              [ "$running" -eq $wanted ] && break
              sleep 0.2
            done
            kubectl get secret $cluster-kubeconfig -o jsonpath='{.data.value}' | base64 -d > "$KUBECACHEDIR/$cluster"
            kubectl --kubeconfig "$KUBECACHEDIR/$cluster" get nodes --no-headers | grep -cw Ready
            kubectl get pods -A --no-headers | grep -c kmc-$cluster-[0-9]
            """);

        lines.ShouldBe(["k0s-demo-cluster-md-0 2", "machinedeployment.cluster.x-k8s.io/k0s-demo-cluster-md-0 scaled", "3", "3"]);
    }

    [Fact]
    public async Task Every_cluster_says_what_runs_in_it_and_what_it_uses()
    {
        (await Kubectl.OutputAsync("get", "nodes", "--no-headers")).ShouldMatch($"^{Management} +Ready +control-plane ");
        await ShouldBeBusyAsync(Kubectl, 1);
        await ShouldBeBusyAsync(await _sandbox.WorkloadAsync("dev-cluster"), 3);
        await ShouldBeBusyAsync(await _sandbox.WorkloadAsync("k0s-demo-cluster"), 2);
    }

    [Fact]
    public async Task Troubles_are_looked_into()
    {
        await ScaleAsync("dev-cluster", 3);

        (await Kubectl.OutputAsync("describe", "machinedeployment", "dev-cluster-md-0")).ShouldContain("Scaled up MachineSet");
        string newest = (await Kubectl.OutputAsync("get", "machines", "--sort-by=.metadata.creationTimestamp", "-o", "name")).Split('\n')[^1];
        (await Kubectl.OutputAsync("describe", newest)).ShouldContain("SuccessfulSetNodeRef");
        (await Kubectl.OutputAsync("get", "events", "--field-selector", $"involvedObject.name={newest.Split('/')[1]}", "-o", "name")).ShouldNotBeEmpty();
        (await Kubectl.OutputAsync("logs", "-n", "capi-system", "deployment/capi-controller-manager", "--tail=200")).ShouldContain(newest.Split('/')[1]);
        (await Kubectl.OutputAsync("logs", "-n", "capi-system", "deployment/capi-controller-manager", "--tail=1")).Split('\n').Length.ShouldBe(1);
    }

    [Fact]
    public async Task Objects_are_labelled_annotated_and_patched()
    {
        (await LinesAsync("""
            kubectl label cluster dev-cluster team=a
            kubectl label cluster dev-cluster team=b --overwrite
            kubectl annotate machinedeployment dev-cluster-md-0 note=x
            kubectl patch machinedeployment dev-cluster-md-0 --type=json -p '[{"op":"replace","path":"/spec/replicas","value":1}]'
            kubectl patch cluster dev-cluster --type=merge -p '{"metadata":{"labels":{"environment":null}}}'
            kubectl get cluster -l team=b -o name
            kubectl get machinedeployment dev-cluster-md-0 -o jsonpath='{.metadata.annotations.note} {.spec.replicas}'
            """)).ShouldBe(
            [
                "cluster.cluster.x-k8s.io/dev-cluster labeled", "cluster.cluster.x-k8s.io/dev-cluster labeled",
                "machinedeployment.cluster.x-k8s.io/dev-cluster-md-0 annotated", "machinedeployment.cluster.x-k8s.io/dev-cluster-md-0 patched",
                "cluster.cluster.x-k8s.io/dev-cluster patched", "cluster.cluster.x-k8s.io/dev-cluster", "x 1",
            ]);

        // The chart is for clusters of the demo: one that is none any more loses its release.
        await Kubectl.OutputAsync("wait", "helmreleaseproxy", "-l", "cluster.x-k8s.io/cluster-name=dev-cluster", "--for=delete", "--timeout=60s");
        (await LinesAsync("kubectl get hrp -o custom-columns=C:.spec.clusterRef.name --no-headers")).ShouldBe(["k0s-demo-cluster"]);
    }

    [Theory]
    [InlineData("apply -f -", "created", "unchanged", false)]
    [InlineData("apply --server-side -f -", "serverside-applied", "serverside-applied", false)]
    [InlineData("create -f -", "created", null, true)]
    public async Task A_cluster_that_is_applied_comes_up(string command, string first, string? again, bool hosted)
    {
        string items = hosted ? Manifests.K0smotronCluster("mine", workers: 2) : Manifests.KubeadmCluster("mine", workers: 2);
        string manifest = $$"""{"apiVersion":"v1","kind":"List","items":{{items}}}""";

        (await Kubectl.ScriptAsync($"kubectl {command}", manifest)).EnsureSuccess().TrimEnd().Split('\n').ShouldAllBe(line => line.EndsWith(" " + first));
        if (again is not null)
            (await Kubectl.ScriptAsync($"kubectl {command}", manifest)).EnsureSuccess().TrimEnd().Split('\n').ShouldAllBe(line => line.EndsWith(" " + again));

        (await Kubectl.OutputAsync("wait", "cluster/mine", "--for=condition=Available", "--timeout=90s")).ShouldBe("cluster.cluster.x-k8s.io/mine condition met");
        (await (await _sandbox.WorkloadAsync("mine")).OutputAsync("get", "nodes", "-o", "name")).Split('\n').Length.ShouldBe(hosted ? 2 : 3);
        (await _sandbox.ContainersAsync("label=io.x-k8s.kind.cluster=mine")).Length.ShouldBe(hosted ? 2 : 4, "nodes, and a balancer for a control plane of machines");
    }

    /// <summary>In the workshop's order. <c>cluster</c> is Cluster API's, though k0smotron has clusters, too.</summary>
    [Fact]
    public async Task Everything_is_cleaned_up()
    {
        (await Kubectl.OutputAsync("delete", "helmchartproxy", "--all")).ShouldBe("helmchartproxy.addons.cluster.x-k8s.io \"nginx\" deleted");
        await Kubectl.OutputAsync("wait", "helmreleaseproxy", "--all", "--for=delete", "--timeout=60s");
        (await Kubectl.OutputAsync("delete", "cluster", "k0s-demo-cluster")).ShouldBe("cluster.cluster.x-k8s.io \"k0s-demo-cluster\" deleted");
        (await Kubectl.OutputAsync("delete", "clusters", "--all", "--ignore-not-found=true")).ShouldBe("cluster.cluster.x-k8s.io \"dev-cluster\" deleted");

        (await Kubectl.RunAsync("get", "clusters,machines,helmreleaseproxy")).ShouldBe(new ProgramResult(0, "", NothingFound + "\n"));
        (await Kubectl.RunAsync("get", "clusters.k0smotron.io")).ShouldBe(new ProgramResult(0, "", NothingFound + "\n"));
        (await _sandbox.ContainersAsync()).ShouldBe([Management]);
        (await Kubectl.OutputAsync("get", "nodes", "-o", "name")).ShouldBe($"node/{Management}");
        // k0smotron keeps the volumes of its etcd unless it is told otherwise.
        (await LinesAsync("kubectl get pods,secrets,services,statefulsets,pvc -o name")).ShouldAllBe(name => name.StartsWith("persistentvolumeclaim/etcd-data-kmc-k0s-demo-cluster-etcd-"));
    }

    [Fact]
    public async Task A_deletion_need_not_be_waited_for()
    {
        (await LinesAsync("""
            log=$(mktemp)
            kubectl get cluster dev-cluster -w -o jsonpath='{.status.phase}{"\n"}' > $log &
            until grep -q Provisioned $log; do sleep 0.05; done
            kubectl delete cluster dev-cluster --wait=false
            until grep -q Deleting $log; do sleep 0.05; done
            kubectl wait cluster/dev-cluster --for=delete --timeout=90s >&2
            kill $!
            uniq $log; rm $log
            kubectl get cluster dev-cluster --ignore-not-found
            """)).ShouldBe(["cluster.cluster.x-k8s.io \"dev-cluster\" deleted", "Provisioned", "Deleting"]);
    }

    [Fact]
    public async Task A_deletion_that_hangs_is_helped_along()
    {
        await Kubectl.OutputAsync("patch", "cluster", "dev-cluster", "--type=merge", "-p", """{"spec":{"paused":true}}""");
        await Kubectl.OutputAsync("wait", "cluster/dev-cluster", "--for=condition=Paused", "--timeout=60s");
        await Kubectl.OutputAsync("delete", "cluster", "dev-cluster", "--wait=false");
        (await Kubectl.RunAsync("wait", "cluster/dev-cluster", "--for=delete", "--timeout=2s")).ShouldBe(
            new ProgramResult(1, "", "error: timed out waiting for the condition on clusters/dev-cluster\n"));

        await Kubectl.OutputAsync("patch", "cluster", "dev-cluster", "-p", """{"metadata":{"finalizers":[]}}""", "--type=merge");

        (await Kubectl.OutputAsync("get", "clusters", "-o", "name")).ShouldBe("cluster.cluster.x-k8s.io/k0s-demo-cluster");
    }

    [GeneratedRegex("^(Unknown |<none> )?(Pending )?(Provisioning )(Provisioned )?Running$")]
    private static partial Regex Way();

    private static async Task ShouldBeBusyAsync(Kubectl kubectl, int nodes)
    {
        (await kubectl.OutputAsync("get", "nodes,pods", "-A", "-o", "name")).Split('\n').Count(name => name.StartsWith("node/", StringComparison.Ordinal)).ShouldBe(nodes);
        (await kubectl.OutputAsync("get", "pods", "-A", "--field-selector", "status.phase!=Running", "-o", "name")).ShouldBeEmpty();
        (await kubectl.OutputAsync("top", "nodes", "--no-headers")).Split('\n').ShouldAllBe(line => Regex.IsMatch(line, "^\\S+ +[0-9]+m +[0-9]+% +[1-9][0-9]*Mi +[0-9]+% *$"));
        int pods = (await kubectl.OutputAsync("get", "pods", "-A", "-o", "name")).Split('\n').Length;
        (await kubectl.OutputAsync("top", "pods", "-A", "--no-headers")).Split('\n').Length.ShouldBe(pods);
    }

    private async Task<string[]> LinesAsync(string script) =>
        (await Kubectl.ScriptAsync(script)).EnsureSuccess().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private async Task ScaleAsync(string cluster, int workers)
    {
        await Kubectl.OutputAsync("scale", "machinedeployment", $"{cluster}-md-0", $"--replicas={workers}");
        await Kubectl.OutputAsync("wait", $"machinedeployment/{cluster}-md-0", $"--for=jsonpath={{.status.availableReplicas}}={workers}", "--timeout=60s");
    }
}
