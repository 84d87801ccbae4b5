using System.Collections.Concurrent;

namespace CapiWorkshop.Operations.Ports;

/// <summary>Which warnings have been told, so that each is told once, whatever connection it comes from. Thread-safe.</summary>
public sealed class ToldWarnings
{
    private readonly ConcurrentDictionary<string, bool> _told = new(StringComparer.Ordinal);

    /// <summary>What all connections of this process share that are given no other.</summary>
    public static ToldWarnings OfProcess { get; } = new();

    /// <summary>Tells a warning, unless it was told before or nobody listens: then it is told when somebody does.</summary>
    /// <param name="observer">Is told; null where nobody listens.</param>
    /// <param name="warning">The warning.</param>
    public void TellOnce(IApiObserver? observer, string warning)
    {
        if (observer is not null && _told.TryAdd(warning, true))
        {
            observer.Warning(warning);
        }
    }
}
