using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace CapiWorkshop.Tests.Unit.Kubernetes.Support;

/// <summary>One request that a <see cref="ScriptedServer"/> received, and the answer that a test gives to it, piece by piece where it likes.</summary>
internal sealed class Exchange
{
    private readonly HttpContext _context;
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Exchange(HttpContext context, string body)
    {
        _context = context;
        Method = context.Request.Method;
        PathAndQuery = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        Protocol = context.Request.Protocol;
        Headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        Body = body;
        ClientThumbprint = context.Connection.ClientCertificate?.Thumbprint;
        Connection = context.Connection.Id;
    }

    public string Method { get; }

    public string PathAndQuery { get; }

    public string Path => PathAndQuery.Split('?')[0];

    public string Protocol { get; }

    public IDictionary<string, string> Headers { get; }

    public string Body { get; }

    public string? ClientThumbprint { get; }

    /// <summary>The connection that it came on: the same text for all requests of one.</summary>
    public string Connection { get; }

    public bool IsWatch => PathAndQuery.Contains("watch=1", StringComparison.Ordinal);

    /// <summary>The value of a query parameter; null where it was not sent.</summary>
    public string? Query(string name) => QueryHelpers.ParseQuery(PathAndQuery[Path.Length..]).GetValueOrDefault(name);

    /// <summary>Is cancelled when the client goes away.</summary>
    public CancellationToken ClientGone => _context.RequestAborted;

    /// <summary>Completes when the answer has been given.</summary>
    public Task Done => _done.Task;

    public static async Task<Exchange> ReceiveAsync(HttpContext context)
    {
        using StreamReader reader = new(context.Request.Body);
        return new(context, await reader.ReadToEndAsync(context.RequestAborted));
    }

    /// <summary>The whole answer.</summary>
    public Task AnswerAsync(int status, string body, params (string Name, string Value)[] headers) => AnswerAsync(status, Encoding.UTF8.GetBytes(body), headers);

    /// <summary>The whole answer.</summary>
    public async Task AnswerAsync(int status, byte[] body, params (string Name, string Value)[] headers)
    {
        Head(status, headers);
        await _context.Response.Body.WriteAsync(body);
        await _context.Response.Body.FlushAsync();
        End();
    }

    /// <summary>An answer of success.</summary>
    public Task JsonAsync(string body, params (string Name, string Value)[] headers) => AnswerAsync(200, body, headers);

    /// <summary>An answer of failure, as a Kubernetes API gives it.</summary>
    public Task StatusAsync(int code, string reason, string message = "it happens", params (string Name, string Value)[] headers) =>
        AnswerAsync(code, Thing.Status(code, reason, message), headers);

    /// <summary>Begins an answer of success and sends a piece of it.</summary>
    public async Task SendAsync(string text = "")
    {
        if (!_context.Response.HasStarted)
        {
            Head(200, []);
            await _context.Response.StartAsync();
        }

        await _context.Response.WriteAsync(text);
        await _context.Response.Body.FlushAsync();
    }

    /// <summary>Ends the answer in good order.</summary>
    public void End() => _done.TrySetResult();

    /// <summary>Cuts the connection.</summary>
    public void Cut()
    {
        _context.Features.GetRequiredFeature<IConnectionLifetimeFeature>().Abort();
        End();
    }

    /// <summary>Breaks off the answer, as a server does that fails in the middle; over HTTP/2 the connection stays.</summary>
    public void BreakOff()
    {
        _context.Abort();
        End();
    }

    private void Head(int status, (string Name, string Value)[] headers)
    {
        _context.Response.StatusCode = status;
        _context.Response.ContentType = "application/json";
        foreach ((string name, string value) in headers)
        {
            _context.Response.Headers.Append(name, value);
        }
    }
}
