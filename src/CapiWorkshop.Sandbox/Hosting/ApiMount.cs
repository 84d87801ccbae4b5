using CapiWorkshop.Sandbox.Api;

namespace CapiWorkshop.Sandbox.Hosting;

/// <summary>An API in its place: below which prefix it answers, and to whom.</summary>
internal sealed class ApiMount : IDisposable
{
    private readonly CancellationTokenSource _detached = new();

    public ApiMount(string prefix, ApiHandler handler, AccessToken token, string kubeConfig)
    {
        Prefix = prefix;
        Handler = handler;
        Token = token;
        KubeConfig = kubeConfig;
        Detached = _detached.Token;
    }

    /// <summary>Empty for the management cluster, <c>/clusters/namespace/name</c> for a workload cluster.</summary>
    public string Prefix { get; }

    public ApiHandler Handler { get; }

    public AccessToken Token { get; }

    /// <summary>The way in, for whoever may have it.</summary>
    public string KubeConfig { get; }

    /// <summary>Is cancelled when the API goes off the wire.</summary>
    public CancellationToken Detached { get; }

    public void Dispose()
    {
        _detached.Cancel();
        _detached.Dispose();
    }
}
