using System.Collections.Concurrent;
using System.Threading.Channels;

namespace CapiWorkshop.PowerShell.Pipeline;

/// <summary>
/// Carries what worker tasks produce to the pipeline thread, the only one that may talk to PowerShell. Work starts as records come in and runs in
/// parallel; its results are run as actions on the thread that calls <see cref="Start"/> and <see cref="Complete"/>. Knows nothing of PowerShell.
/// </summary>
/// <param name="ordered">Whether the results of one piece of work come before those of the next; else they come as they are made.</param>
/// <param name="limit">How many pieces of work may be under way.</param>
internal sealed class PipelinePump(bool ordered, int limit) : IDisposable
{
    /// <summary>How long disposal waits for cancelled work to let go.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();
    private readonly AutoResetEvent _news = new(false);
    private readonly ConcurrentQueue<Action> _urgent = new();
    private readonly List<Lane> _lanes = [];
    private int _turn;
    private bool _disposed;

    /// <summary>Is cancelled when the pipeline stops, however it does.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>Starts a piece of work. Waits, delivering results, while too many are under way.</summary>
    /// <param name="work">Runs on a worker thread.</param>
    /// <param name="fail">Runs on the pipeline thread with what the work threw; a cancellation while stopping is not told.</param>
    public void Start(Func<Lane, CancellationToken, Task> work, Action<Exception> fail)
    {
        Drain(() => _lanes.Count < limit);
        if (!_stop.IsCancellationRequested)
        {
            Add(work, fail);
            Drain(static () => true);
        }
    }

    /// <summary>Does a piece of work and waits for it, delivering what other work tells meanwhile.</summary>
    /// <param name="work">Runs on a worker thread.</param>
    /// <param name="fail">Runs on the pipeline thread with what the work threw; a cancellation while stopping is not told.</param>
    public void Run(Func<Lane, CancellationToken, Task> work, Action<Exception> fail)
    {
        if (!_stop.IsCancellationRequested)
        {
            Lane lane = Add(work, fail);
            Drain(() => lane.IsDone);
        }
    }

    /// <summary>Delivers results until all work is done, or the pipeline stops.</summary>
    public void Complete() => Drain(() => _lanes.Count == 0);

    /// <summary>After an end from the inside: waits until the work has let go, and delivers what it told of that.</summary>
    public void Settle()
    {
        _ = Task.WaitAll([.. _lanes.Select(lane => lane.Task)], Grace);
        while (_urgent.TryDequeue(out Action? action))
        {
            action();
        }
    }

    /// <summary>Runs an action on the pipeline thread as soon as possible, before results that wait: progress, warnings, verbose lines.</summary>
    /// <param name="action">The action.</param>
    public void Post(Action action)
    {
        _urgent.Enqueue(action);
        Signal();
    }

    /// <summary>Asks the pipeline thread for something.</summary>
    /// <typeparam name="T">The answer.</typeparam>
    /// <param name="ask">Runs on the pipeline thread.</param>
    public Task<T> AskAsync<T>(Func<T> ask)
    {
        TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        CancellationTokenRegistration registration = _stop.Token.Register(() => answer.TrySetCanceled(_stop.Token));
        Post(() =>
        {
            registration.Dispose();
            try
            {
                answer.TrySetResult(ask());
            }
            catch (Exception e)
            {
                answer.TrySetException(e);
                throw; // what the pipeline throws at its own thread stays the pipeline's
            }
        });
        return answer.Task;
    }

    /// <summary>Ends all work. May be called from any thread.</summary>
    public void Stop()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Ctrl+C came as the cmdlet went: it has stopped already
        }
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _stop.Cancel();
        _disposed = true;
        _ = Task.WaitAll([.. _lanes.Select(lane => lane.Task)], Grace);
        _news.Dispose();
        _stop.Dispose();
    }

    private Lane Add(Func<Lane, CancellationToken, Task> work, Action<Exception> fail)
    {
        Lane lane = new(this);
        _lanes.Add(lane);
        lane.Task = Task.Run(async () =>
        {
            try
            {
                await work(lane, _stop.Token).ConfigureAwait(false);
                lane.Finish(null);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                lane.Finish(null);
            }
#pragma warning disable CA1031 // It is handed to the pipeline thread, which knows what to do with it.
            catch (Exception e)
#pragma warning restore CA1031
            {
                lane.Finish(() => fail(e));
            }
        });
        return lane;
    }

    private void Signal()
    {
        try
        {
            _news.Set();
        }
        catch (ObjectDisposedException)
        {
            // the pipeline is gone; nobody wants the news
        }
    }

    /// <summary>Delivers what there is, and goes on until a condition of the pipeline thread's own holds. After a stop nothing is delivered any more.</summary>
    private void Drain(Func<bool> isEnough)
    {
        WaitHandle[] handles = [_news, _stop.Token.WaitHandle];
        while (!_stop.IsCancellationRequested)
        {
            if (_urgent.TryDequeue(out Action? action))
            {
                action();
            }
            else if (!DeliverOne())
            {
                if (isEnough())
                {
                    return;
                }

                WaitHandle.WaitAny(handles);
            }
        }
    }

    /// <summary>Delivers one result: of the first lane where order counts, else of each in turn, so that none waits for a busy one.</summary>
    private bool DeliverOne()
    {
        int candidates = ordered ? Math.Min(1, _lanes.Count) : _lanes.Count;
        for (int i = 0; i < candidates; i++)
        {
            _turn = ordered ? 0 : (_turn + 1) % _lanes.Count;
            Lane lane = _lanes[_turn];
            bool delivered = lane.TryDeliver();
            if (lane.IsDone)
            {
                _lanes.RemoveAt(_turn);
                return true;
            }

            if (delivered)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Where one piece of work puts its results, in order. Its writer waits while the pipeline is slow.</summary>
    internal sealed class Lane(PipelinePump pump)
    {
        private readonly Channel<Action> _results = Channel.CreateBounded<Action>(new BoundedChannelOptions(256) { SingleReader = true });
        private volatile bool _finished;
        private Action? _last;

        public Task Task { get; set; } = Task.CompletedTask;

        public bool IsDone { get; private set; }

        /// <summary>Hands a result to the pipeline thread.</summary>
        public async ValueTask WriteAsync(Action result, CancellationToken cancellationToken)
        {
            if (!_results.Writer.TryWrite(result))
            {
                await _results.Writer.WriteAsync(result, cancellationToken).ConfigureAwait(false);
            }

            pump.Signal();
        }

        public void Finish(Action? last)
        {
            _last = last;
            _finished = true;
            pump.Signal();
        }

        /// <summary>Runs the next result, if there is one; on the pipeline thread.</summary>
        public bool TryDeliver()
        {
            // Whether it is finished must be read before the queue is looked at: only then is an empty queue the end.
            bool finished = _finished;
            if (_results.Reader.TryRead(out Action? result))
            {
                result();
                return true;
            }

            if (finished)
            {
                IsDone = true;
                _last?.Invoke();
            }

            return false;
        }
    }
}
