namespace CapiWorkshop.Sandbox.Engine;

/// <summary>What a simulated container uses on average.</summary>
/// <param name="CpuMillicores">Processor time; 1000 is one core.</param>
/// <param name="MemoryBytes">Memory in use, without page cache.</param>
internal sealed record ContainerLoad(int CpuMillicores, long MemoryBytes);

/// <summary>The states that a container of the sandbox can be in.</summary>
internal enum ContainerState
{
    Running,
    Paused,
    Exited,
}

/// <summary>A container of the sandbox's engine: it has a name, labels and a load, and runs nothing. One state of it, frozen.</summary>
internal sealed record SandboxContainer
{
    /// <summary>64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Image { get; init; }

    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required ContainerLoad Load { get; init; }

    /// <summary>Which one it is on the network that kind's containers share.</summary>
    public required int NetworkNumber { get; init; }

    /// <summary>Nobody listens there.</summary>
    public string Address => $"172.18.{NetworkNumber >> 8}.{NetworkNumber & 255}";

    public ContainerState State { get; init; }

    /// <summary>When it was started last.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it exited last; null where it never did.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    public int ExitCode { get; init; }

    /// <summary>How long it had run, since its last start, at <see cref="CountedAt"/>.</summary>
    public TimeSpan Ran { get; init; }

    /// <summary>A timestamp of the wire's clock.</summary>
    public required long CountedAt { get; init; }
}
