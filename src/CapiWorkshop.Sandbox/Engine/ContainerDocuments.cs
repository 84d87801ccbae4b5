using System.Text.Json.Nodes;

namespace CapiWorkshop.Sandbox.Engine;

/// <summary>Containers as the engine's API describes them.</summary>
internal static class ContainerDocuments
{
    public const string Network = "kind";

    private const string RoleLabel = "io.x-k8s.kind.role";

    public static string StateName(SandboxContainer container) => container.State switch
    {
        ContainerState.Paused => "paused",
        ContainerState.Exited => "exited",
        _ => "running",
    };

    /// <summary>One line of <c>docker ps</c>. No ports: none are published, since nobody would answer there.</summary>
    public static JsonObject Summary(SandboxContainer container, DateTimeOffset now, bool size)
    {
        JsonObject summary = new()
        {
            ["Id"] = container.Id,
            ["Names"] = new JsonArray("/" + container.Name),
            ["Image"] = container.Image,
            ["ImageID"] = ImageId(container),
            ["Command"] = string.Join(' ', Command(container)),
            ["Created"] = container.CreatedAt.ToUnixTimeSeconds(),
            ["Ports"] = new JsonArray(),
            ["Labels"] = Labels(container),
            ["State"] = StateName(container),
            ["Status"] = Status(container, now),
            ["HostConfig"] = new JsonObject { ["NetworkMode"] = Network },
            ["NetworkSettings"] = new JsonObject { ["Networks"] = Networks(container) },
            ["Mounts"] = new JsonArray(),
        };
        if (size)
            (summary["SizeRw"], summary["SizeRootFs"]) = (0, 0);
        return summary;
    }

    public static JsonObject Details(SandboxContainer container)
    {
        string[] command = Command(container);
        return new()
        {
            ["Id"] = container.Id,
            ["Created"] = EngineTime.Format(container.CreatedAt),
            ["Path"] = command[0],
            ["Args"] = Strings(command[1..]),
            ["State"] = new JsonObject
            {
                ["Status"] = StateName(container),
                ["Running"] = container.State is not ContainerState.Exited,
                ["Paused"] = container.State is ContainerState.Paused,
                ["Restarting"] = false,
                ["OOMKilled"] = false,
                ["Dead"] = false,
                ["Pid"] = 0,
                ["ExitCode"] = container.State is ContainerState.Exited ? container.ExitCode : 0,
                ["Error"] = "",
                ["StartedAt"] = EngineTime.Format(container.StartedAt),
                ["FinishedAt"] = EngineTime.Format(container.FinishedAt),
            },
            ["Image"] = ImageId(container),
            ["Name"] = "/" + container.Name,
            ["RestartCount"] = 0,
            ["Driver"] = EngineDocuments.StorageDriver,
            ["Platform"] = "linux",
            ["MountLabel"] = "",
            ["ProcessLabel"] = "",
            ["AppArmorProfile"] = "",
            ["ExecIDs"] = null,
            ["HostConfig"] = new JsonObject
            {
                ["NetworkMode"] = Network,
                ["PortBindings"] = new JsonObject(),
                ["RestartPolicy"] = new JsonObject { ["Name"] = "on-failure", ["MaximumRetryCount"] = 1 },
                ["AutoRemove"] = false,
                ["CgroupnsMode"] = "private",
                ["Privileged"] = true,
                ["Runtime"] = "runc",
                ["Memory"] = 0,
                ["NanoCpus"] = 0,
            },
            ["Mounts"] = new JsonArray(),
            ["Config"] = new JsonObject
            {
                ["Hostname"] = container.Name,
                ["Domainname"] = "",
                ["User"] = "",
                ["AttachStdin"] = false,
                ["AttachStdout"] = false,
                ["AttachStderr"] = false,
                ["Tty"] = true,
                ["OpenStdin"] = false,
                ["StdinOnce"] = false,
                ["Env"] = new JsonArray(),
                ["Cmd"] = null,
                ["Image"] = container.Image,
                ["Volumes"] = null,
                ["WorkingDir"] = "/",
                ["Entrypoint"] = Strings(command),
                ["Labels"] = Labels(container),
            },
            ["NetworkSettings"] = new JsonObject { ["Ports"] = new JsonObject(), ["Networks"] = Networks(container) },
        };
    }

    public static JsonObject Event(ContainerEvent happened)
    {
        JsonObject attributes = Labels(happened.Container);
        attributes["image"] = happened.Container.Image;
        attributes["name"] = happened.Container.Name;
        if (happened.Detail is { } detail)
            attributes[detail.Key] = detail.Value;
        return new()
        {
            ["status"] = happened.Action,
            ["id"] = happened.Container.Id,
            ["from"] = happened.Container.Image,
            ["Type"] = "container",
            ["Action"] = happened.Action,
            ["Actor"] = new JsonObject { ["ID"] = happened.Container.Id, ["Attributes"] = attributes },
            ["scope"] = "local",
            ["time"] = happened.Time.ToUnixTimeSeconds(),
            ["timeNano"] = EngineTime.Nanoseconds(happened.Time),
        };
    }

    private static string Status(SandboxContainer container, DateTimeOffset now) => container.State switch
    {
        ContainerState.Exited => $"Exited ({container.ExitCode}) {EngineTime.Words(now - container.FinishedAt!.Value)} ago",
        ContainerState.Paused => $"Up {EngineTime.Words(now - container.StartedAt)} (Paused)",
        _ => $"Up {EngineTime.Words(now - container.StartedAt)}",
    };

    /// <summary>What the images of kind start.</summary>
    private static string[] Command(SandboxContainer container) => container.Labels.GetValueOrDefault(RoleLabel) == "external-load-balancer"
        ? ["haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]
        : ["/usr/local/bin/entrypoint", "/sbin/init"];

    /// <summary>The same image has the same id; there is no image that it could be the digest of.</summary>
    private static string ImageId(SandboxContainer container) =>
        "sha256:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(container.Image)));

    private static JsonObject Networks(SandboxContainer container)
    {
        bool connected = container.State is not ContainerState.Exited;
        return new()
        {
            [Network] = new JsonObject
            {
                ["IPAMConfig"] = null,
                ["Links"] = null,
                ["Aliases"] = null,
                ["NetworkID"] = "",
                ["EndpointID"] = "",
                ["Gateway"] = connected ? "172.18.0.1" : "",
                ["IPAddress"] = connected ? container.Address : "",
                ["IPPrefixLen"] = connected ? 16 : 0,
                ["IPv6Gateway"] = "",
                ["GlobalIPv6Address"] = "",
                ["GlobalIPv6PrefixLen"] = 0,
                ["MacAddress"] = "",
            },
        };
    }

    private static JsonObject Labels(SandboxContainer container) => new(container.Labels.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value)));

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(value => JsonValue.Create(value))]);
}
