namespace CapiWorkshop.Operations;

/// <summary>
/// Makes requests that may be made again, and outlasts a server that gives no answer, such as one that restarts. What a server says of the request itself is
/// final. Thread-safe.
/// </summary>
/// <param name="cluster">The management cluster.</param>
/// <param name="clock">The clock of the pauses.</param>
/// <param name="interrupted">Is told of each failure that is waited out, on any thread.</param>
/// <param name="end">Ends the patience: the next failure is final.</param>
internal sealed class Patience(ManagementCluster cluster, TimeProvider clock, Action<CapiProblem> interrupted, CancellationToken end)
{
    /// <summary>A server that starts says for some seconds that it does not serve what its custom resources are; said for longer, it is true.</summary>
    private const int MostUnserved = 8;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Makes a request until it is answered.</summary>
    /// <param name="request">Makes it; is told whether it was made before, when the server may have done what it did not answer.</param>
    public async Task<T> AskAsync<T>(Func<bool, Task<T>> request)
    {
        for (int failures = 0; ; failures++)
        {
            try
            {
                return await request(failures > 0).ConfigureAwait(false);
            }
            catch (CapiProblemException e) when (!end.IsCancellationRequested && MayPass(e.Problem, failures))
            {
                // Full jitter: those who were cut off together do not come back together. The pause has begun when somebody hears of it.
                double longest = Math.Min(FirstPause.TotalSeconds * Math.Pow(2, failures), LongestPause.TotalSeconds);
                Task pause = Task.Delay(TimeSpan.FromSeconds(longest * (0.5 + (Random.Shared.NextDouble() / 2))), clock, end);
                interrupted(e.Problem);
                await pause.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Makes a request that has no answer of its own, and that it does no harm to make twice.</summary>
    public Task AskAsync(Func<Task> request) => AskAsync(async _ =>
    {
        await request().ConfigureAwait(false);
        return true;
    });

    /// <summary>Asks for the deletion of an item, of which the server hears once; false where it was gone before.</summary>
    public Task<bool> DeleteAsync(CapiRemovalItem item, CancellationToken cancellationToken) => AskAsync(async again =>
    {
        OwnedObject? there = again ? await cluster.FindObjectAsync(item.Type!, item.Namespace, item.Name, cancellationToken).ConfigureAwait(false) : null;
        return (again && (there?.Uid != item.Uid || there.DeletionRequestedAt is not null)) // it was heard, and only its answer was lost
            || await cluster.TryDeleteAsync(item.Type!, item.Namespace, item.Name, item.Uid, cancellationToken).ConfigureAwait(false);
    });

    /// <summary>Whether a failure is none of the request's: there was no answer, or one of a server or a gateway that cannot give any now.</summary>
    private static bool MayPass(CapiProblem problem, int failures) =>
        (problem.IsUnserved && failures < MostUnserved) || (problem.IsPassing && problem.HttpStatus is null or 429 or 502 or 503 or 504);
}
