using System.Net;
using CapiWorkshop.Containers.Configuration;
using CapiWorkshop.Containers.Reading;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Containers.Http;

/// <summary>A whole answer of an engine. Engines answer with little: a few kilobytes a container.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="ApiVersion">The newest version of its API that the engine speaks; null where it does not say.</param>
/// <param name="Body">The body.</param>
internal sealed record EngineAnswer(int Status, string? ApiVersion, ReadOnlyMemory<byte> Body)
{
    public bool IsSuccess => Status is >= 200 and < 300;
}

/// <summary>The one HTTP client of a connection, whatever it is spoken over; translates all that goes wrong on the way. Thread-safe.</summary>
internal sealed class EngineTransport : IDisposable
{
    /// <summary>How long an engine may take for an answer. A sample takes old ones a second or two, and longer while they start containers.</summary>
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(30);

    private const int LargestAnswer = 64 * 1024 * 1024;

    private readonly HttpClient _http;
    private readonly TimeProvider _clock;
    private readonly Uri _root;
    private readonly ToldWarnings _told;
    private readonly string? _insecure;

    public EngineTransport(EngineTarget target, TimeProvider clock, ToldWarnings told)
    {
        Endpoint = target.ToEndpoint();
        Problems = new(Endpoint, target.Address);
        _clock = clock;
        _told = told;
        _root = target.Address is EngineAddress.Tcp tcp ? tcp.Url : new("http://localhost"); // over a socket any name will do
        _http = new(CreateHandler(target), disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LargestAnswer };
        _http.DefaultRequestHeaders.UserAgent.Add(new("CapiWorkshop", typeof(EngineTransport).Assembly.GetName().Version!.ToString(3)));
        _insecure = target.Tls?.SkipVerify == true ? $"The certificate of the engine at {Endpoint} is not checked: its configuration says so." : null;
    }

    public EngineEndpoint Endpoint { get; }

    public EngineProblems Problems { get; }

    /// <summary>Asks, and returns the answer, be it good or bad. Only where there is none something is thrown.</summary>
    public async Task<EngineAnswer> SendAsync(HttpMethod method, string path, IApiObserver? observer, CancellationToken cancellationToken)
    {
        if (_insecure is not null)
        {
            _told.TellOnce(observer, _insecure);
        }

        long started = _clock.GetTimestamp();
        EngineAnswer? answer = null;
        using CancellationTokenSource deadline = new(AnswerTimeout, _clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using HttpRequestMessage request = new(method, _root.AbsoluteUri.TrimEnd('/') + path);
            using HttpResponseMessage response = await _http.SendAsync(request, either.Token).ConfigureAwait(false);
            string? version = response.Headers.TryGetValues("Api-Version", out IEnumerable<string>? values) ? values.FirstOrDefault() : null;
            return answer = new((int)response.StatusCode, version, await response.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false));
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Problems.FromException(e) is CapiProblem problem)
        {
            throw problem.ToException(e);
        }
        finally
        {
            observer?.RequestCompleted(new(method.Method, path, answer?.Status, _clock.GetElapsedTime(started), answer?.Body.Length ?? 0)
            {
                Received = observer.WantsBodies && answer is not null ? BodyExcerpt.Of(answer.Body.Span) : null, // lists and samples show neither environments nor secrets
            });
        }
    }

    /// <summary>The problem that a bad answer means.</summary>
    public CapiProblem Refusal(EngineAnswer answer, string purpose, string? container = null) =>
        Problems.FromStatus(answer.Status, EngineReading.Message(answer.Body.Span), purpose, container);

    public void Dispose() => _http.Dispose();

    private static SocketsHttpHandler CreateHandler(EngineTarget target)
    {
        SocketsHttpHandler handler = new()
        {
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.GZip, // a proxy may; engines do not
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        };
        target.Tls?.Apply(handler.SslOptions);
        if (EngineDial.To(target.Address) is Func<CancellationToken, ValueTask<Stream>> dial)
        {
            handler.UseProxy = false; // what is on this machine is reached without one
            handler.ConnectCallback = (_, token) => dial(token);
        }

        return handler;
    }
}
