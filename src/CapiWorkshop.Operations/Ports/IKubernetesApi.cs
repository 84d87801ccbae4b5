using System.Text.Json;

namespace CapiWorkshop.Operations.Ports;

/// <summary>Turns one JSON object into a model. The reader stands on the object's start and must be left on its end.</summary>
/// <typeparam name="T">The model.</typeparam>
/// <param name="reader">Stands on <see cref="JsonTokenType.StartObject"/>.</param>
public delegate T JsonItemReader<out T>(ref Utf8JsonReader reader);

/// <summary>What every object of a Kubernetes API has, as far as a watch needs it.</summary>
public interface IKubernetesObject
{
    /// <summary>The name.</summary>
    string Name { get; }

    /// <summary>The namespace; null for cluster-scoped things.</summary>
    string? Namespace { get; }

    /// <summary>The identity: a new object of the same name has another.</summary>
    string Uid { get; }

    /// <summary>The opaque version of this state; two equal ones are the same state.</summary>
    string ResourceVersion { get; }
}

/// <summary>A type of resource in one version, as a URL names it.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">The version, such as <c>v1beta2</c>.</param>
/// <param name="Plural">The plural that stands in URLs, such as <c>machines</c>.</param>
/// <param name="Kind">The kind as it is spelled in manifests.</param>
public sealed record ResourceType(string Group, string Version, string Plural, string Kind)
{
    /// <summary><c>group/version</c>, or the version alone in the core group.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary><c>plural.group</c>, which is unambiguous for kubectl too.</summary>
    public string QualifiedName => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>A field, at whatever depth, whose value may hold credentials and is told to no observer; null for none. Those of Kubernetes' own types are known without.</summary>
    public string? ConfidentialField { get; init; }
}

/// <summary>Which objects a list or a watch is about.</summary>
/// <param name="Type">The type of resource.</param>
/// <param name="Namespace">One namespace; null for all of them and for cluster-scoped types.</param>
/// <param name="LabelSelector">Kubernetes' label selector; null for any.</param>
/// <param name="FieldSelector">Kubernetes' field selector; null for any.</param>
/// <param name="PageSize">How many objects to ask for at a time; null for all at once, which is what a server does with the least work.</param>
public sealed record ResourceQuery(ResourceType Type, string? Namespace = null, string? LabelSelector = null, string? FieldSelector = null, int? PageSize = null);

/// <summary>One object, or a subresource of it.</summary>
/// <param name="Type">The type of resource.</param>
/// <param name="Namespace">The namespace; null for cluster-scoped types.</param>
/// <param name="Name">The object's name.</param>
/// <param name="Subresource">A subresource such as <c>scale</c>; null for the object itself.</param>
public sealed record ResourcePath(ResourceType Type, string? Namespace, string Name, string? Subresource = null);

/// <summary>What happens to the things that an object owns when it is deleted.</summary>
public enum DeletePropagation
{
    /// <summary>What the kind's own default is.</summary>
    Default,

    /// <summary>They go after it.</summary>
    Background,

    /// <summary>They go before it.</summary>
    Foreground,

    /// <summary>They stay, without an owner.</summary>
    Orphan,
}

/// <summary>How an object is to be deleted.</summary>
/// <param name="Uid">The identity that it must have; null for whatever bears the name.</param>
/// <param name="Propagation">What happens to the things it owns.</param>
/// <param name="DryRun">Whether the server shall only say what it would do.</param>
/// <param name="ResourceVersion">The state in which it must be; null for any.</param>
public sealed record DeleteRequest(string? Uid = null, DeletePropagation Propagation = DeletePropagation.Default, bool DryRun = false, string? ResourceVersion = null);

/// <summary>What the body of a <see cref="Patch"/> says.</summary>
public enum PatchKind
{
    /// <summary>A JSON merge patch (RFC 7396): the fields that shall be different.</summary>
    Merge,

