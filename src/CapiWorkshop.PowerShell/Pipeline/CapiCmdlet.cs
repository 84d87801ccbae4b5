using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Runtime.ExceptionServices;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.PowerShell.Pipeline;

/// <summary>
/// What all cmdlets of this module have in common: work runs on worker threads and speaks to PowerShell through the pipeline thread; it ends on Ctrl+C
/// (StopProcessing), when a later command has had enough (finally) and when the cmdlet goes (Dispose); problems become error records.
/// </summary>
public abstract class CapiCmdlet : PSCmdlet, IApiObserver, IDisposable
{
    private PipelinePump? _pump;
    private bool _wantsBodies;

    /// <summary>Whether results come in the order of the input. Those that wait for something report it when it happens.</summary>
    private protected virtual bool IsOrdered => true;

    /// <summary>How many pieces of work may be under way.</summary>
    private protected virtual int Limit => 8;

    /// <summary>Whether what the server warns of concerns the user: a version that he did not choose does not.</summary>
    private protected virtual bool TellsServerWarnings => true;

    private PipelinePump Pump
    {
        get
        {
            if (_pump is null)
            {
                // Ctrl+C comes once. It may come while the first piece of work is being prepared, before there is anything to stop.
                _pump = new(IsOrdered, Limit);
                _wantsBodies = IsDebugging;
                if (Stopping)
                {
                    _pump.Stop();
                }
            }

            return _pump;
        }
    }

    /// <summary>Whether only to say what would be done, by -WhatIf or its preference.</summary>
    private protected bool IsRehearsal => LanguagePrimitives.IsTrue(Preference("WhatIf"));

    /// <summary>Whether an error of a question says that nobody is there to answer it.</summary>
    /// <remarks>The console's host reads its input's end as null and uses it unchecked: that one is no defect of this module.</remarks>
    private protected static bool IsUnableToAsk(Exception error) => error is HostException or InvalidOperationException or NotImplementedException or NullReferenceException;

    /// <summary>Whether Debug lines will be shown; known to the pipeline thread only.</summary>
    private bool IsDebugging => Preference("Debug") is SwitchParameter given
        ? given.IsPresent
        : LanguagePrimitives.TryConvertTo(Preference("Debug"), out ActionPreference preference) && preference is not (ActionPreference.SilentlyContinue or ActionPreference.Ignore);

    /// <inheritdoc/>
    bool IApiObserver.WantsBodies => _wantsBodies;

