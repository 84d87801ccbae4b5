using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Engine;
using CapiWorkshop.Sandbox.Hosting;
using CapiWorkshop.Sandbox.World;

namespace CapiWorkshop.Sandbox;

/// <summary>Hosts the sandbox in a process of its own.</summary>
public static class Program
{
    /// <summary>Runs until standard input ends (unless it is detached) or the process is told to stop.</summary>
    public static async Task<int> Main(string[] args)
    {
        try
        {
            SandboxOptions options = SandboxOptions.Read(args) ?? throw new HostingFailure(HostingFailure.ArgumentsNotUnderstood, SandboxOptions.Usage);
            await RunAsync(options).ConfigureAwait(false);
            return 0;
        }
        catch (HostingFailure failure)
        {
            await Console.Error.WriteLineAsync(failure.Message).ConfigureAwait(false);
            return failure.ExitCode;
        }
    }

    private static async Task RunAsync(SandboxOptions options)
    {
        using ProcessLife life = new(options.IsDetached);
        using SandboxFolder folder = SandboxFolder.Claim(options.Folder);
        SandboxWorld world = new(new()
        {
            Seed = options.Seed,
            TimeScale = options.TimeScale,
            Clusters = options.Clusters,
            WorkersPerCluster = options.WorkersPerCluster,
            Identity = Guid.NewGuid(),
        });
        await using (world.ConfigureAwait(false))
        {
            // A server needs as long to start as a world to be made, and a client has much to do before its first request: that waits for the world.
            TaskCompletionSource<SandboxServer> listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Task made = Task.Run(() => world.Build(new WorkloadGate(listening.Task)));
            SandboxServer server = await ListenAsync(world.Management, options, made).ConfigureAwait(false);
            await using (server.ConfigureAwait(false))
            {
                listening.SetResult(server);
                await ServeAsync(options, folder, server, world, made, life.End).ConfigureAwait(false);
            }
        }
    }

    private static async Task ServeAsync(SandboxOptions options, SandboxFolder folder, SandboxServer server, SandboxWorld world, Task made, Task end)
    {
        EngineServer? engine = await StartEngineAsync(world, folder, made).ConfigureAwait(false);
        try
        {
            await SecretFile.WriteAsync(folder.KubeConfig, server.KubeConfig).ConfigureAwait(false);
            string announcement = Announcement.Write(options, server.Address, folder.KubeConfig, engine?.Address);
            await SecretFile.WriteAsync(folder.Announcement, announcement).ConfigureAwait(false);
            await Console.Out.WriteLineAsync(announcement).ConfigureAwait(false);
            await made.ConfigureAwait(false);
            world.Start();
            await end.ConfigureAwait(false);
        }
        finally
        {
            if (engine is not null)
                await engine.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Where there are no Unix sockets that a docker CLI would speak to, there is no engine.</summary>
    private static async Task<EngineServer?> StartEngineAsync(SandboxWorld world, SandboxFolder folder, Task ready)
    {
        try
        {
            return OperatingSystem.IsWindows() ? null : await EngineServer.StartAsync(world.Containers, folder.EngineSocket, ready).ConfigureAwait(false);
        }
        catch (IOException failure)
        {
            throw new HostingFailure(HostingFailure.FolderNotUsable, $"cannot listen on the socket {folder.EngineSocket}: {failure.Message}", failure);
        }
    }

    private static async Task<SandboxServer> ListenAsync(ClusterApi management, SandboxOptions options, Task ready)
    {
        try
        {
            return await SandboxServer.StartAsync(management, options.Port, options.Name, ready: ready).ConfigureAwait(false);
        }
        catch (IOException failure)
        {
            throw new HostingFailure(HostingFailure.PortInUse, $"cannot listen on port {options.Port}: {failure.Message}", failure);
        }
    }
}
