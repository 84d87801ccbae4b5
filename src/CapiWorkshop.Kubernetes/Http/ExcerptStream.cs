using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Kubernetes.Http;

/// <summary>A body of which an excerpt is taken while somebody else reads it.</summary>
internal sealed class ExcerptStream(Stream body, BodyExcerpt excerpt) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        excerpt.Add(buffer.Span[..count]);
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();
}
