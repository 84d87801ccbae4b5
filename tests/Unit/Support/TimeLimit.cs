namespace CapiWorkshop.Tests.Unit.Support;

/// <summary>What a test awaits is a signal, never a span of time; the limit only keeps a broken test from hanging.</summary>
internal static class TimeLimit
{
    public static readonly TimeSpan Generous = TimeSpan.FromSeconds(30);

    public static Task InTime(this Task task) => task.WaitAsync(Generous, TestContext.Current.CancellationToken);

    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(Generous, TestContext.Current.CancellationToken);

    public static Task<T> InTime<T>(this ValueTask<T> task) => task.AsTask().InTime();
}
