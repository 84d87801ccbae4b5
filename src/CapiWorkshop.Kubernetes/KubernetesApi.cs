using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Kubernetes.Http;
using CapiWorkshop.Kubernetes.Reading;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Kubernetes;

/// <summary>A Kubernetes API over HTTP. Everything is streamed: no list is ever held whole.</summary>
public sealed class KubernetesApi : IKubernetesApi
{
    private const string AggregatedDiscovery =
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

    private readonly KubernetesTransport _transport;
    private readonly TimeProvider _clock;
    private readonly IApiObserver? _observer;
    private readonly StrongBox<bool> _streamsNoLists;

    /// <summary>Opens nothing yet: the first request does.</summary>
    /// <param name="target">Where to go and who one is.</param>
    /// <param name="clock">The clock; the system's where it is null.</param>
    /// <param name="told">Which warnings are not told again; the process's where it is null.</param>
    /// <exception cref="CapiProblemException"><c>KubeConfigInvalid</c> where a certificate or key cannot be used.</exception>
    public KubernetesApi(KubeTarget target, TimeProvider? clock = null, ToldWarnings? told = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        _clock = clock ?? TimeProvider.System;
        _transport = new(target, _clock, told ?? ToldWarnings.OfProcess);
        _streamsNoLists = new();
    }

    private KubernetesApi(KubernetesApi shared, IApiObserver observer)
    {
        _transport = shared._transport;
        _clock = shared._clock;
        _observer = observer;
        _streamsNoLists = shared._streamsNoLists;
    }

    /// <inheritdoc/>
    public KubernetesEndpoint Endpoint => _transport.Endpoint;

    /// <inheritdoc/>
    public IKubernetesApi Observe(IApiObserver observer) => new KubernetesApi(this, observer);

    /// <inheritdoc/>
    public Task<string> GetServerVersionAsync(CancellationToken cancellationToken) =>
        GetDocumentAsync("/version", static root => root.GetProperty("gitVersion").GetString() ?? throw new JsonException("The server does not tell its version."), cancellationToken);

