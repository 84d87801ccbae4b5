using System.Buffers;

namespace CapiWorkshop.Kubernetes.Reading;

/// <summary>What has come in from the network and has not been taken yet, in one piece. Grows only where one thing is larger than it.</summary>
internal sealed class ReceiveBuffer(int size) : IDisposable
{
    /// <summary>No one thing of a Kubernetes API comes near it: what does is an answer without an end.</summary>
    private const int LargestThing = 16 * 1024 * 1024;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(size);
    private int _start, _end;

    /// <summary>What has not been taken; valid until the next <see cref="FillAsync"/>.</summary>
    public ReadOnlyMemory<byte> Unread => _bytes.AsMemory(_start, _end - _start);

    /// <summary>Bytes received so far.</summary>
    public long Received { get; private set; }

    /// <summary>Takes bytes from the front.</summary>
    public void Take(int count) => _start += count;

    /// <summary>Receives more; false where the stream has ended.</summary>
    /// <exception cref="InvalidDataException">What has not been taken is larger than any one thing can be.</exception>
    public async ValueTask<bool> FillAsync(Stream stream, CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            Unread.CopyTo(_bytes);
            _end -= _start;
            _start = 0;
        }

        if (_end == _bytes.Length)
        {
            if (_end >= LargestThing)
            {
                throw new InvalidDataException($"one thing in it is larger than {LargestThing >> 20} MiB");
            }

            byte[] larger = ArrayPool<byte>.Shared.Rent(_bytes.Length * 2);
            Unread.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        int count = await stream.ReadAsync(_bytes.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += count;
        Received += count;
        return count > 0;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _start = _end = 0;
    }
}