    /// <summary>A JSON patch (RFC 6902): operations in their order, tests among them, all or none.</summary>
    Json,

    /// <summary>A server-side apply: the fields that shall be as they are said and be owned by whoever says so. Makes the object where there is none.</summary>
    Apply,
}

/// <summary>A change of one object, UTF-8 JSON of some kind.</summary>
/// <param name="Kind">What the body says.</param>
/// <param name="Body">The change.</param>
/// <param name="Force">Whether an apply takes fields away from those who own them; without it that is an <c>ApiConflict</c>.</param>
public sealed record Patch(PatchKind Kind, ReadOnlyMemory<byte> Body, bool Force = false)
{
    /// <summary>A JSON merge patch.</summary>
    /// <param name="body">The fields that shall be different.</param>
    public static Patch Merge(ReadOnlyMemory<byte> body) => new(PatchKind.Merge, body);

    /// <summary>A JSON patch.</summary>
    /// <param name="body">An array of operations.</param>
    public static Patch Json(ReadOnlyMemory<byte> body) => new(PatchKind.Json, body);

    /// <summary>A server-side apply.</summary>
    /// <param name="body">The fields, with <c>apiVersion</c>, <c>kind</c> and the name.</param>
    /// <param name="force">Whether to take fields away from those who own them.</param>
    public static Patch Apply(ReadOnlyMemory<byte> body, bool force = false) => new(PatchKind.Apply, body, force);
}

/// <summary>What happened to an object, as a watch tells it.</summary>
public enum ResourceEventType
{
    /// <summary>It was there when the watch began.</summary>
    Initial,

    /// <summary>Everything that was there has been told; changes follow. Carries no object.</summary>
    Synced,

    /// <summary>It appeared.</summary>
    Added,

    /// <summary>It changed.</summary>
    Modified,

    /// <summary>It is gone. Carries the last state that was seen.</summary>
    Deleted,
}

/// <summary>One event of a watch.</summary>
/// <typeparam name="T">The model.</typeparam>
/// <param name="Type">What happened.</param>
/// <param name="Item">To what; null only for <see cref="ResourceEventType.Synced"/>.</param>
public readonly record struct ResourceEvent<T>(ResourceEventType Type, T? Item)
    where T : class;

/// <summary>One request that was made, for Verbose; for Debug with its bodies, where the observer wants them. Holds no header and no secret.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="PathAndQuery">What was asked, without the server's address.</param>
/// <param name="Status">The HTTP status; null where no answer came.</param>
/// <param name="Elapsed">From sending to the last byte read.</param>
/// <param name="Bytes">Bytes of the body as they were read, after decompression.</param>
public sealed record ApiRequest(string Method, string PathAndQuery, int? Status, TimeSpan Elapsed, long Bytes)
{
    /// <summary>How often it was sent: more than once where the server was busy or the connection broke.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>What the server calls the request in its own audit; null where it does not say.</summary>
    public string? AuditId { get; init; }

    /// <summary>The beginning of the body that was sent; null where there was none, or the observer wants no bodies.</summary>
    public string? Sent { get; init; }

    /// <summary>The beginning of the body that was received; null where there was none, or the observer wants no bodies.</summary>
    public string? Received { get; init; }
}

/// <summary>Is told what a <see cref="IKubernetesApi"/> or a <see cref="IContainerEngine"/> does. Called on any thread.</summary>
public interface IApiObserver
{
    /// <summary>Whether bodies are wanted, too. They are bounded and hold no secret; where nobody wants them they cost nothing.</summary>
    bool WantsBodies => false;

    /// <summary>A request ended, well or badly.</summary>
    /// <param name="request">The request.</param>
    void RequestCompleted(ApiRequest request);

    /// <summary>A watch received a line; told only where bodies are wanted.</summary>
    /// <param name="pathAndQuery">What is watched, without the server's address.</param>
    /// <param name="body">The beginning of the line.</param>
    void EventReceived(string pathAndQuery, string body)
    {
    }

