using System.Net.Sockets;
using System.Text;

namespace CapiWorkshop.Tests.Support;

/// <summary>What goes wrong with one request.</summary>
/// <param name="call">The request, and the ways to its server and its client.</param>
public delegate Task Fault(FaultyCall call);

/// <summary>One request on a <see cref="FaultProxy"/>.</summary>
public sealed class FaultyCall(HttpMessage request, Socket client, Stream near, Func<CancellationToken, Task<Stream>> connect, CancellationToken end) : IAsyncDisposable
{
    private Stream? _far;

    /// <summary>Such as <c>GET /version</c>.</summary>
    public string Line { get; } = request.Start[..request.Start.LastIndexOf(' ')];

    /// <summary>Whether the answer has no end of its own.</summary>
    public bool IsWatch { get; } = request.Start.Contains("watch=1", StringComparison.Ordinal);

    /// <summary>Is cancelled when the client goes away.</summary>
    public CancellationToken End => end;

    /// <summary>Lets the server act. Its answer's body is not in it, but is read with <see cref="ReadAsync"/>.</summary>
    public async Task<HttpMessage> ForwardAsync()
    {
        _far = await connect(end);
        HttpMessage forwarded = request with { Start = Line + " HTTP/1.0" }; // so that the server ends the body by closing, and not by chunks
        await _far.WriteAsync(forwarded.Without("Connection", "Accept-Encoding").ToBytes(), end);
        await _far.FlushAsync(end);
        HttpMessage answer = await HttpMessage.ReadHeadAsync(_far, end) ?? throw new IOException("The server gave no answer.");
        return answer.Without("Connection", "Content-Length", "Transfer-Encoding").With("Connection: close") with { Start = "HTTP/1.1" + answer.Start[8..] };
    }

    /// <summary>The next piece of the answer's body, as it comes in; empty at its end.</summary>
    public async Task<ReadOnlyMemory<byte>> ReadAsync()
    {
        byte[] buffer = new byte[64 * 1024];
        return buffer.AsMemory(0, await _far!.ReadAsync(buffer, end));
    }

    /// <summary>The answer's body as far as it can be had at once: all of it, or of a watch the first that it tells.</summary>
    public async Task<byte[]> ReadBodyAsync()
    {
        using MemoryStream body = new();
        while (await ReadAsync() is { IsEmpty: false } piece)
        {
            body.Write(piece.Span);
            if (IsWatch)
            {
                break;
            }
        }

        return body.ToArray();
    }

    public Task SendAsync(ReadOnlyMemory<byte> bytes) => near.WriteAsync(bytes, end).AsTask();

    public Task SendAsync(HttpMessage head) => SendAsync(head.ToBytes());

    /// <summary>One chunk of a body that is sent in chunks; an empty one ends it.</summary>
    public Task SendChunkAsync(ReadOnlyMemory<byte> bytes) => SendAsync((byte[])[.. Encoding.ASCII.GetBytes($"{bytes.Length:x}\r\n"), .. bytes.Span, .. "\r\n"u8]);

    /// <summary>Nothing goes wrong.</summary>
    public async Task PassAsync()
    {
        await SendAsync((await ForwardAsync()).With("Transfer-Encoding: chunked"));
        ReadOnlyMemory<byte> piece;
        do
        {
            await SendChunkAsync(piece = await ReadAsync());
        }
        while (!piece.IsEmpty);
    }

    public void Reset() => FaultProxy.Reset(client);

    /// <summary>Completes when the client has gone away.</summary>
    public async Task ClientGoneAsync()
    {
        TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = end.Register(gone.SetResult);
        await gone.Task;
    }

    public async ValueTask DisposeAsync()
    {
        if (_far is not null)
        {
            await _far.DisposeAsync();
        }
    }
}
