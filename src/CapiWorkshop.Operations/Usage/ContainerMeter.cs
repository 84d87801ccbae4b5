using System.Collections.Concurrent;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations;

/// <summary>What one container used at one moment; what cannot be said is null.</summary>
internal readonly record struct UsageReading(double? CpuPercent, long? MemoryBytes, TimeSpan? Interval);

/// <summary>
/// Measures containers of an engine. Processor time takes two samples: the first reading takes both, an interval apart; later readings take one each and
/// compare it with the one before.
/// </summary>
internal sealed class ContainerMeter(IContainerEngine engine, TimeProvider clock)
{
    /// <summary>Between the two samples of a first reading: long enough for the engine's counters, short enough to wait for.</summary>
    internal static readonly TimeSpan FirstInterval = TimeSpan.FromSeconds(1);

    /// <summary>Requests at a time: an engine answers each by reading files of the kernel.</summary>
    private const int AtOnce = 16;

    private Dictionary<string, ContainerSample> _last = new(StringComparer.Ordinal);

    /// <summary>The containers that run, by id; one that ended or vanished meanwhile is not among them.</summary>
    /// <param name="ids">The containers to measure.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    public async Task<IReadOnlyDictionary<string, UsageReading>> ReadAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        Dictionary<string, ContainerSample> first = _last;
        if (first.Count == 0 && ids.Count > 0)
        {
            first = await SampleAsync(ids, cancellationToken).ConfigureAwait(false);
            await Task.Delay(FirstInterval, clock, cancellationToken).ConfigureAwait(false);
        }

        Dictionary<string, ContainerSample> second = await SampleAsync(ids, cancellationToken).ConfigureAwait(false);
        _last = second;
        return second.ToDictionary(
            sample => sample.Key,
            sample => first.TryGetValue(sample.Key, out ContainerSample? before)
                ? new UsageReading(ContainerUsage.CpuPercent(before, sample.Value), sample.Value.MemoryBytes, sample.Value.ReadAt - before.ReadAt)
                : new UsageReading(null, sample.Value.MemoryBytes, null),
            StringComparer.Ordinal);
    }

    private async Task<Dictionary<string, ContainerSample>> SampleAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        ConcurrentDictionary<string, ContainerSample> samples = new(StringComparer.Ordinal);
        await Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (id, token) =>
        {
            try
            {
                if (await engine.SampleAsync(id, token).ConfigureAwait(false) is ContainerSample sample)
                {
                    samples[id] = sample;
                }
            }
            catch (CapiProblemException e) when (e.Problem.Category == CapiProblemCategory.ObjectNotFound)
            {
                // It was there a moment ago, when the containers were listed.
            }
        }).ConfigureAwait(false);
        return new(samples, StringComparer.Ordinal);
    }
}