    /// <summary>Something that the user should know once: a deprecation that the server announces, a connection that is being made again.</summary>
    /// <param name="message">One sentence.</param>
    void Warning(string message);

    /// <summary>Something that explains what a request was for where that is not what one would expect. For Verbose.</summary>
    /// <param name="message">One sentence.</param>
    void Note(string message)
    {
    }
}

/// <summary>Where a <see cref="IKubernetesApi"/> talks to, and as whom.</summary>
/// <param name="Server">The server's address, without credentials.</param>
/// <param name="Context">The kubeconfig context; null where none was used.</param>
/// <param name="Namespace">The namespace to use where none is named.</param>
/// <param name="User">The kubeconfig's name for the user; null where there is none.</param>
/// <param name="Fingerprint">A hash of address and authority: what identifies a cluster whose kube-system cannot be read.</param>
public sealed record KubernetesEndpoint(Uri Server, string? Context, string Namespace, string? User, string Fingerprint)
{
    /// <summary>Whom the server is asked to take one for (<c>as</c>); null where one is oneself.</summary>
    public string? ImpersonatedUser { get; init; }

    /// <summary>The kubeconfig file, where kubectl would not find it by itself; null where it would, and where it is no file.</summary>
    public string? KubeConfig { get; init; }

    /// <summary>The options that lead kubectl to the same place, each behind a blank, as one types them in PowerShell or a shell.</summary>
    public string KubectlOptions => (Context is null ? "" : $" --context {Context}") + (KubeConfig is null ? "" : $" --kubeconfig {(KubeConfig.All(c => char.IsAsciiLetterOrDigit(c) || "-_./\\:~".Contains(c, StringComparison.Ordinal)) ? KubeConfig : $"'{KubeConfig.Replace("'", "''", StringComparison.Ordinal)}'")}");

    /// <summary>Such as <c>context 'kind-capi' (https://127.0.0.1:6443)</c>: what a question to the user names.</summary>
    public override string ToString() => Context is null ? ProblemTable.Show(Server) : $"context '{Context}' ({ProblemTable.Show(Server)})";
}

/// <summary>
/// A Kubernetes API, any resource of it. Everything is thread-safe. What goes wrong is thrown as <see cref="CapiProblemException"/>;
/// a cancelled token ends in <see cref="OperationCanceledException"/>.
/// </summary>
public interface IKubernetesApi : IDisposable
{
    /// <summary>Where it talks to.</summary>
    KubernetesEndpoint Endpoint { get; }

    /// <summary>The same connection, whose requests are told to <paramref name="observer"/>. Disposing of it does nothing.</summary>
    /// <param name="observer">Is told.</param>
    IKubernetesApi Observe(IApiObserver observer);

    /// <summary>The server's version, such as <c>v1.34.1</c>.</summary>
    /// <param name="cancellationToken">Ends the request.</param>
    Task<string> GetServerVersionAsync(CancellationToken cancellationToken);

    /// <summary>What the server serves.</summary>
    /// <param name="cancellationToken">Ends the request.</param>
    Task<ServedResources> DiscoverAsync(CancellationToken cancellationToken);

    /// <summary>
    /// All objects of a query, in the server's order, each handed on as soon as it has arrived, none twice: in one request, or in pages where the query says so or
    /// the server cannot answer otherwise. Where it forgets the list between two pages, a new one supplies what is missing: objects handed on before are not told
    /// again, even if they have changed or gone.
    /// </summary>
    /// <typeparam name="T">The model.</typeparam>
    /// <param name="query">Which objects.</param>
    /// <param name="reader">Turns one object into a model.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    IAsyncEnumerable<T> ListAsync<T>(ResourceQuery query, JsonItemReader<T> reader, CancellationToken cancellationToken);

