using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Tests.Unit.Support;

/// <summary>A request that the code under test made.</summary>
internal sealed record FakeRequest(string Verb, ResourceType? Type = null, string? Namespace = null, string? Name = null)
{
    public string? Subresource { get; init; }

    public string? LabelSelector { get; init; }

    public string? FieldSelector { get; init; }

    public string? Body { get; init; }

    public string? Uid { get; init; }

    public bool DryRun { get; init; }
}

/// <summary>
/// An API server in memory, behind the port: objects as JSON in the order they were put, watches that tell what a test changes, failures on order.
/// It holds the code under test to the port's contract: every reader must stop at its object's end.
/// </summary>
internal sealed partial class FakeKubernetesApi : IKubernetesApi
{
    public const string KubeSystemUid = "3f0a6b0e-0000-4000-8000-00000000kube";

    private readonly Lock _lock = new();
    private readonly List<ObjectJson> _objects = [];
    private readonly List<OpenWatch> _watches = [];
    private readonly List<Rule> _rules = [];
    private readonly List<FakeRequest> _requests = [];
    private readonly TaskCompletionSource _watched = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<IApiObserver> _observers = [];
    private readonly Dictionary<(string Verb, string Plural), TaskCompletionSource> _holds = [];
    private List<ResourceType> _served = [.. Core("v1beta2", "v1beta1"), .. Addons, Inventory, K0smotronCluster];

    public FakeKubernetesApi(string? kubeSystemUid = KubeSystemUid)
    {
        if (kubeSystemUid is not null)
        {
            _objects.Add(ObjectJson.KubeSystem(kubeSystemUid));
        }
    }

    /// <summary>What the Helm add-on serves.</summary>
    public static IEnumerable<ResourceType> Addons =>
    [
        new("addons.cluster.x-k8s.io", "v1alpha1", "helmchartproxies", "HelmChartProxy"),
        new("addons.cluster.x-k8s.io", "v1alpha1", "helmreleaseproxies", "HelmReleaseProxy"),
    ];

    /// <summary>What providers and the core serve besides.</summary>
    public static IEnumerable<ResourceType> Provided =>
    [
        new("cluster.x-k8s.io", "v1beta2", "machinesets", "MachineSet"),
        new("controlplane.cluster.x-k8s.io", "v1beta2", "kubeadmcontrolplanes", "KubeadmControlPlane"),
        new("infrastructure.cluster.x-k8s.io", "v1beta2", "dockerclusters", "DockerCluster"),
        new("infrastructure.cluster.x-k8s.io", "v1beta2", "dockermachines", "DockerMachine"),
        new("infrastructure.cluster.x-k8s.io", "v1beta2", "dockermachinetemplates", "DockerMachineTemplate"),
        new("addons.cluster.x-k8s.io", "v1beta2", "clusterresourcesets", "ClusterResourceSet"),
    ];

    public static ResourceType Inventory { get; } = new("clusterctl.cluster.x-k8s.io", "v1alpha3", "providers", "Provider");

    /// <summary>The trap: the same plural in another group.</summary>
    public static ResourceType K0smotronCluster { get; } = new("k0smotron.io", "v1beta2", "clusters", "Cluster");

    public KubernetesEndpoint Endpoint { get; init; } = new(new("https://capi.example:6443"), "kind-capi", "default", "admin", "fingerprint-of-server-and-authority");

    public bool IsDisposed { get; private set; }

    /// <summary>What the user may not do, as verb and plural: the server says so when it is asked.</summary>
    public HashSet<(string Verb, string Plural)> Denied { get; } = [];

    /// <summary>Is called with each request before it is answered.</summary>
    public Action<FakeRequest>? Asked { get; set; }

    /// <summary>Is called with each object whose deletion was asked for, when its watches have been told: here a test plays the controllers.</summary>
    public Action<ObjectJson>? Deleted { get; set; }

