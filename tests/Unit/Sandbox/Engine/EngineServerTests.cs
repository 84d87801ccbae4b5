using System.Net.Sockets;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Engine;

namespace CapiWorkshop.Tests.Unit.Sandbox.Engine;

/// <summary>The engine's socket: whose it is, and what becomes of it.</summary>
public sealed class EngineServerTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("engine-");
    private readonly ContainerHost _containers = new(TimeProvider.System, new Random(1));

    private string SocketPath => Path.Combine(_folder.FullName, "engine.sock");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_socket_is_there_for_its_owner_as_long_as_the_engine_is()
    {
        EngineServer server = await StartAsync();

        server.Address.ShouldBe("unix://" + SocketPath);
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(SocketPath).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await server.DisposeAsync();
        File.Exists(SocketPath).ShouldBeFalse();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_socket_that_somebody_listens_on_is_left_to_them()
    {
        await using EngineServer first = await StartAsync();

        (await Should.ThrowAsync<IOException>(StartAsync)).Message.ShouldBe($"{SocketPath} is in use: somebody listens there");
        using Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), Token);
    }

    [Fact]
    public async Task A_socket_that_nobody_listens_on_any_more_is_replaced()
    {
        using (Socket left = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            left.Bind(new UnixDomainSocketEndPoint(SocketPath));
            left.Listen();
            File.Move(SocketPath, SocketPath + ".kept"); // closing it removes the path it was bound to
        }

        File.Move(SocketPath + ".kept", SocketPath);

        await using EngineServer server = await StartAsync();

        using Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), Token);
    }

    [Fact]
    public async Task A_file_is_never_taken_for_a_socket()
    {
        await File.WriteAllTextAsync(SocketPath, "", Token);

        (await Should.ThrowAsync<IOException>(StartAsync)).Message.ShouldStartWith($"{SocketPath} is there already, and no socket that could be replaced");
        File.Exists(SocketPath).ShouldBeTrue();
        using FileStream held = new(SocketPath, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        await Should.ThrowAsync<IOException>(StartAsync);
        File.Exists(SocketPath).ShouldBeTrue();
    }

    [Fact]
    public async Task A_folder_is_no_place_for_a_socket() =>
        (await Should.ThrowAsync<IOException>(() => EngineServer.StartAsync(_containers, _folder.FullName, cancellation: Token))).Message.ShouldBe($"{_folder.FullName} is a folder");

    [Fact]
    public async Task A_path_without_its_folder_is_a_clear_failure()
    {
        string path = Path.Combine(_folder.FullName, "missing", "engine.sock");

        (await Should.ThrowAsync<IOException>(() => EngineServer.StartAsync(_containers, path, cancellation: Token))).Message.ShouldStartWith($"cannot listen on {path}: ");
    }

    [Fact]
    public async Task A_path_that_is_too_long_says_so()
    {
        string path = Path.Combine(_folder.FullName, new string('x', 120));

        (await Should.ThrowAsync<IOException>(() => EngineServer.StartAsync(_containers, path, cancellation: Token))).Message.ShouldContain(
            $"is too long for a Unix socket: it has {path.Length} bytes");
    }

    [Fact]
    public async Task Who_asks_before_the_containers_are_there_waits_for_them()
    {
        TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        EngineFixture engine = new() { Ready = ready.Task };
        await engine.InitializeAsync();
        engine.Run("early");
        Task<string[]> asking = engine.NamesAsync();
        using Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(engine.SocketPath), Token);
        asking.IsCompleted.ShouldBeFalse();
        engine.Run("late");

        ready.SetResult();

        (await asking).ShouldBe(["early", "late"], ignoreOrder: true);
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task An_engine_that_stops_ends_the_streams_that_are_open()
    {
        EngineFixture engine = new();
        await engine.InitializeAsync();
        engine.Run("streamed");
        using StreamReader statistics = await engine.StreamAsync("/containers/streamed/stats");
        using StreamReader events = await engine.StreamAsync("/events");

        await engine.Server.DisposeAsync();

        // A connection that was cut would fail the reading.
        JsonNode.Parse(await statistics.ReadToEndAsync(Token))!["name"]!.ToString().ShouldBe("/streamed");
        (await events.ReadToEndAsync(Token)).ShouldBeEmpty();
        await engine.DisposeAsync();
    }

    private Task<EngineServer> StartAsync() => EngineServer.StartAsync(_containers, SocketPath, cancellation: Token);
}
