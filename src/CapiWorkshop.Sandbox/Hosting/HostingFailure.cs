namespace CapiWorkshop.Sandbox.Hosting;

/// <summary>Why there is no sandbox, as one line for standard error and an exit code for programs.</summary>
internal sealed class HostingFailure(int exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    public const int ArgumentsNotUnderstood = 64;
    public const int PortInUse = 69;
    public const int FolderInUse = 73;
    public const int FolderNotUsable = 74;

    public int ExitCode { get; } = exitCode;
}
