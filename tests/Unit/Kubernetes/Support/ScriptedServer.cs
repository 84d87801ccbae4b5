using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Channels;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Operations.Ports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CapiWorkshop.Tests.Unit.Kubernetes.Support;

/// <summary>
/// A server on loopback that does what a test says. With a handler each request is answered by it; without one the test takes each request with
/// <see cref="NextAsync"/> and answers it when it likes.
/// </summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    /// <summary>No wait of a test takes longer; none that succeeds comes near it.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public const string Token = "t0ken-of-the-test";

    private readonly Channel<Exchange> _waiting = Channel.CreateUnbounded<Exchange>();
    private readonly ConcurrentQueue<Exchange> _seen = new();
    private readonly Func<Exchange, Task>? _handler;
    private readonly Options _options;
    private readonly TempFolder _folder = new();
    private WebApplication? _app;
    private int _files;

    // What proxies this machine has set up is none of the tests' business.
    static ScriptedServer() => Array.ForEach(["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy"], name => Environment.SetEnvironmentVariable(name, null));

    private ScriptedServer(Func<Exchange, Task>? handler, Options options)
    {
        _handler = handler;
        _options = options;
    }

    public TestAuthority Authority => _options.Authority!;

    public int Port { get; private set; }

    public string Address => $"{(_options.Https ? "https" : "http")}://127.0.0.1:{Port}";

    /// <summary>The requests that came, in their order.</summary>
    public IReadOnlyList<Exchange> Seen => [.. _seen];

    public static async Task<ScriptedServer> StartAsync(Func<Exchange, Task>? handler = null, Options? options = null)
    {
        options ??= new();
        options.Authority ??= new();
        options.Certificate ??= options.Authority.IssueServer();
        ScriptedServer server = new(handler, options);
        await server.ListenAsync(0);
        return server;
    }

    /// <summary>Answers every request with the same body.</summary>
    public static Task<ScriptedServer> AnsweringAsync(string body, Options? options = null) => StartAsync(exchange => exchange.JsonAsync(body), options);

    /// <summary>The next request that has come; only without a handler.</summary>
    public async Task<Exchange> NextAsync() =>
        await _waiting.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Limit, TestContext.Current.CancellationToken);

    /// <summary>Cuts all connections and listens no more.</summary>
    public async Task StopAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync(new CancellationToken(canceled: true));
            await _app.DisposeAsync();
            _app = null;
        }
    }

    /// <summary>Listens again, on the same port.</summary>
    public Task RestartAsync() => ListenAsync(Port);

    /// <summary>Writes a kubeconfig that leads here and returns its path.</summary>
    /// <param name="user">The user, as YAML.</param>
    /// <param name="address">Another address than this server's.</param>
    /// <param name="authority">Another authority (PEM) than this server's; empty for none.</param>
    /// <param name="cluster">Further fields of the cluster, as YAML.</param>
    public string WriteKubeConfig(string user = $"{{ token: {Token} }}", string? address = null, string? authority = null, string cluster = "") =>
        _folder.Write($"config-{Interlocked.Increment(ref _files)}", $$"""
            apiVersion: v1
            kind: Config
            current-context: scripted
            clusters:
            - name: scripted
              cluster:
                server: {{address ?? Address}}
                {{(authority == "" ? "" : $"certificate-authority-data: {Convert.ToBase64String(Encoding.UTF8.GetBytes(authority ?? Authority.Pem))}")}}
                {{cluster}}
            users:
            - name: tester
              user: {{user}}
            contexts:
            - name: scripted
              context: { cluster: scripted, user: tester, namespace: default }
            """);

    /// <summary>A file beside the kubeconfigs.</summary>
    public string WriteFile(string name, string content) => _folder.Write(name, content);

    /// <summary>Connects to this server by such a kubeconfig. What was warned of on other connections is not known to this one, unless it is given what they told.</summary>
    public KubernetesApi Connect(string user = $"{{ token: {Token} }}", string? address = null, string? authority = null, string cluster = "", TimeProvider? clock = null, ToldWarnings? told = null) =>
        new(KubeConfig.Read([WriteKubeConfig(user, address, authority, cluster)]).Resolve(null), clock, told ?? new());

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _options.Certificate!.Dispose();
        Authority.Dispose();
        _folder.Dispose();
    }

    private async Task ListenAsync(int port)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                _app = Build(port);
                await _app.StartAsync(TestContext.Current.CancellationToken);
                Port = new Uri(_app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single()).Port;
                return;
            }
            catch (IOException) when (port != 0 && attempt < 100)
            {
                // somebody's outgoing connection has that port for a moment
                await _app!.DisposeAsync();
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
        }
    }

    private WebApplication Build(int port)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, port, listen =>
            {
                listen.Protocols = _options.Protocols;
                if (_options.Https)
                {
                    listen.UseHttps(https =>
                    {
                        https.ServerCertificate = _options.Certificate;
                        https.ClientCertificateMode = _options.AskForClientCertificate ? ClientCertificateMode.AllowCertificate : ClientCertificateMode.NoCertificate;
                        https.AllowAnyClientCertificate();
                    });
                }
            });
        });
        WebApplication app = builder.Build();
        app.Run(HandleAsync);
        return app;
    }

    private async Task HandleAsync(HttpContext context)
    {
        Exchange exchange = await Exchange.ReceiveAsync(context);
        _seen.Enqueue(exchange);
        if (_handler is not null)
        {
            await _handler(exchange);
        }
        else
        {
            await _waiting.Writer.WriteAsync(exchange);
        }

        // Where the client has gone, nobody will complete the answer any more.
        await Task.WhenAny(exchange.Done, Task.Delay(Timeout.Infinite, context.RequestAborted));
    }

    internal sealed class Options
    {
        public bool Https { get; init; } = true;

        public HttpProtocols Protocols { get; init; } = HttpProtocols.Http1AndHttp2;

        public bool AskForClientCertificate { get; init; }

        /// <summary>The authority that the kubeconfig names.</summary>
        public TestAuthority? Authority { get; set; }

        /// <summary>The server's certificate; by default a valid one of <see cref="Authority"/>.</summary>
        public X509Certificate2? Certificate { get; set; }
    }
}
