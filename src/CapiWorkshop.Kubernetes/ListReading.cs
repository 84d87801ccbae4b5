using CapiWorkshop.Kubernetes.Http;
using CapiWorkshop.Kubernetes.Reading;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Kubernetes;

/// <summary>A list that is being received. An answer that ends before the list does is a broken connection, never a shorter list.</summary>
internal sealed class ListReading<T>(KubernetesApi api, KubernetesTransport.Answer answer, JsonItemReader<T> reader) : IAsyncDisposable
{
    private readonly JsonListParser<T> _parser = new(reader);

    /// <summary>The item that was read last.</summary>
    public T Current { get; private set; } = default!;

    /// <summary>The list's version; known once <see cref="MoveNextAsync"/> has returned false.</summary>
    public string? ResourceVersion => _parser.ResourceVersion;

    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        try
        {
            Stream stream = await answer.OpenAsync().ConfigureAwait(false);
            bool ended = false;
            while (true)
            {
                switch (_parser.Next(out T? item))
                {
                    case JsonListParser<T>.Step.Item:
                        Current = item!;
                        return true;
                    case JsonListParser<T>.Step.End:
                        return false;
                    case JsonListParser<T>.Step.More when ended:
                        throw new IOException("the answer ended in the middle of a list");
                    default:
                        ended = !await _parser.FillAsync(stream, answer.End).ConfigureAwait(false);
                        break;
                }
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is not CapiProblemException && api.Translate(e) is CapiProblem problem)
        {
            throw problem.ToException(e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        answer.Bytes = _parser.Bytes;
        _parser.Dispose();
        await answer.DisposeAsync().ConfigureAwait(false);
    }
}
