using System.Text.Json;

namespace CapiWorkshop.Operations.Wire;

/// <summary>The metadata of an object, while it is being read.</summary>
internal struct ObjectMetadata
{
    public string? Name, Namespace, Uid, ResourceVersion;
    public long? Generation;
    public DateTimeOffset? CreatedAt, DeletionRequestedAt;
    public Dictionary<string, string>? Labels, Annotations;
    public List<string>? Finalizers;
    public List<CapiOwnerReference>? Owners;

    public readonly string? Label(string key) => Labels?.GetValueOrDefault(key) is { Length: > 0 } value ? value : null;

    public readonly bool HasLabel(string key) => Labels?.ContainsKey(key) == true;

    public readonly string? Annotation(string key) => Annotations?.GetValueOrDefault(key) is { Length: > 0 } value ? value : null;

    public readonly bool HasAnnotation(string key) => Annotations?.ContainsKey(key) == true;
}

/// <summary>The parts that the objects of all kinds have in common.</summary>
internal static class ObjectReading
{
    private static readonly IReadOnlyList<string> NoStrings = [];
    private static readonly IReadOnlyList<CapiOwnerReference> NoOwners = [];

    /// <summary>Reads <c>metadata</c>; the reader stands on its name. managedFields, three quarters of an object's bytes, are passed over.</summary>
    public static ObjectMetadata Metadata(ref Utf8JsonReader reader, WireContext wire)
    {
        ObjectMetadata meta = default;
        if (!reader.EnterObject())
        {
            return meta;
        }

        while (reader.NextProperty())
        {
            if (reader.ValueTextEquals("name"u8))
            {
                meta.Name = reader.Text();
            }
            else if (reader.ValueTextEquals("namespace"u8))
            {
                meta.Namespace = reader.Text(wire.Pool);
            }
            else if (reader.ValueTextEquals("uid"u8))
            {
                meta.Uid = reader.Text();
            }
            else if (reader.ValueTextEquals("resourceVersion"u8))
            {
                meta.ResourceVersion = reader.Text();
            }
            else if (reader.ValueTextEquals("generation"u8))
            {
                meta.Generation = reader.Long();
            }
            else if (reader.ValueTextEquals("creationTimestamp"u8))
            {
                meta.CreatedAt = reader.Time();
            }
            else if (reader.ValueTextEquals("deletionTimestamp"u8))
            {
                meta.DeletionRequestedAt = reader.Time();
            }
            else if (reader.ValueTextEquals("labels"u8))
            {
                meta.Labels = Map(ref reader, wire.Pool);
            }
            else if (reader.ValueTextEquals("annotations"u8))
            {
                meta.Annotations = Map(ref reader, wire.Pool);
            }
            else if (reader.ValueTextEquals("finalizers"u8))
            {
                meta.Finalizers = Strings(ref reader, wire.Pool);
            }
            else if (reader.ValueTextEquals("ownerReferences"u8))
            {
                meta.Owners = OwnerReferences(ref reader, wire.Pool);
            }
            else
            {
                reader.Skip();
            }
        }

        return meta;
    }

    /// <summary>Reads an array of conditions of either family; the reader stands on its property's name.</summary>
    public static List<CapiCondition>? Conditions(ref Utf8JsonReader reader, WireContext wire)
    {
        if (!reader.EnterArray())
        {
            return null;
        }

        List<CapiCondition> conditions = new(8);
        while (reader.NextObject())
        {
            string? type = null, reason = null, message = null, severity = null;
            CapiConditionStatus status = default;
            DateTimeOffset? since = null;
            long? generation = null;
            while (reader.NextProperty())
            {
                if (reader.ValueTextEquals("type"u8))
                {
                    type = reader.Text(wire.Pool);
                }
                else if (reader.ValueTextEquals("status"u8))
                {
                    status = reader.Text(wire.Pool) switch { "True" => CapiConditionStatus.True, "False" => CapiConditionStatus.False, _ => CapiConditionStatus.Unknown };
                }
                else if (reader.ValueTextEquals("reason"u8))
                {
                    reason = reader.Text(wire.Pool);
                }
                else if (reader.ValueTextEquals("message"u8))
                {
                    message = reader.Text(wire.Pool);
                }
                else if (reader.ValueTextEquals("severity"u8))
                {
                    severity = reader.Text(wire.Pool);
                }
                else if (reader.ValueTextEquals("lastTransitionTime"u8))
                {
                    since = reader.Time();
                }
                else if (reader.ValueTextEquals("observedGeneration"u8))
                {
                    generation = reader.Long();
                }
                else
                {
                    reader.Skip();
                }
            }

            if (type is not null)
            {
                conditions.Add(new()
                {
                    Type = type,
                    Status = status,
                    Reason = reason,
                    Message = message,
                    Severity = severity,
                    LastTransitionTime = since,
                    ObservedGeneration = generation,
                });
            }
        }

        return conditions;
    }

