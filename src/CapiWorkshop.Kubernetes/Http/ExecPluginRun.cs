using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Kubernetes.Http;

/// <summary>Runs an exec plugin (client.authentication.k8s.io): what it writes to standard output is a secret, what it writes to standard error is for people.</summary>
/// <param name="plugin">The plugin.</param>
/// <param name="clock">The clock of its time limit.</param>
/// <param name="hasTerminal">Whether somebody sits at a terminal who could be asked.</param>
internal sealed partial class ExecPluginRun(ExecPlugin plugin, TimeProvider clock, bool hasTerminal)
{
    /// <summary>How long a plugin may take that nobody answers: a person at a terminal may take as long as he likes.</summary>
    internal static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(60);

    /// <summary>How long what stands behind the last line end may grow before it is shown: a question has no line end.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    private const int MostOutput = 1024 * 1024;

    private const int MostComplaint = 2048;

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
        StringBuilder complaint = new();
        try
        {
            if (process.StartInfo.RedirectStandardInput)
            {
                process.StandardInput.Close();
            }

            Task complaints = FollowAsync(process.StandardError, complaint, observer);
            ReadOnlyMemory<byte> answer = await ReadAsync(process.StandardOutput.BaseStream).WaitAsync(end.Token).ConfigureAwait(false);
            await process.WaitForExitAsync(end.Token).ConfigureAwait(false);

            // A browser that it opened may hold its standard error for as long as it likes: what the plugin itself wrote has come by now.
            await Task.WhenAny(complaints, Task.Delay(Pause, clock, end.Token)).ConfigureAwait(false);
            return process.ExitCode == 0 ? answer : throw Failed($"ended with exit code {process.ExitCode}{Told(complaint)}");
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Failed($"did not end within {TimeLimit.TotalSeconds:0} s{Told(complaint)}");
        }
        catch (IOException)
        {
            throw Failed($"could not be read{Told(complaint)}");
        }
        finally
        {
            await EndAsync(process).ConfigureAwait(false);
        }
    }

    /// <summary>The problem of this plugin.</summary>
    /// <param name="what">What it did, as the end of a sentence.</param>
    /// <param name="action">The way out; null for the usual one.</param>
    public CapiProblemException Failed(string what, string? action = null) =>
        new CapiProblem(ProblemId.ExecPluginFailed, CapiProblemCategory.AuthenticationError, $"The exec plugin '{Name}' of user '{plugin.User}' {what}.",
            action ?? $"Sign in with the tool that the plugin belongs to, then check that it works with: kubectl auth whoami --context {plugin.Context}", plugin.User).ToException();

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
        return folders.SelectMany(folder => endings.Select(ending => Path.Combine(folder, plugin.Command + ending))).FirstOrDefault(IsProgram)
            ?? throw new CapiProblem(ProblemId.ExecPluginFailed, CapiProblemCategory.ObjectNotFound,
                $"The exec plugin '{plugin.Command}' of user '{plugin.User}' is not there{(Path.IsPathFullyQualified(plugin.Command) ? "" : ": no folder of PATH holds such a program")}.",
                plugin.InstallHint is string hint ? Clean(hint)[..Math.Min(Clean(hint).Length, MostComplaint)] : $"Install {Name}, or use a context that needs no plugin.", plugin.User).ToException();
    }

    private static bool IsProgram(string file) =>
        OperatingSystem.IsWindows()
            ? Path.HasExtension(file) && File.Exists(file)
            : File.Exists(file) && (File.GetUnixFileMode(file) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;

    private async Task<ReadOnlyMemory<byte>> ReadAsync(Stream output)
    {
        using MemoryStream all = new();
        byte[] buffer = new byte[4096];
        while (await output.ReadAsync(buffer).ConfigureAwait(false) is > 0 and int count)
        {
            all.Write(buffer, 0, count);
            if (all.Length > MostOutput)
            {
                throw Failed("gave an answer that is too long to be one");
            }
        }

        return all.ToArray();
    }

    private async Task FollowAsync(StreamReader error, StringBuilder complaint, IApiObserver? observer)
    {
        char[] buffer = new char[1024];
        StringBuilder line = new();
        void Tell()
        {
            string text = Clean(line.ToString());
            line.Clear();
            if (text.Length > 0)
            {
                observer?.Warning($"{Name}: {text}");
            }
        }

        while (true)
        {
            Task<int> read = error.ReadAsync(buffer, 0, buffer.Length);
            if (line.Length > 0 && await Task.WhenAny(read, Task.Delay(Pause, clock)).ConfigureAwait(false) != read)
            {
                Tell();
            }

            int count = await read.ConfigureAwait(false);
            if (count == 0)
            {
                Tell();
                return;
            }

            lock (complaint)
            {
                complaint.Append(buffer, 0, count);
                complaint.Remove(0, Math.Max(0, complaint.Length - MostComplaint));
            }

            foreach (char c in buffer.AsMemory(0, count).ToArray())
            {
                if (c is '\n' or '\r' || line.Length >= MostComplaint)
                {
                    Tell();
                }
                else
                {
                    line.Append(c);
                }
            }
        }
    }

    private static string Told(StringBuilder complaint)
    {
        lock (complaint)
        {
            return Clean(complaint.ToString()) is { Length: > 0 } text ? ": " + text.TrimEnd('.') : "";
        }
    }

    /// <summary>Ends what still runs of it.</summary>
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

    /// <summary>A text on one line, without colours and other orders to a terminal.</summary>
    private static string Clean(string text) => Blanks().Replace(Orders().Replace(text, ""), " ").Trim();

    [GeneratedRegex(@"\x1B(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1B]*(\x07|\x1B\\)?)")]
    private static partial Regex Orders();

    [GeneratedRegex(@"[\p{C}\s]+")]
    private static partial Regex Blanks();
}
