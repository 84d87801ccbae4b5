using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Kubernetes.Http;

/// <summary>
/// Runs an exec plugin (client.authentication.k8s.io): what it writes to standard output is a secret, what it writes to standard error is for people. Who gives it up
/// ends it with all that it has started. What it leaves running when it ends by itself is let be, as by kubectl: an agent that keeps the sign-in, or a browser, is
/// meant to stay, and no platform's handle of an ended program leads to its children.
/// </summary>
/// <param name="plugin">The plugin.</param>
/// <param name="kubectlOptions">The options that lead kubectl to the same place, for messages.</param>
/// <param name="clock">The clock of its time limit.</param>
/// <param name="hasTerminal">Whether somebody sits at a terminal who could be asked.</param>
internal sealed class ExecPluginRun(ExecPlugin plugin, string kubectlOptions, TimeProvider clock, bool hasTerminal)
{
    /// <summary>How long a plugin may take that nobody answers: a person at a terminal may take as long as he likes.</summary>
    internal static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(60);

    /// <summary>How long standard output is read when the plugin has ended: all that it wrote lies ready then, and what it has left running may hold it open.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private const int MostOutput = 1024 * 1024;

    private const int LongestHint = 2048;

    private string Name => Path.GetFileName(plugin.Command);

    private bool IsInteractive => hasTerminal && plugin.Interaction != ExecInteraction.Never;

    /// <summary>Runs it and returns what it wrote to standard output.</summary>
    /// <param name="observer">Hears, line by line, what it writes to standard error; null for nobody.</param>
    /// <param name="cancellationToken">Ends it, with all that it has started.</param>
    /// <exception cref="CapiProblemException"><c>ExecPluginFailed</c>.</exception>
    public async Task<ReadOnlyMemory<byte>> RunAsync(IApiObserver? observer, CancellationToken cancellationToken)
    {
        if (plugin.Interaction == ExecInteraction.Always && !hasTerminal)
        {
            throw Failed("has to ask somebody (interactiveMode: Always), and standard input is no terminal", "Run the command in a terminal, or use a context whose credentials need no one.");
        }

        using Process process = Start();
        using CancellationTokenSource limit = new(IsInteractive ? Timeout.InfiniteTimeSpan : TimeLimit, clock);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        using CancellationTokenSource over = new();
        using MemoryStream answer = new();
        ExecPluginComplaint complaint = new(Name, clock, observer);
        try
        {
            if (process.StartInfo.RedirectStandardInput)
            {
                process.StandardInput.Close();
            }

            Task complaints = complaint.FollowAsync(process.StandardError, over.Token).MayBeLeft();
            Task reading = ReadAsync(process.StandardOutput.BaseStream, answer).MayBeLeft(); // closing the pipe of one that is not waited for any more fails it
            Task exit = process.WaitForExitAsync(end.Token);
            if (await Task.WhenAny(exit, reading).ConfigureAwait(false) == reading)
            {
                await reading.ConfigureAwait(false);
            }

            await exit.ConfigureAwait(false);
            if (await Task.WhenAny(reading, Task.Delay(Grace, clock, end.Token)).ConfigureAwait(false) == reading)
            {
                await reading.ConfigureAwait(false);
            }

            // A browser that it opened may hold its standard error for as long as it likes: what the plugin itself wrote has come by now.
            await Task.WhenAny(complaints, Task.Delay(ExecPluginComplaint.Pause, clock, end.Token)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return process.ExitCode == 0 ? Written(answer) : throw Failed($"ended with exit code {process.ExitCode}{complaint.Quote()}");
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Failed($"did not end within {TimeLimit.TotalSeconds:0} s{complaint.Quote()}");
        }
        catch (IOException)
        {
            throw Failed($"could not be read{complaint.Quote()}");
        }
        finally
        {
            await EndAsync(process).ConfigureAwait(false);
            await over.CancelAsync().ConfigureAwait(false);
            process.StandardOutput.Dispose();
            process.StandardError.Dispose();
        }
    }

    /// <summary>The problem of this plugin.</summary>
    /// <param name="what">What it did, as the end of a sentence.</param>
    /// <param name="action">The way out; null for the usual one.</param>
    public CapiProblemException Failed(string what, string? action = null) =>
        new CapiProblem(ProblemId.ExecPluginFailed, CapiProblemCategory.AuthenticationError, $"The exec plugin '{Name}' of user '{plugin.User}' {what}.",
            action ?? $"Sign in with the tool that the plugin belongs to, then check that it works with: kubectl auth whoami{kubectlOptions}", plugin.User).ToException();

    private Process Start()
    {
        ProcessStartInfo start = new(FindCommand())
        {
            UseShellExecute = false,
            RedirectStandardInput = !IsInteractive,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardErrorEncoding = Encoding.UTF8,
            CreateNoWindow = !IsInteractive,
        };
        foreach (string argument in plugin.Arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string name, string value) in plugin.Environment)
        {
            start.Environment[name] = value;
        }

        string cluster = plugin.Cluster is null ? "" : $"\"cluster\":{plugin.Cluster},";
        start.Environment["KUBERNETES_EXEC_INFO"] =
            $"{{\"apiVersion\":\"{plugin.ApiVersion}\",\"kind\":\"ExecCredential\",\"spec\":{{{cluster}\"interactive\":{(IsInteractive ? "true" : "false")}}}}}";
        try
        {
            return Process.Start(start)!;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or ArgumentException)
        {
            throw Failed("could not be started: " + (e is Win32Exception { NativeErrorCode: int code } ? new Win32Exception(code).Message : "its name or its arguments cannot be passed on"));
        }
    }

