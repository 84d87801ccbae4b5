using System.Diagnostics;

namespace CapiWorkshop.Build;

/// <summary>Runs other programs; what they print goes straight to this program's console.</summary>
internal static class Tool
{
    /// <summary>No telemetry and no greetings, and no build server that outlives the build with our pipes in its hands.</summary>
    public static IReadOnlyDictionary<string, string> QuietEnvironment { get; } = new Dictionary<string, string>
    {
        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
        ["POWERSHELL_TELEMETRY_OPTOUT"] = "1",
        ["POWERSHELL_UPDATECHECK"] = "Off",
        ["DOTNET_NOLOGO"] = "1",
        ["MSBUILDDISABLENODEREUSE"] = "1",
    };

    public static void Dotnet(params string[] arguments)
    {
        int exitCode = Run("dotnet", arguments);
        if (exitCode != 0)
        {
            throw new BuildFailure($"dotnet {arguments[0]} failed with exit code {exitCode}.");
        }
    }

    /// <summary>Runs a program from the root of the checkout to its end and gives its exit code.</summary>
    /// <param name="file">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="limit">How long it may take; none means as long as it likes.</param>
    /// <param name="interactive">Whether it may read from the console. Others find their input at its end, so that none can wait for a key.</param>
    public static int Run(string file, IEnumerable<string> arguments, TimeSpan? limit = null, bool interactive = false)
    {
        ProcessStartInfo start = new(file, arguments) { WorkingDirectory = Repository.Root, RedirectStandardInput = !interactive };
        Console.WriteLine($"> {Path.GetFileName(file)} {string.Join(' ', start.ArgumentList.Select(Shown))}");
        using Process process = Start(start);
        if (!process.WaitForExit(limit ?? Timeout.InfiniteTimeSpan))
        {
            process.Kill(entireProcessTree: true);
            throw new BuildFailure($"{Path.GetFileName(file)} was ended after {limit!.Value.TotalMinutes:0} minutes.");
        }

        return process.ExitCode;
    }

    /// <summary>Runs a program quietly and gives what it printed; empty if it failed.</summary>
    public static string Ask(string file, params string[] arguments)
    {
        ProcessStartInfo start = new(file, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Start(start);
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        string answer = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? answer : string.Empty;
    }

    /// <summary>The full path of a program that PATH leads to.</summary>
    public static string? Find(string name)
    {
        string file = OperatingSystem.IsWindows() ? name + ".exe" : name;
        return (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(folder => Path.GetFullPath(Path.Combine(folder, file)))
            .FirstOrDefault(File.Exists);
    }

    private static Process Start(ProcessStartInfo start)
    {
        Process process = Process.Start(start) ?? throw new BuildFailure($"{start.FileName} did not start.");
        if (start.RedirectStandardInput)
        {
            process.StandardInput.Close();
        }

        return process;
    }

    private static string Shown(string argument)
    {
        string shown = Path.IsPathRooted(argument) ? Repository.Relative(argument) : argument;
        return shown.Contains(' ', StringComparison.Ordinal) ? $"'{shown}'" : shown;
    }
}
