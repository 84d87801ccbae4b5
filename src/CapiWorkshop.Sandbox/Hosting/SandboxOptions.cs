using System.Globalization;

namespace CapiWorkshop.Sandbox.Hosting;

/// <summary>What a sandbox is asked to be.</summary>
internal sealed record SandboxOptions
{
    public const string Usage = "usage: CapiWorkshop.Sandbox [--name NAME] [--port NUMBER] [--folder PATH] [--time-scale NUMBER] [--seed NUMBER] [--clusters NUMBER] [--workers NUMBER] [--detached]";

    /// <summary>What its kubeconfig calls the cluster.</summary>
    public string Name { get; init; } = "capi-sandbox";

    /// <summary>0 for a free one.</summary>
    public int Port { get; init; }

    /// <summary>Where its files are; null for a new folder of temporary files.</summary>
    public string? Folder { get; init; }

    /// <summary>How many seconds of the world pass in one second.</summary>
    public double TimeScale { get; init; } = 1;

    /// <summary>The same seed gives the same world.</summary>
    public int Seed { get; init; }

    /// <summary>How many clusters there are beside the workshop's two.</summary>
    public int Clusters { get; init; }

    /// <summary>How many workers each of these has.</summary>
    public int WorkersPerCluster { get; init; } = 2;

    /// <summary>Whether it outlives whoever started it.</summary>
    public bool IsDetached { get; init; }

    /// <summary>Null where the arguments cannot be understood.</summary>
    public static SandboxOptions? Read(ReadOnlySpan<string> arguments)
    {
        SandboxOptions options = new();
        while (!arguments.IsEmpty)
        {
            (options, int taken) = arguments switch
            {
                ["--detached", ..] => (options with { IsDetached = true }, 1),
                ["--name", var name, ..] when name.Length > 0 => (options with { Name = name }, 2),
                ["--folder", var path, ..] when path.Length > 0 => (options with { Folder = Path.GetFullPath(path) }, 2),
                ["--port", var text, ..] when ushort.TryParse(text, CultureInfo.InvariantCulture, out ushort port) => (options with { Port = port }, 2),
                ["--seed", var text, ..] when int.TryParse(text, CultureInfo.InvariantCulture, out int seed) => (options with { Seed = seed }, 2),
                ["--clusters", var text, ..] when ushort.TryParse(text, CultureInfo.InvariantCulture, out ushort clusters) => (options with { Clusters = clusters }, 2),
                ["--workers", var text, ..] when ushort.TryParse(text, CultureInfo.InvariantCulture, out ushort workers) => (options with { WorkersPerCluster = workers }, 2),
                ["--time-scale", var text, ..] when double.TryParse(text, CultureInfo.InvariantCulture, out double scale) && scale > 0 && double.IsFinite(scale) =>
                    (options with { TimeScale = scale }, 2),
                _ => (options, 0),
            };
            if (taken == 0)
                return null;
            arguments = arguments[taken..];
        }

        return options;
    }
}
