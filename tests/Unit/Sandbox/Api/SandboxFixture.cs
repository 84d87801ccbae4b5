using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Hosting;
using CapiWorkshop.Sandbox.Storage;
using Microsoft.Extensions.Time.Testing;

namespace CapiWorkshop.Tests.Unit.Sandbox.Api;

/// <summary>A sandbox server on loopback whose world stands still, and a client that trusts its authority and nothing else.</summary>
public sealed class SandboxFixture : IAsyncLifetime
{
    internal const string Machines = "/apis/cluster.x-k8s.io/v1beta2/namespaces/default/machines";
    internal const string Deployments = "/apis/cluster.x-k8s.io/v1beta2/namespaces/default/machinedeployments";
    internal const string Table = "application/json;as=Table;v=v1;g=meta.k8s.io";

    private HttpClient? _client;

    internal FakeTimeProvider Time { get; } = new(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));

    internal ClusterApi Management => field ??= Cluster(ResourceCatalog.Management);

    internal SandboxServer Server { get; private set; } = null!;

    internal HttpClient Client => _client ??= ClientFor(Server.KubeConfig);

    public async ValueTask InitializeAsync() =>
        Server = await SandboxServer.StartAsync(Management, settings: new() { BookmarkInterval = TimeSpan.FromMilliseconds(50) });

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        await Server.DisposeAsync();
    }

    internal ClusterApi Cluster(ResourceCatalog catalog, int historyLimit = 200)
    {
        ClusterApi api = new(catalog, new ObjectStore(Time, new Random(1), historyLimit), Time);
        WellKnownObjects.AddTo(api);
        return api;
    }

    /// <summary>A client with the address, authority and token of a kubeconfig.</summary>
    internal static HttpClient ClientFor(string kubeConfig, Version? version = null)
    {
        string Value(string key) => kubeConfig.Split('\n').Select(line => line.Trim()).First(line => line.StartsWith(key + ": ", StringComparison.Ordinal))[(key.Length + 2)..];
        X509Certificate2 authority = X509Certificate2.CreateFromPem(Encoding.UTF8.GetString(Convert.FromBase64String(Value("certificate-authority-data"))));
        SocketsHttpHandler handler = new()
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { authority },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        };
        HttpClient client = new(handler)
        {
            BaseAddress = new(Value("server").TrimEnd('/') + "/"),
            DefaultRequestVersion = version ?? HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        client.DefaultRequestHeaders.Authorization = new("Bearer", Value("token"));
        return client;
    }

    internal async Task<Reply> SendAsync(HttpMethod method, string path, string? body = null, string? type = null, string? accept = null)
    {
        using HttpRequestMessage request = new(method, path.TrimStart('/'));
        if (accept is not null)
            request.Headers.Add("Accept", accept);
        if (body is not null)
            request.Content = new StringContent(body, MediaTypeHeaderValue.Parse(type ?? "application/json"));
        using HttpResponseMessage response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        string? warning = response.Headers.TryGetValues("Warning", out IEnumerable<string>? values) ? string.Join('\n', values) : null;
        return new((int)response.StatusCode, text, warning, response.Content.Headers.ContentType?.ToString());
    }

    internal Task<Reply> GetAsync(string path, string? accept = null) => SendAsync(HttpMethod.Get, path, accept: accept);

    internal Task<Reply> PatchAsync(string path, string body, string type = "application/merge-patch+json") => SendAsync(HttpMethod.Patch, path, body, type);

    /// <summary>Puts a machine into the store, past the API.</summary>
    internal StoredObject AddMachine(string name, string phase = "Running", params string[] finalizers) =>
        Management.Store.Create(Kinds.Machine, Storage.StoreBench.Machine(name, phase, finalizers), WriteScope.Everything);

    internal StoredObject AddDeployment(string name, int replicas = 2) => Management.Store.Create(Kinds.MachineDeployment, new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
        ["spec"] = new JsonObject { ["replicas"] = replicas, ["clusterName"] = "dev" },
        ["status"] = new JsonObject { ["replicas"] = replicas, ["selector"] = $"deployment={name}" },
    }, WriteScope.Everything);

    internal sealed record Reply(int Code, string Text, string? Warning, string? Type)
    {
        public JsonObject Json => field ??= JsonNode.Parse(Text)!.AsObject();

        public string? Message => Json.Text("message");

        public string? Reason => Json.Text("reason");
    }
}
