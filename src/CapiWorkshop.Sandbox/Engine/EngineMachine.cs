namespace CapiWorkshop.Sandbox.Engine;

/// <summary>The machine that the engine says it runs on. Nodes in containers see all of it, so they say the same.</summary>
internal static class EngineMachine
{
    public const int Cpus = 4;

    public const long MemoryBytes = 8_131_132L * 1024;

    public const string Architecture = "amd64";

    public const string KernelVersion = "6.8.0-60-generic";
}
