using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Hosting;
using CapiWorkshop.Sandbox.Storage;

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
        ClusterApi management = new(ResourceCatalog.Management, new ObjectStore(TimeProvider.System, new Random(options.Seed)), TimeProvider.System);
        TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        SandboxServer server = await ListenAsync(management, options, ready.Task).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            await SecretFile.WriteAsync(folder.KubeConfig, server.KubeConfig).ConfigureAwait(false);
            string announcement = Announcement.Write(options, server.Address, folder.KubeConfig, engine: null);
            await SecretFile.WriteAsync(folder.Announcement, announcement).ConfigureAwait(false);
            await Console.Out.WriteLineAsync(announcement).ConfigureAwait(false);

            // A client has much to do before its first request: what it will find is made meanwhile.
            WellKnownObjects.AddTo(management);
            ready.SetResult();
            await life.End.ConfigureAwait(false);
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
