namespace CapiWorkshop.Operations;

/// <summary>
/// A file of JSON lines (docs/schemas/audit.v1.json) that any number of processes append to: whole lines only, each handed to the operating system before the next
/// step is taken. It is opened for each line, so it may be renamed or taken away at any time. Thread-safe.
/// </summary>
/// <param name="path">The file; where it is made here, only its owner may read it. Beside it stands an empty one, <c>.lock</c>, that writers take in turn.</param>
/// <param name="clock">The clock; the system's where it is null.</param>
public sealed class AuditFile(string path, TimeProvider? clock = null)
{
    /// <summary>How long to wait for others who write; each of them takes a millisecond.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;

    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>Makes the file where there is none, and fails where nothing can be written to it.</summary>
    /// <param name="cancellationToken">Ends the wait for others.</param>
    /// <exception cref="CapiProblemException"><c>AuditFailed</c>.</exception>
    public Task EnsureWritableAsync(CancellationToken cancellationToken = default) => AppendAsync([], "Nothing was done", cancellationToken);

    /// <summary>Appends a line.</summary>
    /// <param name="line">The line with its end, UTF-8.</param>
    /// <param name="consequence">What it means that it cannot be written, for the message.</param>
    /// <param name="cancellationToken">Ends the wait for others.</param>
    /// <exception cref="CapiProblemException"><c>AuditFailed</c>.</exception>
    internal async Task AppendAsync(byte[] line, string consequence, CancellationToken cancellationToken)
    {
        try
        {
            long started = _clock.GetTimestamp();
            while (!TryAppend(line, mayWait: _clock.GetElapsedTime(started) < Patience))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(1, 10)), _clock, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new CapiProblem(ProblemId.AuditFailed, CapiProblemCategory.PermissionDenied, $"{consequence}: the audit file '{Path}' cannot be written to. {e.Message}",
                "Name a file in a folder that exists and that you may write to, with Connect-CapiManagementCluster -AuditPath or $env:CAPIWORKSHOP_AUDIT.", Path).ToException(e);
        }
    }

    private bool TryAppend(byte[] line, bool mayWait)
    {
        try
        {
            // The lock is not the file's own, which readers would hold as long as they follow it.
            using FileStream turn = Open(Path + ".lock", FileAccess.Write, FileShare.None);
            using FileStream file = Open(Path, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            if (line.Length > 0)
            {
                // Who was killed while writing, or ran out of space, left a piece of a line: it stays one line by itself.
                bool isTorn = file.Length > 0 && file.Seek(-1, SeekOrigin.End) >= 0 && file.ReadByte() != '\n';
                file.Seek(0, SeekOrigin.End);
                file.Write(isTorn ? [(byte)'\n', .. line] : line);
            }

            return true;
        }
        catch (IOException e) when (mayWait && IsTaken(e))
        {
            return false;
        }
    }

    /// <summary>Unbuffered: a line is one write.</summary>
    private static FileStream Open(string path, FileAccess access, FileShare share)
    {
        FileStreamOptions options = new() { Mode = FileMode.OpenOrCreate, Access = access, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new(path, options);
    }

    /// <summary>Whether somebody else has it open: EWOULDBLOCK as Linux and macOS number it, or Windows' sharing violation.</summary>
    private static bool IsTaken(IOException exception) => exception.HResult is 11 or 35 or unchecked((int)0x80070020);
}
