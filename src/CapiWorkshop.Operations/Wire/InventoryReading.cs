using System.Text.Json;

namespace CapiWorkshop.Operations.Wire;

/// <summary>A controller's Deployment, as far as its health goes.</summary>
internal sealed record ControllerDeployment(string Name, string? Namespace, string? Provider, string? ImageTag, bool? Available);

/// <summary>A Node, as far as its health goes.</summary>
internal sealed record NodeState(string Name, bool? Ready);

/// <summary>A Pod, as far as it tells whose hosted control plane it is part of: the Cluster's name, null for any other Pod.</summary>
internal sealed record PodState(string? Namespace, string? ControlPlaneOf);

/// <summary>An entry of clusterctl's inventory of providers.</summary>
internal sealed record InventoryEntry(string Name, string? Namespace, string? ProviderName, string? Type, string? Version)
{
    /// <summary>The value that the provider's components carry as label <c>cluster.x-k8s.io/provider</c>: the type in short, then the name; the core has no prefix.</summary>
    public string Label
    {
        get
        {
            string name = ProviderName ?? Name;
            return Type switch
            {
                "BootstrapProvider" => "bootstrap-" + name,
                "ControlPlaneProvider" => "control-plane-" + name,
                "InfrastructureProvider" => "infrastructure-" + name,
                "AddonProvider" => "addon-" + name,
                "IPAMProvider" => "ipam-" + name,
                "RuntimeExtensionProvider" => "runtime-extension-" + name,
                _ => name,
            };
        }
    }
}

/// <summary>What is read of namespaces, nodes, Pods, secrets, Deployments and clusterctl's inventory. One for each request: it is not thread-safe.</summary>
internal sealed class InventoryReading
{
    private readonly WireContext _wire = new("v1", null, "", TimeProvider.System);

    /// <summary>The UID of any object.</summary>
    public string? Uid(ref Utf8JsonReader reader)
    {
        string? uid = null;
        while (reader.NextProperty(_wire.Pool, out string name))
        {
            switch (name)
            {
                case "metadata": uid = ObjectReading.Metadata(ref reader, _wire).Uid; break;
                default: reader.Skip(); break;
            }
        }

        return uid;
    }

    /// <summary>A Node and whether it is ready; null where it does not say.</summary>
    public NodeState Node(ref Utf8JsonReader reader)
    {
        ObjectMetadata meta = default;
        List<CapiCondition>? conditions = null;
        while (reader.NextProperty(_wire.Pool, out string name))
        {
            switch (name)
            {
                case "metadata": meta = ObjectReading.Metadata(ref reader, _wire); break;
                case "status": conditions = ObjectReading.ConditionsWithin(ref reader, _wire); break;
                default: reader.Skip(); break;
            }
        }

        return new(meta.Name ?? "", Holds(conditions, "Ready"));
    }

    /// <summary>A Pod. Hosted control planes carry Cluster API's own labels, whoever hosts them.</summary>
    public PodState Pod(ref Utf8JsonReader reader)
    {
        ObjectMetadata meta = default;
        while (reader.NextProperty(_wire.Pool, out string name))
        {
            switch (name)
            {
                case "metadata": meta = ObjectReading.Metadata(ref reader, _wire); break;
                default: reader.Skip(); break;
            }
        }

        return new(meta.Namespace, meta.HasLabel(CapiNames.ControlPlaneLabel) ? meta.Label(CapiNames.ClusterNameLabel) : null);
    }

    /// <summary>The kubeconfig in a Cluster's secret, decoded; null where there is none.</summary>
    public byte[]? KubeConfig(ref Utf8JsonReader reader)
    {
        byte[]? value = null;
        while (reader.NextProperty(_wire.Pool, out string name))
        {
            switch (name)
            {
                case "data": value = Value(ref reader); break;
                default: reader.Skip(); break;
            }
        }

        return value;
    }

    /// <summary>A controller's Deployment.</summary>
    public ControllerDeployment Deployment(ref Utf8JsonReader reader)
    {
        ObjectMetadata meta = default;
        string? image = null;
        List<CapiCondition>? conditions = null;
        while (reader.NextProperty(_wire.Pool, out string name))
        {
            switch (name)
            {
                case "metadata": meta = ObjectReading.Metadata(ref reader, _wire); break;
                case "spec": image = ManagerImage(ref reader); break;
                case "status": conditions = ObjectReading.ConditionsWithin(ref reader, _wire); break;
                default: reader.Skip(); break;
            }
        }

        return new(meta.Name ?? "", meta.Namespace, meta.Label(CapiNames.ProviderLabel), TagOf(image), Holds(conditions, "Available"));
    }

    /// <summary>A provider of clusterctl's inventory; its fields stand at the top level.</summary>
    public InventoryEntry Provider(ref Utf8JsonReader reader)
    {
        ObjectMetadata meta = default;
        string? provider = null, type = null, version = null;
        while (reader.NextProperty(_wire.Pool, out string name))
        {
            switch (name)
            {
                case "metadata": meta = ObjectReading.Metadata(ref reader, _wire); break;
                case "providerName": provider = reader.Text(); break;
                case "type": type = reader.Text(); break;
                case "version": version = reader.Text(); break;
                default: reader.Skip(); break;
            }
        }

        return new(meta.Name ?? "", meta.Namespace, provider, type, version);
    }

    private byte[]? Value(ref Utf8JsonReader reader)
    {
        byte[]? value = null;
        if (reader.EnterObject())
        {
            while (reader.NextProperty(_wire.Pool, out string name))
            {
                if (name == "value" && reader.Read() && reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out byte[]? decoded))
                {
                    value = decoded;
                }
                else if (name != "value")
                {
                    reader.Skip();
                }
            }
        }

        return value;
    }

    private static bool? Holds(List<CapiCondition>? conditions, string type) => conditions?.Find(condition => condition.Type == type)?.Status switch
    {
        CapiConditionStatus.True => true,
        CapiConditionStatus.False => false,
        _ => null,
    };

    /// <summary><c>spec.template.spec.containers[name=manager].image</c>; the reader stands on <c>spec</c> or on one of the names below it.</summary>
    private string? ManagerImage(ref Utf8JsonReader reader)
    {
        string? image = null;
        if (reader.EnterObject())
        {
            while (reader.NextProperty(_wire.Pool, out string name))
            {
                switch (name)
                {
                    case "template" or "spec": image = ManagerImage(ref reader) ?? image; break;
                    case "containers": image = ManagerImageOf(ref reader); break;
                    default: reader.Skip(); break;
                }
            }
        }

        return image;
    }

    private string? ManagerImageOf(ref Utf8JsonReader reader)
    {
        string? found = null;
        if (!reader.EnterArray())
        {
            return found;
        }

        while (reader.NextObject())
        {
            string? container = null, image = null;
            while (reader.NextProperty(_wire.Pool, out string name))
            {
                switch (name)
                {
                    case "name": container = reader.Text(); break;
                    case "image": image = reader.Text(); break;
                    default: reader.Skip(); break;
                }
            }

            found = container == "manager" ? image : found;
        }

        return found;
    }

    /// <summary><c>host:5000/path/name:tag@sha256:...</c>: only what follows the last colon behind the last slash is a tag.</summary>
    private static string? TagOf(string? image)
    {
        if (image is null)
        {
            return null;
        }

        string name = image.Split('@')[0];
        int colon = name.LastIndexOf(':');
        return colon > name.LastIndexOf('/') ? name[(colon + 1)..] : null;
    }
}
