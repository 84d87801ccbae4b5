using System.Diagnostics;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Sandboxes;

/// <summary>The folders of this user's sandboxes, one each. A detached one's is named after it, so that every session finds it.</summary>
internal static class SandboxFolders
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static string Root => Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime && Directory.Exists(runtime)
        ? Path.Combine(runtime, "capi-workshop")
        : Path.Combine(Path.GetTempPath(), $"capi-workshop-{Environment.UserName}");

    /// <summary>Where a sandbox of this process shall live. Removes what others left that could not clean up.</summary>
    /// <exception cref="CapiProblemException"><c>SandboxFolderNotUsable</c>.</exception>
    public static string Prepare(string name, bool isDetached)
    {
        string root = Root;
        try
        {
            CreatePrivate(root);
            foreach (string folder in Directory.EnumerateDirectories(root))
            {
                RemoveAbandoned(folder, FileMode.Open);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CapiProblem(ProblemId.SandboxFolderNotUsable, CapiProblemCategory.PermissionDenied, $"The folder {root} cannot be used for sandboxes: {e.Message.TrimEnd('.')}.",
                "Remove that folder, or let XDG_RUNTIME_DIR or TMPDIR name one that is yours alone.", root).ToException(e);
        }

        return Path.Combine(root, isDetached ? name : $"{Environment.ProcessId}.{name}");
    }

    /// <summary>The detached sandboxes of this user that run.</summary>
    public static IEnumerable<CapiSandbox> FindDetached()
    {
        string root = Root;
        return (IsPrivate(root) ? Directory.GetDirectories(root) : []).Select(Find).OfType<CapiSandbox>().Where(sandbox => sandbox.IsDetached);
    }

    /// <summary>The sandbox whose kubeconfig a file is; null where it is none's.</summary>
    public static CapiSandbox? FindBy(string kubeConfig) => IsPrivate(Path.GetDirectoryName(kubeConfig)!) && Find(Path.GetDirectoryName(kubeConfig)!) is { } sandbox && sandbox.KubeConfig == kubeConfig ? sandbox : null;

    /// <summary>What a folder says of its sandbox is believed only of itself: stopping removes what it names.</summary>
    private static CapiSandbox? Find(string folder) =>
        SandboxAnnouncement.TryParse(Read(Path.Combine(folder, "sandbox.json")), out SandboxAnnouncement? announcement)
        && Path.GetDirectoryName(announcement.KubeConfig) == folder
        && FindProcess(announcement) is Process process
            ? new(announcement, process)
            : null;

    /// <summary>Whether nobody else can have written there: in a place that all users share, somebody may have made a folder for us.</summary>
    private static bool IsPrivate(string folder)
    {
        try
        {
            return Directory.Exists(folder) && (OperatingSystem.IsWindows() || File.GetUnixFileMode(folder) == OwnerOnly) && Directory.EnumerateFileSystemEntries(folder).Any();
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    public static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // it cleaned up after itself
        }
    }

    /// <summary>Removes a folder in which no sandbox lives: each locks a file in its folder, and however it ends, the lock does, too.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="mode">Whether a folder without that file counts: one may be about to move in there.</param>
    public static void RemoveAbandoned(string folder, FileMode mode)
    {
        try
        {
            using FileStream claim = new(Path.Combine(folder, "lock"), mode, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return;
        }

        Remove(folder);
    }

    private static void CreatePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        // In a place that all users share, somebody else may have made it.
        Directory.CreateDirectory(folder, OwnerOnly);
        if (File.GetUnixFileMode(folder) != OwnerOnly)
        {
            throw new IOException("others than you may use it");
        }
    }

    private static string? Read(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllText(file) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Numbers of processes are used again: one that began after the sandbox was ready is another.</summary>
    private static Process? FindProcess(SandboxAnnouncement announcement)
    {
        try
        {
            Process process = Process.GetProcessById(announcement.Pid);
            return process.StartTime.ToUniversalTime() < announcement.StartedAt.UtcDateTime ? process : null;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null; // gone
        }
    }
}