    /// <summary>
    /// The program's file. A bare name is looked for on <c>PATH</c> and nowhere else: .NET by itself would look into its own folder and the current one first, and a
    /// folder that one happens to stand in must not decide which program gets credentials.
    /// </summary>
    private string FindCommand()
    {
        string[] endings = OperatingSystem.IsWindows()
            ? ["", .. (Environment.GetEnvironmentVariable("PATHEXT") ?? ".COM;.EXE;.BAT;.CMD").Split(';', StringSplitOptions.RemoveEmptyEntries)]
            : [""];
        IEnumerable<string> folders = Path.IsPathFullyQualified(plugin.Command)
            ? [""]
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Where(Path.IsPathFullyQualified);
        string[] files = [.. folders.SelectMany(folder => endings.Select(ending => Path.Combine(folder, plugin.Command + ending))).Where(File.Exists)];
        if (files.FirstOrDefault(IsProgram) is string program)
        {
            return program;
        }

        (CapiProblemCategory category, string what, string action) = !OperatingSystem.IsWindows() && files is [string barred, ..]
            ? (CapiProblemCategory.PermissionDenied, $"is there, but nobody may execute it: '{barred}'", $"Allow it with: chmod +x '{barred}'")
            : (CapiProblemCategory.ObjectNotFound, "is not there" + (Path.IsPathFullyQualified(plugin.Command) ? "" : ": no folder of PATH holds such a program"),
                plugin.InstallHint is string hint ? ExecPluginComplaint.Clean(hint[..Math.Min(hint.Length, LongestHint)]) : $"Install {Name}, or use a context that needs no plugin.");
        throw new CapiProblem(ProblemId.ExecPluginFailed, category, $"The exec plugin '{plugin.Command}' of user '{plugin.User}' {what}.", action, plugin.User).ToException();
    }

    private static bool IsProgram(string file) =>
        OperatingSystem.IsWindows()
            ? Path.HasExtension(file)
            : (File.GetUnixFileMode(file) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;

    private async Task ReadAsync(Stream output, MemoryStream all)
    {
        byte[] buffer = new byte[4096];
        while (await output.ReadAsync(buffer).ConfigureAwait(false) is > 0 and int count)
        {
            lock (all)
            {
                if (!all.CanWrite)
                {
                    return; // what has come after all that was waited for is nobody's
                }

                all.Write(buffer, 0, count);
                if (all.Length > MostOutput)
                {
                    throw Failed("gave an answer that is too long to be one");
                }
            }
        }
    }

    private static byte[] Written(MemoryStream all)
    {
        lock (all)
        {
            return all.ToArray();
        }
    }

    /// <summary>Ends it, where it still runs, with all that it has started.</summary>
    private static async Task EndAsync(Process process)
    {
        try
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // it has ended meanwhile
        }
    }
}
