using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Containers.Configuration;

/// <summary>Where an engine is and how it is talked to.</summary>
public sealed class EngineTarget
{
    private const string Variable = "DOCKER_HOST";

    internal EngineTarget(EngineAddress address, string? context, EngineTls? tls)
    {
        Address = address;
        Context = context;
        Tls = tls;
    }

    internal EngineAddress Address { get; }

    internal string? Context { get; }

    /// <summary>How TLS is spoken; null where it is not.</summary>
    internal EngineTls? Tls { get; }

    /// <summary>
    /// Finds the engine as the docker CLI does: the context that is named; else <c>DOCKER_HOST</c>; else the context of <c>DOCKER_CONTEXT</c> or the current one
    /// of the CLI's configuration; else the default socket or pipe.
    /// </summary>
    /// <param name="context">A context of the docker CLI; null for none in particular.</param>
    /// <exception cref="CapiProblemException"><c>EngineConfigInvalid</c>.</exception>
    public static EngineTarget Find(string? context = null) => Find(context, Environment.GetEnvironmentVariable);

    /// <summary>An engine at an address, with TLS as <c>DOCKER_TLS_VERIFY</c> and <c>DOCKER_CERT_PATH</c> say.</summary>
    /// <param name="address">Such as <c>unix:///run/docker.sock</c>.</param>
    /// <exception cref="CapiProblemException"><c>EngineConfigInvalid</c>.</exception>
    public static EngineTarget At(string address) => At(address, "the given address", Environment.GetEnvironmentVariable);

    /// <inheritdoc/>
    public override string ToString() => ToEndpoint().ToString();

    internal static EngineTarget Find(string? context, Func<string, string?> variable)
    {
        string? Value(string name) => variable(name) is { Length: > 0 } value ? value : null;
        if (context is null && Value(Variable) is string host)
        {
            return At(host, Variable, variable);
        }

        DockerContexts contexts = new(Value("DOCKER_CONFIG") ?? Home(variable));
        context ??= Value("DOCKER_CONTEXT") ?? contexts.Current;
        return context is null or DockerContexts.Default ? At(Value(Variable), Variable, variable) : contexts.Resolve(context);
    }

    internal static EngineTarget At(string? address, string source, Func<string, string?> variable)
    {
        bool verify = variable("DOCKER_TLS_VERIFY") is { Length: > 0 };
        bool wanted = verify || variable("DOCKER_TLS") is { Length: > 0 };
        EngineAddress parsed = EngineAddress.Parse(address, wanted, source);
        if (parsed is not EngineAddress.Tcp { Tls: true })
        {
            return new(parsed, null, null);
        }

        string? folder = variable("DOCKER_CERT_PATH") is { Length: > 0 } named ? named : null;
        return folder is not null && !Directory.Exists(folder)
            ? throw new CapiProblem(ProblemId.EngineConfigInvalid, CapiProblemCategory.ObjectNotFound, $"The folder '{folder}' that DOCKER_CERT_PATH names does not exist.",
                "Let DOCKER_CERT_PATH name the folder with ca.pem, cert.pem and key.pem.", folder).ToException()
            : new(parsed, null, new(folder ?? Home(variable), SkipVerify: wanted && !verify));
    }

    internal EngineEndpoint ToEndpoint() => new(Address.ToString(), Context);

    private static string Home(Func<string, string?> variable) => Path.Combine(
        variable(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".docker");
}
