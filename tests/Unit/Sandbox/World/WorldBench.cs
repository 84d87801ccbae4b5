using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Controllers;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;
using CapiWorkshop.Sandbox.World;

namespace CapiWorkshop.Tests.Unit.Sandbox.World;

/// <summary>A world whose time passes only when a test says so.</summary>
internal sealed class WorldBench : IWorkloadGate, IAsyncDisposable
{
    private static readonly DateTimeOffset Now = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private WorldBench(int seed, bool workshop)
    {
        World = new(new() { Seed = seed, Now = Now });
        if (workshop)
            World.Build(this);
        else
            World.BuildManagement(this);
    }

    /// <summary>A management cluster without a workload cluster.</summary>
    public static WorldBench Empty(int seed = 1) => new(seed, workshop: false);

    /// <summary>The workshop's two clusters, as old as they are at its start.</summary>
    public static WorldBench Workshop(int seed = 1) => new(seed, workshop: true);

    public SandboxWorld World { get; }

    public ClusterApi Api => World.Management;

    public ObjectStore Store => World.Management.Store;

    public List<string> Open { get; } = [];

    /// <summary>The events in the order they were recorded: object, reason, message.</summary>
    public List<string> Events => [.. Store.List(Kinds.Event).Items.OrderBy(Order).Select(item => item.ToJson())
        .Select(item => $"{item.Text("involvedObject", "kind")}/{item.Text("involvedObject", "name")} {item.Text("reason")}: {item.Text("message")}")];

    public void Apply(string manifests)
    {
        Manifests.Apply(Api, manifests);
        World.Loop.RunDue();
    }

    public void Step() => World.Loop.RunDue();

    public void Pass(double seconds) => World.Loop.Advance(TimeSpan.FromSeconds(seconds));

    public JsonObject? Find(ResourceDefinition kind, string name, string? @namespace = "default") => Store.Find(kind, @namespace, name)?.ToJson();

    public JsonObject Get(ResourceDefinition kind, string name) => Store.Get(kind, "default", name).ToJson();

    public List<StoredObject> MachinesOf(string cluster) =>
        [.. Store.List(Kinds.Machine).Items.Where(machine => machine.Labels.GetValueOrDefault(CapiNames.ClusterLabel) == cluster)];

    public List<StoredObject> WorkersOf(string cluster) => [.. MachinesOf(cluster).Where(machine => !machine.Labels.ContainsKey(CapiNames.ControlPlaneLabel))];

    public string[] Phases(string cluster) => [.. WorkersOf(cluster).Select(machine => machine.ToJson().Text("status", "phase") ?? "")];

    public void Scale(string deployment, int replicas) => Change(Kinds.MachineDeployment, deployment, content => content["spec"]!["replicas"] = replicas);

    public void Change(ResourceDefinition kind, string name, Action<JsonObject> change)
    {
        Store.Update(kind, "default", name, change);
        Step();
    }

    public void Delete(ResourceDefinition kind, string name)
    {
        Store.Delete(kind, "default", name);
        Step();
    }

    string IWorkloadGate.Open(string @namespace, string name, ClusterApi workload)
    {
        Open.Add($"{@namespace}/{name}");
        return $"the way into {@namespace}/{name}";
    }

    void IWorkloadGate.Close(string @namespace, string name) => Open.Remove($"{@namespace}/{name}");

    public ValueTask DisposeAsync() => World.DisposeAsync();

    private static long Order(StoredObject item) => Convert.ToInt64(item.Name[(item.Name.LastIndexOf('.') + 1)..], 16);
}
