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

/// <summary>The parts that the objects of all kinds have in common. Every method stands on a property's name and reads its value.</summary>
internal static class ObjectReading
{
    private static readonly IReadOnlyList<string> NoStrings = [];
    private static readonly IReadOnlyList<CapiOwnerReference> NoOwners = [];

    /// <summary>Reads <c>metadata</c>. managedFields, three quarters of an object's bytes, are passed over.</summary>
    public static ObjectMetadata Metadata(ref Utf8JsonReader reader, WireContext wire)
    {
        ObjectMetadata meta = default;
        if (!reader.EnterObject())
        {
            return meta;
        }

        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "name": meta.Name = reader.Text(); break;
                case "namespace": meta.Namespace = reader.Text(wire.Pool); break;
                case "uid": meta.Uid = reader.Text(); break;
                case "resourceVersion": meta.ResourceVersion = reader.Text(); break;
                case "generation": meta.Generation = reader.Long(); break;
                case "creationTimestamp": meta.CreatedAt = reader.Time(); break;
                case "deletionTimestamp": meta.DeletionRequestedAt = reader.Time(); break;
                case "labels": meta.Labels = Map(ref reader, wire.Pool); break;
                case "annotations": meta.Annotations = Map(ref reader, wire.Pool); break;
                case "finalizers": meta.Finalizers = reader.Strings(wire.Pool); break;
                case "ownerReferences": meta.Owners = OwnerReferences(ref reader, wire.Pool); break;
                default: reader.Skip(); break;
            }
        }

        return meta;
    }

    /// <summary>Reads an array of conditions of either family.</summary>
    public static List<CapiCondition>? Conditions(ref Utf8JsonReader reader, WireContext wire)
    {
        if (!reader.EnterArray())
        {
            return null;
        }

        List<CapiCondition> conditions = new(8);
        while (reader.NextObject())
        {
            string? type = null, status = null, reason = null, message = null, severity = null;
            DateTimeOffset? since = null;
            long? generation = null;
            while (reader.NextProperty(wire.Pool, out string name))
            {
                switch (name)
                {
                    case "type": type = reader.Text(wire.Pool); break;
                    case "status": status = reader.Text(wire.Pool); break;
                    case "reason": reason = reader.Text(wire.Pool); break;
                    case "message": message = reader.Text(wire.Pool); break;
                    case "severity": severity = reader.Text(wire.Pool); break;
                    case "lastTransitionTime": since = reader.Time(); break;
                    case "observedGeneration": generation = reader.Long(); break;
                    default: reader.Skip(); break;
                }
            }

            if (type is not null)
            {
                conditions.Add(new(wire.Verdicts.Get(new()
                {
                    Type = type,
                    Status = status switch { "True" => CapiConditionStatus.True, "False" => CapiConditionStatus.False, _ => CapiConditionStatus.Unknown },
                    Reason = reason,
                    Message = message,
                    Severity = severity,
                    ObservedGeneration = generation,
                }))
                {
                    LastTransitionTime = since,
                });
            }
        }

        return conditions;
    }

    /// <summary>Reads the conditions of an object that holds them among other things, such as a status.</summary>
    public static List<CapiCondition>? ConditionsWithin(ref Utf8JsonReader reader, WireContext wire)
    {
        List<CapiCondition>? conditions = null;
        if (reader.EnterObject())
        {
            while (reader.NextProperty(wire.Pool, out string name))
            {
                switch (name)
                {
                    case "conditions": conditions = Conditions(ref reader, wire); break;
                    default: reader.Skip(); break;
                }
            }
        }

        return conditions;
    }

    /// <summary>The kind and name of a reference to another object.</summary>
    public static (string? Kind, string? Name) Reference(ref Utf8JsonReader reader, Utf8StringPool pool)
    {
        string? kind = null, name = null;
        if (reader.EnterObject())
        {
            while (reader.NextProperty(pool, out string property))
            {
                switch (property)
                {
                    case "kind": kind = reader.Text(pool); break;
                    case "name": name = reader.Text(); break;
                    default: reader.Skip(); break;
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
            Labels = meta.Labels is null ? CapiResource.EmptyMap : wire.Maps.Get(meta.Labels.AsReadOnly()),
            Annotations = meta.Annotations is null ? CapiResource.EmptyMap : wire.Maps.Get(meta.Annotations.AsReadOnly()),
            Finalizers = meta.Finalizers is null ? NoStrings : wire.Lists.Get(meta.Finalizers.AsReadOnly()),
            Owners = meta.Owners is null ? NoOwners : wire.Owners.Get(meta.Owners.AsReadOnly()),
            Conditions = conditions is null ? [] : Array.AsReadOnly([.. conditions]), // a list's own array has room for more
            IsPaused = resource.IsPaused || meta.HasAnnotation(CapiNames.PausedAnnotation)
                || conditions?.Exists(c => c is { Type: "Paused", Status: CapiConditionStatus.True }) == true,
        };

    /// <summary>Reads an enum from the words of the API; what is not a word of it is Unknown.</summary>
    public static TEnum Phase<TEnum>(string? raw)
        where TEnum : struct, Enum => Enum.TryParse(raw, out TEnum phase) && Enum.IsDefined(phase) && phase.ToString() == raw ? phase : default;

    private static Dictionary<string, string>? Map(ref Utf8JsonReader reader, Utf8StringPool pool)
    {
        if (!reader.EnterObject())
        {
            return null;
        }

        Dictionary<string, string> map = new(StringComparer.Ordinal);
        while (reader.NextProperty(pool, out string key))
        {
            if (key == CapiNames.LastAppliedAnnotation)
            {
                reader.Skip();
            }
            else
            {
                map[key] = reader.Text(pool) ?? "";
            }
        }

        return map;
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
            string? kind = null, name = null, apiVersion = null, uid = null;
            bool controller = false;
            while (reader.NextProperty(pool, out string property))
            {
                switch (property)
                {
                    case "kind": kind = reader.Text(pool); break;
                    case "name": name = reader.Text(pool); break;
                    case "apiVersion": apiVersion = reader.Text(pool); break;
                    case "uid": uid = reader.Text(pool); break;
                    case "controller": controller = reader.Bool() == true; break;
                    default: reader.Skip(); break;
                }
            }

            owners.Add(new(kind ?? "", name ?? "", apiVersion ?? "", uid ?? "", controller));
        }

        return owners;
    }

    private static InvalidDataException Incomplete(string field) => new($"The server sent an object without {field}.");
}
