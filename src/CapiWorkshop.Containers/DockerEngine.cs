using System.Text;
using System.Text.Json;
using CapiWorkshop.Containers.Configuration;
using CapiWorkshop.Containers.Http;
using CapiWorkshop.Containers.Reading;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Containers;

/// <summary>An engine that speaks the Docker Engine API: Docker itself, podman's compatible service, and whatever else does.</summary>
public sealed class DockerEngine : IContainerEngine
{
    /// <summary>The newest version that the readers were written for. Engines drop old versions sooner than they change what is read here.</summary>
    private static readonly Version Newest = new(1, 50);

    /// <summary>It has all that is asked for here; an engine that speaks nothing newer is ten years old.</summary>
    private static readonly Version Oldest = new(1, 24);

    private const int FullIdLength = 64;

    private readonly EngineTransport _transport;
    private readonly AsyncOnce<Negotiated> _versions;
    private readonly IApiObserver? _observer;

    /// <summary>Opens nothing yet: the first request does.</summary>
    /// <param name="target">Where to go.</param>
    /// <param name="clock">The clock; the system's where it is null.</param>
    /// <param name="told">Which warnings are not told again; the process's where it is null.</param>
    /// <exception cref="CapiProblemException"><c>EngineConfigInvalid</c> where a certificate or key cannot be used.</exception>
    public DockerEngine(EngineTarget target, TimeProvider? clock = null, ToldWarnings? told = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        _transport = new(target, clock ?? TimeProvider.System, told ?? ToldWarnings.OfProcess);
        _versions = new();
    }

    private DockerEngine(DockerEngine shared, IApiObserver observer)
    {
        _transport = shared._transport;
        _versions = shared._versions;
        _observer = observer;
    }

    private delegate T Reading<out T>(ref Utf8JsonReader reader);

    /// <inheritdoc/>
    public EngineEndpoint Endpoint => _transport.Endpoint;

    /// <inheritdoc/>
    public IContainerEngine Observe(IApiObserver observer) => new DockerEngine(this, observer);

    /// <inheritdoc/>
    public async Task<EngineVersion> GetVersionAsync(CancellationToken cancellationToken)
    {
        Negotiated versions = await NegotiateAsync(cancellationToken).ConfigureAwait(false);
        string? version = await GetAsync("/version", "tell its version", EngineReading.Version, cancellationToken).ConfigureAwait(false);
        return new(version, versions.Engine.ToString(), versions.Spoken.ToString());
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<EngineContainer>> ListAsync(IReadOnlyList<ContainerLabel> labels, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(labels);
        string filters = labels.Count == 0 ? "" : "&filters=" + Uri.EscapeDataString(Filters(labels));
        return GetAsync("/containers/json?all=true" + filters, "list containers", ContainerReading.List, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<ContainerSample?> SampleAsync(string id, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        const string Purpose = "tell what a container uses";
        EngineAnswer answer = await AskAsync(HttpMethod.Get, $"/containers/{Uri.EscapeDataString(id)}/stats?stream=false&one-shot=true", cancellationToken).ConfigureAwait(false);
        return answer switch
        {
            // podman's ways to say that a container does not run: a conflict, or a success without a word
            { Status: 409 } or { IsSuccess: true, Body.Length: 0 } => null,
            { IsSuccess: true } => Read(answer, SampleReading.Sample),
            _ => throw _transport.Refusal(answer, Purpose, id).ToException(),
        };
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(string id, CancellationToken cancellationToken)
    {
        // An engine takes a name, or the beginning of an id, for a container just as well: what is removed must not depend on what else is there.
        if (id is not { Length: FullIdLength } || !id.All(char.IsAsciiHexDigitLower))
        {
            throw new ArgumentException("A container is removed by its whole id.", nameof(id));
        }

        EngineAnswer answer = await AskAsync(HttpMethod.Delete, $"/containers/{id}?force=true&v=false", cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccess)
        {
            throw _transport.Refusal(answer, "remove a container", id).ToException();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_observer is null)
        {
            _transport.Dispose();
        }
    }

    /// <summary>Docker's own form: <c>{"label":["key=value"]}</c>.</summary>
    private static string Filters(IReadOnlyList<ContainerLabel> labels)
    {
        using MemoryStream json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("label"u8);
            foreach (ContainerLabel label in labels)
            {
                writer.WriteStringValue(label.ToString());
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(json.ToArray());
    }

    private async Task<T> GetAsync<T>(string path, string purpose, Reading<T> read, CancellationToken cancellationToken)
    {
        EngineAnswer answer = await AskAsync(HttpMethod.Get, path, cancellationToken).ConfigureAwait(false);
        return answer.IsSuccess ? Read(answer, read) : throw _transport.Refusal(answer, purpose).ToException();
    }

    private async Task<EngineAnswer> AskAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        Negotiated versions = await NegotiateAsync(cancellationToken).ConfigureAwait(false);
        return await _transport.SendAsync(method, $"/v{versions.Spoken}{path}", _observer, cancellationToken).ConfigureAwait(false);
    }

    private T Read<T>(EngineAnswer answer, Reading<T> read)
    {
        try
        {
            Utf8JsonReader reader = new(answer.Body.Span);
            reader.Read();
            return read(ref reader);
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            throw _transport.Problems.NoEngine(e.Message).ToException(e);
        }
    }

    private ValueTask<Negotiated> NegotiateAsync(CancellationToken cancellationToken) => _versions.GetAsync(
        async token =>
        {
            // The one path that is asked for without a version, and answered with the newest that the engine speaks.
            EngineAnswer answer = await _transport.SendAsync(HttpMethod.Get, "/_ping", _observer, token).ConfigureAwait(false);
            if (!answer.IsSuccess)
            {
                throw _transport.Refusal(answer, "answer").ToException();
            }

            if (!Version.TryParse(answer.ApiVersion, out Version? engine))
            {
                throw _transport.Problems.NoEngine("it does not tell the version of its API").ToException();
            }

            return engine >= Oldest ? new(engine, engine < Newest ? engine : Newest) : throw _transport.Problems.TooOld(engine, Oldest).ToException();
        },
        cancellationToken);

    private sealed record Negotiated(Version Engine, Version Spoken);
}
