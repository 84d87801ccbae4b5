using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using CapiWorkshop.Containers;
using CapiWorkshop.Containers.Configuration;
using CapiWorkshop.Tests.Integration.Harness;

namespace CapiWorkshop.Tests.Integration.Containers;

/// <summary>A real Docker engine in a folder of its own, with one small image and no network; gone when disposed of. Where it cannot run, <see cref="Missing"/> says why.</summary>
public sealed partial class RealEngine : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private string? _folder;
    private int _pid;

    public string? Missing { get; private set; }

    /// <summary>Such as <c>unix:///tmp/engine/docker.sock</c>.</summary>
    public string Address { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        if (!OperatingSystem.IsLinux())
        {
            Missing = "the real parts run on Linux only";
            return;
        }

        _folder = Directory.CreateTempSubdirectory("capi-engine-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Kill(); // where the run is interrupted
        try
        {
            string output = await RealParts.RunScriptAsync("start-docker.sh", [_folder], TimeSpan.FromMinutes(10));
            Match started = Started().Match(output);
            _pid = int.Parse(started.Groups[1].Value, CultureInfo.InvariantCulture);
            Address = started.Groups[2].Value;

            // Whether one may open the socket is to be the socket's own matter, and not that of its folder.
            File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
        catch (PartMissingException e)
        {
            Missing = e.Message;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_pid != 0)
        {
            string[] left = (await DockerAsync("ps", "--all", "--quiet")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (left.Length > 0)
            {
                await DockerAsync(["rm", "--force", .. left]);
            }

            await RealParts.RunAsync("kill", ["-TERM", _pid.ToString(CultureInfo.InvariantCulture)], Limit);
            await Eventually.TrueAsync(() => !File.Exists(Path.Combine(_folder!, "dockerd.pid")), CancellationToken.None, "the engine ended");
            _pid = 0;
        }

        if (_folder is not null)
        {
            // An engine leaves the network namespace mounted that all its containers without a network shared.
            await RealParts.RunAsync("bash", ["-c", """awk -v f="$1/" 'index($2, f) == 1 { print $2 }' /proc/mounts | xargs -r umount -l; rm -rf "$1" """, "clean", _folder], Limit);
        }
    }

    public DockerEngine Connect() => new(EngineTarget.At(Address));

    /// <summary>What the docker CLI prints.</summary>
    public async Task<string> DockerAsync(params string[] arguments) =>
        (await RealParts.RunAsync("docker", ["--host", Address, .. arguments], Limit)).EnsureSuccess().Trim();

    [GeneratedRegex("dockerd=([0-9]+) host=(\\S+)")]
    private static partial Regex Started();

    private void Kill()
    {
        if (_pid != 0)
        {
            Process.GetProcessById(_pid).Kill();
        }
    }
}

[CollectionDefinition]
public sealed class OnRealEngine : ICollectionFixture<RealEngine>;
