using System.Diagnostics;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Connections;

namespace CapiWorkshop.PowerShell.Sandboxes;

/// <summary>A sandbox: a management cluster that runs in a process of its own on this machine. Thread-safe.</summary>
public sealed class CapiSandbox
{
    /// <summary>How long a sandbox may take to end by itself.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    private readonly SandboxAnnouncement _announcement;
    private readonly Process _process;

    internal CapiSandbox(SandboxAnnouncement announcement, Process process, Guid? runspace = null)
    {
        _announcement = announcement;
        _process = process;
        Runspace = runspace;
    }

    /// <summary>Its name.</summary>
    public string Name => _announcement.Name;

    /// <summary>The kubeconfig context, which is called like the sandbox.</summary>
    public string Context => _announcement.Name;

    /// <summary>The address of its Kubernetes API.</summary>
    public Uri Server => _announcement.Server;

    /// <summary>The kubeconfig file of an administrator; there while the sandbox runs.</summary>
    public string KubeConfig => _announcement.KubeConfig;

    /// <summary>The address of its container engine, as <c>DOCKER_HOST</c> takes it; null where it has none.</summary>
    public string? EngineAddress => _announcement.Engine;

    /// <summary>Its process.</summary>
    public int ProcessId => _announcement.Pid;

    /// <summary>When it was ready, UTC.</summary>
    public DateTimeOffset StartedAt => _announcement.StartedAt;

    /// <summary>How many seconds of its world pass in one second.</summary>
    public double TimeScale => _announcement.TimeScale;

    /// <summary>What its world's accidents come from: the same seed gives the same world.</summary>
    public int Seed => _announcement.Seed;

    /// <summary>Whether it goes on when the PowerShell that started it ends.</summary>
    public bool IsDetached => _announcement.Detached;

    /// <summary>Whether its process is there now.</summary>
    public bool IsRunning => !_process.HasExited;

    /// <summary>The connection that was made when it was started; null where another session started it.</summary>
    public CapiConnection? Connection { get; internal set; }

    /// <summary>The runspace that started it; null where that is in another process.</summary>
    internal Guid? Runspace { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>What to say to who still wants something of it.</summary>
    internal CapiProblem HasEnded() =>
        new(ProblemId.SandboxEnded, CapiProblemCategory.ConnectionError, $"The sandbox '{Name}' has ended.", $"Start another one with: Start-CapiSandbox {Name}", Name);

    /// <summary>Does something when it ends, however that comes about.</summary>
    internal void OnEnded(Action action)
    {
        _process.Exited += (_, _) => action();
        _process.EnableRaisingEvents = true;
    }

    /// <summary>Ends it and waits until it is gone: process, port and files. Does nothing where it is gone already.</summary>
    internal void Stop()
    {
        // The end of its input asks it to end, and it cleans up. One that heeds no input is not asked: its files are removed here.
        if (!IsDetached)
        {
            _process.StandardInput.Close();
            _process.WaitForExit(Grace);
        }

        _process.Kill();
        _process.WaitForExit();
        SandboxFolders.Remove(Path.GetDirectoryName(KubeConfig)!);
    }
}
