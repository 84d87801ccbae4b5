using System.Runtime.CompilerServices;

namespace CapiWorkshop.Tests.Support;

/// <summary>Waits on conditions, never for a time; the limit is for a test that is broken.</summary>
public static class Eventually
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(10);

    public static Task TrueAsync(Func<bool> condition, CancellationToken cancellationToken, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        TrueAsync(() => Task.FromResult(condition()), cancellationToken, what);

    public static async Task TrueAsync(Func<Task<bool>> condition, CancellationToken cancellationToken, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        using CancellationTokenSource deadline = new(Limit);
        while (!await condition())
        {
            if (deadline.IsCancellationRequested)
            {
                throw new TimeoutException($"This did not come true in {Limit.TotalSeconds} s: {what}");
            }

            await Task.Delay(Beat, cancellationToken);
        }
    }

    public static async Task<T> ValueAsync<T>(Func<T?> get, CancellationToken cancellationToken, [CallerArgumentExpression(nameof(get))] string what = "")
        where T : class
    {
        T? value = null;
        await TrueAsync(() => (value = get()) is not null, cancellationToken, what);
        return value!;
    }

    /// <summary>What a task comes to, for which something has to be done again and again: a clock to be moved, whose timers may only be about to be set.</summary>
    public static async Task<T> ResultAsync<T>(Task<T> task, Action nudge, CancellationToken cancellationToken, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        await TrueAsync(
            () =>
            {
                if (!task.IsCompleted)
                {
                    nudge();
                }

                return task.IsCompleted;
            },
            cancellationToken,
            what);
        return await task;
    }
}