    /// <inheritdoc/>
    void IApiObserver.RequestCompleted(ApiRequest request) => Pump.Post(() =>
    {
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"{request.Method} {request.PathAndQuery} {request.Status?.ToString(CultureInfo.InvariantCulture) ?? "no answer"} in {request.Elapsed.TotalMilliseconds:0} ms, {request.Bytes} bytes{(request.Attempts > 1 ? $", {request.Attempts} attempts" : "")}");
        WriteNote($"{line}{(request.Sent is null ? "" : $"\n> {request.Sent}")}{(request.Received is null ? "" : $"\n< {request.Received}")}");
    });

    /// <inheritdoc/>
    void IApiObserver.EventReceived(string pathAndQuery, string body) => Pump.Post(() => WriteDebug($"GET {pathAndQuery}\n< {body}"));

    /// <inheritdoc/>
    void IApiObserver.Warning(string message) => Pump.Post(() =>
    {
        if (TellsServerWarnings)
        {
            WriteWarning(message);
        }
        else
        {
            WriteNote(message);
        }
    });

    /// <inheritdoc/>
    void IApiObserver.Note(string message) => Pump.Post(() => WriteNote(message));

    /// <summary>Ends all work.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _pump?.Stop();

    /// <summary>Delivers what is still under way.</summary>
    protected sealed override void EndProcessing()
    {
        // After Ctrl+C PowerShell may still come by here: then there is nothing to be said any more.
        if (!Stopping)
        {
            Guard(() =>
            {
                Finish();
                _pump?.Complete();
                Leave();
                if (!Stopping)
                {
                    _pump?.Settle();
                }
            });
        }
    }

    /// <summary>Runs for each record.</summary>
    protected sealed override void ProcessRecord() => Guard(Process);

    /// <summary>Ends all work.</summary>
    /// <param name="disposing">Always true.</param>
    protected virtual void Dispose(bool disposing) => _pump?.Dispose();

    /// <summary>A record: start the work for it.</summary>
    private protected abstract void Process();

    /// <summary>All records are in: start what needs all of them.</summary>
    private protected virtual void Finish()
    {
    }

    /// <summary>All work is done: end what it shared, while what that tells can still be written.</summary>
    private protected virtual void Leave()
    {
    }

    /// <summary>Starts work on a worker thread. What it throws becomes an error record; the other pieces of work go on.</summary>
    private protected void Start(Func<Output, CancellationToken, Task> work) => Pump.Start((lane, token) => work(new(this, lane, token), token), Fail);

    /// <summary>Does something on a worker thread and waits for it, delivering what other work tells meanwhile.</summary>
    private protected void RunToEnd(Func<Output, CancellationToken, Task> work) => Pump.Run((lane, token) => work(new(this, lane, token), token), Fail);

    /// <summary>Ends all work from the inside, when there is enough.</summary>
    private protected void StopWork() => Pump.Stop();

    /// <summary>A problem with what this cmdlet knows of its way out.</summary>
    private protected virtual CapiProblem Explain(CapiProblem problem) => problem;

    /// <summary>The error record of a problem.</summary>
    private protected ErrorRecord ToErrorRecord(CapiProblem problem, Exception? exception = null)
    {
        CapiProblem explained = Explain(problem);
        return new(exception is not null && explained == problem ? exception : explained.ToException(exception), explained.Id, Enum.Parse<ErrorCategory>(explained.Category.ToString()), explained.Target)
        {
            ErrorDetails = new(explained.Message) { RecommendedAction = explained.Action },
        };
    }

    /// <summary>Ends the command with a problem.</summary>
    private protected void Throw(CapiProblem problem) => ThrowTerminatingError(ToErrorRecord(problem));

    /// <summary>What a common parameter says, or the variable that stands in for it.</summary>
    private object? Preference(string name) => MyInvocation.BoundParameters.TryGetValue(name, out object? given) ? given : GetVariableValue(name + "Preference");

    /// <summary>A Verbose line, or a Debug line in its place: -Debug without -Verbose makes PowerShell stop and ask at each Verbose line.</summary>
    private void WriteNote(string text)
    {
        if (_wantsBodies)
        {
            WriteDebug(text);
        }
        else
        {
            WriteVerbose(text);
        }
    }

    private void Fail(Exception exception)
    {
        if (exception is CapiProblemException known)
        {
            WriteError(ToErrorRecord(known.Problem, known));
        }
        else
        {
            ExceptionDispatchInfo.Throw(exception); // nobody planned for it: let it be seen whole
        }
    }

    /// <summary>On the pipeline thread a problem ends the command; whatever ends it, the work ends too.</summary>
    private void Guard(Action action)
    {
        bool ended = false;
        try
        {
            action();
            ended = true;
        }
        catch (CapiProblemException e)
        {
            ThrowTerminatingError(ToErrorRecord(e.Problem, e));
        }
        finally
        {
            // Select-Object -First 1 downstream calls no StopProcessing: it throws from WriteObject.
            if (!ended)
            {
                _pump?.Stop();
            }
        }
    }

    /// <summary>What a piece of work says to PowerShell. Every call returns at once; the pipeline thread does it.</summary>
    private protected sealed class Output
    {
        private readonly CapiCmdlet _cmdlet;
        private readonly PipelinePump.Lane _lane;
        private readonly CancellationToken _token;

        internal Output(CapiCmdlet cmdlet, PipelinePump.Lane lane, CancellationToken token)
        {
            _cmdlet = cmdlet;
            _lane = lane;
            _token = token;
        }

        public ValueTask WriteAsync(object value) => _lane.WriteAsync(() => _cmdlet.WriteObject(value), _token);

        public ValueTask WriteAsync(CapiProblem problem) => _lane.WriteAsync(() => _cmdlet.WriteError(_cmdlet.ToErrorRecord(problem)), _token);

        public ValueTask WriteAsync<T>(Outcome<T> outcome)
            where T : class => outcome.Problem is CapiProblem problem ? WriteAsync(problem) : WriteAsync((object)outcome.Value!);

        /// <summary>Everything that comes, as it comes.</summary>
        public async Task WriteAllAsync<T>(IAsyncEnumerable<Outcome<T>> outcomes)
            where T : class
        {
            await foreach (Outcome<T> outcome in outcomes.WithCancellation(_token).ConfigureAwait(false))
            {
                await WriteAsync(outcome).ConfigureAwait(false);
            }
        }

        /// <summary>How a wait ended: its problem, and the last state where that is wanted (on a time-out, too).</summary>
        public async ValueTask WriteAsync(MachineDeploymentWaitResult result, bool passThru)
        {
            if (result.Problem is not null)
            {
                await WriteAsync(result.Problem).ConfigureAwait(false);
            }

            if (passThru && result.Deployment is not null)
            {
                await WriteAsync((object)result.Deployment).ConfigureAwait(false);
            }
        }

        /// <summary>Runs in the order of this work's results.</summary>
        public ValueTask RunAsync(Action action) => _lane.WriteAsync(action, _token);

        public void Warn(string message) => _cmdlet.Pump.Post(() => _cmdlet.WriteWarning(message));

        public void Progress(ProgressRecord record) => _cmdlet.Pump.Post(() => _cmdlet.WriteProgress(record));

        /// <summary>Asks the pipeline thread, for example what a script block says.</summary>
        public Task<T> AskAsync<T>(Func<T> ask) => _cmdlet.Pump.AskAsync(ask);
    }
}
