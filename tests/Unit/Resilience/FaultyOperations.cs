using System.Text.Json;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Resilience;

/// <summary>What an operation came to: what it is compared by, and the problems that it names in the place of something.</summary>
internal sealed record Outcome(string Result, params IReadOnlyList<CapiProblem> Problems);

/// <summary>Everything that the module does with a server, by name.</summary>
internal static class FaultyOperations
{
    private static readonly ResourceType Machines = new("cluster.x-k8s.io", "v1beta2", "machines", "Machine");
    private static readonly ResourcePath Machine = new(Machines, "default", "dev-md-1");

    /// <summary>Longer than what <see cref="HastyClock"/> takes for a wait, and never over by itself.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static IReadOnlyDictionary<string, Func<FaultWorld, Task<Outcome>>> All { get; } = new Dictionary<string, Func<FaultWorld, Task<Outcome>>>
    {
        ["version"] = async world => new(await Api(world).GetServerVersionAsync(Cancelled)),
        ["discover"] = async world => new(Join((await Api(world).DiscoverAsync(Cancelled)).All.Select(type => $"{type.QualifiedName}/{type.Version}"))),
        ["list"] = async world => new(Join(await Api(world).ListAsync(new(Machines), Thing.Read, Cancelled).Select(Name).ToListAsync(Cancelled))),
        ["get"] = async world => new(Name(await Api(world).GetAsync(Machine, Thing.Read, Cancelled))),
        ["watch what is there"] = WatchWhatIsThereAsync,
        ["watch what changes"] = WatchWhatChangesAsync,
        ["patch"] = async world => new(Name(await Api(world).PatchAsync(Machine, Patch.Merge("""{"metadata":{"annotations":{"color":"red"}}}"""u8.ToArray()), Thing.Read, false, Cancelled))),
        ["create"] = async world => new(Name(await Api(world).CreateAsync(Machines, "default", """{"apiVersion":"cluster.x-k8s.io/v1beta2","kind":"Machine","metadata":{"name":"dev-md-3","namespace":"default"},"spec":{"clusterName":"dev"}}"""u8.ToArray(), Thing.Read, false, Cancelled))),
        ["delete"] = async world =>
        {
            await Api(world).DeleteAsync(Machine, new(), Cancelled);
            return new("deleted");
        },
        ["describe"] = async world => Of(await Cluster(world).DescribeAsync(Cancelled)),
        ["list clusters"] = async world =>
        {
            List<Outcome<CapiCluster>> found = await Cluster(world).GetAsync(CapiKinds.Cluster, new(), Cancelled).ToListAsync(Cancelled);
            return new(Join(found.Select(one => one.Value?.Name ?? "")), [.. found.Select(one => one.Problem).OfType<CapiProblem>()]);
        },
        ["scale"] = async world => new($"{await ScaleAsync(Cluster(world))} replicas asked for"),
        ["scale and wait"] = async world =>
        {
            ManagementCluster cluster = Cluster(world);
            int replicas = await ScaleAsync(cluster);
            await using MachineDeploymentWaits waits = cluster.CreateMachineDeploymentWaits();
            return Of(await waits.WaitForScaleAsync("default", "dev-md", replicas, Patience, null, Cancelled));
        },
        ["wait"] = async world =>
        {
            await using MachineDeploymentWaits waits = Cluster(world).CreateMachineDeploymentWaits();
            return Of(await waits.WaitForAsync("default", "dev-md", CapiMachineDeploymentGoal.Ready, Patience, null, Cancelled));
        },
        ["usage"] = UsageAsync,
        ["removal"] = RemovalAsync,
    };

    private static IKubernetesApi Api(FaultWorld world) => world.Api.Observe(world.Told);

    private static ManagementCluster Cluster(FaultWorld world) => world.Cluster.Observe(world.Told);

    private static string Join(IEnumerable<string> parts) => string.Join(", ", parts);

    private static string Name(Thing thing) => thing.Name;

