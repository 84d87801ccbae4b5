using System.Threading.Channels;
using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Management;

/// <summary>What a wait tells, one after the other: a test goes on when a state has been seen.</summary>
internal sealed class ProgressLog
{
    private readonly Channel<MachineDeploymentProgress> _told = Channel.CreateUnbounded<MachineDeploymentProgress>();

    public void Tell(MachineDeploymentProgress progress) => _told.Writer.TryWrite(progress);

    public Task<MachineDeploymentProgress> NextAsync() => _told.Reader.ReadAsync(TestContext.Current.CancellationToken).InTime();
}
