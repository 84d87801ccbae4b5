using CapiWorkshop.Containers;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Tests.Integration.Containers;

/// <summary>A test against a real engine: skipped where there is none, and bounded in time.</summary>
public abstract class EngineTest : IAsyncDisposable
{
    private readonly List<string> _made = [];
    private readonly CancellationTokenSource _limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    protected EngineTest(RealEngine real)
    {
        ArgumentNullException.ThrowIfNull(real);
        Assert.SkipWhen(real.Missing is not null, $"needs a real Docker engine: {real.Missing}");
        Real = real;
        Engine = real.Connect();
        _limit.CancelAfter(TimeSpan.FromMinutes(3));
    }

    protected RealEngine Real { get; }

    protected DockerEngine Engine { get; }

    protected CancellationToken Token => _limit.Token;

    public async ValueTask DisposeAsync()
    {
        if (_made.Count > 0)
        {
            await Real.DockerAsync(["rm", "--force", .. _made]);
        }

        Engine.Dispose();
        _limit.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts a container that is gone after the test, and returns its id.</summary>
    /// <param name="options">Options of <c>docker run</c>.</param>
    /// <param name="command">A line for its shell.</param>
    protected Task<string> RunAsync(string[] options, string command = "exec sleep infinity") => MakeAsync(["run", "--detach", .. options], command);

    /// <summary>Makes a container that does not run yet.</summary>
    protected Task<string> CreateAsync(params string[] options) => MakeAsync(["create", .. options], "exec sleep infinity");

    protected async Task<ContainerSample> SampleAsync(string id) => (await Engine.SampleAsync(id, Token)).ShouldNotBeNull();

    /// <summary>Samples of a container until one is as wanted.</summary>
    protected async Task<ContainerSample> SampleUntilAsync(string id, Func<ContainerSample, bool> wanted)
    {
        while (true)
        {
            if (await Engine.SampleAsync(id, Token) is ContainerSample sample && wanted(sample))
            {
                return sample;
            }
        }
    }

    /// <summary>Two samples; what lies between them is what is measured.</summary>
    protected async Task<(ContainerSample First, ContainerSample Second)> SampleTwiceAsync(string id, TimeSpan interval)
    {
        ContainerSample first = await SampleAsync(id);
        await Task.Delay(interval, Token);
        return (first, await SampleAsync(id));
    }

    /// <summary>Pauses a container. A kernel does not always manage to freeze one that is busy at the first attempt.</summary>
    protected async Task PauseAsync(string id)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await Real.DockerAsync("pause", id);
                return;
            }
            catch (InvalidOperationException e) when (attempt < 10 && e.Message.Contains("unable to freeze", StringComparison.Ordinal))
            {
                Token.ThrowIfCancellationRequested();
            }
        }
    }

    protected static async Task<CapiProblem> FailsAsync(Func<Task> attempt) => (await Should.ThrowAsync<CapiProblemException>(attempt)).Problem;

    private async Task<string> MakeAsync(string[] how, string command)
    {
        string id = await Real.DockerAsync([.. how, "--network", "none", "kindest/node:v1.31.0", "sh", "-c", command]);
        lock (_made)
        {
            _made.Add(id);
        }

        return id;
    }
}
