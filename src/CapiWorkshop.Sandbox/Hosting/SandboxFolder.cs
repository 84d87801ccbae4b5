namespace CapiWorkshop.Sandbox.Hosting;

/// <summary>The one folder that a sandbox writes to: its owner's alone, its own while it runs, gone when it ends.</summary>
internal sealed class SandboxFolder : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _path;
    private readonly FileStream _claim;

    private SandboxFolder(string path, FileStream claim)
    {
        _path = path;
        _claim = claim;
    }

    public string KubeConfig => Path.Combine(_path, "kubeconfig");

    /// <summary>What the sandbox said when it was ready, for who looks for it later.</summary>
    public string Announcement => Path.Combine(_path, "sandbox.json");

    /// <summary>Where the container engine listens.</summary>
    public string EngineSocket => Path.Combine(_path, "engine.sock");

    /// <summary>Takes a folder. What a sandbox left there that could not clean up is removed.</summary>
    /// <param name="path">Null for a new one.</param>
    /// <exception cref="HostingFailure">Another sandbox lives there, or the folder cannot be used.</exception>
    public static SandboxFolder Claim(string? path)
    {
        try
        {
            path ??= Directory.CreateTempSubdirectory("capi-sandbox-").FullName;
            CreatePrivate(path);
            return new(path, Lock(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new HostingFailure(HostingFailure.FolderNotUsable, $"cannot use the folder {path}: {failure.Message}", failure);
        }
    }

    public void Dispose()
    {
        _claim.Dispose();
        Directory.Delete(_path, recursive: true);
    }

    private static void CreatePrivate(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        // The mode is heeded only where the folder is made: one that is there already may be anybody's.
        Directory.CreateDirectory(path, OwnerOnly);
        if (File.GetUnixFileMode(path) != OwnerOnly)
            throw new IOException("others than its owner may use it");
    }

    private static FileStream Lock(string path)
    {
        string file = Path.Combine(path, "lock");
        FileStream claim;
        try
        {
            claim = new(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException failure) when (File.Exists(file))
        {
            throw new HostingFailure(HostingFailure.FolderInUse, $"another sandbox uses the folder {path}", failure);
        }

        foreach (string left in Directory.EnumerateFiles(path).Where(name => name != file))
            File.Delete(left);
        return claim;
    }
}
