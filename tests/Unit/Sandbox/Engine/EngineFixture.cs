using System.Net.Sockets;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Engine;
using CapiWorkshop.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace CapiWorkshop.Tests.Unit.Sandbox.Engine;

/// <summary>An engine on a socket of its own whose clocks, the world's and the wire's, stand still until they are moved.</summary>
public sealed class EngineFixture : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("engine-");
    private HttpClient? _client;

    public EngineFixture() => Containers = new(Time, new Random(3), Wire);

    internal FakeTimeProvider Time { get; } = new(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));

    internal FakeTimeProvider Wire { get; } = new(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));

    internal ContainerHost Containers { get; }

    internal Task Ready { get; init; } = Task.CompletedTask;

    internal EngineServer Server { get; private set; } = null!;

    internal string SocketPath => Path.Combine(_folder.FullName, "engine.sock");

    internal HttpClient Client => _client ??= new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellation) =>
        {
            Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    { BaseAddress = new("http://docker") };

    public async ValueTask InitializeAsync() => Server = await EngineServer.StartAsync(Containers, SocketPath, Ready);

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        await Server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    internal SandboxContainer Run(string name, string cluster = "dev", string role = "worker", int millicores = 25, int mebibytes = 80, string image = "kindest/node:v1.33.2") =>
        Containers.Run(name, image, new Dictionary<string, string> { ["io.x-k8s.kind.cluster"] = cluster, ["io.x-k8s.kind.role"] = role }, new(millicores, (long)mebibytes << 20));

    internal async Task<Reply> SendAsync(HttpMethod method, string path)
    {
        using HttpRequestMessage request = new(method, path);
        using HttpResponseMessage response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        return new(
            (int)response.StatusCode,
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            response.Headers.ToDictionary(header => header.Key, header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase));
    }

    internal Task<Reply> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    /// <summary>The names that a list shows, in its order.</summary>
    internal async Task<string[]> NamesAsync(string filters = "", string query = "all=1") => [.. JsonNode.Parse((await GetAsync(
        $"/containers/json?{query}&filters={Uri.EscapeDataString(filters)}")).Text)!.AsArray().Select(item => item!["Names"]![0]!.ToString().TrimStart('/'))];

    /// <summary>A request whose answer takes time on the wire.</summary>
    internal Task<Reply> GetMovingAsync(string path) => MovingAsync(GetAsync(path));

    /// <summary>Moves the wire's clock until something has come.</summary>
    internal Task<T> MovingAsync<T>(Task<T> awaited) => Eventually.ResultAsync(awaited, () => Wire.Advance(TimeSpan.FromMilliseconds(100)), TestContext.Current.CancellationToken);

    internal async Task<StreamReader> StreamAsync(string path)
    {
        HttpResponseMessage response = await Client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        return new(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    internal sealed record Reply(int Code, string Text, Dictionary<string, string> Headers)
    {
        public JsonNode Json => field ??= JsonNode.Parse(Text)!;

        public string? Message => Json["message"]?.ToString();
    }
}
