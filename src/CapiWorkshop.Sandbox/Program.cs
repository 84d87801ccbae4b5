using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Hosting;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox;

/// <summary>Hosts the sandbox in a process of its own.</summary>
public static class Program
{
    /// <summary>Runs until standard input ends or the process is told to stop.</summary>
    public static async Task<int> Main(string[] args)
    {
        if (!TryRead(args, out int port, out string? path))
        {
            await Console.Error.WriteLineAsync("usage: CapiWorkshop.Sandbox [--port NUMBER] [--kubeconfig PATH]").ConfigureAwait(false);
            return 64;
        }

        using ParentLife life = new();
        ClusterApi management = new(ResourceCatalog.Management, new ObjectStore(TimeProvider.System, new Random(0)), TimeProvider.System);
        WellKnownObjects.AddTo(management);
        SandboxServer server;
        try
        {
            server = await SandboxServer.StartAsync(management, port).ConfigureAwait(false);
        }
        catch (IOException failure)
        {
            await Console.Error.WriteLineAsync($"cannot listen on port {port}: {failure.Message}").ConfigureAwait(false);
            return 69;
        }

        await using (server.ConfigureAwait(false))
        {
            if (path is not null)
                await SecretFile.WriteAsync(path, server.KubeConfig).ConfigureAwait(false);
            await Console.Out.WriteLineAsync(server.Address.AbsoluteUri).ConfigureAwait(false);
            await life.End.ConfigureAwait(false);
        }

        return 0;
    }

    private static bool TryRead(string[] args, out int port, out string? path)
    {
        (port, path) = (0, null);
        for (int at = 0; at < args.Length; at += 2)
        {
            switch (args[at])
            {
                case "--port" when at + 1 < args.Length && int.TryParse(args[at + 1], out port):
                    break;
                case "--kubeconfig" when at + 1 < args.Length:
                    path = args[at + 1];
                    break;
                default:
                    return false;
            }
        }

        return true;
    }
}