    /// <summary>
    /// What is there (<see cref="ResourceEventType.Initial"/>, then <see cref="ResourceEventType.Synced"/>), and then every change, without end.
    /// A broken connection is made again; after 410 Gone what changed meanwhile is told, deletions too, each object's newest state once. Where the server says for
    /// a minute that it does not serve the resource, the watch ends with that problem.
    /// </summary>
    /// <typeparam name="T">The model.</typeparam>
    /// <param name="query">Which objects.</param>
    /// <param name="reader">Turns one object into a model.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    IAsyncEnumerable<ResourceEvent<T>> WatchAsync<T>(ResourceQuery query, JsonItemReader<T> reader, CancellationToken cancellationToken)
        where T : class, IKubernetesObject;

    /// <summary>One object.</summary>
    /// <typeparam name="T">The model.</typeparam>
    /// <param name="path">Which one.</param>
    /// <param name="reader">Turns it into a model.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    Task<T> GetAsync<T>(ResourcePath path, JsonItemReader<T> reader, CancellationToken cancellationToken);

    /// <summary>Changes one object and returns what the server made of it. Is known to the server as the doing of <c>capiworkshop</c>.</summary>
    /// <typeparam name="T">The model.</typeparam>
    /// <param name="path">Which one.</param>
    /// <param name="patch">The change.</param>
    /// <param name="reader">Turns the answer into a model.</param>
    /// <param name="dryRun">Whether the server shall check everything and write nothing.</param>
    /// <param name="cancellationToken">Ends the request; the server may have acted already.</param>
    /// <exception cref="CapiProblemException">
    /// <c>ApiConflict</c> where a test of a JSON patch fails or an apply would take fields from another owner, <c>ApiInvalid</c> where the server does not accept the
    /// result, and what it answered else.
    /// </exception>
    Task<T> PatchAsync<T>(ResourcePath path, Patch patch, JsonItemReader<T> reader, bool dryRun, CancellationToken cancellationToken);

    /// <summary>Creates an object and returns what the server made of it.</summary>
    /// <typeparam name="T">The model.</typeparam>
    /// <param name="type">The type of resource.</param>
    /// <param name="ns">The namespace; null for cluster-scoped types.</param>
    /// <param name="manifest">The object, UTF-8 JSON.</param>
    /// <param name="reader">Turns the answer into a model.</param>
    /// <param name="dryRun">Whether the server shall check everything and write nothing.</param>
    /// <param name="cancellationToken">Ends the request; the server may have acted already.</param>
    Task<T> CreateAsync<T>(ResourceType type, string? ns, ReadOnlyMemory<byte> manifest, JsonItemReader<T> reader, bool dryRun, CancellationToken cancellationToken);

    /// <summary>Asks for the deletion of an object. It is gone only when its finalizers are: watch it.</summary>
    /// <param name="path">Which one.</param>
    /// <param name="request">How.</param>
    /// <param name="cancellationToken">Ends the request; the server may have acted already.</param>
    /// <exception cref="CapiProblemException"><c>ApiConflict</c> where the object has another identity or state than the request names, and what the server answered else.</exception>
    Task DeleteAsync(ResourcePath path, DeleteRequest request, CancellationToken cancellationToken);
}

/// <summary>Opens the API that a kubeconfig's current context describes. Asks nothing yet; dispose of what it returns.</summary>
/// <param name="name">What the kubeconfig is called in messages, such as <c>secret default/dev-cluster-kubeconfig</c>.</param>
/// <param name="kubeConfig">The kubeconfig, UTF-8 YAML. It came over a network: it may neither name files nor run programs.</param>
/// <exception cref="CapiProblemException"><c>KubeConfigInvalid</c>, <c>ContextNotFound</c> or <c>CredentialNotSupported</c>.</exception>
public delegate IKubernetesApi KubernetesApiOpener(string name, ReadOnlyMemory<byte> kubeConfig);
