using System.Text.Json.Nodes;

namespace CapiWorkshop.Sandbox.Engine;

/// <summary>What the engine says about itself.</summary>
internal static class EngineDocuments
{
    /// <summary>The release of Docker whose wire is spoken here.</summary>
    public const string EngineVersion = "28.3.3";

    public const string StorageDriver = "overlay2";

    private const string None = "none";

    public static Version Oldest { get; } = new(1, 24);

    public static Version Newest { get; } = new(1, 51);

    public static JsonObject Version()
    {
        JsonObject version = new()
        {
            ["Platform"] = new JsonObject { ["Name"] = "" },
            ["Version"] = EngineVersion,
            ["ApiVersion"] = Newest.ToString(),
            ["MinAPIVersion"] = Oldest.ToString(),
            ["GitCommit"] = "sandbox",
            ["GoVersion"] = None,
            ["Os"] = "linux",
            ["Arch"] = EngineMachine.Architecture,
            ["KernelVersion"] = EngineMachine.KernelVersion,
            ["BuildTime"] = "1970-01-01T00:00:00.000000000+00:00",
        };
        JsonObject details = new() { ["Experimental"] = "false" };
        foreach (string field in (ReadOnlySpan<string>)["ApiVersion", "Arch", "BuildTime", "GitCommit", "GoVersion", "KernelVersion", "MinAPIVersion", "Os"])
            details[field] = version[field]!.DeepClone();
        version["Components"] = new JsonArray(new JsonObject { ["Name"] = "Engine", ["Version"] = EngineVersion, ["Details"] = details });
        return version;
    }

    public static JsonObject Info(ContainerHost host)
    {
        IReadOnlyList<SandboxContainer> containers = host.List();
        JsonObject info = new()
        {
            ["ID"] = "sandbox",
            ["Containers"] = containers.Count,
            ["ContainersRunning"] = containers.Count(container => container.State is ContainerState.Running),
            ["ContainersPaused"] = containers.Count(container => container.State is ContainerState.Paused),
            ["ContainersStopped"] = containers.Count(container => container.State is ContainerState.Exited),
            ["Images"] = containers.DistinctBy(container => container.Image).Count(),
            ["Driver"] = StorageDriver,
            ["DriverStatus"] = new JsonArray(new JsonArray("Backing Filesystem", None)),
            ["Plugins"] = new JsonObject
            {
                ["Volume"] = new JsonArray("local"),
                ["Network"] = new JsonArray("bridge", "host", "null"),
                ["Authorization"] = null,
                ["Log"] = new JsonArray("json-file"),
            },
            ["Debug"] = false,
            ["SystemTime"] = EngineTime.Format(host.Wire.GetUtcNow()),
            ["LoggingDriver"] = "json-file",
            ["CgroupDriver"] = "systemd",
            ["CgroupVersion"] = "2",
            ["KernelVersion"] = EngineMachine.KernelVersion,
            ["OperatingSystem"] = "CapiWorkshop sandbox",
            ["OSVersion"] = "",
            ["OSType"] = "linux",
            ["Architecture"] = "x86_64",
            ["NCPU"] = EngineMachine.Cpus,
            ["MemTotal"] = EngineMachine.MemoryBytes,
            ["DockerRootDir"] = "/var/lib/docker",
            ["Name"] = "capi-sandbox",
            ["Labels"] = new JsonArray(),
            ["ExperimentalBuild"] = false,
            ["ServerVersion"] = EngineVersion,
            ["Runtimes"] = new JsonObject { ["runc"] = new JsonObject { ["path"] = "runc" } },
            ["DefaultRuntime"] = "runc",
            ["Swarm"] = new JsonObject { ["NodeID"] = "", ["LocalNodeState"] = "inactive", ["ControlAvailable"] = false },
            ["LiveRestoreEnabled"] = false,
            ["InitBinary"] = "docker-init",
            ["SecurityOptions"] = new JsonArray(),
            ["Warnings"] = null,
        };
        // The client warns of every limit that an engine cannot set.
        foreach (string limit in (ReadOnlySpan<string>)
            ["MemoryLimit", "SwapLimit", "CpuCfsPeriod", "CpuCfsQuota", "CPUShares", "CPUSet", "PidsLimit", "IPv4Forwarding", "BridgeNfIptables", "BridgeNfIp6tables", "OomKillDisable"])
        {
            info[limit] = true;
        }

        return info;
    }
}
