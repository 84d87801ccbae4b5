using System.Threading.Channels;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Tests.Unit.Kubernetes.Support;

/// <summary>Somebody who looks at a watch. Its events are taken one by one; leaving cancels it.</summary>
internal sealed class Watching : IAsyncDisposable
{
    private readonly Channel<ResourceEvent<Thing>> _events = Channel.CreateUnbounded<ResourceEvent<Thing>>();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    private Watching(IKubernetesApi api, ResourceQuery query) => Ended = PumpAsync(api, query);

    /// <summary>Completes when the watch ends, and throws what ended it.</summary>
    public Task Ended { get; }

    public static Watching Start(IKubernetesApi api, ResourceQuery? query = null) => new(api, query ?? new(Thing.Type));

    /// <summary>The next event, in short: what happened, to whom, in which version.</summary>
    public async Task<string> NextAsync()
    {
        ResourceEvent<Thing> change = await _events.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(ScriptedServer.Limit, TestContext.Current.CancellationToken);
        return Show(change);
    }

    /// <summary>The next events.</summary>
    public async Task<string[]> NextAsync(int count)
    {
        string[] events = new string[count];
        for (int i = 0; i < count; i++)
        {
            events[i] = await NextAsync();
        }

        return events;
    }

    /// <summary>The events that have been told and not been taken.</summary>
    public IReadOnlyList<string> Left()
    {
        List<string> events = [];
        while (_events.Reader.TryRead(out ResourceEvent<Thing> change))
        {
            events.Add(Show(change));
        }

        return events;
    }

    public Task CancelAsync() => _stop.CancelAsync();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAny(Ended).WaitAsync(ScriptedServer.Limit);
        _stop.Dispose();
    }

    private static string Show(ResourceEvent<Thing> change) => change.Item is null ? $"{change.Type}" : $"{change.Type} {change.Item.Name}@{change.Item.ResourceVersion}";

    private async Task PumpAsync(IKubernetesApi api, ResourceQuery query)
    {
        try
        {
            await foreach (ResourceEvent<Thing> change in api.WatchAsync(query, Thing.Read, _stop.Token))
            {
                await _events.Writer.WriteAsync(change, CancellationToken.None);
            }
        }
        catch (Exception e)
        {
            _events.Writer.Complete(e);
            throw;
        }

        _events.Writer.Complete();
    }
}
