using System.Collections.Concurrent;
using CapiWorkshop.PowerShell.Pipeline;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.PowerShell;

/// <summary>
/// The pump as a cmdlet uses it: on a thread of its own that plays the pipeline's. Each action notes what it was and on which thread it ran; work and pipeline
/// wait for each other by signals.
/// </summary>
public sealed class PipelinePumpTests
{
    private readonly ConcurrentQueue<string> _seen = new();
    private readonly ConcurrentQueue<int> _threads = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ordered_results_come_in_the_order_in_which_work_was_started()
    {
        TaskCompletionSource secondIsDone = Signal();

        await OnPipelineThread(ordered: true, limit: 2, pump =>
        {
            pump.Start(async (lane, token) =>
            {
                await secondIsDone.Task.WaitAsync(token);
                await Write(lane, "1a", "1b");
            }, Fail);
            pump.Start(async (lane, token) =>
            {
                await Write(lane, "2a", "2b");
                secondIsDone.SetResult();
            }, Fail);
            pump.Complete();
        });

        _seen.ShouldBe(["1a", "1b", "2a", "2b"]);
    }

    [Fact]
    public async Task Unordered_results_come_as_they_are_made()
    {
        TaskCompletionSource secondIsSeen = Signal();

        await OnPipelineThread(ordered: false, limit: 2, pump =>
        {
            pump.Start(async (lane, token) =>
            {
                await secondIsSeen.Task.WaitAsync(token);
                await Write(lane, "1");
            }, Fail);
            pump.Start(async (lane, token) => await lane.WriteAsync(() => { Note("2"); secondIsSeen.SetResult(); }, token), Fail);
            pump.Complete();
        });

        _seen.ShouldBe(["2", "1"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task As_much_work_as_the_limit_allows_is_under_way_and_no_more(bool ordered)
    {
        const int Limit = 3;
        TaskCompletionSource full = Signal();
        int underWay = 0, most = 0;

        await OnPipelineThread(ordered, Limit, pump =>
        {
            for (int i = 0; i < 12; i++)
            {
                string name = $"{i:00}";
                pump.Start(async (lane, token) =>
                {
                    int now = Interlocked.Increment(ref underWay);
                    for (int known = most; now > known; known = most)
                    {
                        Interlocked.CompareExchange(ref most, now, known);
                    }

                    if (now == Limit)
                    {
                        full.TrySetResult();
                    }

                    await full.Task.WaitAsync(token);
                    await Write(lane, name);
                    Interlocked.Decrement(ref underWay);
                }, Fail);
            }

            pump.Complete();
        });

        most.ShouldBe(Limit);
        _seen.Order(StringComparer.Ordinal).ShouldBe(Enumerable.Range(0, 12).Select(i => $"{i:00}"));
    }

    [Fact]
    public async Task Results_are_delivered_while_records_still_come_in()
    {
        await OnPipelineThread(ordered: true, limit: 1, pump =>
        {
            for (int i = 1; i <= 3; i++)
            {
                int record = i;
                pump.Start((lane, _) => Write(lane, $"result {record}"), Fail);
                Note($"after record {record}");
            }

            pump.Complete();
        });

        _seen.ToList().IndexOf("result 1").ShouldBeLessThan(_seen.ToList().IndexOf("after record 2"), "with one place, the second record waits for the first one's result");
        _seen.ToList().IndexOf("result 2").ShouldBeLessThan(_seen.ToList().IndexOf("after record 3"));
    }

    [Fact]
    public async Task What_is_urgent_comes_before_results_that_wait()
    {
        TaskCompletionSource busy = Signal();
        using ManualResetEventSlim written = new();

        await OnPipelineThread(ordered: true, limit: 1, pump =>
        {
            pump.Start(async (lane, token) =>
            {
                await busy.Task.WaitAsync(token);
                await Write(lane, "result 1", "result 2");
                pump.Post(() => Note("urgent"));
                written.Set();
            }, Fail);
            pump.Post(() => BusyUntil(busy, written));
            pump.Complete();
        });

        _seen.ShouldBe(["urgent", "result 1", "result 2"]);
    }

    [Fact]
    public async Task What_is_urgent_comes_before_results_that_wait_even_between_results_of_the_same_work()
    {
        TaskCompletionSource busy = Signal();
        using ManualResetEventSlim written = new();

        await OnPipelineThread(ordered: true, limit: 1, pump =>
        {
            pump.Start(async (lane, token) =>
            {
                await lane.WriteAsync(() => { Note("result 1"); BusyUntil(busy, written); }, token);
                await busy.Task.WaitAsync(token);
                await Write(lane, "result 2", "result 3");
                pump.Post(() => Note("urgent"));
                written.Set();
            }, Fail);
            pump.Complete();
        });

        _seen.ShouldBe(["result 1", "urgent", "result 2", "result 3"]);
    }

    [Fact]
    public async Task What_a_result_posts_is_delivered_before_the_pump_is_done()
    {
        await OnPipelineThread(ordered: true, limit: 1, pump =>
        {
            pump.Start(async (lane, token) => await lane.WriteAsync(() => { Note("result"); pump.Post(() => Note("posted")); }, token), Fail);
            pump.Complete();
        });

        _seen.ShouldBe(["result", "posted"]);
    }

    [Fact]
    public async Task A_question_is_answered_on_the_pipeline_thread()
    {
        int asked = 0, answered = 0;

        await OnPipelineThread(ordered: true, limit: 1, pump =>
        {
            int pipeline = Environment.CurrentManagedThreadId;
            pump.Start(async (lane, token) =>
            {
                asked = Environment.CurrentManagedThreadId;
                answered = await pump.AskAsync(() => Environment.CurrentManagedThreadId);
                await Write(lane, "answered");
            }, Fail);
            pump.Complete();
            answered.ShouldBe(pipeline);
        });

        asked.ShouldNotBe(answered);
        _seen.ShouldBe(["answered"]);
    }

    [Fact]
    public async Task What_a_question_throws_reaches_the_work_that_asked_and_the_pipeline()
    {
        TaskCompletionSource<Exception> workSaw = new(TaskCreationOptions.RunContinuationsAsynchronously);

        await Should.ThrowAsync<PipelineStopped>(() => OnPipelineThread(ordered: true, limit: 1, pump =>
        {
            pump.Start(async (_, _) =>
            {
                try
                {
                    await pump.AskAsync<bool>(() => throw new PipelineStopped());
                }
                catch (PipelineStopped e)
                {
                    workSaw.SetResult(e);
                }
            }, Fail);
            pump.Complete();
        }));

        (await workSaw.Task.InTime()).ShouldBeOfType<PipelineStopped>();
    }

    [Fact]
    public async Task A_question_that_nobody_will_answer_is_cancelled_by_a_stop()
    {
        TaskCompletionSource<Exception?> workSaw = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource busy = Signal();
        using ManualResetEventSlim asked = new();

        await OnPipelineThread(ordered: true, limit: 1, pump =>
        {
            pump.Start(async (_, token) =>
            {
                await busy.Task.WaitAsync(token);
                Task<bool> question = pump.AskAsync(() => true);
                asked.Set();
                try
                {
                    await question;
                    workSaw.SetResult(null);
                }
                catch (OperationCanceledException e)
                {
                    workSaw.SetResult(e);
                }
            }, Fail);
            pump.Post(() => { BusyUntil(busy, asked); pump.Stop(); });
            pump.Complete();
        });

        (await workSaw.Task.InTime()).ShouldNotBeNull("nothing is asked after a stop");
    }

    [Fact]
    public async Task Stop_from_another_thread_ends_the_pump_at_once_although_work_is_deaf()
    {
        TaskCompletionSource underWay = Signal(), letGo = Signal(), ended = Signal();
        PipelinePump? shared = null;
        Task pipeline = OnPipelineThread(ordered: true, limit: 1, pump =>
        {
            shared = pump;
            pump.Start(async (lane, token) =>
            {
                await lane.WriteAsync(() => underWay.SetResult(), token);
                await letGo.Task;
            }, Fail);
            pump.Complete();
            ended.SetResult();
        });
        await underWay.Task.InTime();

        shared.ShouldNotBeNull().Stop();

        await ended.Task.InTime();
        letGo.SetResult();
        await pipeline.InTime();
    }

    [Theory]
    [InlineData("result")]
    [InlineData("urgent")]
    public async Task Nothing_is_delivered_after_a_stop(string what)
    {
        TaskCompletionSource busy = Signal();
        using ManualResetEventSlim written = new();

        await OnPipelineThread(ordered: true, limit: 1, pump =>
        {
            pump.Start(async (lane, token) =>
            {
                await busy.Task.WaitAsync(token);
                if (what == "urgent")
                {
                    pump.Post(() => Note("urgent"));
                }

                await Write(lane, "result 1", "result 2");
                written.Set();
                await lane.WriteAsync(() => Note("result 3"), token);
            }, Fail);
            pump.Post(() => { BusyUntil(busy, written); Note("stop"); pump.Stop(); });
            pump.Complete();
        });

        _seen.ShouldBe(["stop"]);
    }

    [Fact]
    public async Task No_result_is_delivered_after_a_stop_that_comes_while_another_is()
    {
        TaskCompletionSource busy = Signal();
        using ManualResetEventSlim written = new();

        await OnPipelineThread(ordered: true, limit: 1, pump =>
        {
            pump.Start(async (lane, token) =>
            {
                await lane.WriteAsync(() => { Note("result 1"); BusyUntil(busy, written); pump.Stop(); }, token);
                await busy.Task.WaitAsync(token);
                await Write(lane, "result 2", "result 3");
                written.Set();
            }, Fail);
            pump.Complete();
        });

        _seen.ShouldBe(["result 1"]);
    }

    [Fact]
    public async Task No_work_is_started_after_a_stop()
    {
        await OnPipelineThread(ordered: true, limit: 1, pump =>
        {
            pump.Stop();
            pump.Start((lane, _) => Write(lane, "never"), Fail);
            pump.Complete();
            pump.Stopping.IsCancellationRequested.ShouldBeTrue();
        });

        _seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_work_throws_is_told_on_the_pipeline_thread_after_its_results_and_stops_nobody_else()
    {
        await OnPipelineThread(ordered: true, limit: 2, pump =>
        {
            pump.Start(async (lane, _) =>
            {
                await Write(lane, "1");
                throw new IOException("broken");
            }, e => Note(e.Message));
            pump.Start((lane, _) => Write(lane, "2"), Fail);
            pump.Complete();
        });

        _seen.ShouldBe(["1", "broken", "2"]);
    }

    [Fact]
    public async Task A_cancellation_is_told_unless_the_pump_itself_is_stopping()
    {
        await OnPipelineThread(ordered: true, limit: 1, pump =>
        {
            pump.Start((_, _) => Task.FromException(new OperationCanceledException("of its own")), e => Note(e.Message));
            pump.Complete();
        });

        _seen.ShouldBe(["of its own"]);
    }

    [Fact]
    public async Task What_a_result_throws_reaches_the_pipeline_and_disposal_then_cancels_the_work()
    {
        TaskCompletionSource cancelled = Signal();
        CancellationToken workToken = default;

        await Should.ThrowAsync<PipelineStopped>(() => OnPipelineThread(ordered: false, limit: 2, pump =>
        {
            pump.Start(async (_, token) =>
            {
                workToken = token;
                using CancellationTokenRegistration registration = token.Register(cancelled.SetResult);
                await Task.Delay(Timeout.Infinite, token);
            }, Fail);
            pump.Start(async (lane, token) => await lane.WriteAsync(() => throw new PipelineStopped(), token), Fail);
            pump.Complete();
        }));

        await cancelled.Task.InTime();
        workToken.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public async Task What_the_failure_handler_throws_reaches_the_pipeline()
    {
        await Should.ThrowAsync<PipelineStopped>(() => OnPipelineThread(ordered: true, limit: 1, pump =>
        {
            pump.Start((_, _) => throw new IOException(), _ => throw new PipelineStopped());
            pump.Complete();
        }));
    }

    [Fact]
    public async Task An_endless_producer_waits_while_the_pipeline_is_slow_and_ends_with_a_stop()
    {
        const int Capacity = 256, Enough = 2000;
        using ManualResetEventSlim full = new();
        int produced = 0, consumed = 0, furthest = 0;

        await OnPipelineThread(ordered: true, limit: 1, pump =>
        {
            pump.Start(async (lane, token) =>
            {
                while (true)
                {
                    await lane.WriteAsync(
                        () =>
                        {
                            Wait(full);
                            furthest = Math.Max(furthest, Volatile.Read(ref produced) - consumed);
                            if (++consumed == Enough)
                            {
                                pump.Stop();
                            }
                        },
                        token);
                    token.ThrowIfCancellationRequested();
                    if (Interlocked.Increment(ref produced) == Capacity)
                    {
                        full.Set();
                    }
                }
            }, Fail);
            pump.Complete();
        });

        furthest.ShouldBeInRange(Capacity, Capacity + 1, "as many as the queue holds, and the one in hand");
        consumed.ShouldBe(Enough, "nothing is delivered after a stop");
    }

    [Fact]
    public async Task Nothing_runs_on_any_thread_but_the_pipelines()
    {
        int pipeline = 0;

        await OnPipelineThread(ordered: false, limit: 8, pump =>
        {
            pipeline = Environment.CurrentManagedThreadId;
            for (int i = 0; i < 50; i++)
            {
                string name = $"work {i}";
                pump.Start(async (lane, token) =>
                {
                    await Task.Yield();
                    await Write(lane, name);
                    pump.Post(() => Note("posted"));
                    await pump.AskAsync(() => { Note("asked"); return 1; });
                    throw new IOException();
                }, _ => Note("failed"));
            }

            pump.Complete();
        });

        _seen.Count.ShouldBe(200);
        _threads.Distinct().ShouldHaveSingleItem().ShouldBe(pipeline);
    }

    [Fact]
    public void A_pump_that_is_gone_takes_what_still_comes_and_does_nothing()
    {
        PipelinePump pump = new(ordered: true, limit: 1);
        pump.Dispose();

        Should.NotThrow(pump.Dispose);
        Should.NotThrow(pump.Stop);
        Should.NotThrow(() => pump.Post(() => Note("never")));
        _seen.ShouldBeEmpty();
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static void Fail(Exception e) => throw new InvalidOperationException("This work was not to fail.", e);

    private static void Wait(ManualResetEventSlim signal) => signal.Wait(TimeLimit.Generous, Token).ShouldBeTrue();

    /// <summary>Keeps the pipeline thread busy until work has done something meanwhile.</summary>
    private static void BusyUntil(TaskCompletionSource busy, ManualResetEventSlim done)
    {
        busy.SetResult();
        Wait(done);
    }

    /// <summary>Runs a pump's life on a thread of its own: a test that hangs there fails by the time limit.</summary>
    private static Task OnPipelineThread(bool ordered, int limit, Action<PipelinePump> body)
    {
        void Run()
        {
            using PipelinePump pump = new(ordered, limit);
            body(pump);
        }

        return Task.Factory.StartNew(Run, Token, TaskCreationOptions.LongRunning, TaskScheduler.Default).InTime();
    }

    private void Note(string what)
    {
        _seen.Enqueue(what);
        _threads.Enqueue(Environment.CurrentManagedThreadId);
    }

    private async Task Write(PipelinePump.Lane lane, params string[] results)
    {
        foreach (string result in results)
        {
            await lane.WriteAsync(() => Note(result), Token);
        }
    }

    /// <summary>As PowerShell throws it at its own thread.</summary>
    private sealed class PipelineStopped : Exception;
}