    /// <summary>Is called with each object that was patched, when its watches have been told.</summary>
    public Action<ObjectJson>? Patched { get; set; }

    /// <summary>Completes when the first watch has told what was there and waits for changes.</summary>
    public Task Watched => _watched.Task;

    public IReadOnlyList<FakeRequest> Requests
    {
        get
        {
            lock (_lock)
            {
                return [.. _requests];
            }
        }
    }

    public IReadOnlyList<IApiObserver> Observers => _observers;

    public int OpenWatches
    {
        get
        {
            lock (_lock)
            {
                return _watches.Count;
            }
        }
    }

    /// <summary>The core kinds in some versions, the preferred one first.</summary>
    public static IEnumerable<ResourceType> Core(params string[] versions) =>
        from version in versions
        from kind in new[] { "Cluster", "MachineDeployment", "Machine" }
#pragma warning disable CA1308 // Plurals in URLs are in lower case.
        select new ResourceType("cluster.x-k8s.io", version, kind.ToLowerInvariant() + "s", kind);
#pragma warning restore CA1308

    public IReadOnlyList<FakeRequest> Made(string verb, string? plural = null) =>
        [.. Requests.Where(request => request.Verb == verb && (plural is null || request.Type?.Plural == plural))];

    public FakeKubernetesApi Serve(params IEnumerable<ResourceType> types)
    {
        _served = [.. types];
        return this;
    }

    /// <summary>Puts objects into the store before anybody looks.</summary>
    public FakeKubernetesApi With(params IEnumerable<ObjectJson> objects)
    {
        foreach (ObjectJson item in objects)
        {
            _objects.Add(item.Copy());
        }

        return this;
    }

    /// <summary>Answers requests with an HTTP status, as a server that refuses does.</summary>
    public FakeKubernetesApi Refuse(string verb, string plural, int status, string? reason = null, int times = int.MaxValue) =>
        AddRule(new(verb, plural, subject => ProblemTable.FromStatus(status, reason, "no, says the test", subject).ToException(), times));

    /// <summary>Fails requests in any other way.</summary>
    public FakeKubernetesApi Fail(string verb, string plural, Exception failure, int times = int.MaxValue) => AddRule(new(verb, plural, _ => failure, times));

