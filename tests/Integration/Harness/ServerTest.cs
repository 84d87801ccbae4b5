using System.Collections.Concurrent;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Tests.Integration.Harness;

/// <summary>A test against a real server: skipped where there is none, bounded in time, and failed where a secret came out.</summary>
public abstract class ServerTest : IAsyncDisposable
{
    private readonly ConcurrentStack<IDisposable> _owned = [];
    private readonly ServerFixture _fixture;
    private readonly ToldWarnings _warned = new();

    protected ServerTest(ServerFixture fixture)
        : this(fixture, TimeSpan.FromSeconds(90))
    {
    }

    protected ServerTest(ServerFixture fixture, TimeSpan longest)
    {
        ArgumentNullException.ThrowIfNull(fixture);
        Assert.SkipWhen(fixture.Missing is not null, $"needs a real Kubernetes API server: {fixture.Missing}");
        _fixture = fixture;
        CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(longest);
        _owned.Push(limit);
        Token = limit.Token;
    }

    protected ApiServer Server => _fixture.Server;

    /// <summary>Ends with the test, and in any case after a time, which is 90 seconds for most.</summary>
    protected CancellationToken Token { get; }

    /// <summary>What the connections of this test were told.</summary>
    protected Observer Told { get; } = new();

    public virtual async ValueTask DisposeAsync()
    {
        while (_owned.TryPop(out IDisposable? owned))
        {
            owned.Dispose();
        }

        GC.SuppressFinalize(this);
        Secrets.Leaks.ShouldBeEmpty();
        await ValueTask.CompletedTask;
    }

    protected KubernetesApi ConnectApi(string kubeconfig) => Own(new KubernetesApi(KubeConfig.Read([kubeconfig]).Resolve(null), told: _warned));

    protected ManagementCluster Connect(string kubeconfig, TimeProvider? clock = null) => Own(new ManagementCluster(ConnectApi(kubeconfig), clock)).Observe(Told);

    protected T Own<T>(T disposable)
        where T : IDisposable
    {
        _owned.Push(disposable);
        return disposable;
    }

    /// <summary>Everything that a question is answered with.</summary>
    protected async Task<IReadOnlyList<Outcome<T>>> AskAsync<T>(ManagementCluster cluster, CapiKind<T> kind, ResourceFilter? filter = null)
        where T : CapiResource
    {
        ArgumentNullException.ThrowIfNull(cluster);
        List<Outcome<T>> outcomes = [];
        await foreach (Outcome<T> outcome in cluster.GetAsync(kind, filter ?? new(), Token))
        {
            Secrets.Inspect(outcome.Problem);
            outcomes.Add(outcome);
        }

        return outcomes;
    }

    /// <summary>The objects that a question is answered with; there are no problems among them.</summary>
    protected async Task<IReadOnlyList<T>> GetAsync<T>(ManagementCluster cluster, CapiKind<T> kind, ResourceFilter? filter = null)
        where T : CapiResource
    {
        IReadOnlyList<Outcome<T>> outcomes = await AskAsync(cluster, kind, filter);
        outcomes.ShouldAllBe(outcome => outcome.Problem == null);
        return [.. outcomes.Select(outcome => outcome.Value!)];
    }

    /// <summary>The one object of a name.</summary>
    protected async Task<T> GetOneAsync<T>(ManagementCluster cluster, CapiKind<T> kind, string ns, string name)
        where T : CapiResource => (await GetAsync(cluster, kind, new() { Namespace = ns, Names = [name] })).ShouldHaveSingleItem();

    /// <summary>The problem that something fails with.</summary>
    protected static async Task<CapiProblem> FailsAsync(Func<Task> attempt)
    {
        CapiProblemException exception = await Should.ThrowAsync<CapiProblemException>(attempt);
        Secrets.Inspect(exception.Problem);
        Secrets.Inspect(exception.ToString());
        exception.Problem.Message.ShouldNotBeNullOrWhiteSpace();
        exception.Problem.Action.ShouldNotBeNullOrWhiteSpace();
        return exception.Problem;
    }
}

/// <summary>Keeps what a connection tells.</summary>
public sealed class Observer : IApiObserver
{
    public ConcurrentQueue<ApiRequest> Requests { get; } = new();

    public ConcurrentQueue<string> Warnings { get; } = new();

    public bool WantsBodies => true;

    public void RequestCompleted(ApiRequest request)
    {
        Requests.Enqueue(request);
        Secrets.Inspect(request?.ToString());
    }

    public void EventReceived(string pathAndQuery, string body) => Secrets.Inspect(body);

    public void Warning(string message)
    {
        Warnings.Enqueue(message);
        Secrets.Inspect(message);
    }
}
