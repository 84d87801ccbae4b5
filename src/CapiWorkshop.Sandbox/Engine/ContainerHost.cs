namespace CapiWorkshop.Sandbox.Engine;

/// <summary>The containers that the sandbox's engine has. Controllers run and remove them; the engine's API shows them. Safe to use from many threads.</summary>
/// <param name="time">The world's clock: containers are as old as it says.</param>
/// <param name="random">Makes ids; the same seed and the same calls make the same ones.</param>
/// <param name="wire">Real time: what a container uses grows with it, however fast the world runs. The system's where it is null.</param>
internal sealed class ContainerHost(TimeProvider time, Random random, TimeProvider? wire = null)
{
    /// <summary>What a process that was killed exits with.</summary>
    private const int Killed = 137;

    /// <summary>What the init of kind's images exits with when it is asked to stop.</summary>
    private const int Stopped = 130;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, SandboxContainer> _containers = new(StringComparer.Ordinal);
    private readonly List<ContainerSubscription> _subscriptions = [];
    private readonly SortedSet<int> _freeNumbers = [];
    private readonly long _began = (wire ?? TimeProvider.System).GetTimestamp();
    private int _nextNumber = 2;

    public TimeProvider Time { get; } = time;

    public TimeProvider Wire { get; } = wire ?? TimeProvider.System;

    /// <summary>How long it has been there in real time.</summary>
    public TimeSpan Age => Wire.GetElapsedTime(_began);

    /// <summary>Runs a container; the one of that name where there is one already.</summary>
    public SandboxContainer Run(string name, string image, IReadOnlyDictionary<string, string> labels, ContainerLoad load)
    {
        lock (_gate)
        {
            if (!_containers.TryGetValue(name, out SandboxContainer? container))
            {
                Span<byte> id = stackalloc byte[32];
                random.NextBytes(id);
                DateTimeOffset now = Time.GetUtcNow();
                TimeSpan behind = Wire.GetUtcNow() - now;
                _containers[name] = container = new()
                {
                    Id = Convert.ToHexStringLower(id),
                    Name = name,
                    Image = image,
                    Labels = labels,
                    CreatedAt = now,
                    StartedAt = now,
                    Load = load,
                    NetworkNumber = TakeNetworkNumber(),
                    // A world that is being made lies in the past: what runs in it will have run since then when the clocks meet.
                    Ran = behind > TimeSpan.Zero ? behind : TimeSpan.Zero,
                    CountedAt = Wire.GetTimestamp(),
                };
                Tell("create", container);
                Tell("start", container);
            }

            return container;
        }
    }

    /// <summary>Removes a container; false where there is none of that name.</summary>
    public bool Remove(string name)
    {
        lock (_gate)
        {
            if (!_containers.TryGetValue(name, out SandboxContainer? container))
                return false;
            if (container.State is not ContainerState.Exited)
                container = Exit(container, Killed, signal: 9);
            _containers.Remove(name);
            _freeNumbers.Add(container.NetworkNumber);
            Tell("destroy", container);
            return true;
        }
    }

    /// <summary>All of them, in the order of their names.</summary>
    public IReadOnlyList<SandboxContainer> List()
    {
        lock (_gate)
            return [.. _containers.Values];
    }

    /// <summary>The container of a name; null where there is none.</summary>
    public SandboxContainer? Find(string name)
    {
        lock (_gate)
            return _containers.GetValueOrDefault(name);
    }

    /// <summary>A container by its id, its name or the beginning of its id, or a failure in Docker's words.</summary>
    public SandboxContainer Get(string reference)
    {
        lock (_gate)
        {
            if (_containers.TryGetValue(reference.TrimStart('/'), out SandboxContainer? named))
                return named;
            SandboxContainer[] begun = reference.Length == 0 ? [] : [.. _containers.Values.Where(container => container.Id.StartsWith(reference, StringComparison.Ordinal)).Take(2)];
            return begun switch
            {
                [{ } one] => one,
                [] => throw EngineFailure.NoSuchContainer(reference),
                _ => throw EngineFailure.Ambiguous(reference),
            };
        }
    }

    /// <summary>Starts a container that has exited. Its counters begin anew.</summary>
    public void Start(string name) => Change(name, ContainerState.Exited, container => Resume(container, "start") with { StartedAt = Time.GetUtcNow(), Ran = TimeSpan.Zero });

    public void Stop(string name) => Change(name, null, container =>
    {
        container = Exit(container, Stopped, signal: 37);
        Tell("stop", container);
        return container;
    });

    public void Kill(string name) => Change(name, null, container => Exit(container, Killed, signal: 9));

    public void Pause(string name) => Change(name, ContainerState.Running, container =>
    {
        container = Count(container) with { State = ContainerState.Paused };
        Tell("pause", container);
        return container;
    });

    public void Unpause(string name) => Change(name, ContainerState.Paused, container => Resume(container, "unpause"));

    /// <summary>How long a container has run in real time, since its last start and without its pauses.</summary>
    public TimeSpan RunTime(SandboxContainer container) =>
        container.State is ContainerState.Running ? container.Ran + Wire.GetElapsedTime(container.CountedAt) : container.Ran;

    /// <summary>All that happens from now on.</summary>
    public ContainerSubscription Subscribe()
    {
        ContainerSubscription subscription = new(Leave);
        lock (_gate)
            _subscriptions.Add(subscription);
        return subscription;
    }

    private void Leave(ContainerSubscription subscription)
    {
        lock (_gate)
            _subscriptions.Remove(subscription);
    }

    /// <summary>Does nothing where the container has gone or has left the state meanwhile.</summary>
    private void Change(string name, ContainerState? from, Func<SandboxContainer, SandboxContainer> change)
    {
        lock (_gate)
        {
            if (_containers.TryGetValue(name, out SandboxContainer? container) && (from is { } state ? container.State == state : container.State is not ContainerState.Exited))
                _containers[name] = change(container);
        }
    }

    private SandboxContainer Resume(SandboxContainer container, string action)
    {
        container = container with { State = ContainerState.Running, CountedAt = Wire.GetTimestamp() };
        Tell(action, container);
        return container;
    }

    private SandboxContainer Exit(SandboxContainer container, int code, int signal)
    {
        Tell("kill", container, ("signal", $"{signal}"));
        container = Count(container) with { State = ContainerState.Exited, ExitCode = code, FinishedAt = Time.GetUtcNow() };
        Tell("die", container, ("exitCode", $"{code}"));
        return container;
    }

    private SandboxContainer Count(SandboxContainer container) => container with { Ran = RunTime(container), CountedAt = Wire.GetTimestamp() };

    private void Tell(string action, SandboxContainer container, (string, string)? detail = null)
    {
        ContainerEvent happened = new(action, container, Time.GetUtcNow(), detail);
        foreach (ContainerSubscription subscription in _subscriptions)
            subscription.Offer(happened);
    }

    /// <summary>The lowest that is free, as the engine's own allocation does; the first belongs to the gateway.</summary>
    private int TakeNetworkNumber()
    {
        if (_freeNumbers.Count == 0)
            return _nextNumber++;
        int number = _freeNumbers.Min;
        _freeNumbers.Remove(number);
        return number;
    }
}
