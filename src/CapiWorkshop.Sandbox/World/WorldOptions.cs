namespace CapiWorkshop.Sandbox.World;

/// <summary>How a world is to be.</summary>
internal sealed record WorldOptions
{
    /// <summary>The same seed makes the same world: names, times and, with the same <see cref="Identity"/>, uids.</summary>
    public int Seed { get; init; }

    /// <summary>Which world this is: two that look the same are two all the same, and clients tell clusters apart by uids.</summary>
    public Guid Identity { get; init; }

    /// <summary>How many seconds pass in the world while one passes outside.</summary>
    public double TimeScale { get; init; } = 1;

    /// <summary>When the world begins to run by itself: its past lies before.</summary>
    public DateTimeOffset Now { get; init; } = TimeProvider.System.GetUtcNow();

    /// <summary>Further clusters beside the workshop's two, kubeadm and k0smotron in turn.</summary>
    public int Clusters { get; init; }

    /// <summary>How many workers each of the further clusters has.</summary>
    public int WorkersPerCluster { get; init; } = 2;
}