    /// <summary>Leaves requests unanswered, as a server that hangs does. Completes when the first of them has come.</summary>
    public Task Hold(string verb, string plural)
    {
        lock (_lock)
        {
            return (_holds[(verb, plural)] = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Whether an object is there now.</summary>
    public bool Has(ObjectJson item)
    {
        lock (_lock)
        {
            return _objects.Exists(known => known.QualifiedName == item.QualifiedName && known.Namespace == item.Namespace && known.Name == item.Name);
        }
    }

    /// <summary>The objects of a kind that are there now.</summary>
    public IReadOnlyList<ObjectJson> Of(string kind)
    {
        lock (_lock)
        {
            return [.. _objects.Where(item => item.Json["kind"]!.GetValue<string>() == kind)];
        }
    }

    /// <summary>A new object, told to every watch it concerns.</summary>
    public void Add(ObjectJson item) => Change(ResourceEventType.Added, item);

    /// <summary>A new state of an object, told to every watch it concerns.</summary>
    public void Update(ObjectJson item) => Change(ResourceEventType.Modified, item);

    /// <summary>The end of an object, told to every watch it concerns.</summary>
    public void Remove(ObjectJson item) => Change(ResourceEventType.Deleted, item);

    /// <summary>Ends every open watch with a failure, as a server that cannot be reached any more does.</summary>
    public void BreakWatches(Exception failure)
    {
        lock (_lock)
        {
            foreach (OpenWatch watch in _watches)
            {
                watch.Events.Writer.TryComplete(failure);
            }
        }
    }

    public void Dispose() => IsDisposed = true;

    public IKubernetesApi Observe(IApiObserver observer)
    {
        _observers.Add(observer);
        return this;
    }

    public Task<string> GetServerVersionAsync(CancellationToken cancellationToken) => Answer("version", new("version"), "version", () => "v1.34.1", cancellationToken);

    public Task<ServedResources> DiscoverAsync(CancellationToken cancellationToken) => Answer("discover", new("discover"), "apis", () => new ServedResources(_served), cancellationToken);

    public async IAsyncEnumerable<T> ListAsync<T>(ResourceQuery query, JsonItemReader<T> reader, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<string> items = await Answer("list", Describe("list", query), query.Type.Plural, () => Matching(query), cancellationToken);
        foreach (string item in items)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Read(item, reader);
        }
    }

    public async IAsyncEnumerable<ResourceEvent<T>> WatchAsync<T>(ResourceQuery query, JsonItemReader<T> reader, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        OpenWatch watch = new(query);
        List<string> present = await Answer(
            "watch",
            Describe("watch", query),
            query.Type.Plural,
            () =>
            {
                _watches.Add(watch);
                return Matching(query);
            },
            cancellationToken);
        try
        {
            foreach (string item in present)
            {
                yield return new(ResourceEventType.Initial, Read(item, reader));
            }

            yield return new(ResourceEventType.Synced, null);
            _watched.TrySetResult();
            await foreach ((ResourceEventType type, string item) in watch.Events.Reader.ReadAllAsync(cancellationToken))
            {
                yield return new(type, Read(item, reader));
            }
        }
        finally
        {
            lock (_lock)
            {
                _watches.Remove(watch);
            }
        }
    }

    public Task<T> GetAsync<T>(ResourcePath path, JsonItemReader<T> reader, CancellationToken cancellationToken) =>
        Answer("get", new("get", path.Type, path.Namespace, path.Name) { Subresource = path.Subresource }, path.Type.Plural, () => Read(Find("get", path).ToString(), reader), cancellationToken);

    public Task<T> PatchAsync<T>(ResourcePath path, Patch patch, JsonItemReader<T> reader, bool dryRun, CancellationToken cancellationToken)
    {
        string body = Encoding.UTF8.GetString(patch.Body.Span);
        FakeRequest request = new("patch", path.Type, path.Namespace, path.Name) { Subresource = path.Subresource, Body = body, DryRun = dryRun };
        return Answer(
            "patch",
            request,
            path.Type.Plural,
            () =>
            {
                ObjectJson item = Find("patch", path).Copy();
                if (patch.Kind == PatchKind.Merge)
                {
                    Merge(item.Json, JsonNode.Parse(body)!.AsObject());
                }
                else if (!TryPatch(item.Json, JsonNode.Parse(body)!.AsArray()))
                {
                    throw ProblemTable.FromStatus(422, "Invalid", "the server rejected our request due to an error in our request", Subject("patch", request) with { HasTests = true }).ToException();
                }

                if (!dryRun)
                {
                    JsonNode metadata = item.Json["metadata"]!;
                    bool goes = metadata["deletionTimestamp"] is not null && metadata["finalizers"] is not JsonArray { Count: > 0 };
                    Change(goes ? ResourceEventType.Deleted : ResourceEventType.Modified, item);
                    Patched?.Invoke(item);
                }

                return Read(path.Subresource is null ? item.ToString() : $$"""{"kind":"Scale","apiVersion":"autoscaling/v1","metadata":{"name":"x"},"status":{},"spec":{"replicas":{{item.Json["spec"]!["replicas"]}} } }""", reader);
            },
            cancellationToken);
    }

    /// <summary>Checks and remembers; keeps nothing, since nobody here creates but by dry run, or asks for his rights.</summary>
    public Task<T> CreateAsync<T>(ResourceType type, string? ns, ReadOnlyMemory<byte> manifest, JsonItemReader<T> reader, bool dryRun, CancellationToken cancellationToken)
    {
        string body = Encoding.UTF8.GetString(manifest.Span);
        if (type.Plural == "selfsubjectaccessreviews")
        {
            JsonNode asked = JsonNode.Parse(body)!["spec"]!["resourceAttributes"]!;
            bool allowed = !Denied.Contains((asked["verb"]!.GetValue<string>(), asked["resource"]!.GetValue<string>()));
            return Answer("create", new("create", type) { Body = body }, type.Plural, () => Read(new JsonObject { ["status"] = new JsonObject { ["allowed"] = allowed } }.ToJsonString(), reader), cancellationToken);
        }

        dryRun.ShouldBeTrue("this server keeps no new objects");
        return Answer("create", new("create", type, ns) { Body = body, DryRun = dryRun }, type.Plural, () => Read(body, reader), cancellationToken);
    }

    public Task DeleteAsync(ResourcePath path, DeleteRequest request, CancellationToken cancellationToken) =>
        Answer(
            "delete",
            new("delete", path.Type, path.Namespace, path.Name) { Uid = request.Uid, DryRun = request.DryRun },
            path.Type.Plural,
            () =>
            {
                ObjectJson item = Find("delete", path);
                if (request.Uid is not null && request.Uid != item.Json["metadata"]!["uid"]!.GetValue<string>())
                {
                    throw ProblemTable.FromStatus(409, "Conflict", "the UID in the precondition does not match", Subject("delete", new("delete", path.Type, path.Namespace, path.Name))).ToException();
                }

                if (!request.DryRun)
                {
                    ObjectJson marked = item.Copy();
                    marked.Json["metadata"]!["deletionTimestamp"] = "2026-11-20T10:00:00Z";
                    bool held = marked.Json["metadata"]!["finalizers"] is JsonArray { Count: > 0 };
                    Change(held ? ResourceEventType.Modified : ResourceEventType.Deleted, marked);
                    Deleted?.Invoke(marked);
                }

                return true;
            },
            cancellationToken);

    /// <summary>The terms <c>a</c>, <c>a=b</c> and <c>a in (b,c)</c>.</summary>
    [GeneratedRegex(@"(?<key>[^ ,=()]+)(=(?<values>[^,]*)| in \((?<values>[^)]*)\))?(,|$)")]
    private static partial Regex SelectorTerm();

    private static FakeRequest Describe(string verb, ResourceQuery query) =>
        new(verb, query.Type, query.Namespace) { LabelSelector = query.LabelSelector, FieldSelector = query.FieldSelector };

    /// <summary>RFC 7396, as far as objects go.</summary>
    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach ((string name, JsonNode? value) in patch)
        {
            if (value is JsonObject inner && target[name] is JsonObject child)
            {
                Merge(child, inner);
            }
            else
            {
                target[name] = value?.DeepClone();
            }
        }
    }

    /// <summary>RFC 6902, as far as it is used; false where a test fails.</summary>
    private static bool TryPatch(JsonObject target, JsonArray operations)
    {
        foreach (JsonNode? operation in operations)
        {
            string[] path = [.. operation!["path"]!.GetValue<string>()[1..].Split('/').Select(word => word.Replace("~1", "/").Replace("~0", "~"))];
            JsonObject? parent = path[..^1].Aggregate(target, (JsonObject? node, string word) => node?[word] as JsonObject);
            switch (operation["op"]!.GetValue<string>())
            {
                case "test" when !JsonNode.DeepEquals(parent?[path[^1]], operation["value"]):
                    return false;
                case "test":
                    break;
                case "replace":
                    parent![path[^1]] = operation["value"]!.DeepClone();
                    break;
                case "remove":
                    parent!.Remove(path[^1]).ShouldBeTrue();
                    break;
                default:
                    throw new NotSupportedException(operation.ToString());
            }
        }

        return true;
    }

    private static T Read<T>(string json, JsonItemReader<T> reader)
    {
        Utf8JsonReader utf8 = new(Encoding.UTF8.GetBytes(json));
        utf8.Read();
        T item = reader(ref utf8);
        utf8.TokenType.ShouldBe(JsonTokenType.EndObject, "a reader left its object somewhere inside");
        utf8.CurrentDepth.ShouldBe(0, "a reader left its object somewhere inside");
        return item;
    }

    private static bool Selects(ResourceQuery query, ObjectJson item)
    {
        if (item.QualifiedName != query.Type.QualifiedName || (query.Namespace is not null && item.Namespace != query.Namespace))
        {
            return false;
        }

        if (query.FieldSelector is string field && field != "metadata.name=" + item.Name && field != "type=" + item.Json["type"])
        {
            return false;
        }

        JsonObject? labels = item.Json["metadata"]!["labels"]?.AsObject();
        return SelectorTerm().Matches(query.LabelSelector ?? "").All(term =>
            labels?[term.Groups["key"].Value] is JsonNode label
            && (!term.Groups["values"].Success || term.Groups["values"].Value.Split(',').Contains(label.GetValue<string>())));
    }

    private async Task<T> Answer<T>(string verb, FakeRequest request, string plural, Func<T> answer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TaskCompletionSource? hold;
        lock (_lock)
        {
            _requests.Add(request);
            hold = _holds.GetValueOrDefault((verb, plural));
        }

        if (hold is not null)
        {
            hold.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        Asked?.Invoke(request);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (request.Type is { Group: "cluster.x-k8s.io" } type && !_served.Contains(type))
            {
                throw ProblemTable.FromStatus(404, null, null, Subject(verb, request)).ToException(); // no Status: the server knows no such path
            }

            if (_rules.Find(rule => rule.Verb == verb && rule.Plural == plural && rule.Left > 0) is { } rule)
            {
                rule.Left--;
                throw rule.Failure(Subject(verb, request));
            }

            return answer();
        }
    }

    private RequestSubject Subject(string verb, FakeRequest request) =>
        new(verb, request.Type?.QualifiedName ?? verb, request.Type?.Kind ?? verb, request.Namespace, request.Name, Endpoint.Server, Endpoint.Context);

    private ObjectJson Find(string verb, ResourcePath path) =>
        _objects.Find(item => item.QualifiedName == path.Type.QualifiedName && item.Namespace == path.Namespace && item.Name == path.Name)
            ?? throw ProblemTable.FromStatus(404, "NotFound", null, Subject(verb, new(verb, path.Type, path.Namespace, path.Name))).ToException();

    private List<string> Matching(ResourceQuery query) => [.. _objects.Where(item => Selects(query, item)).Select(item => item.ToString())];

    private FakeKubernetesApi AddRule(Rule rule)
    {
        lock (_lock)
        {
            _rules.Add(rule);
        }

        return this;
    }

    private void Change(ResourceEventType type, ObjectJson item)
    {
        ObjectJson copy = item.Copy();
        lock (_lock)
        {
            int index = _objects.FindIndex(known => known.QualifiedName == copy.QualifiedName && known.Namespace == copy.Namespace && known.Name == copy.Name);
            if (index >= 0)
            {
                _objects.RemoveAt(index);
            }

            if (type != ResourceEventType.Deleted)
            {
                _objects.Insert(index < 0 ? _objects.Count : index, copy);
            }

            foreach (OpenWatch watch in _watches)
            {
                if (Selects(watch.Query, copy))
                {
                    watch.Events.Writer.TryWrite((type, copy.ToString()));
                }
            }
        }
    }

    private sealed record OpenWatch(ResourceQuery Query)
    {
        public Channel<(ResourceEventType Type, string Json)> Events { get; } = Channel.CreateUnbounded<(ResourceEventType Type, string Json)>();
    }

    private sealed class Rule(string verb, string plural, Func<RequestSubject, Exception> failure, int times)
    {
        public string Verb { get; } = verb;

        public string Plural { get; } = plural;

        public Func<RequestSubject, Exception> Failure { get; } = failure;

        public int Left { get; set; } = times;
    }
}
