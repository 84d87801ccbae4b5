using CapiWorkshop.Tests.Integration.Harness;

namespace CapiWorkshop.Tests.Integration.Sandbox;

/// <summary>The real kubectl on one kubeconfig, with a cache of its own: what it remembers of another server on the same port must not be believed.</summary>
public sealed class Kubectl(string kubeConfig, string cache)
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Why it cannot be used here, or null.</summary>
    public static string? Missing => !OperatingSystem.IsLinux() ? "the sandbox's engine is tested on Linux only" : RealParts.HasTool("kubectl") ? null : "kubectl is not installed";

    private Dictionary<string, string> Environment => new() { ["KUBECONFIG"] = kubeConfig, ["KUBECACHEDIR"] = cache };

    public Task<ProgramResult> RunAsync(params string[] arguments) => RealParts.RunAsync("kubectl", arguments, Limit, Environment);

    /// <summary>What it prints; it has to succeed.</summary>
    public async Task<string> OutputAsync(params string[] arguments) => (await RunAsync(arguments)).EnsureSuccess().TrimEnd();

    /// <summary>A line of shell in which kubectl is the one to use.</summary>
    public Task<ProgramResult> ScriptAsync(string line, string input = "") => RealParts.RunAsync("bash", ["-c", line], Limit, Environment, input);
}
