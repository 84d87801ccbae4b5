using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations;

/// <summary>Rates out of two samples of one container.</summary>
public static class ContainerUsage
{
    /// <summary>Engines update a running task's counter at its next tick only, so a short interval may show a little more than all cores can give.</summary>
    private const double Slack = 1.1;

    /// <summary>The share of processor time between two samples, in per cent: 100 is one core, and on four cores there are 400.</summary>
    /// <param name="first">The earlier sample; null where the container did not run.</param>
    /// <param name="second">The later sample; null where the container did not run.</param>
    /// <returns>
    /// Null where it cannot be said: a sample is missing, no time lies between them, or the container was started anew, which is seen by counters that went back.
    /// </returns>
    public static double? CpuPercent(ContainerSample? first, ContainerSample? second)
    {
        if (first is null || second is null || WentBack(first, second) || second.CpuNanoseconds - first.CpuNanoseconds is not long used)
        {
            return null;
        }

        // The engine's own timestamps: those of the requests would measure how long it took to answer, too.
        double elapsed = (second.ReadAt - first.ReadAt).TotalNanoseconds;
        if (elapsed <= 0)
        {
            return null;
        }

        double percent = used / elapsed * 100;
        return percent > second.OnlineCpus * 100 * Slack ? null : percent; // more than there is: somebody set the engine's clock
    }

    private static bool WentBack(ContainerSample first, ContainerSample second) =>
        second.CpuNanoseconds < first.CpuNanoseconds
        || second.SystemCpuNanoseconds < first.SystemCpuNanoseconds
        || second.NetworkRxBytes < first.NetworkRxBytes
        || second.NetworkTxBytes < first.NetworkTxBytes
        || second.BlockReadBytes < first.BlockReadBytes
        || second.BlockWriteBytes < first.BlockWriteBytes;
}