    private static async Task<Outcome> WatchWhatIsThereAsync(FaultWorld world)
    {
        List<string> told = [];
        await foreach (ResourceEvent<Thing> change in Api(world).WatchAsync(new(Machines), Thing.Read, Cancelled))
        {
            told.Add($"{change.Type} {change.Item?.Name}");
            if (change.Type == ResourceEventType.Synced)
            {
                break;
            }
        }

        return new(Join(told));
    }

    /// <summary>Each state of each object is told at most once, whatever happens to the connection.</summary>
    private static async Task<Outcome> WatchWhatChangesAsync(FaultWorld world)
    {
        List<string> told = [];
        HashSet<(string?, string?)> states = [];
        await foreach (ResourceEvent<Thing> change in Api(world).WatchAsync(new(Machines), Thing.Read, Cancelled))
        {
            states.Add((change.Item?.Name, change.Item?.ResourceVersion)).ShouldBeTrue($"{change.Type} {change.Item} was told twice");
            told.Add($"{change.Type} {change.Item?.Name}");
            switch (told.Count)
            {
                case 3:
                    world.Change("dev-md-1", "red");
                    break;
                case 4:
                    world.Change("dev-md-2", "red");
                    break;
                case 5:
                    world.Change("dev-md-1", "blue");
                    break;
                case 6:
                    return new(Join(told));
            }
        }

        throw new InvalidOperationException("A watch does not end by itself.");
    }

    private static async Task<int> ScaleAsync(ManagementCluster cluster)
    {
        Outcome<CapiMachineDeployment> found = await cluster.GetAsync(CapiKinds.MachineDeployment, new() { Names = ["dev-md"] }, Cancelled).SingleAsync(Cancelled);
        const int replicas = 4;
        await cluster.ScaleAsync(await cluster.PlanScaleAsync(found.Value ?? throw found.Problem!.ToException(), replicas, Cancelled), Cancelled);
        return replicas;
    }

    private static async Task<Outcome> UsageAsync(FaultWorld world)
    {
        using FakeContainerEngine engine = new(world.Clock);
        List<Outcome<CapiResourceUsage>> rows = await Cluster(world).CreateMeter(() => engine).ReadAsync(new(), Cancelled).ToListAsync(Cancelled);
        return new(
            Join(rows.Select(row => $"{row.Value?.Name}: {row.Value?.NodesReady}/{row.Value?.Nodes} nodes, {row.Value?.Pods} pods, {row.Value?.ControlPlanePods} of the control plane")),
            [.. rows.SelectMany(row => row.Problem is CapiProblem problem ? [problem] : row.Value!.Problems).Where(problem => problem.Id != ProblemId.ContainersNotFound)]);
    }

    private static async Task<Outcome> RemovalAsync(FaultWorld world)
    {
        ManagementCluster cluster = Cluster(world);
        List<Outcome<CapiRemovalResult>> outcomes = await cluster.CreateRemoval(await cluster.PlanRemovalAsync(new(), null, Cancelled)).RunAsync(Patience, null, Cancelled).ToListAsync(Cancelled);
        return new(
            Join(outcomes.Select(outcome => $"{outcome.Value?.Name}: removed {outcome.Value?.IsRemoved}, intact {outcome.Value?.IsIntact}, left {Join(outcome.Value?.Remaining.Select(item => item.ToString()) ?? [])}")),
            [.. outcomes.Select(outcome => outcome.Problem).OfType<CapiProblem>()]);
    }

    private static Outcome Of(CapiManagementCluster found) =>
        new($"{found.KubernetesVersion}, {found.NodesReady}/{found.Nodes} nodes, {Join(found.Providers?.Select(provider => $"{provider} {provider.Version} {provider.Available}") ?? [])}, {found.ApiVersion}", found.Problems);

    private static Outcome Of(MachineDeploymentWaitResult result) =>
        new($"{result.Deployment?.ReadyReplicas}/{result.Deployment?.DesiredReplicas} ready", result.Problem is CapiProblem problem ? [problem] : []);
}
