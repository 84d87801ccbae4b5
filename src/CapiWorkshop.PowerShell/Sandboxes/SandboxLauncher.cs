using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Sandboxes;

/// <summary>Starts sandboxes: each in a child of this process, which runs the same program and so needs nothing else on the machine.</summary>
internal static class SandboxLauncher
{
    private const int PortInUse = 69;
    private const int FolderInUse = 73;

    /// <summary>Runs where the hook is not heeded, which would leave a PowerShell that is none of our sandboxes.</summary>
    private const string NotHosted = "[Console]::Error.WriteLine('this PowerShell does not heed DOTNET_STARTUP_HOOKS'); exit 70";

    private static string Assembly => Path.Combine(Path.GetDirectoryName(typeof(SandboxLauncher).Assembly.Location)!, "sandbox", Platform, "CapiWorkshop.Sandbox.dll");

    private static string Platform
    {
        get
        {
            string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
            return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        }
    }

    /// <summary>Starts a sandbox and waits until it is ready. Where that fails or is cancelled, nothing is left.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="runspace">The runspace that asks.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CapiProblemException">One of the sandbox ids of <see cref="ProblemId"/>.</exception>
    public static async Task<CapiSandbox> StartAsync(SandboxRequest request, Guid runspace, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!File.Exists(Assembly))
        {
            throw new CapiProblem(ProblemId.SandboxNotSupported, CapiProblemCategory.NotInstalled, $"This module brings no sandbox for {Platform}.",
                "Use a package of the module for this platform, or build the module on it.", request.Name).ToException();
        }

        string folder = SandboxFolders.Prepare(request.Name, request.IsDetached);
        Process process = Process.Start(Describe(request, folder))!;
        bool isReady = false;
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            string? line = await process.StandardOutput.ReadLineAsync(limit.Token).ConfigureAwait(false);
            if (!SandboxAnnouncement.TryParse(line, out SandboxAnnouncement? announcement))
            {
                string said = await process.StandardError.ReadToEndAsync(limit.Token).ConfigureAwait(false);
                await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
                throw Failed(request, process.ExitCode, said).ToException();
            }

            isReady = true;
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginErrorReadLine(); // a pipe that nobody empties would stop it one day
            return new(announcement, process, runspace);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CapiProblem(ProblemId.Timeout("Sandbox"), CapiProblemCategory.OperationTimeout,
                string.Create(CultureInfo.InvariantCulture, $"The sandbox '{request.Name}' was not ready within {timeout.TotalSeconds:0.#} s."),
                "Allow more with -Timeout.", request.Name).ToException(e);
        }
        finally
        {
            if (!isReady)
            {
                process.Kill();
                await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
                SandboxFolders.RemoveAbandoned(folder, FileMode.OpenOrCreate);
            }
        }
    }

    private static ProcessStartInfo Describe(SandboxRequest request, string folder)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
            WorkingDirectory = Path.GetDirectoryName(folder)!,
        };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        }

        foreach (string argument in (string[])["-NoProfile", "-NonInteractive", "-Command", NotHosted, "--", .. request.ToArguments(), "--folder", folder])
        {
            start.ArgumentList.Add(argument);
        }

        // With the hook the sandbox's Main runs before PowerShell's own, and PowerShell's engine is not loaded at all.
        start.Environment["DOTNET_STARTUP_HOOKS"] = Assembly;

        // As the assembly's own settings say, which count only where it is the program.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1";

        // No socket for debuggers among the temporary files: one that is killed would leave it behind.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";

        // Nobody is trusted by a server that asks for no certificates; reading what the machine trusts takes longer than the rest of its start.
        start.Environment["SSL_CERT_DIR"] = start.Environment["SSL_CERT_FILE"] = Path.Combine(folder, "none");
        return start;
    }

    private static CapiProblem Failed(SandboxRequest request, int exitCode, string said) => exitCode switch
    {
        PortInUse => new(ProblemId.SandboxPortInUse, CapiProblemCategory.ResourceBusy, $"Port {request.Port} cannot be listened on: somebody else uses it.",
            "Name another one with -Port, or leave -Port out for a free one.", request.Port.ToString(CultureInfo.InvariantCulture)),
        FolderInUse => AlreadyRunning(request.Name),
        _ => new(ProblemId.SandboxFailed, CapiProblemCategory.ResourceUnavailable,
            $"The sandbox '{request.Name}' ended before it was ready (exit code {exitCode}): {said.Trim().Split('\n')[0].TrimEnd('.', '\r')}.",
            "Correct what it says and start it again.", request.Name),
    };

    /// <summary>The problem of a name that is taken.</summary>
    public static CapiProblem AlreadyRunning(string name) => new(ProblemId.SandboxAlreadyRunning, CapiProblemCategory.ResourceBusy, $"A sandbox '{name}' runs already.",
        $"Give this one another -Name, or end that one with: Stop-CapiSandbox {name}", name);
}
