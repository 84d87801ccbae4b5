using System.Text.Json;
using CapiWorkshop.Kubernetes.Http;
using CapiWorkshop.Kubernetes.Reading;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Kubernetes;

/// <summary>
/// A list that is being received, in one answer or in pages. An answer that ends before the list does is a broken connection, never a shorter list.
/// </summary>
/// <param name="api">The API.</param>
/// <param name="query">Which objects.</param>
/// <param name="reader">Turns one object into a model.</param>
/// <param name="restarted">
/// Is called where the list has to be begun again, after which everything is handed on again. Where it is null, what was handed on before is left out.
/// </param>
internal sealed class ListReading<T>(KubernetesApi api, ResourceQuery query, JsonItemReader<T> reader, Action? restarted = null) : IAsyncDisposable
{
    /// <summary>As many as kubectl asks for at a time: some megabytes of objects as large as Machines.</summary>
    private const int FallbackPageSize = 500;

    private readonly HashSet<string> _handed = new(StringComparer.Ordinal);
    private int? _pageSize = query.PageSize;
    private Page? _page;
    private string? _token;
    private bool _hasBegun, _hasRestarted, _isNew;

    /// <summary>The item that was read last.</summary>
    public T Current { get; private set; } = default!;

    /// <summary>The list's version; known once <see cref="MoveNextAsync"/> has returned false.</summary>
    public string? ResourceVersion { get; private set; }

    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                _page ??= new(await api.OpenListAsync(query, _pageSize, _token, cancellationToken).ConfigureAwait(false), _pageSize is null || restarted is not null ? reader : ReadOnce);
                _isNew = true;
                if (await ReadAsync(_page, cancellationToken).ConfigureAwait(false))
                {
                    _hasBegun = true;
                    if (_isNew)
                    {
                        return true;
                    }

                    continue;
                }

                ResourceVersion = _page.Parser.ResourceVersion;
                _token = _page.Parser.Continue;
                if (_token is null)
                {
                    return false;
                }
            }
            catch (CapiProblemException e) when (!_hasBegun && _pageSize is null && (e.Problem.HttpStatus == 413 || e.Problem.Id == ProblemId.ApiTimeout))
            {
                _pageSize = FallbackPageSize;
                api.Note($"{query.Type.QualifiedName} could not be listed at once and are asked for in pages of {FallbackPageSize}. {e.Problem.Message}");
            }
            catch (CapiProblemException e) when (e.Problem.HttpStatus == 410 && _token is not null && !_hasRestarted)
            {
                _hasRestarted = true;
                _token = null;
                api.Note($"The server has forgotten the list of {query.Type.QualifiedName} between two pages. It is begun again.");
                restarted?.Invoke();
            }

            await DisposeAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_page is not null)
        {
            _page.Answer.Bytes = _page.Parser.Bytes;
            _page.Parser.Dispose();
            await _page.Answer.DisposeAsync().ConfigureAwait(false);
            _page = null;
        }
    }

    private async ValueTask<bool> ReadAsync(Page page, CancellationToken cancellationToken)
    {
        try
        {
            Stream stream = await page.Answer.OpenAsync().ConfigureAwait(false);
            bool ended = false;
            while (true)
            {
                switch (page.Parser.Next(out T? item))
                {
                    case JsonListParser<T>.Step.Item:
                        Current = item!;
                        return true;
                    case JsonListParser<T>.Step.End when ended:
                        // Behind the list stands the check sum of a compressed answer: only at its end is it certain that nothing was damaged, and the connection free.
                        return false;
                    case JsonListParser<T>.Step.More when ended:
                        throw new IOException("the answer ended in the middle of a list");
                    default:
                        ended = !await page.Answer.BoundAsync(page.Parser.FillAsync(stream, page.Answer.End)).ConfigureAwait(false);
                        break;
                }
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is not CapiProblemException && api.Translate(e) is CapiProblem problem)
        {
            throw problem.ToException(e);
        }
    }

    /// <summary>Reads an object and finds out whether it has been handed on before, by what the server says its identity is: a model need not have one.</summary>
    private T ReadOnce(ref Utf8JsonReader item)
    {
        Utf8JsonReader ahead = item;
        _isNew = !Members.TryEnter(ref ahead, "metadata"u8) || !Members.TryEnter(ref ahead, "uid"u8) || ahead.GetString() is not string uid || _handed.Add(uid);
        return reader(ref item);
    }

    private sealed record Page(KubernetesTransport.Answer Answer, JsonItemReader<T> Reader)
    {
        public JsonListParser<T> Parser { get; } = new(Reader);
    }
}
