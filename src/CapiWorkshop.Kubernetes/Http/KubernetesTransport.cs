using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Text.Json;
using System.Text.RegularExpressions;
using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Kubernetes.Reading;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Operations.Wire;
using Polly;
using Polly.Retry;

namespace CapiWorkshop.Kubernetes.Http;

/// <summary>
/// The one HTTP client of a connection: TLS, credentials, retries, time-outs, and the translation of everything that goes wrong into a
/// <see cref="CapiProblem"/>. Thread-safe.
/// </summary>
internal sealed partial class KubernetesTransport : IDisposable
{
    /// <summary>How long a server may take until it begins to answer: a little longer than its own limit of a minute, so that it can say so itself.</summary>
    internal static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(65);

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly ICredentials _credentials;
    private readonly Impersonation _impersonation;
    private readonly string? _tlsServerName;
    private readonly ProxyAddress? _proxy;
    private readonly TimeProvider _clock;
    private readonly ResiliencePipeline<HttpResponseMessage> _repeatable, _list, _write;
    private readonly ToldWarnings _told;
    private readonly string? _insecure;
    private readonly CancellationTokenSource _closed = new();

    public KubernetesTransport(KubeTarget target, TimeProvider clock, ToldWarnings told)
    {
        Endpoint = target.ToEndpoint();
        _clock = clock;
        _told = told;
        _impersonation = new(target.Impersonation);
        _tlsServerName = target.TlsServerName;
        _proxy = target.Proxy ?? EnvironmentProxy.Find(target.Server);
        GivenCredentials given = new(target);
        _credentials = target.Exec is ExecPlugin plugin && given.IsAnonymous
            ? new ExecCredentials(new(plugin, Endpoint.KubectlOptions, clock, hasTerminal: !Console.IsInputRedirected), plugin, given, clock, _closed.Token)
            : given;
        _http = new(new ConnectionsByIdentity(certificate => CreateHandler(target, _proxy, _impersonation, certificate), given.Certificate), disposeHandler: true)
        {
            Timeout = Timeout.InfiniteTimeSpan, // watches have no end; AnswerTimeout bounds what comes before a body
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new("CapiWorkshop", typeof(KubernetesTransport).Assembly.GetName().Version!.ToString(3)));
        _repeatable = CreatePipeline(retries: 3, IsRepeatable);

        // A list that took a server a minute in vain would do so again: it is asked for in pages instead.
        _list = CreatePipeline(retries: 3, outcome => outcome.Result?.StatusCode != HttpStatusCode.GatewayTimeout && IsRepeatable(outcome));

        // 429 is said before anything is done. After anything else a write may have happened: also after 503, which comes with a Retry-After from proxies too, and
        // they do not know how far the server got. That nobody listens is told at once; whoever asks again then repeats nothing.
        _write = CreatePipeline(retries: 3, outcome => outcome.Result?.StatusCode == HttpStatusCode.TooManyRequests);
        if (target.InsecureSkipTlsVerify)
        {
            _insecure = $"The certificate of {target.Server} is not checked: the kubeconfig says insecure-skip-tls-verify.";
        }
    }

    public KubernetesEndpoint Endpoint { get; }

    /// <summary>Sends a request and returns its answer, whose body has not been read yet. Any answer but a success is thrown.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, string path, RequestSubject subject, IApiObserver? observer, CancellationToken cancellationToken, string? accept = null, Func<HttpContent>? content = null, bool isWholeList = false)
    {
        if (_closed.IsCancellationRequested)
        {
            throw Closed().ToException();
        }

        if (_insecure is not null)
        {
            _told.TellOnce(observer, _insecure);
        }

        string? sent = observer is { WantsBodies: true } && content is not null ? await ShowAsync(content, subject).ConfigureAwait(false) : null;
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed.Token); // a pause between two attempts ends, too
        StrongBox<int> attempts = new();
        long started = _clock.GetTimestamp();
        HttpResponseMessage? response = null;
        try
        {
            ResiliencePipeline<HttpResponseMessage> pipeline = method != HttpMethod.Get ? _write : isWholeList ? _list : _repeatable;
            response = await pipeline.ExecuteAsync(
                static async (state, token) =>
                {
                    // Before the time-out begins: signing in takes as long as people do.
                    Credential credential = await state.Self._credentials.GetAsync(state.observer, token).ConfigureAwait(false);
                    HttpResponseMessage answer = await SendAsync(credential).ConfigureAwait(false);
                    if (answer.StatusCode != HttpStatusCode.Unauthorized || !state.Self._credentials.Reject(credential))
                    {
                        return answer;
                    }

                    answer.Dispose();
                    return await SendAsync(await state.Self._credentials.GetAsync(state.observer, token).ConfigureAwait(false)).ConfigureAwait(false);

                    async Task<HttpResponseMessage> SendAsync(Credential shown)
                    {
                        using CancellationTokenSource limit = new(AnswerTimeout, state.Self._clock);
                        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(token, limit.Token);
                        state.attempts.Value++;
                        using HttpRequestMessage request = state.Self.CreateRequest(state.method, state.path, state.accept, state.content, shown);
                        return await state.Self._http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token).ConfigureAwait(false);
                    }
                },
                (Self: this, method, path, accept, content, observer, attempts),
                end.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            observer?.RequestCompleted(Describe(null));
            if (!cancellationToken.IsCancellationRequested && Translate(e) is CapiProblem problem)
            {
                throw problem.ToException(e);
            }

            throw;
        }

