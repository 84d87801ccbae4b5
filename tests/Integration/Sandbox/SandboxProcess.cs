using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using CapiWorkshop.Tests.Integration.Harness;

namespace CapiWorkshop.Tests.Integration.Sandbox;

/// <summary>A sandbox in a process of its own, as its users have it, with the real kubectl and docker on it. It ends with its standard input.</summary>
internal sealed class SandboxProcess : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly Process _process;
    private readonly JsonNode _announcement;

    private SandboxProcess(DirectoryInfo folder, Process process, JsonNode announcement)
    {
        _folder = folder;
        _process = process;
        _announcement = announcement;
        Kubectl = KubectlOn(KubeConfig);
    }

    public Kubectl Kubectl { get; }

    public string KubeConfig => _announcement["kubeConfig"]!.ToString();

    /// <summary>The address of its container engine.</summary>
    public string Engine => _announcement["engine"]!.ToString();

    /// <param name="timeScale">How many seconds pass in it while one passes outside.</param>
    /// <param name="cancellationToken">Ends the wait for it.</param>
    /// <param name="more">Further arguments of the sandbox.</param>
    public static async Task<SandboxProcess> StartAsync(double timeScale, CancellationToken cancellationToken, params string[] more)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("sandbox-");
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "CapiWorkshop.Sandbox.dll"), "--folder", Path.Combine(folder.FullName, "world"),
            "--time-scale", timeScale.ToString(CultureInfo.InvariantCulture), "--seed", "5", .. more,
        ];
        Process process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        string? line = await process.StandardOutput.ReadLineAsync(cancellationToken);
        return new(folder, process, JsonNode.Parse(line ?? throw new InvalidOperationException("The sandbox did not say that it is ready."))!);
    }

    /// <summary>What <c>docker</c> prints.</summary>
    public async Task<string> DockerAsync(params string[] arguments) =>
        (await RealParts.RunAsync("docker", ["--host", Engine, .. arguments], Kubectl.Limit)).EnsureSuccess().TrimEnd();

    /// <summary>The names of the running containers, sorted.</summary>
    public async Task<string[]> ContainersAsync(string filter = "name=.") =>
        [.. (await DockerAsync("ps", "--format", "{{.Names}}", "--filter", filter)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];

    /// <summary>A workload cluster's kubectl, by the kubeconfig in its secret.</summary>
    public async Task<Kubectl> WorkloadAsync(string cluster)
    {
        string path = Path.Combine(_folder.FullName, cluster);
        await File.WriteAllTextAsync(path, (await Kubectl.ScriptAsync($"kubectl get secret {cluster}-kubeconfig -o 'jsonpath={{.data.value}}' | base64 -d")).EnsureSuccess());
        return KubectlOn(path);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private Kubectl KubectlOn(string kubeConfig) => new(kubeConfig, Path.Combine(_folder.FullName, "cache"));
}
