using System.Collections.Concurrent;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Tests.Unit.Support;

/// <summary>A container engine in memory: containers that use as much as a test says, by the test's clock.</summary>
internal sealed class FakeContainerEngine(TimeProvider clock) : IContainerEngine
{
    private readonly Lock _lock = new();
    private readonly List<FakeContainer> _containers = [];
    private int _atOnce;

    public EngineEndpoint Endpoint { get; } = new("unix:///var/run/docker.sock", null);

    /// <summary>The ids that were sampled, in order.</summary>
    public ConcurrentQueue<string> Sampled { get; } = new();

    /// <summary>The labels that lists were asked for by.</summary>
    public ConcurrentQueue<string> Listed { get; } = new();

    /// <summary>The ids of the containers that were to be removed.</summary>
    public ConcurrentQueue<string> Removed { get; } = new();

    /// <summary>The most requests for a sample that were under way at the same time.</summary>
    public int MostAtOnce { get; private set; }

    /// <summary>Where it is set, every sample waits for it.</summary>
    public TaskCompletionSource? Gate { get; set; }

    /// <summary>Is called before each sample.</summary>
    public Action<FakeContainer>? Sampling { get; set; }

    public FakeContainer Run(string name, string cluster, string role, double cores = 0.5, long memory = 100)
    {
        FakeContainer container = new(name, cluster, role) { Cores = cores, Memory = memory };
        lock (_lock)
        {
            _containers.Add(container);
        }

        return container;
    }

    public void Remove(FakeContainer container)
    {
        lock (_lock)
        {
            _containers.Remove(container);
        }
    }

    public IContainerEngine Observe(IApiObserver observer) => this;

    public Task<EngineVersion> GetVersionAsync(CancellationToken cancellationToken) => throw new NotSupportedException("nobody here asks for it");

    public Task<IReadOnlyList<EngineContainer>> ListAsync(IReadOnlyList<ContainerLabel> labels, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Listed.Enqueue(string.Join(",", labels));
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<EngineContainer>>([.. _containers.Select(container => container.Show())
                .Where(container => labels.All(label => container.Labels.TryGetValue(label.Key, out string? value) && (label.Value is null || label.Value == value)))]);
        }
    }

    public async Task<ContainerSample?> SampleAsync(string id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Sampled.Enqueue(id);
        lock (_lock)
        {
            MostAtOnce = Math.Max(MostAtOnce, ++_atOnce);
        }

        try
        {
            if (Gate is not null)
            {
                await Gate.Task.WaitAsync(cancellationToken);
            }

            FakeContainer? found;
            lock (_lock)
            {
                found = _containers.Find(container => container.Id == id);
            }

            if (found is not null)
            {
                Sampling?.Invoke(found);
            }

            lock (_lock)
            {
                return _containers.Find(container => container.Id == id) is FakeContainer still
                    ? still.Sample(clock.GetUtcNow())
                    : throw new CapiProblem(ProblemId.NotFound("Container"), CapiProblemCategory.ObjectNotFound, $"There is no container '{id}'.", "Look again.", id).ToException();
            }
        }
        finally
        {
            lock (_lock)
            {
                _atOnce--;
            }
        }
    }

    public Task RemoveAsync(string id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            Removed.Enqueue(id);
            return _containers.RemoveAll(container => container.Id == id) == 1
                ? Task.CompletedTask
                : throw new CapiProblem(ProblemId.NotFound("Container"), CapiProblemCategory.ObjectNotFound, $"There is no container '{id}'.", "Look again.", id).ToException();
        }
    }

    public void Dispose()
    {
    }
}

/// <summary>A container of a <see cref="FakeContainerEngine"/>.</summary>
internal sealed class FakeContainer(string name, string cluster, string role)
{
    private readonly DateTimeOffset _started = new(2026, 11, 20, 9, 0, 0, TimeSpan.Zero);

    public string Id { get; } = "id-of-" + name;

    public string Name => name;

    public ContainerState State { get; set; } = ContainerState.Running;

    /// <summary>Cores that it keeps busy; null where the engine does not say.</summary>
    public double? Cores { get; set; }

    public long? Memory { get; set; }

    public EngineContainer Show() => new()
    {
        Id = Id,
        Names = [name],
        State = State,
        RawState = State.ToString().ToLowerInvariant(),
        Image = "kindest/node:v1.33.2",
        Labels = new Dictionary<string, string> { ["io.x-k8s.kind.cluster"] = cluster, ["io.x-k8s.kind.role"] = role },
    };

    /// <summary>Null where it does not run, as the port says.</summary>
    public ContainerSample? Sample(DateTimeOffset now) => State is ContainerState.Running or ContainerState.Paused
        ? new() { ReadAt = now, CpuNanoseconds = (long?)(Cores * (now - _started).TotalNanoseconds), OnlineCpus = 4, MemoryBytes = Memory }
        : null;
}
