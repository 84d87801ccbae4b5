namespace CapiWorkshop.Operations.Ports;

/// <summary>Where a <see cref="IContainerEngine"/> talks to.</summary>
/// <param name="Address">The address as <c>DOCKER_HOST</c> spells it, such as <c>unix:///var/run/docker.sock</c>; never with credentials.</param>
/// <param name="Context">The engine's context by whose name it was found; null where none was used.</param>
public sealed record EngineEndpoint(string Address, string? Context)
{
    /// <summary>Such as <c>context 'desktop-linux' (unix:///home/me/.docker/desktop/docker.sock)</c>: what a message names.</summary>
    public override string ToString() => Context is null ? Address : $"context '{Context}' ({Address})";
}

/// <summary>What an engine is.</summary>
/// <param name="Version">The engine's own version, such as <c>28.2.2</c>; null where it does not say.</param>
/// <param name="ApiVersion">The newest version of its API that it speaks, such as <c>1.50</c>.</param>
/// <param name="NegotiatedApiVersion">The version that is spoken with it: the newest that both sides know.</param>
public sealed record EngineVersion(string? Version, string ApiVersion, string NegotiatedApiVersion);

/// <summary>A label that a container must have.</summary>
/// <param name="Key">The label's name.</param>
/// <param name="Value">Its value; null for any.</param>
public readonly record struct ContainerLabel(string Key, string? Value = null)
{
    /// <summary><c>key=value</c>, or the key alone.</summary>
    public override string ToString() => Value is null ? Key : $"{Key}={Value}";
}

/// <summary>What a container is doing.</summary>
public enum ContainerState
{
    /// <summary>The engine did not say, or used a word that is not known here.</summary>
    Unknown,

    /// <summary>It was made and has never run.</summary>
    Created,

    /// <summary>Its processes run.</summary>
    Running,

    /// <summary>Its processes are frozen; they keep their memory.</summary>
    Paused,

    /// <summary>It ended and is being started again.</summary>
    Restarting,

    /// <summary>It is being removed.</summary>
    Removing,

    /// <summary>Its processes have ended.</summary>
    Exited,

    /// <summary>It could not be removed, and is of no more use.</summary>
    Dead,
}

/// <summary>One container of an engine. Immutable; what the engine did not say is null.</summary>
public sealed record EngineContainer
{
    /// <summary>The identity, 64 hexadecimal digits: a new container of the same name has another.</summary>
    public required string Id { get; init; }

    /// <summary>Its names, its own first, without the slash that stands before them on the wire.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Its own name; null where it has none.</summary>
    public string? Name => Names is [string first, ..] ? first : null;

    /// <summary>The image as it was asked for.</summary>
    public string? Image { get; init; }

    /// <summary>What it is doing.</summary>
    public ContainerState State { get; init; }

    /// <summary>The engine's own word for that.</summary>
    public string? RawState { get; init; }

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = CapiResource.EmptyMap;

    /// <summary>When it was made, UTC, to the second.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name ?? Id;
}

/// <summary>
/// What a running or paused container has used up to one moment. Counters count from its start, so a rate takes two samples:
/// <see cref="ContainerUsage"/>. What the engine did not say is null.
/// </summary>
public sealed record ContainerSample
{
    /// <summary>When the engine read the counters, by its own clock, UTC.</summary>
    public required DateTimeOffset ReadAt { get; init; }

    /// <summary>Processor time that the container has had, all cores together, nanoseconds.</summary>
    public long? CpuNanoseconds { get; init; }

    /// <summary>Time of all cores of the machine, busy and idle together, nanoseconds.</summary>
    public long? SystemCpuNanoseconds { get; init; }

    /// <summary>Cores of the machine that are online.</summary>
    public int? OnlineCpus { get; init; }

    /// <summary>Memory in use, without the page cache that could be dropped at once, bytes: what <c>docker stats</c> shows.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Memory that it may use, bytes; the machine's where it has no limit of its own.</summary>
    public long? MemoryLimitBytes { get; init; }

    /// <summary>Bytes received over all its networks.</summary>
    public long? NetworkRxBytes { get; init; }

    /// <summary>Bytes sent over all its networks.</summary>
    public long? NetworkTxBytes { get; init; }

    /// <summary>Bytes read from block devices.</summary>
    public long? BlockReadBytes { get; init; }

    /// <summary>Bytes written to block devices.</summary>
    public long? BlockWriteBytes { get; init; }
}

/// <summary>
/// A container engine, as far as one looks at what runs there and clears away what was left. Everything is thread-safe. What goes wrong is thrown as
/// <see cref="CapiProblemException"/>; a cancelled token ends in <see cref="OperationCanceledException"/>.
/// </summary>
public interface IContainerEngine : IDisposable
{
    /// <summary>Where it talks to.</summary>
    EngineEndpoint Endpoint { get; }

    /// <summary>The same connection, whose requests are told to <paramref name="observer"/>. Disposing of it does nothing.</summary>
    /// <param name="observer">Is told.</param>
    IContainerEngine Observe(IApiObserver observer);

    /// <summary>What the engine is, and which version of its API is spoken with it.</summary>
    /// <param name="cancellationToken">Ends the request.</param>
    Task<EngineVersion> GetVersionAsync(CancellationToken cancellationToken);

    /// <summary>The containers that have all of these labels, in the engine's order, whatever they are doing.</summary>
    /// <param name="labels">The labels; none for every container.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    Task<IReadOnlyList<EngineContainer>> ListAsync(IReadOnlyList<ContainerLabel> labels, CancellationToken cancellationToken);

    /// <summary>
    /// What a container has used up to now; null where it does not run. The engine is asked for one reading and not for the pair that it would take a second or
    /// two over: many containers can be asked about at once, and it is the caller who bounds how many.
    /// </summary>
    /// <param name="id">The container's id or name.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="CapiProblemException"><c>ContainerNotFound</c> where there is no such container, or no more.</exception>
    Task<ContainerSample?> SampleAsync(string id, CancellationToken cancellationToken);

    /// <summary>Removes a container, running or not. Its anonymous volumes stay, and so do networks.</summary>
    /// <param name="id">The container's whole id, 64 hexadecimal digits: a name may mean another one tomorrow.</param>
    /// <param name="cancellationToken">Ends the request; the engine may have acted already.</param>
    /// <exception cref="CapiProblemException"><c>ContainerNotFound</c> where there is no such container, or no more.</exception>
    /// <exception cref="ArgumentException">It is no whole id.</exception>
    Task RemoveAsync(string id, CancellationToken cancellationToken);
}
