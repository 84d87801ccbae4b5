using System.Runtime.InteropServices;

namespace CapiWorkshop.Sandbox.Hosting;

/// <summary>Ends when the process should: its standard input is at an end, or it is told to stop.</summary>
internal sealed class ParentLife : IDisposable
{
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration[] _signals;

    public ParentLife()
    {
        _signals = [Register(PosixSignal.SIGTERM), Register(PosixSignal.SIGINT)];
        Thread reader = new(ReadToEnd) { IsBackground = true, Name = "stdin" };
        reader.Start();
    }

    public Task End => _end.Task;

    public void Dispose() => Array.ForEach(_signals, signal => signal.Dispose());

    private PosixSignalRegistration Register(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
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