        foreach (string warning in Warnings(response))
        {
            _told.TellOnce(observer, warning);
        }

        Answer answer = new(this, response, subject, Describe((int)response.StatusCode), started, observer, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return answer;
        }

        await using (answer.ConfigureAwait(false))
        {
            using MemoryStream body = new();
            try
            {
                await answer.CopyToAsync(body).ConfigureAwait(false);
            }
            catch (CapiProblemException)
            {
                // the status alone tells enough
            }

            if (response.StatusCode == HttpStatusCode.BadRequest && Endpoint.Server.Scheme == Uri.UriSchemeHttp && AsksForHttps(body.ToArray()))
            {
                throw ProblemTable.Connection(ProblemId.ApiAnswerInvalid, Endpoint.Server, Endpoint.Context, "it speaks https only, and its address in the kubeconfig begins with http:").ToException();
            }

            StatusBody status = StatusBody.Read(body.ToArray());
            throw ProblemTable.FromStatus((int)response.StatusCode, status.Reason, status.Message, subject, status.Details).ToException();
        }

        ApiRequest Describe(int? status) => new(method.Method, path, status, _clock.GetElapsedTime(started), 0) { Attempts = attempts.Value, Sent = sent };
    }

    /// <summary>The problem that an exception of the network means; null where it is none of the network's.</summary>
    public CapiProblem? Translate(Exception exception)
    {
        if (_closed.IsCancellationRequested)
        {
            return Closed();
        }

        string? id = exception switch
        {
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => ProblemId.HostNotFound,
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: AuthenticationException inner } when IsCertificate(inner) => ProblemId.CertificateNotTrusted,
            HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } => ProblemId.ConnectionRefused,
            InvalidDataException or JsonException => ProblemId.ApiAnswerInvalid, // a damaged gzip stream is one, too
            InvalidOperationException { Source: string source } when source.StartsWith("System.Text.Json", StringComparison.Ordinal) => ProblemId.ApiAnswerInvalid, // a number where a text was read
            HttpRequestException or HttpIOException or IOException or SocketException => ProblemId.ConnectionLost,
            OperationCanceledException => ProblemId.ApiTimeout,
            _ => null,
        };
        if (id is null)
        {
            return null;
        }

        bool isUnconnected = exception is OperationCanceledException { InnerException: TimeoutException };
        string detail = id switch
        {
            ProblemId.ApiTimeout => $"{(isUnconnected ? ConnectTimeout : AnswerTimeout).TotalSeconds:0} s",
            _ when exception is HttpRequestException { StatusCode: HttpStatusCode status } => $"HTTP {(int)status}",
            _ => Show(Causes(exception).Last()),
        };

        // Where there is a proxy, it is all that one connects to.
        bool isOfProxy = isUnconnected || id is ProblemId.ConnectionRefused or ProblemId.HostNotFound || exception is HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError };
        return ProblemTable.Connection(id, Endpoint.Server, Endpoint.Context, detail, isOfProxy ? _proxy?.Address : null);
    }

    /// <summary>Waits between two requests; not longer than the connection is open.</summary>
    /// <exception cref="CapiProblemException"><c>NotConnected</c> where it was closed.</exception>
    public async Task PauseAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed.Token);
        try
        {
            await Task.Delay(time, _clock, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Closed().ToException();
        }
    }

    /// <summary>Ends all that is under way, on whatever thread: a watch that nobody can stop any more would go on for ever.</summary>
    public void Dispose()
    {
        _closed.Cancel();
        _http.Dispose();
    }

    /// <summary>The server's answer to a request: its body, as it arrives. Tells the observer when it is done with.</summary>
    internal sealed class Answer(KubernetesTransport transport, HttpResponseMessage response, RequestSubject subject, ApiRequest request, long started, IApiObserver? observer, CancellationToken cancellationToken) : IAsyncDisposable
    {
        /// <summary>Null where nobody wants it, and for a watch, whose lines are told one by one.</summary>
        private readonly BodyExcerpt? _excerpt = observer is { WantsBodies: true } && !(subject.Verb == "watch" && response.IsSuccessStatusCode) ? new() : null;

        private readonly CancellationTokenSource _silence = new(Timeout.InfiniteTimeSpan, transport._clock);
        private CancellationTokenSource? _end;
        private Stream? _stream;

        /// <summary>Bytes of the body read so far, after decompression; set by whoever reads it.</summary>
        public long Bytes { get; set; }

        /// <summary>How long the server may be silent in the middle of its answer.</summary>
        public TimeSpan Patience { get; set; } = AnswerTimeout;

        /// <summary>Whether it was silent for longer.</summary>
        public bool IsOverdue => _silence.IsCancellationRequested;

        /// <summary>Is cancelled with the request, when the connection is closed, and when the server is silent for too long: to be used for all reading.</summary>
        public CancellationToken End => (_end ??= CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, transport._closed.Token, _silence.Token)).Token;

        public async Task<Stream> OpenAsync()
        {
            if (_stream is null)
            {
                Stream body = await response.Content.ReadAsStreamAsync(End).ConfigureAwait(false);
                _stream = _excerpt is null ? body : new ExcerptStream(body, _excerpt);
            }

            return _stream;
        }

        /// <summary>Tells the observer a line of a watch.</summary>
        public void TellEvent(ReadOnlySpan<byte> line)
        {
            if (observer is { WantsBodies: true })
            {
                observer.EventReceived(request.PathAndQuery, BodyExcerpt.Of(line, ConfidentialFields.Of(subject)));
            }
        }

        /// <summary>Bounds one reading, which uses <see cref="End"/>. What is done between two readings takes as long as it likes.</summary>
        public async ValueTask<T> BoundAsync<T>(ValueTask<T> reading)
        {
            if (reading.IsCompleted)
            {
                return await reading.ConfigureAwait(false);
            }

            _silence.CancelAfter(Patience);
            try
            {
                return await reading.ConfigureAwait(false);
            }
            finally
            {
                _silence.CancelAfter(Timeout.InfiniteTimeSpan);
            }
        }

        public async Task CopyToAsync(MemoryStream target)
        {
            try
            {
                Stream stream = await OpenAsync().ConfigureAwait(false);
                using ReceiveBuffer body = new(16 * 1024);
                while (await BoundAsync(body.FillAsync(stream, End)).ConfigureAwait(false))
                {
                }

                target.Write(body.Unread.Span);
                Bytes = target.Length;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && transport.Translate(e) is CapiProblem problem)
            {
                throw problem.ToException(e);
            }
        }

        public ValueTask DisposeAsync()
        {
            ApiRequest completed = request with
            {
                Elapsed = transport._clock.GetElapsedTime(started),
                Bytes = Bytes,
                Received = _excerpt?.ToText(ConfidentialFields.Of(subject)),
                AuditId = response.Headers.TryGetValues("Audit-Id", out IEnumerable<string>? ids) ? ids.First() : null,
            };
            response.Dispose();
            _end?.Dispose();
            _silence.Dispose();
            observer?.RequestCompleted(completed);
            return ValueTask.CompletedTask;
        }
    }

    private CapiProblem Closed() =>
        new(ProblemId.NotConnected, CapiProblemCategory.InvalidOperation, $"The connection to {Endpoint} was closed.", "Connect again with Connect-CapiManagementCluster.", Endpoint.Context);

    private static SocketsHttpHandler CreateHandler(KubeTarget target, ProxyAddress? proxy, Impersonation impersonation, ClientCertificate? certificate)
    {
        SocketsHttpHandler handler = new()
        {
            AutomaticDecompression = target.DisableCompression ? DecompressionMethods.None : DecompressionMethods.GZip,
            UseCookies = false,
            AllowAutoRedirect = false, // credentials go to the server that the kubeconfig names, and nowhere else
            ConnectTimeout = ConnectTimeout,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30), // so that a watch notices that its connection is dead
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
        };
        handler.Proxy = proxy?.ToWebProxy();
        handler.UseProxy = handler.Proxy is not null;
        handler.RequestHeaderEncodingSelector = (header, _) => impersonation.EncodingOf(header);
        ServerTrust.Apply(target, certificate, handler.SslOptions);
        return handler;
    }

    private static bool IsRepeatable(Polly.Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        { Result.StatusCode: HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout } => true,
        { Exception: HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } } => true,
        { Exception: HttpRequestException e } => Causes(e).Any(cause => cause is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown }),
        _ => false,
    };

    private static IEnumerable<Exception> Causes(Exception exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            yield return cause;
        }
    }

    /// <summary>A JSON reader's own words quote what it read, which may be a secret: only the place is told.</summary>
    private static string Show(Exception cause) =>
        CapiProblem.QuotesWhatItRead(cause) ? $"it is not JSON at byte {((JsonException)cause).BytePositionInLine} of line {((JsonException)cause).LineNumber + 1}" : cause.Message;

    /// <summary>How a server's port for https answers a request without TLS, in the words of Go's servers or of nginx.</summary>
    private static bool AsksForHttps(ReadOnlySpan<byte> page) => page.IndexOf("HTTP request"u8) >= 0 && page.IndexOf("HTTPS"u8) >= 0;

    private static bool IsCertificate(AuthenticationException exception) =>
        exception.Message.Contains("certificate", StringComparison.OrdinalIgnoreCase);

    /// <summary>The texts of the Warning headers that Kubernetes sends: <c>299 - "quoted, with \\ before quotes"</c>.</summary>
    private static IEnumerable<string> Warnings(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Warning", out _)
            ? response.Headers.Warning.Where(warning => warning.Code == 299).Select(warning => QuotedPair().Replace(warning.Text[1..^1], "$1"))
            : [];

    [GeneratedRegex(@"\\(.)", RegexOptions.Singleline)]
    private static partial Regex QuotedPair();

    private static async Task<string> ShowAsync(Func<HttpContent> content, RequestSubject subject)
    {
        using HttpContent body = content();
        return BodyExcerpt.Of(await body.ReadAsByteArrayAsync().ConfigureAwait(false), ConfidentialFields.Of(subject));
    }

    private HttpRequestMessage CreateRequest(HttpMethod method, string path, string? accept, Func<HttpContent>? content, Credential credential)
    {
        // The server's address may have a path of its own, as behind Rancher: a plain join, not a URI's.
        HttpRequestMessage request = new(method, new Uri(Endpoint.Server.AbsoluteUri.TrimEnd('/') + path))
        {
            Content = content?.Invoke(),
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.TryAddWithoutValidation("Accept", accept ?? "application/json");
        request.Headers.Authorization = credential.Authorization;
        request.Headers.Host = _tlsServerName; // the name that .NET's TLS asks for and checks, too, and its own options cannot say another
        _impersonation.Apply(request);
        ConnectionsByIdentity.Identify(request, credential.Certificate);
        return request;
    }

    private ResiliencePipeline<HttpResponseMessage> CreatePipeline(int retries, Func<Polly.Outcome<HttpResponseMessage>, bool> isRepeatable) =>
        new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = _clock }
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = retries,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(200),
                UseJitter = true,
                ShouldHandle = arguments => ValueTask.FromResult(isRepeatable(arguments.Outcome)),
                DelayGenerator = arguments => ValueTask.FromResult(RetryAfter(arguments.Outcome.Result)),
                OnRetry = static arguments =>
                {
                    arguments.Outcome.Result?.Dispose();
                    return default;
                },
            })
            .Build();

    private TimeSpan? RetryAfter(HttpResponseMessage? response)
    {
        RetryConditionHeaderValue? header = response?.Headers.RetryAfter;
        TimeSpan? delay = header?.Delta ?? header?.Date - _clock.GetUtcNow();
        return delay < TimeSpan.Zero ? TimeSpan.Zero : delay > LongestRetryAfter ? LongestRetryAfter : delay;
    }
}
