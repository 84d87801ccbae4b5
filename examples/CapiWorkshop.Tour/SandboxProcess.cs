using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace CapiWorkshop.Tour;

/// <summary>A sandbox in a process of its own, which ends with this program whatever happens: its standard input ends then.</summary>
internal sealed class SandboxProcess : IAsyncDisposable
{
    private readonly Process _process;

    private SandboxProcess(Process process, string kubeConfig, string? engine)
    {
        _process = process;
        KubeConfig = kubeConfig;
        Engine = engine;
    }

    /// <summary>The file with the way in.</summary>
    public string KubeConfig { get; }

    /// <summary>The address of its container engine; null where it has none.</summary>
    public string? Engine { get; }

    public static async Task<SandboxProcess> StartAsync(double timeScale)
    {
        ProcessStartInfo start = new("dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "CapiWorkshop.Sandbox.dll"), "--name", "capi-tour", "--time-scale", timeScale.ToString(CultureInfo.InvariantCulture) },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        Process process = Process.Start(start)!;
        string line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The sandbox did not start; it has said why.");
        using JsonDocument ready = JsonDocument.Parse(line);
        return new(process, ready.RootElement.GetProperty("kubeConfig").GetString()!, ready.RootElement.GetProperty("engine").GetString());
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
