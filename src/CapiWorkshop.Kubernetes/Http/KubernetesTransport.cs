using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Kubernetes.Reading;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using Polly;
using Polly.Retry;

namespace CapiWorkshop.Kubernetes.Http;

/// <summary>
/// The one HTTP client of a connection: TLS, credentials, retries, time-outs, and the translation of everything that goes wrong into a
/// <see cref="CapiProblem"/>. Thread-safe.
/// </summary>
internal sealed class KubernetesTransport : IDisposable
{
    /// <summary>How long a server may take until it begins to answer.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly BearerToken _token;
    private readonly TimeProvider _clock;
    private readonly ResiliencePipeline<HttpResponseMessage> _repeatable, _write;
    private readonly HashSet<string> _warned = [];
    private readonly string? _insecure;

    public KubernetesTransport(KubeTarget target, TimeProvider clock)
    {
        Endpoint = target.ToEndpoint();
        _clock = clock;
        _token = new(target.Token, target.TokenFile);
        _http = new(CreateHandler(target), disposeHandler: true)
        {
            Timeout = Timeout.InfiniteTimeSpan, // watches have no end; AnswerTimeout bounds everything else
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new("CapiWorkshop", typeof(KubernetesTransport).Assembly.GetName().Version!.ToString(3)));
        _repeatable = CreatePipeline(attempts: 3, outcome => outcome switch
        {
            { Result.StatusCode: HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout } => true,
            { Exception: HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } } => true,
            { Exception: HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError, InnerException: SocketException { SocketErrorCode: SocketError.ConnectionReset } } } => true,
            _ => false,
        });

        // 429 is said before anything is done; after anything else a write may have happened.
        _write = CreatePipeline(attempts: 3, outcome => outcome.Result?.StatusCode == HttpStatusCode.TooManyRequests);
        if (target.InsecureSkipTlsVerify)
        {
            _insecure = $"The certificate of {target.Server} is not checked: the kubeconfig says insecure-skip-tls-verify.";
        }
    }

    public KubernetesEndpoint Endpoint { get; }

    /// <summary>Sends a request and returns its answer, whose body has not been read yet. Any answer but a success is thrown.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, string path, RequestSubject subject, IApiObserver? observer, CancellationToken cancellationToken, string? accept = null, Func<HttpContent>? content = null)
    {
        WarnOnce(observer, _insecure);
        long started = _clock.GetTimestamp();
        HttpResponseMessage? response = null;
        try
        {
            ResiliencePipeline<HttpResponseMessage> pipeline = content is null ? _repeatable : _write;
            response = await pipeline.ExecuteAsync(
                static async (state, token) =>
                {
                    using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(token);
                    deadline.CancelAfter(AnswerTimeout);
                    using HttpRequestMessage request = state.Self.CreateRequest(state.method, state.path, state.accept, state.content);
                    return await state.Self._http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token).ConfigureAwait(false);
                },
                (Self: this, method, path, accept, content),
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Translate(e) is CapiProblem problem)
        {
            observer?.RequestCompleted(new(method.Method, path, null, _clock.GetElapsedTime(started), 0));
            throw problem.ToException(e);
        }

        foreach (string warning in Warnings(response))
        {
            WarnOnce(observer, warning);
        }

        Answer answer = new(this, response, method.Method, path, started, observer);
        if (response.IsSuccessStatusCode)
        {
            return answer;
        }

        await using (answer.ConfigureAwait(false))
        {
            using MemoryStream body = new();
            try
            {
                await answer.CopyToAsync(body, cancellationToken).ConfigureAwait(false);
            }
            catch (CapiProblemException)
            {
                // the status alone tells enough
            }

            StatusBody status = StatusBody.Read(body.ToArray());
            throw ProblemTable.FromStatus((int)response.StatusCode, status.Reason, status.Message, subject).ToException();
        }
    }

    /// <summary>The problem that an exception of the network means; null where it is none of the network's.</summary>
    public CapiProblem? Translate(Exception exception)
    {
        string Innermost()
        {
            Exception inner = exception;
            while (inner.InnerException is not null)
            {
                inner = inner.InnerException;
            }

            return inner.Message;
        }

        string? id = exception switch
        {
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => ProblemId.HostNotFound,
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: AuthenticationException inner } when IsCertificate(inner) => ProblemId.CertificateNotTrusted,
            HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } => ProblemId.ConnectionRefused,
            HttpRequestException or HttpIOException or IOException or SocketException => ProblemId.ConnectionLost,
            OperationCanceledException => ProblemId.ApiTimeout,
            _ => null,
        };
        return id is null ? null : ProblemTable.Connection(id, Endpoint.Server, Endpoint.Context, id == ProblemId.ApiTimeout ? $"{AnswerTimeout.TotalSeconds:0} s" : Innermost());
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The server's answer to a request: its body, as it arrives. Tells the observer when it is done with.</summary>
    internal sealed class Answer(KubernetesTransport transport, HttpResponseMessage response, string method, string path, long started, IApiObserver? observer) : IAsyncDisposable
    {
        private Stream? _stream;

        /// <summary>Bytes of the body read so far, after decompression; set by whoever reads it.</summary>
        public long Bytes { get; set; }

        public async Task<Stream> OpenAsync(CancellationToken cancellationToken) =>
            _stream ??= await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);

        public async Task CopyToAsync(MemoryStream target, CancellationToken cancellationToken)
        {
            try
            {
                await (await OpenAsync(cancellationToken).ConfigureAwait(false)).CopyToAsync(target, cancellationToken).ConfigureAwait(false);
                Bytes = target.Length;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && transport.Translate(e) is CapiProblem problem)
            {
                throw problem.ToException(e);
            }
        }

        public ValueTask DisposeAsync()
        {
            observer?.RequestCompleted(new(method, path, (int)response.StatusCode, transport._clock.GetElapsedTime(started), Bytes));
            response.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private static SocketsHttpHandler CreateHandler(KubeTarget target)
    {
        SocketsHttpHandler handler = new()
        {
            AutomaticDecompression = target.DisableCompression ? DecompressionMethods.None : DecompressionMethods.GZip,
            UseCookies = false,
            AllowAutoRedirect = false, // credentials go to the server that the kubeconfig names, and nowhere else
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30), // so that a watch notices that its connection is dead
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
        };
        if (target.Proxy is not null)
        {
            handler.Proxy = new WebProxy(target.Proxy);
        }

        SslClientAuthenticationOptions tls = handler.SslOptions;
        tls.CertificateRevocationCheckMode = X509RevocationMode.NoCheck; // cluster authorities publish no lists
        if (target.InsecureSkipTlsVerify)
        {
#pragma warning disable CA5359 // The kubeconfig asks for it in so many words, and a warning is shown.
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (target.CertificateAuthority is byte[] authority)
        {
            X509Certificate2Collection trusted = [];
            Import(() => trusted.ImportFromPem(System.Text.Encoding.ASCII.GetString(authority)), target, "certificate-authority");
            tls.CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(trusted);
        }

        if (target is { ClientCertificate: string certificate, ClientKey: string key })
        {
            Import(() => tls.ClientCertificates = [LoadCertificate(certificate, key)], target, "client-certificate or client-key");
            tls.LocalCertificateSelectionCallback = (_, _, certificates, _, _) => certificates[0];
        }

        return handler;
    }

    private static X509Certificate2 LoadCertificate(string certificate, string key)
    {
        X509Certificate2 loaded = X509Certificate2.CreateFromPem(certificate, key);
        if (!OperatingSystem.IsWindows())
        {
            return loaded;
        }

        // SChannel takes no key that lives in memory only
        using (loaded)
        {
            return X509CertificateLoader.LoadPkcs12(loaded.Export(X509ContentType.Pkcs12), null);
        }
    }

    private static void Import(Action import, KubeTarget target, string field)
    {
        try
        {
            import();
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new CapiProblem(ProblemId.KubeConfigInvalid, CapiProblemCategory.InvalidData,
                $"The {field} of context '{target}' cannot be used: {e.Message}", "An unencrypted PEM is expected there.", target.ToString()).ToException(e);
        }
    }

    private static bool IsCertificate(AuthenticationException exception) =>
        exception.Message.Contains("certificate", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<string> Warnings(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Warning", out _)
            ? response.Headers.Warning.Where(warning => warning.Code == 299).Select(warning => warning.Text.Trim('"').Replace("\\\"", "\"", StringComparison.Ordinal))
            : [];

    private void WarnOnce(IApiObserver? observer, string? warning)
    {
        if (warning is null || observer is null)
        {
            return;
        }

        lock (_warned)
        {
            if (!_warned.Add(warning))
            {
                return;
            }
        }

        observer.Warning(warning);
    }

    private HttpRequestMessage CreateRequest(HttpMethod method, string path, string? accept, Func<HttpContent>? content)
    {
        // The server's address may have a path of its own, as behind Rancher: a plain join, not a URI's.
        HttpRequestMessage request = new(method, new Uri(Endpoint.Server.AbsoluteUri.TrimEnd('/') + path)) { Content = content?.Invoke() };
        request.Headers.TryAddWithoutValidation("Accept", accept ?? "application/json");
        request.Headers.Authorization = _token.Header;
        return request;
    }

    private ResiliencePipeline<HttpResponseMessage> CreatePipeline(int attempts, Func<Polly.Outcome<HttpResponseMessage>, bool> isRepeatable) =>
        new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = _clock }
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = attempts,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(200),
                UseJitter = true,
                ShouldHandle = arguments => ValueTask.FromResult(isRepeatable(arguments.Outcome)),
                DelayGenerator = static arguments => ValueTask.FromResult(RetryAfter(arguments.Outcome.Result)),
                OnRetry = static arguments =>
                {
                    arguments.Outcome.Result?.Dispose();
                    return default;
                },
            })
            .Build();

    private static TimeSpan? RetryAfter(HttpResponseMessage? response)
    {
        RetryConditionHeaderValue? header = response?.Headers.RetryAfter;
        TimeSpan? delay = header?.Delta ?? header?.Date - DateTimeOffset.UtcNow;
        return delay < TimeSpan.Zero ? TimeSpan.Zero : delay > LongestRetryAfter ? LongestRetryAfter : delay;
    }
}