    /// <inheritdoc/>
    public async Task<ServedResources> DiscoverAsync(CancellationToken cancellationToken)
    {
        (IReadOnlyList<ResourceType>? all, IReadOnlyList<(string Group, string Version)> groups) =
            await GetDocumentAsync("/apis", DiscoveryReading.Root, cancellationToken, AggregatedDiscovery).ConfigureAwait(false);
        if (all is not null)
        {
            return new(all);
        }

        IReadOnlyList<ResourceType>[] resources = new IReadOnlyList<ResourceType>[groups.Count];
        await Parallel.ForAsync(0, groups.Count, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken }, async (i, token) =>
        {
            (string group, string version) = groups[i];
            try
            {
                resources[i] = await GetDocumentAsync($"/apis/{group}/{version}", root => DiscoveryReading.Resources(root, group, version), token).ConfigureAwait(false);
            }
            catch (CapiProblemException e) when (e.Problem.Category is CapiProblemCategory.ResourceUnavailable or CapiProblemCategory.ObjectNotFound)
            {
                resources[i] = []; // an aggregated API whose server is down does not hide the others
            }
        }).ConfigureAwait(false);
        return new(resources.SelectMany(list => list));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<T> ListAsync<T>(ResourceQuery query, JsonItemReader<T> reader, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using ListReading<T> list = new(this, query, reader);
        while (await list.MoveNextAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return list.Current;
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ResourceEvent<T>> WatchAsync<T>(ResourceQuery query, JsonItemReader<T> reader, CancellationToken cancellationToken)
        where T : class, IKubernetesObject => new ResourceWatch<T>(this, query, reader, _clock, _observer).RunAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<T> GetAsync<T>(ResourcePath path, JsonItemReader<T> reader, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(path);
        return ReadBodyAsync(HttpMethod.Get, UrlOf(path), SubjectOf("get", path), null, null, body => ReadObject(body, reader), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<T> PatchAsync<T>(ResourcePath path, Patch patch, JsonItemReader<T> reader, bool dryRun, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(patch);
        string mediaType = patch.Kind switch
        {
            PatchKind.Json => "application/json-patch+json",
            PatchKind.Apply => "application/apply-patch+yaml", // JSON is YAML, and servers before 1.30 know no other name for it
            _ => "application/merge-patch+json",
        };
        string url = UrlOf(path) + WriteOptions(dryRun) + (patch is { Kind: PatchKind.Apply, Force: true } ? "&force=true" : "");
        RequestSubject subject = SubjectOf("patch", path) with { HasTests = patch.Kind == PatchKind.Json };
        return ReadBodyAsync(HttpMethod.Patch, url, subject, null, Json(patch.Body, mediaType), body => ReadObject(body, reader), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<T> CreateAsync<T>(ResourceType type, string? ns, ReadOnlyMemory<byte> manifest, JsonItemReader<T> reader, bool dryRun, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(type);
        return ReadBodyAsync(HttpMethod.Post, Root(type, ns) + WriteOptions(dryRun), SubjectOf("create", new ResourceQuery(type, ns)), null, Json(manifest, "application/json"), body => ReadObject(body, reader), cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteAsync(ResourcePath path, DeleteRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(request);
        return ReadBodyAsync(HttpMethod.Delete, UrlOf(path), SubjectOf("delete", path), null, Json(DeleteBody.Write(request), "application/json"), static _ => true, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_observer is null)
        {
            _transport.Dispose();
        }
    }

    /// <summary>Whether the server may know lists that are told as the beginning of a watch. One refusal settles it for the whole connection.</summary>
    internal bool MayStreamLists
    {
        get => !_streamsNoLists.Value;
        set => _streamsNoLists.Value = !value;
    }

    /// <summary>Opens a list, or a page of one.</summary>
    /// <param name="query">Which objects.</param>
    /// <param name="limit">How many at most; null for all.</param>
    /// <param name="token">Where the page before ended, in the server's words; null for the first.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    internal Task<KubernetesTransport.Answer> OpenListAsync(ResourceQuery query, int? limit, string? token, CancellationToken cancellationToken)
    {
        string page = (limit is null ? "" : $"limit={limit}") + (token is null ? "" : $"&continue={Uri.EscapeDataString(token)}");
        return _transport.SendAsync(HttpMethod.Get, PathOf(query, page), SubjectOf("list", query), _observer, cancellationToken, isWholeList: limit is null);
    }

    /// <summary>Opens a watch behind a resourceVersion; where that is null, one that tells first what is there.</summary>
    internal Task<KubernetesTransport.Answer> OpenWatchAsync(ResourceQuery query, string? resourceVersion, int timeoutSeconds, CancellationToken cancellationToken)
    {
        string from = resourceVersion is null ? "sendInitialEvents=true&resourceVersionMatch=NotOlderThan" : $"resourceVersion={Uri.EscapeDataString(resourceVersion)}";
        return _transport.SendAsync(
            HttpMethod.Get,
            PathOf(query, $"watch=1&allowWatchBookmarks=true&{from}&timeoutSeconds={timeoutSeconds}"),
            SubjectOf("watch", query),
            _observer,
            cancellationToken);
    }

    /// <summary>Tells the observer why there is another request.</summary>
    internal void Note(string message) => _observer?.Note(message);

    /// <summary>Waits between two requests; not longer than the connection is open.</summary>
    /// <exception cref="CapiProblemException"><c>NotConnected</c> where it was closed.</exception>
    internal Task PauseAsync(TimeSpan time, CancellationToken cancellationToken) => _transport.PauseAsync(time, cancellationToken);

    /// <summary>The problem that an exception means which came up while a body was read; null where it is no problem of the wire.</summary>
    internal CapiProblem? Translate(Exception exception) => (exception as CapiProblemException)?.Problem ?? _transport.Translate(exception);

    /// <summary>A small document, read as a tree. What is not as it should be in it is an answer that cannot be understood.</summary>
    private async Task<T> GetDocumentAsync<T>(string path, Func<JsonElement, T> read, CancellationToken cancellationToken, string? accept = null)
    {
        RequestSubject subject = new("get", path, path, null, null, Endpoint.Server, Endpoint.Context) { KubectlOptions = Endpoint.KubectlOptions };
        return await ReadBodyAsync(HttpMethod.Get, path, subject, accept, null, body =>
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return read(document.RootElement);
        }, cancellationToken).ConfigureAwait(false);
    }

    private static T ReadObject<T>(ReadOnlyMemory<byte> body, JsonItemReader<T> read)
    {
        Utf8JsonReader reader = new(body.Span);
        return reader.Read() && reader.TokenType == JsonTokenType.StartObject ? read(ref reader) : throw new JsonException("An object was expected.");
    }

    private static Func<HttpContent> Json(ReadOnlyMemory<byte> body, string mediaType) => () => new ReadOnlyMemoryContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } };

    private static string WriteOptions(bool dryRun) => $"?fieldManager=capiworkshop{(dryRun ? "&dryRun=All" : "")}";

    private async Task<T> ReadBodyAsync<T>(
        HttpMethod method, string url, RequestSubject subject, string? accept, Func<HttpContent>? content, Func<ReadOnlyMemory<byte>, T> read, CancellationToken cancellationToken)
    {
        await using KubernetesTransport.Answer answer = await _transport.SendAsync(method, url, subject, _observer, cancellationToken, accept, content).ConfigureAwait(false);
        using MemoryStream body = new();
        await answer.CopyToAsync(body).ConfigureAwait(false);
        try
        {
            return read(body.GetBuffer().AsMemory(0, (int)body.Length));
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or JsonException or InvalidDataException)
        {
            throw _transport.Translate(e as JsonException ?? new JsonException(e is KeyNotFoundException ? "it lacks a field that every such answer has" : e.Message, e))!.ToException(e);
        }
    }

    private RequestSubject SubjectOf(string verb, ResourceQuery query) =>
        new(verb, query.Type.QualifiedName, query.Type.Kind, query.Namespace, null, Endpoint.Server, Endpoint.Context) { ConfidentialField = query.Type.ConfidentialField, KubectlOptions = Endpoint.KubectlOptions };

    private RequestSubject SubjectOf(string verb, ResourcePath path) =>
        new(verb, path.Subresource is null ? path.Type.QualifiedName : $"{path.Type.QualifiedName}/{path.Subresource}", path.Type.Kind, path.Namespace, path.Name, Endpoint.Server, Endpoint.Context) { ConfidentialField = path.Type.ConfidentialField, KubectlOptions = Endpoint.KubectlOptions };

    private static string UrlOf(ResourcePath path) =>
        $"{Root(path.Type, path.Namespace)}/{Uri.EscapeDataString(path.Name)}{(path.Subresource is null ? "" : "/" + path.Subresource)}";

    private static string Root(ResourceType type, string? ns) =>
        (type.Group.Length == 0 ? $"/api/{type.Version}" : $"/apis/{type.Group}/{type.Version}")
        + (ns is null ? "" : $"/namespaces/{Uri.EscapeDataString(ns)}") + "/" + type.Plural;

    private static string PathOf(ResourceQuery query, string parameters)
    {
        string path = Root(query.Type, query.Namespace);
        char separator = '?';
        foreach ((string name, string? value) in (ReadOnlySpan<(string, string?)>)[("labelSelector", query.LabelSelector), ("fieldSelector", query.FieldSelector)])
        {
            if (value is not null)
            {
                path += $"{separator}{name}={Uri.EscapeDataString(value)}";
                separator = '&';
            }
        }

        return parameters.Length == 0 ? path : $"{path}{separator}{parameters}";
    }
}
