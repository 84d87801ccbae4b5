using System.Collections.Concurrent;
using System.Threading.Channels;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Tests.Unit.Kubernetes.Support;

/// <summary>Remembers what a connection told.</summary>
internal sealed class Recorder : IApiObserver
{
    private readonly ConcurrentQueue<ApiRequest> _requests = new();
    private readonly ConcurrentQueue<string> _warnings = new();
    private readonly ConcurrentQueue<string> _events = new();
    private readonly ConcurrentQueue<string> _notes = new();
    private readonly Channel<bool> _told = Channel.CreateUnbounded<bool>();

    public IReadOnlyList<ApiRequest> Requests => [.. _requests];

    public IReadOnlyList<string> Warnings => [.. _warnings];

    /// <summary>The lines of watches; only where bodies are wanted.</summary>
    public IReadOnlyList<string> Events => [.. _events];

    public bool WantsBodies { get; init; }

    /// <summary>All that was told, as text.</summary>
    public string Everything => string.Join('\n', [.. _requests.Select(request => request.ToString()), .. _events, .. _warnings]);

    public IReadOnlyList<string> Notes => [.. _notes];

    public void RequestCompleted(ApiRequest request)
    {
        _requests.Enqueue(request);
        _told.Writer.TryWrite(true);
    }

    public void EventReceived(string pathAndQuery, string body)
    {
        _events.Enqueue(body);
        _told.Writer.TryWrite(true);
    }

    public void Warning(string message)
    {
        _warnings.Enqueue(message);
        _told.Writer.TryWrite(true);
    }

    public void Note(string message)
    {
        _notes.Enqueue(message);
        _told.Writer.TryWrite(true);
    }

    /// <summary>Waits until enough has been told.</summary>
    public async Task UntilAsync(Func<Recorder, bool> enough)
    {
        while (!enough(this))
        {
            await _told.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(ScriptedServer.Limit, TestContext.Current.CancellationToken);
        }
    }
}
