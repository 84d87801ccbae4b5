using System.Globalization;
using System.Net.Sockets;
using CapiWorkshop.Operations;

namespace CapiWorkshop.Containers.Configuration;

/// <summary>Where an engine listens, as <c>DOCKER_HOST</c> spells it.</summary>
internal abstract record EngineAddress
{
    private const int PlainPort = 2375, TlsPort = 2376;

    private EngineAddress()
    {
    }

    /// <summary>Where an engine listens that nobody has told otherwise.</summary>
    public static EngineAddress Default => OperatingSystem.IsWindows() ? new Pipe(".", "docker_engine") : new UnixSocket("/var/run/docker.sock");

    /// <summary>The address as it is shown, which can be parsed again.</summary>
    public abstract override string ToString();

    /// <summary>Reads an address; null for the default.</summary>
    /// <param name="text">Such as <c>unix:///run/docker.sock</c>, <c>tcp://host:2376</c> or <c>npipe:////./pipe/docker_engine</c>.</param>
    /// <param name="tls">Whether TLS is to be spoken over TCP.</param>
    /// <param name="source">What says so, for the message: <c>DOCKER_HOST</c>, or a context.</param>
    /// <exception cref="CapiProblemException"><c>EngineConfigInvalid</c>.</exception>
    public static EngineAddress Parse(string? text, bool tls, string source)
    {
        text = text?.Trim();
        if (string.IsNullOrEmpty(text))
        {
            return Default;
        }

        int separator = text.IndexOf("://", StringComparison.Ordinal);
        (string scheme, string rest) = separator < 0 ? ("tcp", text) : (text[..separator].ToLowerInvariant(), text[(separator + 3)..]);
        return scheme switch
        {
            "unix" => FitsSocket(rest) ? new UnixSocket(rest) : throw Invalid(source, "names no socket, or one whose path is longer than systems take"),
            "npipe" => ParsePipe(rest) ?? throw Invalid(source, "names no pipe"),
            "tcp" or "http" => ParseTcp(rest, tls, source),
            "https" => ParseTcp(rest, tls: true, source),
            "ssh" => throw new CapiProblem(ProblemId.EngineConfigInvalid, CapiProblemCategory.InvalidArgument,
                $"{source} asks for an engine over ssh, which this version cannot do.",
                "Forward its socket with: ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock <host>, then set DOCKER_HOST to unix:///tmp/docker.sock", source).ToException(),
            _ => throw Invalid(source, "has an unknown scheme"),
        };
    }

    private static bool FitsSocket(string path)
    {
        try
        {
            return new UnixDomainSocketEndPoint(path) is not null;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Such as <c>//./pipe/docker_engine</c>, with either slash.</summary>
    private static Pipe? ParsePipe(string text) =>
        text.Replace('\\', '/').Split('/', StringSplitOptions.RemoveEmptyEntries) is [string server, string kind, .. string[] name] && name.Length > 0
            && kind.Equals("pipe", StringComparison.OrdinalIgnoreCase)
            ? new(server, string.Join('/', name))
            : null;

    private static Tcp ParseTcp(string text, bool tls, string source)
    {
        // A Uri knows how hosts are written, [::1] too. The text is never shown: credentials may stand in it.
        if (!Uri.TryCreate("tcp://" + text, UriKind.Absolute, out Uri? url) || url.Host.Length == 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            throw Invalid(source, "names no host and port");
        }

        return url.UserInfo.Length > 0
            ? throw Invalid(source, "holds a user name or a password, which engines do not take")
            : new Tcp(url.Host, url.Port > 0 ? url.Port : tls ? TlsPort : PlainPort, url.AbsolutePath.TrimEnd('/'), tls);
    }

    private static CapiProblemException Invalid(string source, string what) =>
        new CapiProblem(ProblemId.EngineConfigInvalid, CapiProblemCategory.InvalidArgument,
            $"The engine's address in {source} {what}.", $"Expected is something like {Default}, tcp://host:{TlsPort} or npipe:////./pipe/docker_engine.", source).ToException();

    /// <summary>A Unix domain socket.</summary>
    public sealed record UnixSocket(string Path) : EngineAddress
    {
        public override string ToString() => "unix://" + Path;
    }

    /// <summary>A named pipe of Windows.</summary>
    public sealed record Pipe(string Server, string Name) : EngineAddress
    {
        public override string ToString() => $"npipe:////{Server}/pipe/{Name}";
    }

    /// <summary>A port. <paramref name="BasePath"/> stands before every path, without a slash at its end.</summary>
    public sealed record Tcp(string Host, int Port, string BasePath, bool Tls) : EngineAddress
    {
        public Uri Url => new(string.Create(CultureInfo.InvariantCulture, $"{(Tls ? "https" : "http")}://{Host}:{Port}{BasePath}"));

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"tcp://{Host}:{Port}{BasePath}");
    }
}
