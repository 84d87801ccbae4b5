using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Containers.Configuration;

/// <summary>The contexts that <c>docker context</c> keeps: a folder each, named by a hash of the context's name. Read, never written.</summary>
/// <param name="folder">The docker CLI's configuration, such as <c>~/.docker</c>.</param>
internal sealed class DockerContexts(string folder)
{
    /// <summary>The name of what is used where there is no context; it has no file.</summary>
    public const string Default = "default";

    /// <summary>The current context; null where there is none.</summary>
    public string? Current
    {
        get
        {
            string file = Path.Combine(folder, "config.json");
            return File.Exists(file) ? Read(file, ReadCurrent) : null;
        }
    }

    /// <summary>The engine of a context.</summary>
    /// <exception cref="CapiProblemException"><c>EngineConfigInvalid</c> where there is no such context, or it has no engine.</exception>
    public EngineTarget Resolve(string name)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
        string file = Path.Combine(folder, "contexts", "meta", hash, "meta.json");
        if (!File.Exists(file))
        {
            throw new CapiProblem(ProblemId.EngineConfigInvalid, CapiProblemCategory.ObjectNotFound,
                $"There is no engine context '{name}'.", "List what there is with: docker context ls", name).ToException();
        }

        (string? host, bool skipVerify) = Read(file, ReadEndpoint);
        if (host is null)
        {
            throw Invalid(file, "it names no engine", null);
        }

        // As with the CLI, it is the certificates beside a context that make it TLS.
        string certificates = Path.Combine(folder, "contexts", "tls", hash, "docker");
        bool tls = skipVerify || Directory.Exists(certificates);
        EngineAddress address = EngineAddress.Parse(host, tls, $"context '{name}'");
        return new(address, name, address is EngineAddress.Tcp { Tls: true } ? new(certificates, skipVerify) : null);
    }

    private delegate T Reading<out T>(ref Utf8JsonReader reader, Utf8StringPool pool);

    /// <summary>The file holds registry passwords, too: nothing but this one property is looked at.</summary>
    private static string? ReadCurrent(ref Utf8JsonReader reader, Utf8StringPool pool)
    {
        string? current = null;
        while (reader.NextProperty(pool, out string name))
        {
            switch (name)
            {
                case "currentContext": current = reader.Text(); break;
                default: reader.Skip(); break;
            }
        }

        return current;
    }

    /// <summary><c>Endpoints.docker</c>: its Host and SkipTLSVerify.</summary>
    private static (string? Host, bool SkipVerify) ReadEndpoint(ref Utf8JsonReader reader, Utf8StringPool pool)
    {
        (string? Host, bool SkipVerify) endpoint = default;
        while (reader.NextProperty(pool, out string name))
        {
            switch (name)
            {
                // One level down, and another: what is looked for has a name of its own on each.
                case "Endpoints" or "docker" when reader.EnterObject(): endpoint = ReadEndpoint(ref reader, pool); break;
                case "Host": endpoint.Host = reader.Text(); break;
                case "SkipTLSVerify": endpoint.SkipVerify = reader.Bool() == true; break;
                default: reader.Skip(); break;
            }
        }

        return endpoint;
    }

    private static T Read<T>(string file, Reading<T> read)
    {
        try
        {
            Utf8JsonReader reader = new(File.ReadAllBytes(file));
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject ? read(ref reader, new()) : throw new JsonException("it is not an object");
        }
        catch (JsonException e)
        {
            throw Invalid(file, string.Create(CultureInfo.InvariantCulture, $"line {(e.LineNumber ?? 0) + 1} is not the JSON that was expected"), e);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw Invalid(file, e.Message.TrimEnd('.'), e);
        }
    }

    private static CapiProblemException Invalid(string file, string what, Exception? inner) =>
        new CapiProblem(ProblemId.EngineConfigInvalid, CapiProblemCategory.InvalidData, $"The docker configuration '{file}' cannot be used: {what}.",
            "Correct it, or set DOCKER_HOST to the engine's address.", file).ToException(inner);
}
