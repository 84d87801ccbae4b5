using System.Runtime.CompilerServices;

namespace CapiWorkshop.Tests.Integration.Harness;

/// <summary>Waits on conditions, never for a time; the limit is for a test that is broken.</summary>
public static class Eventually
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(10);

    public static async Task TrueAsync(Func<bool> condition, CancellationToken cancellationToken, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        await ValueAsync(() => condition() ? condition : null, cancellationToken, what);

    public static async Task<T> ValueAsync<T>(Func<T?> get, CancellationToken cancellationToken, [CallerArgumentExpression(nameof(get))] string what = "")
        where T : class
    {
        using CancellationTokenSource deadline = new(Limit);
        while (true)
        {
            if (get() is T value)
            {
                return value;
            }

            if (deadline.IsCancellationRequested)
            {
                throw new TimeoutException($"This did not come true in {Limit.TotalSeconds} s: {what}");
            }

            await Task.Delay(Beat, cancellationToken);
        }
    }
}
