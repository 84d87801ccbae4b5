namespace CapiWorkshop.Operations;

/// <summary>A value that is fetched once, by whoever comes first; a failed or cancelled fetch is not remembered.</summary>
internal sealed class AsyncOnce<T> : IDisposable
    where T : class
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile T? _value;

    public async ValueTask<T> GetAsync(Func<CancellationToken, Task<T>> fetch, CancellationToken cancellationToken)
    {
        if (_value is T known)
        {
            return known;
        }

        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _value ??= await fetch(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Forgets the value: whoever comes next fetches it anew.</summary>
    public void Forget() => _value = null;

    public void Dispose() => _gate.Dispose();
}
