using System.Collections.Concurrent;
using CapiWorkshop.Operations;

namespace CapiWorkshop.Tests.Integration.Harness;

/// <summary>Keeps what a wait tells while it waits.</summary>
public sealed class Progress
{
    private readonly ConcurrentQueue<MachineDeploymentProgress> _seen = new();

    public IReadOnlyCollection<MachineDeploymentProgress> Seen => _seen;

    public void Report(MachineDeploymentProgress progress) => _seen.Enqueue(progress);

    /// <summary>Waits until a state was told; a wait that ends without it fails this.</summary>
    public async Task SeenAsync(Func<CapiMachineDeployment, bool> state, Task<MachineDeploymentWaitResult> wait, CancellationToken cancellationToken)
    {
        await Eventually.TrueAsync(() => wait.IsCompleted || _seen.Any(progress => state(progress.Deployment)), cancellationToken);
        if (!_seen.Any(progress => state(progress.Deployment)))
        {
            MachineDeploymentWaitResult result = await wait;
            throw new InvalidOperationException($"The wait ended before that was seen: {result.Problem?.ToString() ?? "reached"}, {result.Deployment}");
        }
    }
}
