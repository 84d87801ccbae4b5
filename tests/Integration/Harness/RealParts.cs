using System.Diagnostics;
using System.Globalization;

namespace CapiWorkshop.Tests.Integration.Harness;

/// <summary>How a program ended.</summary>
public sealed record ProgramResult(int ExitCode, string Output, string Error)
{
    public string EnsureSuccess() => ExitCode == 0 ? Output : throw new InvalidOperationException($"exit code {ExitCode}: {Error}{Output}");
}

/// <summary>A part that is needed cannot be had on this machine: tests that need it are skipped with this reason.</summary>
public sealed class PartMissingException(string message) : Exception(message);

/// <summary>The scripts that build and start real servers. What is missing here is a reason to skip; what fails is a failure.</summary>
public static class RealParts
{
    private const int CannotRunHere = 3;
    private static readonly Lazy<Task> Built = new(BuildAsync);
    private static readonly Lazy<Task> OldBuilt = new(BuildOldAsync);

    /// <summary>The scripts' folder; throws <see cref="PartMissingException"/> where there is none.</summary>
    public static string Folder { get; } = FindFolder() ?? "";

    public static string Script(string name)
    {
        string path = Path.Combine(Folder, name);
        return Folder.Length > 0 && File.Exists(path) ? path
            : throw new PartMissingException($"{name} is not there: name the folder of the real parts in CAPIWORKSHOP_REAL_PARTS, or put it at ../shared/real-parts beside the repository.");
    }

    public static string Sample(string file) => File.ReadAllText(Path.Combine(Folder, "samples", file));

    /// <summary>Sees to it that an API server can be started here: tools, and a build where there is none yet (3 minutes). Done once in a run.</summary>
    public static Task EnsureServerAsync() => Built.Value;

    /// <summary>Sees to it that an API server 1.20 can be started here; building it takes 5 minutes, once on a machine.</summary>
    public static Task EnsureOldServerAsync() => OldBuilt.Value;

    /// <summary>Runs one of the scripts to its end. Exit code 3 is its way to say that this machine cannot.</summary>
    public static async Task<string> RunScriptAsync(string script, IEnumerable<string> arguments, TimeSpan limit, IReadOnlyDictionary<string, string>? environment = null)
    {
        ProgramResult result = await RunAsync("bash", [Script(script), .. arguments], limit, environment);
        return result.ExitCode == CannotRunHere ? throw new PartMissingException(result.Error.Trim()) : result.EnsureSuccess();
    }

    public static async Task<ProgramResult> RunAsync(string program, IEnumerable<string> arguments, TimeSpan limit, IReadOnlyDictionary<string, string>? environment = null, string? input = null)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        using CancellationTokenSource deadline = new(limit);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        Task<string> error = process.StandardError.ReadToEndAsync(deadline.Token);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
            return new(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end in {limit.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s");
        }
    }

    public static bool HasTool(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, name)));

    private static async Task BuildAsync()
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PartMissingException("the real parts run on Linux only");
        }

        Script("build-crdserver.sh");
        if (!HasTool("jq") && HasTool("apt-get") && Environment.IsPrivilegedProcess)
        {
            await RunAsync("bash", ["-c", "apt-get -qq install -y jq || { apt-get -qq update && apt-get -qq install -y jq; }"], TimeSpan.FromMinutes(5));
        }

        foreach (string tool in (string[])["bash", "kubectl", "jq", "openssl", "curl", "kill"])
        {
            if (!HasTool(tool))
            {
                throw new PartMissingException($"{tool} is not installed");
            }
        }

        await RunScriptAsync("build-crdserver.sh", [], TimeSpan.FromMinutes(20));
    }

    private static async Task BuildOldAsync()
    {
        await EnsureServerAsync(); // the same tools
        try
        {
            await RunScriptAsync("build-kube-apiserver-1.20.sh", [], TimeSpan.FromMinutes(30));
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException)
        {
            throw new PartMissingException($"an API server 1.20 could not be built here: {e.Message}"); // what else is tested does not depend on it
        }
    }

    private static string? FindFolder()
    {
        if (Environment.GetEnvironmentVariable("CAPIWORKSHOP_REAL_PARTS") is { Length: > 0 } named)
        {
            return Directory.Exists(named) ? Path.GetFullPath(named) : null;
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "global.json")))
            {
                string beside = Path.GetFullPath(Path.Combine(folder.FullName, "..", "shared", "real-parts"));
                return Directory.Exists(beside) ? beside : null;
            }
        }

        return null;
    }
}
