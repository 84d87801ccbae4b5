using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Management;

public sealed class AsyncOnceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Callers_at_the_same_time_fetch_once_and_get_the_same()
    {
        AsyncOnce<string> once = new();
        TaskCompletionSource<string> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int fetches = 0;
        Task<string>[] callers = [.. Enumerable.Range(0, 20).Select(_ => once.GetAsync(Fetch, Token).AsTask())];

        callers.ShouldAllBe(caller => !caller.IsCompleted);
        answer.SetResult("value");

        (await Task.WhenAll(callers).InTime()).ShouldAllBe(value => ReferenceEquals(value, answer.Task.Result));
        fetches.ShouldBe(1);

        Task<string> Fetch(CancellationToken token)
        {
            Interlocked.Increment(ref fetches);
            return answer.Task;
        }
    }

    [Fact]
    public async Task A_known_value_is_not_fetched_again()
    {
        AsyncOnce<string> once = new();
        await once.GetAsync(_ => Task.FromResult("first"), Token);

        (await once.GetAsync(_ => Task.FromResult("second"), Token)).ShouldBe("first");
    }

    [Fact]
    public async Task A_failure_is_not_remembered()
    {
        AsyncOnce<string> once = new();
        await Should.ThrowAsync<IOException>(async () => await once.GetAsync(_ => Task.FromException<string>(new IOException()), Token));

        (await once.GetAsync(_ => Task.FromResult("value"), Token)).ShouldBe("value");
    }

    [Fact]
    public async Task A_caller_that_gives_up_leaves_the_fetch_to_the_next_one()
    {
        AsyncOnce<string> once = new();
        using CancellationTokenSource impatient = new();
        Task<string> first = once.GetAsync(async token => { await Task.Delay(Timeout.Infinite, token); return "never"; }, impatient.Token).AsTask();
        Task<string> second = once.GetAsync(_ => Task.FromResult("value"), Token).AsTask();

        second.IsCompleted.ShouldBeFalse();
        await impatient.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(first.InTime);
        (await second.InTime()).ShouldBe("value");
    }

    [Fact]
    public async Task A_caller_that_waits_for_another_can_give_up()
    {
        AsyncOnce<string> once = new();
        using CancellationTokenSource impatient = new();
        TaskCompletionSource<string> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<string> first = once.GetAsync(_ => answer.Task, Token).AsTask();
        Task<string> second = once.GetAsync(_ => Task.FromResult("other"), impatient.Token).AsTask();
        await impatient.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(second.InTime);
        answer.SetResult("value");
        (await first.InTime()).ShouldBe("value");
    }
}
