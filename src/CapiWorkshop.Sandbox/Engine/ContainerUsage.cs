namespace CapiWorkshop.Sandbox.Engine;

/// <summary>
/// What a container has used up to a point of its running time. Counters follow its load in gentle waves and nothing else, so that two looks at the same
/// time say the same, and a look later never says less.
/// </summary>
internal readonly record struct ContainerUsage(
    long CpuNanoseconds, long MemoryBytes, long CacheBytes, long ReceivedBytes, long SentBytes, long ReadBytes, long WrittenBytes, int Processes)
{
    private const double CpuSwing = 0.08;
    private const double MemorySwing = 0.02;
    private const double BytesReceivedPerCpuSecond = 24_000;
    private const double BytesSentPerCpuSecond = 18_000;
    private const double BytesWrittenPerCpuSecond = 120_000;
    private const long BytesPerProcess = 5 << 20;
    private static readonly TimeSpan CpuWave = TimeSpan.FromSeconds(23);
    private static readonly TimeSpan MemoryWave = TimeSpan.FromMinutes(4);

    public static ContainerUsage Of(SandboxContainer container, TimeSpan ran)
    {
        // Containers of the same load do not move in step.
        double shift = Convert.ToByte(container.Id[..2], 16) / 256.0 * Math.Tau;
        double angle = Math.Tau * (ran / CpuWave);
        double waves = CpuSwing * CpuWave.TotalSeconds / Math.Tau * (Math.Cos(shift) - Math.Cos(angle + shift));
        double cpu = container.Load.CpuMillicores / 1000.0 * (ran.TotalSeconds + waves);
        long held = container.Load.MemoryBytes;
        return new(
            (long)(cpu * 1e9),
            (long)(held * (1 + MemorySwing * Math.Sin(Math.Tau * (ran / MemoryWave) + shift))),
            held / 4,
            (long)(cpu * BytesReceivedPerCpuSecond),
            (long)(cpu * BytesSentPerCpuSecond),
            held / 10,
            (long)(cpu * BytesWrittenPerCpuSecond),
            1 + (int)(held / BytesPerProcess));
    }
}
