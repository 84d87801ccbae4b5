using System.Threading.Channels;
using CapiWorkshop.Sandbox.Engine;
using CapiWorkshop.Sandbox.Failures;
using CapiWorkshop.Sandbox.Storage;
using CapiWorkshop.Sandbox.World;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>
/// Runs all controllers, one step after the other, in an order that depends on nothing but the changes they see and the clock. Either it is stepped, and
/// time passes in jumps from one due timer to the next, or it has been started and keeps up with a running clock by itself.
/// </summary>
internal sealed class EventLoop(WorldClock clock) : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BackOff = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);

    private readonly Queue<Work> _work = [];
    private readonly HashSet<Work> _queued = [];
    private readonly PriorityQueue<Work, (DateTimeOffset Due, long Order)> _timers = new();
    private readonly List<Source> _sources = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly HashSet<string> _troubles = new(StringComparer.Ordinal);
    private long _timersSet;
    private Task? _running;

    /// <summary>Told of what went wrong in a step of a loop that runs by itself, once for each kind of trouble.</summary>
    public TextWriter Troubles { get; init; } = Console.Error;

    /// <summary>From now on every change of a store is shown, each before the next step is taken.</summary>
    public void Watch(ObjectStore store, Action<StoreChange> seen)
    {
        StoreSubscription changes = store.Subscribe();
        _sources.Add(new Source<StoreChange>(store, changes, changes.Changes, seen));
    }

    /// <summary>The same for what happens to containers.</summary>
    public void Watch(ContainerHost containers, Action<ContainerEvent> seen)
    {
        ContainerSubscription events = containers.Subscribe();
        _sources.Add(new Source<ContainerEvent>(containers, events, events.Events, seen));
    }

    public void Unwatch(ObjectStore store)
    {
        foreach (Source source in _sources.Where(source => source.Origin == store))
            source.Dispose();
        _sources.RemoveAll(source => source.Origin == store);
    }

    /// <summary>Asks for a step soon. Asking twice before it is taken is asking once.</summary>
    public void Enqueue(IReconciler target, ObjectKey key)
    {
        Work work = new(target, key);
        if (_queued.Add(work))
            _work.Enqueue(work);
    }

    public void EnqueueAfter(IReconciler target, ObjectKey key, TimeSpan delay) =>
        _timers.Enqueue(new(target, key), (clock.GetUtcNow() + delay, _timersSet++));

    /// <summary>Takes steps until nothing is left to do at this time.</summary>
    public void RunDue()
    {
        do
        {
            ShowChanges();
            while (_work.TryDequeue(out Work work))
            {
                _queued.Remove(work);
                Take(work);
                ShowChanges();
            }
        }
        while (FireTimers());
    }

    /// <summary>Lets time pass on a clock that stands.</summary>
    public void AdvanceTo(DateTimeOffset end)
    {
        RunDue();
        while (_timers.TryPeek(out _, out (DateTimeOffset Due, long Order) next) && next.Due <= end)
        {
            clock.MoveTo(next.Due);
            RunDue();
        }

        clock.MoveTo(end);
    }

    public void Advance(TimeSpan time) => AdvanceTo(clock.GetUtcNow() + time);

    /// <summary>Lets it run by itself. From here on nobody else may step it.</summary>
    public void Start() => _running ??= Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_running is not null)
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (Source source in _sources)
            source.Dispose();
        _sources.Clear();
        _stopping.Dispose();
        _arrived.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            RunDue();
            foreach (Source source in _sources)
                source.Signal(_arrived);
            TimeSpan sleep = _timers.TryPeek(out _, out (DateTimeOffset Due, long Order) next) ? clock.RealTimeUntil(next.Due) : LongestSleep;
            // Rounded up, or the last fraction of a millisecond would be spent spinning.
            TimeSpan rounded = TimeSpan.FromMilliseconds(Math.Ceiling(Math.Min(sleep.TotalMilliseconds, LongestSleep.TotalMilliseconds)));
            await _arrived.WaitAsync(rounded, _stopping.Token).ConfigureAwait(false);
        }
    }

    private void ShowChanges()
    {
        // By index: what a change sets off may add or remove a source.
        for (int at = 0; at < _sources.Count; at++)
        {
            _sources[at].Show();
        }
    }

    private bool FireTimers()
    {
        bool fired = false;
        DateTimeOffset now = clock.GetUtcNow();
        while (_timers.TryPeek(out Work work, out (DateTimeOffset Due, long Order) next) && next.Due <= now)
        {
            _timers.Dequeue();
            Enqueue(work.Target, work.Key);
            fired = true;
        }

        return fired;
    }

    private void Take(Work work)
    {
        try
        {
            work.Target.Reconcile(work.Key);
        }
        catch (ApiFailure failure) when (failure.Code is 404 or 409)
        {
            // A client was there in between: look again.
            EnqueueAfter(work.Target, work.Key, RetryDelay);
        }
        catch (Exception failure) when (_running is not null && failure is not OutOfMemoryException)
        {
            // An object that a client has written in a shape nobody expects must not stop the whole world.
            string what = $"{work.Target.GetType().Name}: {failure.GetType().Name}";
            if (_troubles.Add(what))
                Troubles.WriteLine($"{what} at {work.Key.Namespace}/{work.Key.Name}: {failure.Message}");
            EnqueueAfter(work.Target, work.Key, BackOff);
        }
    }

    private readonly record struct Work(IReconciler Target, ObjectKey Key);

    private abstract class Source(object origin, IDisposable subscription) : IDisposable
    {
        private Task? _signal;

        public object Origin => origin;

        /// <summary>Shows all that has come.</summary>
        public abstract void Show();

        /// <summary>Has the semaphore released when there is something to read.</summary>
        public void Signal(SemaphoreSlim arrived)
        {
            if (_signal is { IsCompleted: false })
                return;
            _signal = SignalAsync(arrived);
        }

        public void Dispose() => subscription.Dispose();

        protected abstract ValueTask<bool> WaitAsync();

        private async Task SignalAsync(SemaphoreSlim arrived)
        {
            if (await WaitAsync().ConfigureAwait(false))
                arrived.Release();
        }
    }

    private sealed class Source<T>(object origin, IDisposable subscription, ChannelReader<T> reader, Action<T> seen) : Source(origin, subscription)
    {
        public override void Show()
        {
            while (reader.TryRead(out T? item))
                seen(item);
        }

        protected override ValueTask<bool> WaitAsync() => reader.WaitToReadAsync();
    }
}
