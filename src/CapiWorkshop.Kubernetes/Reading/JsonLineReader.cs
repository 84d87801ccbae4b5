namespace CapiWorkshop.Kubernetes.Reading;

/// <summary>Cuts a stream into lines as they arrive: a watch sends one JSON object a line.</summary>
internal sealed class JsonLineReader : IDisposable
{
    private readonly ReceiveBuffer _buffer = new(16 * 1024);
    private int _searched;

    /// <summary>Bytes read so far.</summary>
    public long Bytes => _buffer.Received;

    /// <summary>The next line, valid until the next call; null at the end. What stands behind the last line end was cut off, and is dropped.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> NextAsync(Stream stream, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadOnlyMemory<byte> unread = _buffer.Unread;
            int newline = unread.Span[_searched..].IndexOf((byte)'\n');
            if (newline >= 0)
            {
                newline += _searched;
                _searched = 0;
                _buffer.Take(newline + 1);
                return unread[..newline];
            }

            _searched = unread.Length;
            if (!await _buffer.FillAsync(stream, cancellationToken).ConfigureAwait(false))
            {
                return null;
            }
        }
    }

    public void Dispose() => _buffer.Dispose();
}
