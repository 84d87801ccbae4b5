using System.Text.Json;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Containers.Reading;

/// <summary>Reads the answer of <c>GET /containers/json</c>: an array of containers.</summary>
internal static class ContainerReading
{
    private const long EndOfTime = 253402300799; // the last second that a DateTimeOffset can hold

    /// <summary>All containers of the array that the reader stands on.</summary>
    public static IReadOnlyList<EngineContainer> List(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new InvalidDataException("a list of containers was expected");
        }

        Utf8StringPool pool = new();
        List<EngineContainer> containers = [];
        while (reader.NextObject())
        {
            containers.Add(Container(ref reader, pool));
        }

        return containers;
    }

    private static EngineContainer Container(ref Utf8JsonReader reader, Utf8StringPool pool)
    {
        string? id = null, image = null, state = null;
        List<string>? names = null;
        Dictionary<string, string>? labels = null;
        long? created = null;
        while (reader.NextProperty(pool, out string name))
        {
            switch (name)
            {
                case "Id": id = reader.Text(); break;
                case "Names": names = reader.Strings(pool); break;
                case "Image": image = reader.Text(pool); break;
                case "State": state = reader.Text(pool); break;
                case "Labels": labels = Labels(ref reader, pool); break;
                case "Created": created = reader.Long(); break;
                default: reader.Skip(); break;
            }
        }

        EngineContainer container = new()
        {
            Id = id ?? throw new InvalidDataException("a container has no Id"),
            Names = Names(names),
            Image = image,
            State = State(state),
            RawState = state,
            CreatedAt = created is > 0 and <= EndOfTime ? DateTimeOffset.FromUnixTimeSeconds(created.Value) : null,
        };
        return labels is null ? container : container with { Labels = labels };
    }

    /// <summary>Without the leading slash; names that another container gave it by a link, such as <c>web/database</c>, come behind its own.</summary>
    private static IReadOnlyList<string> Names(List<string>? raw) => raw is null ? [] :
        [.. raw.Select(name => name.TrimStart('/')).Where(name => name.Length > 0).OrderBy(name => name.Contains('/', StringComparison.Ordinal))];

    private static Dictionary<string, string>? Labels(ref Utf8JsonReader reader, Utf8StringPool pool)
    {
        if (!reader.EnterObject())
        {
            return null;
        }

        Dictionary<string, string> labels = new(StringComparer.Ordinal);
        while (reader.NextProperty(pool, out string key))
        {
            labels[key] = reader.Text(pool) ?? "";
        }

        return labels;
    }

    /// <summary>Docker's words, and those that podman lets through.</summary>
    private static ContainerState State(string? raw) => raw switch
    {
        "created" or "configured" or "initialized" => ContainerState.Created,
        "running" or "stopping" => ContainerState.Running,
        "paused" => ContainerState.Paused,
        "restarting" => ContainerState.Restarting,
        "removing" => ContainerState.Removing,
        "exited" or "stopped" => ContainerState.Exited,
        "dead" => ContainerState.Dead,
        _ => ContainerState.Unknown,
    };
}
