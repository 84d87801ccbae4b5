namespace CapiWorkshop.Operations;

/// <summary>A value that is fetched once, by whoever comes first; a failed or cancelled fetch is not remembered.</summary>
#pragma warning disable CA1001 // See the gate.
internal sealed class AsyncOnce<T>
#pragma warning restore CA1001
    where T : class
{
    // Never disposed of: that would leave those waiting who are inside, and it holds nothing that needs it.
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
}
