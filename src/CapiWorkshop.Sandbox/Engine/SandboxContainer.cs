namespace CapiWorkshop.Sandbox.Engine;

/// <summary>What a simulated container uses on average.</summary>
/// <param name="CpuMillicores">Processor time; 1000 is one core.</param>
/// <param name="MemoryBytes">Memory in use, without page cache.</param>
internal sealed record ContainerLoad(int CpuMillicores, long MemoryBytes);

/// <summary>A container of the sandbox's engine: it has a name, labels and a load, and runs nothing.</summary>
internal sealed record SandboxContainer
{
    /// <summary>64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Image { get; init; }

    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required ContainerLoad Load { get; init; }
}
