namespace CapiWorkshop.Build;

/// <summary>The PowerShell that PATH leads to, if it is new enough for the module.</summary>
internal sealed class PowerShellHost
{
    private static readonly Lazy<PowerShellHost?> Found = new(Find);
    private readonly string _path;

    private PowerShellHost(string path) => _path = path;

    /// <summary>Why <see cref="Current"/> is null, for people.</summary>
    public static string Missing => $"no PowerShell {Needed} or newer on this machine's PATH";

    public static PowerShellHost? Current => Found.Value;

    private static Version Needed { get; } = Version.Parse(Repository.Manifest.Value("PowerShellVersion"));

    /// <summary>Runs a script file in a PowerShell of its own, without profiles.</summary>
    public int Run(string script, IEnumerable<string> arguments, TimeSpan? limit = null) =>
        Tool.Run(_path, ["-NoProfile", "-NonInteractive", "-File", script, .. arguments], limit);

    public int RunInteractive(string script) => Tool.Run(_path, ["-NoProfile", "-File", script], interactive: true);

    /// <summary>The newest version of a module that this PowerShell finds.</summary>
    public Version? ModuleVersion(string name) =>
        Parse(Ask(_path, $"(Get-Module -ListAvailable -Name {name} | Sort-Object Version | Select-Object -Last 1).Version.ToString()"));

    private static PowerShellHost? Find() =>
        Tool.Find("pwsh") is string path && Parse(Ask(path, "$PSVersionTable.PSVersion.ToString()")) >= Needed ? new PowerShellHost(path) : null;

    private static string Ask(string path, string command) => Tool.Ask(path, "-NoProfile", "-NonInteractive", "-Command", command);

    private static Version? Parse(string text) => Version.TryParse(text.Trim().Split('-')[0], out Version? version) ? version : null;
}
