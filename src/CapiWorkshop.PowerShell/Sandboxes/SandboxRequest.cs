using System.Globalization;

namespace CapiWorkshop.PowerShell.Sandboxes;

/// <summary>What a sandbox shall be.</summary>
internal sealed record SandboxRequest(string Name, int Port, double TimeScale, int Seed, bool IsDetached)
{
    public IEnumerable<string> ToArguments() =>
    [
        "--name", Name,
        "--port", Port.ToString(CultureInfo.InvariantCulture),
        "--time-scale", TimeScale.ToString("R", CultureInfo.InvariantCulture),
        "--seed", Seed.ToString(CultureInfo.InvariantCulture),
        .. IsDetached ? (string[])["--detached"] : [],
    ];
}
