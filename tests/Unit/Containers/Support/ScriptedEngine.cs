using System.Collections.Concurrent;
using CapiWorkshop.Containers;
using CapiWorkshop.Containers.Configuration;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CapiWorkshop.Tests.Unit.Containers.Support;

/// <summary>An engine on a Unix socket that tells its version as engines do, and answers everything else as a test says.</summary>
internal sealed class ScriptedEngine : IAsyncDisposable
{
    private readonly ConcurrentQueue<Exchange> _seen = new();
    private readonly TempFolder _folder = new();
    private readonly Func<Exchange, Task> _answer;
    private readonly string? _apiVersion;
    private WebApplication? _app;

    private ScriptedEngine(Func<Exchange, Task> answer, string? apiVersion)
    {
        _answer = answer;
        _apiVersion = apiVersion;
    }

    public string Socket => _folder.PathOf("engine.sock");

    public string Address => "unix://" + Socket;

    /// <summary>What was asked, in its order, with percent signs resolved.</summary>
    public IReadOnlyList<string> Asked => [.. _seen.Select(exchange => Uri.UnescapeDataString(exchange.PathAndQuery))];

    public IReadOnlyList<Exchange> Seen => [.. _seen];

    /// <param name="answer">Answers all but the question for the version.</param>
    /// <param name="apiVersion">The newest version that the engine speaks; null: even that question goes to <paramref name="answer"/>.</param>
    public static async Task<ScriptedEngine> StartAsync(Func<Exchange, Task> answer, string? apiVersion = "1.41")
    {
        ScriptedEngine engine = new(answer, apiVersion);
        engine._app = engine.Build();
        await engine._app.StartAsync(TestContext.Current.CancellationToken);
        return engine;
    }

    /// <summary>Answers every question with the same body.</summary>
    public static Task<ScriptedEngine> AnsweringAsync(string body, int status = 200, string? apiVersion = "1.41") =>
        StartAsync(exchange => exchange.AnswerAsync(status, body), apiVersion);

    public DockerEngine Connect(TimeProvider? clock = null) => new(EngineTarget.At(Address), clock);

    public async Task StopAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync(new CancellationToken(canceled: true));
            await _app.DisposeAsync();
            _app = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }

    private WebApplication Build()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(Socket));
        WebApplication app = builder.Build();
        app.Run(HandleAsync);
        return app;
    }

    private async Task HandleAsync(HttpContext context)
    {
        Exchange exchange = await Exchange.ReceiveAsync(context);
        _seen.Enqueue(exchange);
        if (exchange.Path == "/_ping" && _apiVersion is not null)
        {
            await exchange.AnswerAsync(200, "OK", ("Api-Version", _apiVersion));
        }
        else
        {
            await _answer(exchange);
        }

        // Where the client has gone, nobody will complete the answer any more.
        await Task.WhenAny(exchange.Done, Task.Delay(Timeout.Infinite, context.RequestAborted));
    }
}
