using System.Globalization;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Hosting;
using CapiWorkshop.Sandbox.Storage;
using CapiWorkshop.Sandbox.World;
using CapiWorkshop.Tests.Integration.Harness;

namespace CapiWorkshop.Tests.Integration.Sandbox;

/// <summary>
/// Two servers that hold the same objects: a real one, into which the sandbox's world was copied, and the sandbox's, into which the real one's objects
/// were copied back, with the names, uids and times that they were given there. What kubectl prints of them can be compared to the letter.
/// </summary>
public sealed class TwinServers : ServerFixture, IAsyncDisposable
{
    private const string NoAnswer = "the fixture has not been initialized";
    private readonly List<string> _refusals = [];
    private SandboxServer? _sandbox;

    /// <summary>The kinds that both serve: those of Cluster API and its providers, and the built-in ones that the real server stores.</summary>
    internal static IReadOnlyList<ResourceDefinition> Copied { get; } =
    [
        Kinds.Namespace, Kinds.Node, Kinds.Pod, Kinds.Secret, Kinds.Service, Kinds.Deployment, Kinds.Event, .. Kinds.Provided.Where(kind => kind.Group != "clusterctl.cluster.x-k8s.io"),
    ];

    /// <summary>What the sandbox's controllers had made of the workshop, in the order in which it was copied.</summary>
    internal IReadOnlyList<StoredObject> Originals { get; private set; } = [];

    /// <summary>What the real server did not take, and why.</summary>
    public IReadOnlyList<string> Refusals => _refusals;

    /// <summary>The kubeconfig of the sandbox's server.</summary>
    public string Sandbox { get; private set; } = NoAnswer;

    /// <summary>What differs in what kubectl says of the two.</summary>
    public IReadOnlyList<string> Addresses { get; private set; } = [];

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        if (_sandbox is not null)
            await _sandbox.DisposeAsync();
        await base.DisposeAsync();
    }

    internal static string Path(StoredObject item) => $"{Collection(item.Resource, item.Namespace)}/{item.Name}";

    protected override async Task LoadAsync(ApiServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        await RealParts.RunScriptAsync("load-crds.sh", [server.Admin], TimeSpan.FromMinutes(3));
        await FillAsync(server);
        await MirrorAsync(server);
    }

    private static string Collection(ResourceDefinition kind, string? @namespace) =>
        $"/{(kind.Group.Length == 0 ? "api" : "apis")}/{kind.StorageApiVersion}{(@namespace is null ? "" : $"/namespaces/{@namespace}")}/{kind.Plural}";

    /// <summary>Creates what the sandbox's world holds, strictly: a field that the published definitions do not know is refused.</summary>
    private async Task FillAsync(ApiServer server)
    {
        SandboxWorld world = new(new() { Seed = 5 });
        await using (world)
        await using (SandboxServer gate = await SandboxServer.StartAsync(world.Management))
        {
            world.Build(new WorkloadGate(Task.FromResult(gate)));
            Originals = [.. Copied.SelectMany(kind => world.Management.Store.List(kind).Items)];
        }

        // An owner is always older than what it owns.
        Dictionary<string, string> uids = [];
        foreach (StoredObject original in Originals.OrderBy(item => item.ToJson().Text("metadata", "creationTimestamp"), StringComparer.Ordinal))
        {
            JsonObject item = original.ToJson();
            JsonNode? status = item["status"]?.DeepClone();
            foreach (string given in (string[])["uid", "resourceVersion", "creationTimestamp", "generation"])
                item["metadata"]!.AsObject().Remove(given);
            (int code, string answer) = await server.Raw.SendAsync(HttpMethod.Post, Collection(original.Resource, original.Namespace) + "?fieldValidation=Strict", item);
            if (code == 409)
                continue;
            JsonObject answered = JsonNode.Parse(answer)!.AsObject();
            if (code != 201)
            {
                _refusals.Add($"{original}: {answered.Text("message")}");
                continue;
            }

            uids[original.Uid] = answered.Text("metadata", "uid")!;
            if (status is not null && original.Resource.Storage.HasStatus)
            {
                answered["status"] = status;
                (code, answer) = await server.Raw.SendAsync(HttpMethod.Put, Path(original) + "/status?fieldValidation=Strict", answered);
                if (code != 200)
                    _refusals.Add($"{original}, status: {JsonNode.Parse(answer).Text("message")}");
            }
        }

        foreach (StoredObject original in Originals.Where(item => uids.ContainsKey(item.Uid) && (item.Owners.Count > 0 || item.Resource == Kinds.Event)))
        {
            JsonObject item = original.ToJson();
            JsonObject patch = original.Resource == Kinds.Event
                ? new() { ["involvedObject"] = new JsonObject { ["uid"] = uids.GetValueOrDefault(item.Text("involvedObject", "uid") ?? "") } }
                : new() { ["metadata"] = new JsonObject { ["ownerReferences"] = item.Items("metadata", "ownerReferences")!.DeepClone() } };
            foreach (JsonNode? owner in patch.Items("metadata", "ownerReferences") ?? [])
                owner!["uid"] = uids.GetValueOrDefault(owner.Text("uid")!, owner.Text("uid")!);
            await server.Raw.MergePatchAsync(Path(original), patch, CancellationToken.None);
        }
    }

    /// <summary>Gives the sandbox's server what the real one holds.</summary>
    private async Task MirrorAsync(ApiServer server)
    {
        RealClock clock = new();
        ClusterApi api = new(ResourceCatalog.Management, new ObjectStore(clock, clock.Uids), TimeProvider.System) { ServerVersion = "v1.36.4" };
        foreach (ResourceDefinition kind in Copied)
        {
            // Unlike the harness, kubectl asks again where a kind that is new is not served yet.
            JsonNode? list = JsonNode.Parse((await server.KubectlAsync("get", "--raw", Collection(kind, null))).EnsureSuccess());
            foreach (JsonNode? item in list.Items("items")!)
            {
                clock.Now = DateTimeOffset.Parse(item.Text("metadata", "creationTimestamp")!, CultureInfo.InvariantCulture);
                clock.Uids.Given = Guid.Parse(item.Text("metadata", "uid")!);
                api.Store.Create(kind, item!.AsObject(), WriteScope.Everything);
            }
        }

        _sandbox = await SandboxServer.StartAsync(api);
        Sandbox = System.IO.Path.Combine(server.Folder, "kubeconfig-sandbox");
        await File.WriteAllTextAsync(Sandbox, _sandbox.KubeConfig);
        Addresses = [server.Address.Authority, _sandbox.Address.Authority];
    }

    /// <summary>The clock and the chance of a store that repeats what another store has decided.</summary>
    private sealed class RealClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public GivenUids Uids { get; } = new();

        public override DateTimeOffset GetUtcNow() => Now;
    }

    private sealed class GivenUids : Random
    {
        public Guid Given { get; set; }

        public override void NextBytes(Span<byte> buffer) => Given.TryWriteBytes(buffer, bigEndian: true, out _);
    }
}

[CollectionDefinition]
public sealed class OnTwinServers : ICollectionFixture<TwinServers>;
