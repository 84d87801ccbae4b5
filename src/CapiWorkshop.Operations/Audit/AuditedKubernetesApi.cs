using System.Text.Json;
using System.Text.Json.Nodes;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Operations;

/// <summary>A view of an API whose writes, rehearsed ones too, are recorded: one line before each, without which it is not made, and one after it.</summary>
internal sealed class AuditedKubernetesApi(IKubernetesApi api, AuditTrail trail, IApiObserver? observer) : IKubernetesApi
{
    private readonly IKubernetesApi _reading = observer is null ? api : api.Observe(observer);

    public KubernetesEndpoint Endpoint => api.Endpoint;

    public IKubernetesApi Observe(IApiObserver observer) => new AuditedKubernetesApi(api, trail, observer);

    public Task<string> GetServerVersionAsync(CancellationToken cancellationToken) => _reading.GetServerVersionAsync(cancellationToken);

    public Task<ServedResources> DiscoverAsync(CancellationToken cancellationToken) => _reading.DiscoverAsync(cancellationToken);

    public IAsyncEnumerable<T> ListAsync<T>(ResourceQuery query, JsonItemReader<T> reader, CancellationToken cancellationToken) => _reading.ListAsync(query, reader, cancellationToken);

    public IAsyncEnumerable<ResourceEvent<T>> WatchAsync<T>(ResourceQuery query, JsonItemReader<T> reader, CancellationToken cancellationToken)
        where T : class, IKubernetesObject => _reading.WatchAsync(query, reader, cancellationToken);

    public Task<T> GetAsync<T>(ResourcePath path, JsonItemReader<T> reader, CancellationToken cancellationToken) => _reading.GetAsync(path, reader, cancellationToken);

    public async Task<T> PatchAsync<T>(ResourcePath path, Patch patch, JsonItemReader<T> reader, bool dryRun, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, JsonNode?> asked = AuditedFields.Of(patch);
        JsonNode? before = await TryGetAsync(path, cancellationToken).ConfigureAwait(false);
        AuditedWrite write = new(patch.Kind == PatchKind.Apply ? "apply" : "patch", path.Type, path.Namespace, path.Name, path.Subresource, dryRun)
        {
            Uid = UidOf(before),
            Before = before is null ? null : AuditedFields.Pick(before, asked.Keys),
            After = asked,
        };
        return await WriteAsync(write, reader, (audited, capturing) => audited.PatchAsync(path, patch, capturing, dryRun, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    public Task<T> CreateAsync<T>(ResourceType type, string? ns, ReadOnlyMemory<byte> manifest, JsonItemReader<T> reader, bool dryRun, CancellationToken cancellationToken)
    {
        if (type.Group == CoreTypes.AccessReview.Group)
        {
            return _reading.CreateAsync(type, ns, manifest, reader, dryRun, cancellationToken); // a question that only looks like a write: nothing of it stays
        }

        IReadOnlyDictionary<string, JsonNode?> asked = AuditedFields.Of(manifest);
        AuditedWrite write = new("create", type, ns, (string?)asked.GetValueOrDefault("/metadata/name"), null, dryRun) { After = asked };
        return WriteAsync(write, reader, (audited, capturing) => audited.CreateAsync(type, ns, manifest, capturing, dryRun, cancellationToken), cancellationToken);
    }

    public Task DeleteAsync(ResourcePath path, DeleteRequest request, CancellationToken cancellationToken) =>
        WriteAsync<object?>(
            new("delete", path.Type, path.Namespace, path.Name, path.Subresource, request.DryRun) { Uid = request.Uid },
            static (ref Utf8JsonReader reader) => { reader.Skip(); return null; },
            async (audited, _) =>
            {
                await audited.DeleteAsync(path, request, cancellationToken).ConfigureAwait(false);
                return null;
            },
            cancellationToken);

    /// <summary>Leaves the API to whom it belongs: this is a view.</summary>
    public void Dispose()
    {
    }

    private async Task<T> WriteAsync<T>(AuditedWrite write, JsonItemReader<T> reader, Func<IKubernetesApi, JsonItemReader<T>, Task<T>> make, CancellationToken cancellationToken)
    {
        await trail.RequestAsync(Endpoint, write, cancellationToken).ConfigureAwait(false);
        RequestIdObserver told = new(observer);
        JsonNode? answer = null;
        T made;
        try
        {
            made = await make(api.Observe(told), (ref Utf8JsonReader json) =>
            {
                Utf8JsonReader again = json;
                answer = JsonNode.Parse(ref again);
                return reader(ref json);
            }).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            CapiProblem? problem = (e as CapiProblemException)?.Problem;
            await trail.CompleteAsync(Endpoint, write with { After = null }, new(problem?.HttpStatus is null ? "unknown" : "failed", problem?.Id, told.RequestId)).ConfigureAwait(false);
            throw;
        }

        await trail.CompleteAsync(
            Endpoint,
            write with { Uid = UidOf(answer) ?? write.Uid, After = answer is null || write.After is null ? null : AuditedFields.Pick(answer, write.After.Keys) },
            new("succeeded", null, told.RequestId)).ConfigureAwait(false);
        return made;
    }

    /// <summary>What is there before a patch; null where it cannot be read: that one may not look is no reason not to write.</summary>
    private async Task<JsonNode?> TryGetAsync(ResourcePath path, CancellationToken cancellationToken)
    {
        try
        {
            return await _reading.GetAsync(path, static (ref Utf8JsonReader json) => JsonNode.Parse(ref json), cancellationToken).ConfigureAwait(false);
        }
        catch (CapiProblemException)
        {
            return null;
        }
    }

    private static string? UidOf(JsonNode? item) => (string?)item?["metadata"]?["uid"];

    /// <summary>Remembers what the server calls a request in its own audit.</summary>
    private sealed class RequestIdObserver(IApiObserver? next) : IApiObserver
    {
        public string? RequestId { get; private set; }

        public bool WantsBodies => next?.WantsBodies == true;

        public void RequestCompleted(ApiRequest request)
        {
            RequestId = request.AuditId;
            next?.RequestCompleted(request);
        }

        public void EventReceived(string pathAndQuery, string body) => next?.EventReceived(pathAndQuery, body);

        public void Warning(string message) => next?.Warning(message);

        public void Note(string message) => next?.Note(message);
    }
}