    /// <summary>The kind and name of a reference to another object; the reader stands on its property's name.</summary>
    public static (string? Kind, string? Name) Reference(ref Utf8JsonReader reader, Utf8StringPool pool)
    {
        string? kind = null, name = null;
        if (reader.EnterObject())
        {
            while (reader.NextProperty())
            {
                if (reader.ValueTextEquals("kind"u8))
                {
                    kind = reader.Text(pool);
                }
                else if (reader.ValueTextEquals("name"u8))
                {
                    name = reader.Text();
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        return (kind, name);
    }

    /// <summary>A model of a resource with everything that all of them have. Called once an object has been read to its end.</summary>
    public static T With<T>(T resource, in ObjectMetadata meta, string? cluster, WireContext wire, List<CapiCondition>? conditions, long? observedGeneration)
        where T : CapiResource =>
        resource with
        {
            Name = meta.Name ?? throw Incomplete("metadata.name"),
            Namespace = meta.Namespace,
            Cluster = cluster,
            Context = wire.Context,
            ManagementClusterId = wire.ManagementClusterId,
            ApiVersion = wire.ApiVersion,
            Uid = meta.Uid ?? throw Incomplete("metadata.uid"),
            ResourceVersion = meta.ResourceVersion ?? throw Incomplete("metadata.resourceVersion"),
            Generation = meta.Generation,
            ObservedGeneration = observedGeneration,
            CreatedAt = meta.CreatedAt,
            DeletionRequestedAt = meta.DeletionRequestedAt,
            ObservedAt = wire.Now,
            Labels = meta.Labels?.AsReadOnly() ?? CapiResource.EmptyMap,
            Annotations = meta.Annotations?.AsReadOnly() ?? CapiResource.EmptyMap,
            Finalizers = meta.Finalizers ?? NoStrings,
            Owners = meta.Owners ?? NoOwners,
            Conditions = conditions is null ? [] : conditions.AsReadOnly(),
            IsPaused = resource.IsPaused || meta.HasAnnotation(CapiNames.PausedAnnotation)
                || conditions?.Exists(c => c is { Type: "Paused", Status: CapiConditionStatus.True }) == true,
        };

    /// <summary>Reads an enum from the words of the API; what is not a word of it is Unknown.</summary>
    public static TEnum Phase<TEnum>(string? raw)
        where TEnum : struct, Enum => Enum.TryParse(raw, out TEnum phase) && Enum.IsDefined(phase) ? phase : default;

    private static Dictionary<string, string>? Map(ref Utf8JsonReader reader, Utf8StringPool pool)
    {
        if (!reader.EnterObject())
        {
            return null;
        }

        Dictionary<string, string> map = new(StringComparer.Ordinal);
        while (reader.NextProperty())
        {
            if (reader.ValueTextEquals(CapiNames.LastAppliedAnnotation))
            {
                reader.Skip();
                continue;
            }

            string key = pool.Get(ref reader);
            map[key] = reader.Text(pool) ?? "";
        }

        return map;
    }

    private static List<string>? Strings(ref Utf8JsonReader reader, Utf8StringPool pool)
    {
        if (!reader.EnterArray())
        {
            return null;
        }

        List<string> strings = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                strings.Add(pool.Get(ref reader));
            }
            else
            {
                reader.Skip();
            }
        }

        return strings;
    }

    private static List<CapiOwnerReference>? OwnerReferences(ref Utf8JsonReader reader, Utf8StringPool pool)
    {
        if (!reader.EnterArray())
        {
            return null;
        }

        List<CapiOwnerReference> owners = new(1);
        while (reader.NextObject())
        {
            string kind = "", name = "", apiVersion = "", uid = "";
            bool controller = false;
            while (reader.NextProperty())
            {
                if (reader.ValueTextEquals("kind"u8))
                {
                    kind = reader.Text(pool) ?? "";
                }
                else if (reader.ValueTextEquals("name"u8))
                {
                    name = reader.Text(pool) ?? "";
                }
                else if (reader.ValueTextEquals("apiVersion"u8))
                {
                    apiVersion = reader.Text(pool) ?? "";
                }
                else if (reader.ValueTextEquals("uid"u8))
                {
                    uid = reader.Text(pool) ?? "";
                }
                else if (reader.ValueTextEquals("controller"u8))
                {
                    controller = reader.Bool() == true;
                }
                else
                {
                    reader.Skip();
                }
            }

            owners.Add(new(kind, name, apiVersion, uid, controller));
        }

        return owners;
    }

    private static InvalidDataException Incomplete(string field) => new($"The server sent an object without {field}.");
}
