namespace CapiWorkshop.Sandbox.Engine;

/// <summary>The containers that the sandbox's engine has. Controllers run and remove them; the engine's API shows them. Safe to use from many threads.</summary>
/// <param name="time">The world's clock: containers are as old as it says.</param>
/// <param name="random">Makes ids; the same seed and the same calls make the same ones.</param>
internal sealed class ContainerHost(TimeProvider time, Random random)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, SandboxContainer> _containers = new(StringComparer.Ordinal);

    /// <summary>Runs a container; the one of that name where there is one already.</summary>
    public SandboxContainer Run(string name, string image, IReadOnlyDictionary<string, string> labels, ContainerLoad load)
    {
        lock (_gate)
        {
            if (!_containers.TryGetValue(name, out SandboxContainer? container))
            {
                Span<byte> id = stackalloc byte[32];
                random.NextBytes(id);
                _containers[name] = container = new()
                {
                    Id = Convert.ToHexStringLower(id),
                    Name = name,
                    Image = image,
                    Labels = labels,
                    CreatedAt = time.GetUtcNow(),
                    Load = load,
                };
            }

            return container;
        }
    }

    /// <summary>Removes a container; false where there is none of that name.</summary>
    public bool Remove(string name)
    {
        lock (_gate)
            return _containers.Remove(name);
    }

    /// <summary>All of them, in the order of their names.</summary>
    public IReadOnlyList<SandboxContainer> List()
    {
        lock (_gate)
            return [.. _containers.Values];
    }
}
