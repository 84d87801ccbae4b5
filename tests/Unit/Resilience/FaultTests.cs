using System.Collections.Concurrent;
using CapiWorkshop.Operations;
using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Hosting;
using CapiWorkshop.Sandbox.Storage;
using CapiWorkshop.Tests.Support;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;

namespace CapiWorkshop.Tests.Unit.Resilience;

/// <summary>
/// Each operation with each fault, at each of its requests: what comes out is right, or one problem with an id; at once, with no change made twice and no secret told.
/// </summary>
public sealed class FaultTests(FaultTests.Server server) : IClassFixture<FaultTests.Server>
{
    /// <summary>Once, and more often than anything is tried again; a watch is tried again without end, so not for ever.</summary>
    /// <summary>Of an operation of more requests each fault hits a few, and the next fault the next few.</summary>
    private const int Many = 24, Few = 4;

    private static readonly int[] Times = [1, 20];

    private static readonly Fault[] Every = [.. Faults.Harmless.Values, .. Faults.Passing.Values, .. Faults.Lasting.Values, .. Faults.Silent.Values];

    private static readonly ConcurrentDictionary<string, Task<Run>> Undisturbed = new();

    public static TheoryData<string, string> Harmless => Cases(Faults.Harmless);

    public static TheoryData<string, string> Passing => Cases(Faults.Passing);

    public static TheoryData<string, string> Lasting => Cases(Faults.Lasting);

    public static TheoryData<string, string> Silent => Cases(Faults.Silent);

    [Theory]
    [MemberData(nameof(Harmless))]
    public Task An_answer_that_only_looks_strange_is_understood(string operation, string fault) =>
        CheckAsync(operation, Faults.Harmless[fault], (_, _) => true);

    [Theory]
    [MemberData(nameof(Passing))]
    public Task What_passes_is_not_noticed_in_a_read_and_told_where_it_stays(string operation, string fault) =>
        CheckAsync(operation, Faults.Passing[fault], (request, times) => times == 1 && request.StartsWith("GET ", StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Lasting))]
    public Task What_does_not_pass_is_told(string operation, string fault) => CheckAsync(operation, Faults.Lasting[fault], (_, _) => false);

    [Theory]
    [MemberData(nameof(Silent))]
    public Task What_never_comes_is_not_waited_for_without_end(string operation, string fault) => CheckAsync(operation, Faults.Silent[fault], (_, _) => false, isSilent: true);

    /// <summary>No more is kept of it than the largest thing that there can be.</summary>
    [Theory]
    [InlineData("version")]
    [InlineData("discover")]
    [InlineData("list")]
    [InlineData("get")]
    [InlineData("watch what changes")]
    [InlineData("patch")]
    public Task What_never_ends_is_told(string operation) => CheckAsync(operation, Faults.Endless, (_, _) => false);

    private static TheoryData<string, string> Cases(IReadOnlyDictionary<string, Fault> faults) =>
        [.. from operation in FaultyOperations.All.Keys from fault in faults.Keys select new TheoryDataRow<string, string>(operation, fault)];

    /// <summary>All requests of the operation at the same time, each in a world of its own.</summary>
    private async Task CheckAsync(string operation, Fault fault, Func<string, int, bool> mustBeRight, bool isSilent = false)
    {
        Run expected = await Undisturbed.GetOrAdd(operation, _ => RunAsync(operation, null, null, 0, false));
        expected.Problems.ShouldBeEmpty();
        await Task.WhenAll(from request in Hit(expected.Asked, fault) from times in isSilent ? Times[..1] : Times select JudgeAsync(request, times));

        async Task JudgeAsync(string request, int times)
        {
            Run run = await RunAsync(operation, request, fault, times, isSilent);
            string what = $"{request}, {times} times: {run.Result} {string.Join(" ", run.Problems)}";
            run.Applied.ShouldBeUnique(what);
            if (mustBeRight(request, times))
            {
                run.Problems.ShouldBeEmpty(what);
            }

            if (run.Problems.Count == 0)
            {
                run.Result.ShouldBe(expected.Result, what);
                run.Applied.ShouldBe(expected.Applied, what);
            }

            foreach (CapiProblem problem in run.Problems)
            {
                problem.Id.ShouldNotBeNullOrEmpty(what);
                problem.Action.ShouldNotBeNullOrEmpty(what);
            }

            foreach (string secret in run.Secrets)
            {
                run.Shown.ShouldNotContain(secret, Case.Sensitive, what);
            }
        }
    }

    /// <summary>All writes, and all reads where there are few.</summary>
    private static IEnumerable<string> Hit(IReadOnlyList<string> asked, Fault fault)
    {
        int step = asked.Count <= Many ? 1 : asked.Count / Few;
        return asked.Where((request, i) => !request.StartsWith("GET ", StringComparison.Ordinal) || i % step == Math.Max(0, Array.IndexOf(Every, fault)) % step);
    }

    private async Task<Run> RunAsync(string operation, string? request, Fault? fault, int times, bool isSilent)
    {
        await using FaultWorld world = new(server.Sandbox);
        world.Break(request, isSilent ? Faults.ThenSilent(fault!, world.Clock.LetTimeOut) : fault, times);
        string shown = "";
        Outcome outcome;
        try
        {
            outcome = await FaultyOperations.All[operation](world).WaitAsync(ScriptedServer.Limit, TestContext.Current.CancellationToken);
        }
        catch (CapiProblemException e)
        {
            outcome = new("", e.Problem);
            shown = Problems.Shown(e);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{operation} hangs where {request} fails {times} times");
        }

        shown += string.Join('\n', [.. outcome.Problems.Select(problem => $"{problem} {problem.Action} {problem.Target}"), .. world.Told.Warnings, .. world.Told.Requests.Select(told => told.ToString())]);
        return new(outcome.Result, outcome.Problems, world.Asked, [.. world.Applied], world.Secrets, shown);
    }

    private sealed record Run(
        string Result, IReadOnlyList<CapiProblem> Problems, IReadOnlyList<string> Asked, IReadOnlyList<string> Applied, IReadOnlyList<string> Secrets, string Shown);

    /// <summary>The server of all worlds; at its end no exception may be left that nobody has seen.</summary>
    public sealed class Server : IAsyncLifetime
    {
        private readonly ConcurrentQueue<string> _unobserved = new();

        internal SandboxServer Sandbox { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            TaskScheduler.UnobservedTaskException += Note;
            Sandbox = await SandboxServer.StartAsync(new(ResourceCatalog.Management, new ObjectStore(TimeProvider.System, new Random(1)), TimeProvider.System));
        }

        public async ValueTask DisposeAsync()
        {
            await Sandbox.DisposeAsync();
            GC.Collect();
            GC.WaitForPendingFinalizers();
            TaskScheduler.UnobservedTaskException -= Note;
            _unobserved.ShouldBeEmpty();
        }

        private void Note(object? sender, UnobservedTaskExceptionEventArgs e)
        {
            // Other tests run at the same time, and so do the servers of this one.
            string trace = e.Exception.ToString();
            if (trace.Contains("at CapiWorkshop.Kubernetes.", StringComparison.Ordinal) || trace.Contains("at CapiWorkshop.Operations.", StringComparison.Ordinal))
            {
                _unobserved.Enqueue(trace);
            }
        }
    }
}
