using System.Collections.Concurrent;
using System.Net;
using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Failures;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CapiWorkshop.Sandbox.Hosting;

/// <summary>
/// Serves a management cluster and any number of workload clusters on one port of loopback: the management cluster at the root, each workload cluster
/// below <c>/clusters/namespace/name</c>.
/// </summary>
internal sealed class SandboxServer : IAsyncDisposable
{
    private const string WorkloadPrefix = "/clusters/";
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    private readonly ServerCertificate _certificate = ServerCertificate.Create();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<string, ApiMount> _workloads = new(StringComparer.Ordinal);
    private readonly ApiSettings _settings;
    private readonly Task _ready;
    private readonly KestrelServer _kestrel;
    private ApiMount? _management;
    private bool _disposed;

    private SandboxServer(int port, ApiSettings settings, Task ready)
    {
        _settings = settings;
        _ready = ready;
        KestrelServerOptions options = new() { AddServerHeader = false };
        options.Listen(IPAddress.Loopback, port, listen => listen.UseTls(_certificate.Certificate));
        SocketTransportFactory sockets = new(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        _kestrel = new(Options.Create(options), sockets, NullLoggerFactory.Instance);
    }

    public Uri Address { get; private set; } = new("https://127.0.0.1");

    public int Port => Address.Port;

    /// <summary>The way into the management cluster, for an administrator.</summary>
    public string KubeConfig => _management!.KubeConfig;

    /// <summary>Fails with an <see cref="IOException"/> when the port is taken.</summary>
    /// <param name="management">The API at the root.</param>
    /// <param name="port">0 for a free one.</param>
    /// <param name="name">What the kubeconfig calls the cluster.</param>
    /// <param name="settings">How the wire behaves; tests shorten its times.</param>
    /// <param name="ready">When there is something to be seen: clients may connect before, but have to wait for the answer.</param>
    public static async Task<SandboxServer> StartAsync(
        ClusterApi management, int port = 0, string name = "capi-sandbox", ApiSettings? settings = null, Task? ready = null, CancellationToken cancellation = default)
    {
        SandboxServer server = new(port, settings ?? new(), ready ?? Task.CompletedTask);
        try
        {
            await server._kestrel.StartAsync(new RequestApplication(server.HandleAsync), cancellation).ConfigureAwait(false);
            Uri bound = new(server._kestrel.Features.Get<IServerAddressesFeature>()!.Addresses.First());
            server.Address = new UriBuilder(Uri.UriSchemeHttps, bound.Host, bound.Port).Uri;
            server._management = server.Mount("", name, management);
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Puts a workload cluster's API on the wire. Its kubeconfig belongs into the cluster's secret.</summary>
    public ApiMount Attach(string @namespace, string name, ClusterApi workload)
    {
        ApiMount mount = Mount($"{WorkloadPrefix}{@namespace}/{name}", name, workload);
        _workloads[mount.Prefix] = mount;
        return mount;
    }

    /// <summary>Takes it off again: from then on its address is nobody's, and who watches there is cut off.</summary>
    public void Detach(ApiMount mount)
    {
        _workloads.TryRemove(new(mount.Prefix, mount));
        mount.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        // Watches never end by themselves: without this they would hold the stop back until its time-out.
        await _stopping.CancelAsync().ConfigureAwait(false);
        using (CancellationTokenSource limit = new(StopTimeout))
            await _kestrel.StopAsync(limit.Token).ConfigureAwait(false);
        _kestrel.Dispose();
        _certificate.Dispose();
        _stopping.Dispose();
    }

    private ApiMount Mount(string prefix, string name, ClusterApi api)
    {
        AccessToken token = AccessToken.Create();
        string config = KubeConfigText.Write(name, new(Address, prefix), _certificate.AuthorityPem, token);
        return new(prefix, new(api, _settings), token, config);
    }

    private async Task HandleAsync(HttpContext http)
    {
        await _ready.ConfigureAwait(false);
        http.Response.Headers["Audit-Id"] = Guid.NewGuid().ToString(); // on every answer, as a real server does, so that it can be named in logs
        string path = http.Request.Path.Value ?? "/";
        if (Find(path) is not { } mount)
        {
            await Answer.PageNotFoundAsync(http).ConfigureAwait(false);
            return;
        }

        string below = path[mount.Prefix.Length..];
        if (!ApiHandler.IsPublic(below) && !mount.Token.Admits(http.Request))
        {
            await Answer.FailureAsync(http, ApiFailure.Unauthorized()).ConfigureAwait(false);
            return;
        }

        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, _stopping.Token, mount.Detached);
        http.RequestAborted = end.Token;
        await mount.Handler.HandleAsync(http, below).ConfigureAwait(false);
    }

    private ApiMount? Find(string path)
    {
        if (!path.StartsWith(WorkloadPrefix, StringComparison.Ordinal))
            return _management;
        string[] parts = path.Split('/', 5);
        return parts.Length >= 4 ? _workloads.GetValueOrDefault(string.Join('/', parts[..4])) : null;
    }
}
