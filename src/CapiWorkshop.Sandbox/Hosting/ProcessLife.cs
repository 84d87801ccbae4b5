using System.Runtime.InteropServices;

namespace CapiWorkshop.Sandbox.Hosting;

/// <summary>Ends when the process should: it is told to stop, or whoever started it is gone.</summary>
internal sealed class ProcessLife : IDisposable
{
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration[] _signals;

    /// <param name="isDetached">Whether it goes on when standard input ends.</param>
    public ProcessLife(bool isDetached)
    {
        // A terminal sends Ctrl+C to all programs that run in it. It is meant for us only if the terminal is ours: whoever
        // stops a command in PowerShell wants to go on with the sandbox.
        bool hasTerminal = !Console.IsInputRedirected;
        _signals =
        [
            Register(PosixSignal.SIGTERM, ends: true),
            Register(PosixSignal.SIGINT, ends: hasTerminal),
            Register(PosixSignal.SIGQUIT, ends: hasTerminal),
            Register(PosixSignal.SIGHUP, ends: hasTerminal),
        ];
        if (!isDetached)
            new Thread(ReadToEnd) { IsBackground = true, Name = "stdin" }.Start();
    }

    public Task End => _end.Task;

    public void Dispose() => Array.ForEach(_signals, signal => signal.Dispose());

    private PosixSignalRegistration Register(PosixSignal signal, bool ends) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        if (ends)
            _end.TrySetResult();
    });

    private void ReadToEnd()
    {
        using Stream input = Console.OpenStandardInput();
        byte[] buffer = new byte[256];
        try
        {
            while (input.Read(buffer) > 0)
            {
                // Whatever is written to us means nothing; only the end does.
            }
        }
        catch (IOException)
        {
            // A broken pipe is an end too.
        }

        _end.TrySetResult();
    }
}
