namespace CapiWorkshop.Tests.Integration.Harness;

/// <summary>A real API server for all tests of a collection. Where it cannot be had here, <see cref="Missing"/> says why, and they are skipped.</summary>
public abstract class ServerFixture : IAsyncLifetime
{
    private ApiServer? _server;

    public string? Missing { get; private set; }

    public ApiServer Server => _server ?? throw new InvalidOperationException("There is no server: " + Missing);

    public async ValueTask InitializeAsync()
    {
        try
        {
            _server = await StartAsync();
            await LoadAsync(_server);
        }
        catch (PartMissingException e)
        {
            Missing = e.Message;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    protected virtual Task<ApiServer> StartAsync() => ApiServer.StartAsync();

    protected abstract Task LoadAsync(ApiServer server);
}

/// <summary>Serves Cluster API v1.13, CAPD, k0smotron and the Helm add-on, and holds the workshop's two clusters in the namespace default.</summary>
public sealed class RealApiServer : ServerFixture
{
    protected override async Task LoadAsync(ApiServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        await RealParts.RunScriptAsync("load-crds.sh", [server.Admin], TimeSpan.FromMinutes(3));
        await RealParts.RunScriptAsync("load-samples.sh", [server.Admin], TimeSpan.FromMinutes(3));
    }
}

/// <summary>Serves Cluster API v1.10, which knows v1beta1 only.</summary>
public sealed class V1Beta1Server : ServerFixture
{
    protected override async Task LoadAsync(ApiServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        await RealParts.RunScriptAsync("load-crds.sh", [server.Admin, "core-v1.10"], TimeSpan.FromMinutes(3));
    }
}

/// <summary>A server that its tests stop and start as they like, so no others are on it; serves Cluster API's own kinds and the Helm add-on's, and takes leave quickly.</summary>
public sealed class RestartedServer : ServerFixture
{
    protected override async Task LoadAsync(ApiServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        await RealParts.RunScriptAsync("load-crds.sh", [server.Admin, "core", "addon-helm"], TimeSpan.FromMinutes(3));
        await server.StopServerAsync("KILL", CancellationToken.None);
        await server.StartServerAsync(CancellationToken.None, "--request-timeout=3s");
    }
}

/// <summary>Kubernetes 1.20: without aggregated discovery, and without lists that are told as the beginning of a watch. Its tests stop and start it.</summary>
public sealed class OldServer : ServerFixture
{
    protected override Task<ApiServer> StartAsync() => ApiServer.StartAsync(old: true);

    protected override async Task LoadAsync(ApiServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        await RealParts.RunScriptAsync("load-crds.sh", [server.Admin, "core", "controlplane-kubeadm", "infrastructure-docker", "addon-helm"], TimeSpan.FromMinutes(3));
    }
}

/// <summary>A Kubernetes without Cluster API.</summary>
public sealed class EmptyServer : ServerFixture
{
    protected override Task LoadAsync(ApiServer server) => Task.CompletedTask;
}

[CollectionDefinition]
public sealed class OnRealApiServer : ICollectionFixture<RealApiServer>;

[CollectionDefinition]
public sealed class OnRestartedServer : ICollectionFixture<RestartedServer>;

[CollectionDefinition]
public sealed class OnV1Beta1Server : ICollectionFixture<V1Beta1Server>;

[CollectionDefinition]
public sealed class OnOldServer : ICollectionFixture<OldServer>;

[CollectionDefinition]
public sealed class OnEmptyServer : ICollectionFixture<EmptyServer>;
