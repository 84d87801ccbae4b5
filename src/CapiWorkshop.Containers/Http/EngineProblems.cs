using System.Net.Sockets;
using System.Security.Authentication;
using CapiWorkshop.Containers.Configuration;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Containers.Http;

/// <summary>The one table from what an engine (or the way to it) answers to a problem with an id, a category and a way out.</summary>
internal sealed class EngineProblems(EngineEndpoint endpoint, EngineAddress address)
{
    private readonly string _local = address is EngineAddress.Pipe ? "pipe" : "socket";

    private bool IsLocal => address is not EngineAddress.Tcp;

    /// <summary>The problem that an HTTP answer means.</summary>
    /// <param name="status">The HTTP status code.</param>
    /// <param name="message">What the engine says; null where it says nothing.</param>
    /// <param name="purpose">What was wanted, such as <c>list containers</c>.</param>
    /// <param name="container">The container that was asked about; null for none.</param>
    public CapiProblem FromStatus(int status, string? message, string purpose, string? container)
    {
        string said = message is null ? "" : $" The engine says: {message}.";
        CapiProblem problem = status switch
        {
            400 when message?.StartsWith("client version", StringComparison.Ordinal) == true => new(
                ProblemId.EngineVersionNotSupported, CapiProblemCategory.NotInstalled, $"The engine at {endpoint} does not take this module's version of its API.{said}",
                "Update this module, or the engine: whichever is the older.", endpoint.Address),
            401 or 403 => new(ProblemId.EngineForbidden, CapiProblemCategory.PermissionDenied, $"The engine at {endpoint} does not let you {purpose}.{said}",
                "Ask whoever runs the engine, or the proxy before it, for that right.", endpoint.Address),
            404 when container is not null => new(ProblemId.NotFound("Container"), CapiProblemCategory.ObjectNotFound, $"There is no container '{container}' (any more).",
                "List what there is with: docker ps --all", container),
            404 => NoEngine($"it does not know how to {purpose}"),
            >= 500 => new(ProblemId.EngineUnavailable, CapiProblemCategory.ResourceUnavailable, $"The engine at {endpoint} cannot {purpose} now (HTTP {status}).{said}",
                "Check its health with: docker info", container ?? endpoint.Address),
            _ => new(ProblemId.ApiInvalid, CapiProblemCategory.InvalidArgument, $"The engine at {endpoint} refused to {purpose} (HTTP {status}).{said}",
                "Correct what the engine names and run the command again.", container ?? endpoint.Address),
        };
        return problem with { HttpStatus = status };
    }

    /// <summary>The problem of an answer that an engine would not give.</summary>
    /// <param name="detail">What is wrong with it, as half a sentence.</param>
    public CapiProblem NoEngine(string detail) => new(ProblemId.ApiAnswerInvalid, CapiProblemCategory.InvalidData,
        $"What answers at {endpoint} cannot be understood: {detail.TrimEnd('.')}.", "Check that the address is that of a container engine, and that no proxy stands in between.", endpoint.Address);

    /// <summary>The problem of an engine that speaks no version that is spoken here.</summary>
    /// <param name="newest">The newest version that it speaks.</param>
    /// <param name="needed">The oldest one that is spoken here.</param>
    public CapiProblem TooOld(Version newest, Version needed) => new(ProblemId.EngineVersionNotSupported, CapiProblemCategory.NotInstalled,
        $"The engine at {endpoint} speaks its API up to version {newest}; {needed} is needed.", "Update the engine.", endpoint.Address);

    /// <summary>The problem that an exception of the network means; null where it is none of the network's.</summary>
    public CapiProblem? FromException(Exception exception)
    {
        Exception cause = exception is HttpRequestException { InnerException: Exception inner } ? inner : exception;
        return (exception, cause) switch
        {
            (HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError }, _) => new(ProblemId.HostNotFound, CapiProblemCategory.ConnectionError,
                $"The host of {endpoint} is not known.", "Check the network and the address.", endpoint.Address),
            (HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }, AuthenticationException) when IsAboutCertificate(cause) => NotTrusted(cause),
            (_, SocketException { SocketErrorCode: SocketError.AccessDenied } or UnauthorizedAccessException) => Forbidden(),
            (_, SocketException { SocketErrorCode: SocketError.ConnectionRefused }) => Refused(),
            (HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError }, SocketException or TimeoutException) when IsLocal => NotThere(),
            (OperationCanceledException, _) => new(ProblemId.EngineTimeout, CapiProblemCategory.OperationTimeout,
                $"The engine at {endpoint} did not answer in time.", "See whether it hangs with: docker info", endpoint.Address),
            (HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse }, _) => NoEngine("it is not HTTP"),
            (HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded }, _) => NoEngine("it does not end"),
            (HttpRequestException or IOException or SocketException, _) => new(ProblemId.ConnectionLost, CapiProblemCategory.ConnectionError,
                $"The connection to the engine at {endpoint} broke: {Innermost(cause).Message.TrimEnd('.')}.", "Run the command again; see whether the engine is up with: docker info", endpoint.Address),
            _ => null,
        };
    }

    private CapiProblem Forbidden() => new(ProblemId.EngineForbidden, CapiProblemCategory.PermissionDenied,
        IsLocal ? $"You may not open the engine's {_local} {endpoint}." : $"The way to the engine at {endpoint} is closed to you.",
        address switch
        {
            EngineAddress.UnixSocket => "Join the group that owns the socket (on Linux: sudo usermod -aG docker $USER, then log in again), or run an engine of your own.",
            EngineAddress.Pipe => "Join the group docker-users and sign in again, or start PowerShell as administrator.",
            _ => "Check the firewall.",
        },
        endpoint.Address);

    private CapiProblem NotTrusted(Exception cause) => new(ProblemId.CertificateNotTrusted, CapiProblemCategory.SecurityError,
        $"The certificate of the engine at {endpoint} is not trusted: {cause.Message.TrimEnd('.')}.",
        "Let DOCKER_CERT_PATH name the folder with the ca.pem that issued it, and use a host name that it holds.", endpoint.Address);

    private CapiProblem NotThere() => new(ProblemId.EngineNotFound, CapiProblemCategory.ObjectNotFound, $"There is no container engine at {endpoint}: that {_local} does not exist.",
        "Start the engine, or set DOCKER_HOST to its address (podman's socket: podman info --format '{{.Host.RemoteSocket.Path}}').", endpoint.Address);

    private CapiProblem Refused() => new(ProblemId.ConnectionRefused, CapiProblemCategory.ConnectionError, $"Nothing listens at {endpoint} (connection refused).",
        "Start the engine, or set DOCKER_HOST to its address.", endpoint.Address);

    private static bool IsAboutCertificate(Exception exception) => exception.Message.Contains("certificate", StringComparison.OrdinalIgnoreCase);

    private static Exception Innermost(Exception exception) => exception.InnerException is Exception inner ? Innermost(inner) : exception;
}
