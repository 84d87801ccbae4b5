namespace CapiWorkshop.Operations;

internal static class TaskExtensions
{
    /// <summary>The same task, which may be left behind: where something else fails before it is waited for, its own failure is of no interest to anyone.</summary>
    public static Task<T> MayBeLeft<T>(this Task<T> task)
    {
        _ = ((Task)task).MayBeLeft();
        return task;
    }

    /// <inheritdoc cref="MayBeLeft{T}(Task{T})"/>
    public static Task MayBeLeft(this Task task)
    {
        _ = task.ContinueWith(static left => left.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return task;
    }
}
